from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import InputError
from align.evaluation import compare_split, evaluate_split
from align.sentences import Sentence

GOLD = [
    ["GS. Lê Hà đã đến.", "Bà nói: “Tôi rất vui.”", "Mọi người vỗ tay."],
    ["It rained all day."],
    ["We left at 5 p.m.", "Nobody saw us."],
]
SCORES = ("precision", "recall", "f1", "paragraphs_exact")

words = st.text(st.characters(categories=["Ll"], max_codepoint=0x1EF9), min_size=1, max_size=4)
splits = st.lists(st.tuples(words, st.booleans(), st.booleans()), min_size=1, max_size=8)


def test_a_case_counted_by_hand() -> None:
    predicted = [
        ["GS.", "Lê Hà đã đến.", "Bà nói: “Tôi rất vui.” Mọi người vỗ tay."],
        ["It rained", "all day."],
        ["We left at 5 p.m.", "Nobody saw us."],
    ]
    result = evaluate_split(GOLD, predicted, resamples=0)
    assert (result["right"], result["predicted"], result["gold"]) == (2, 4, 3)
    assert [round(result[name], 4) for name in SCORES] == [0.5, 0.6667, 0.5714, 0.3333]
    assert (result["paragraphs_right"], result["paragraphs"]) == (1, 3)


def test_spacing_is_no_difference_and_sentence_objects_are_taken() -> None:
    text = "It  rained.\u00a0We left. "
    sentences = [Sentence("It  rained.", 0, 11), Sentence("We left.", 12, 20)]
    assert all(text[sentence.start : sentence.end] == sentence.text for sentence in sentences)
    assert evaluate_split([["It rained.", "We left."]], [sentences], resamples=0)["f1"] == 1.0


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (
            [*GOLD[:2], ["We left at 6 p.m.", "Nobody saw us."]],
            "paragraph 2: .* gold has 'Weleftat5p.m.Nobodys', predicted has 'Weleftat6p.m.Nobodys'",
        ),
        (GOLD[:2], "paragraph 2: .* predicted has ''"),
        ([*GOLD, ["More."]], "paragraph 3: .* gold has '', predicted has 'More.'"),
    ],
)
def test_other_text_is_refused_with_its_place(predicted: list[list[str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate_split(GOLD, predicted)


def test_a_single_paragraph_draws_boundaries() -> None:
    result = evaluate_split([["a"] * 101], [["a"] * 81 + ["a" * 20]])
    low, high = result["intervals"]["recall"]
    assert 0.69 < low < 0.76
    assert 0.84 < high < 0.91
    assert result["intervals"]["paragraphs_exact"] == [0.0, 0.0]
    assert "|n:100|unit:boundary|" in result["signature"]
    assert evaluate_split([["a"]], [["a"]])["paragraphs_exact"] == 1.0
    assert evaluate_split([], [])["f1"] == 0.0


def joined(split: list[tuple[str, bool, bool]], choice: int) -> list[str]:
    """Join the words, with a boundary after each word whose flag says so."""
    text = "".join(word + ("\n" if flags[choice] else " ") for word, *flags in split)
    return [sentence for sentence in text.strip().split("\n") if sentence.strip()]


@given(st.lists(splits, min_size=1, max_size=4))
def test_agrees_with_sets_of_offsets(paragraphs: list[list[tuple[str, bool, bool]]]) -> None:
    gold = [joined(split, 0) for split in paragraphs]
    predicted = [joined(split, 1) for split in paragraphs]
    expected: list[set[tuple[int, int]]] = [set(), set()]
    for number, split in enumerate(paragraphs):
        offset = 0
        for word, *flags in split[:-1]:
            offset += len(word)
            for choice in (0, 1):
                expected[choice] |= {(number, offset)} if flags[choice] else set()
    result = evaluate_split(gold, predicted, resamples=20)
    assert (result["gold"], result["predicted"]) == (len(expected[0]), len(expected[1]))
    assert result["right"] == len(expected[0] & expected[1])
    other = evaluate_split(predicted, gold, resamples=20)
    assert (other["precision"], other["f1"]) == (result["recall"], result["f1"])
    perfect = evaluate_split(gold, gold, resamples=0)
    assert (perfect["f1"], perfect["paragraphs_exact"]) == (1.0 if expected[0] else 0.0, 1.0)


def test_compare_on_several_paragraphs_and_on_one() -> None:
    hasty = [["GS.", "Lê Hà đã đến.", *GOLD[0][1:]], GOLD[1], GOLD[2]]
    result = compare_split(GOLD, hasty, GOLD)
    assert result["first"] == evaluate_split(GOLD, hasty)
    assert result["differences"]["precision"]["difference"] == pytest.approx(0.25)
    assert result["signature"].startswith("align|split-paired|n:3|unit:paragraph|")
    one = compare_split(GOLD[:1], hasty[:1], GOLD[:1])
    # Three boundaries in all; the one that only the first has counts for the second as not proposed.
    assert one["signature"].startswith("align|split-paired|n:3|unit:boundary|")
    assert one["differences"]["paragraphs_exact"] == {"difference": 1.0}
    with pytest.raises(InputError, match="texts differ"):
        compare_split(GOLD, hasty, [["Khác."], *GOLD[1:]])
