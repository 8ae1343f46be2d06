from __future__ import annotations

import random
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics import CHRF

from align.errors import OptionError
from align.quality.chrf import chrf, chrf_scores

SENTENCES = [
    "Cây cầu mới nối hai bờ sông đã thông xe sáng nay, sớm hơn dự kiến ba tháng.",
    "The new bridge across the river opened to traffic this morning, three months early.",
    "Giá gạo tăng 3,5% trong tháng 10, lên 12.500 đồng một ký.",
    "Rice prices rose 3.5% in October, to 12,500 dong a kilogram.",
    "“Chúng tôi sẽ không bỏ cuộc”, bà Nguyễn Thị Hoa nói.",
    "ĐƯỜNG NGẬP",
    "aaaaaaaaaaaa",
    "Nghiên cứu viên 👩‍🔬 đến từ 東京 và Киев.",
    "Ông ấy đi rồi.",
    "Ừ",
    "ab",
    "",
    " \t\u3000\u00a0\n",
]


def varied_pairs() -> list[tuple[str, str]]:
    """A thousand pairs: the sentences above, cut, spaced, decomposed, shuffled and changed in letters."""
    chance = random.Random(7)
    changes = [
        lambda text: text,
        lambda text: text[: chance.randrange(len(text) + 1)],
        lambda text: text[chance.randrange(len(text) + 1) :],
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.upper(),
        lambda text: "\u2009".join(text),
        lambda text: " ".join(chance.sample(text.split(), len(text.split()))),
        lambda text: "".join(chance.choice("aăâ ") if chance.random() < 0.2 else letter for letter in text),
        lambda text: text + text,
    ]
    pairs = [(left, right) for left in SENTENCES for right in SENTENCES]
    while len(pairs) < 1000:
        text = chance.choice(SENTENCES)
        pairs.append((chance.choice(changes)(text), chance.choice(changes)(text)))
    return pairs


def test_the_numbers_are_those_of_sacrebleu() -> None:
    pairs, reference = varied_pairs(), CHRF()
    ours = chrf_scores([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    theirs = [reference.sentence_score(left, [right]).score for left, right in pairs]
    assert np.abs(ours - theirs).max() < 1e-9
    assert ours.dtype == np.float64
    assert len(set(ours.round(3))) > 300  # varied indeed


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_numbers_are_those_of_sacrebleu_for_any_text(left: str, right: str) -> None:
    assert chrf(left, right) == pytest.approx(CHRF().sentence_score(left, [right]).score, abs=1e-9)


@given(st.text("aăâđ ", max_size=20), st.text("aăâđ ", max_size=20))
def test_it_lies_between_zero_and_one_hundred_which_the_same_letters_get(left: str, right: str) -> None:
    score = chrf(left, right)
    assert 0 <= score <= 100
    if "".join(left.split()) == "".join(right.split()) != "":
        assert score == 100


def test_what_is_missing_counts_for_more_than_what_is_added() -> None:
    short, long = "The bridge was closed.", "The bridge was closed for three weeks after the flood."
    assert chrf(short, long) < chrf(long, short)


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(OptionError, match="number of hypotheses is 1; allowed: that of the references, 2"):
        chrf_scores(["a"], ["a", "b"])
