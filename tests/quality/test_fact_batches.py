"""Facts of many pairs at a time, and of texts too full of facts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.quality.facts import comparing
from align.quality.facts.comparing import MOST_FACTS, compare_batch, compare_facts
from align.quality.facts.features import fact_features
from align.quality.facts.line import Line, read_line

VI = ["Có 47 ghế.", "Họp lúc 9 giờ ngày 3/5.", "Ông Nguyễn Văn An đến Huế.", "Trời mưa.", "Tăng 12% so với 2020.", ""]
EN = ["There are 51 seats.", "They meet at 9 a.m. on 3 May.", "Mr Nguyen Van An came to Hue.", "It rained.", "Up 12%."]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(VI), st.sampled_from(EN)), max_size=12))
def test_a_batch_says_of_each_pair_what_is_said_of_it_alone(pairs: list[tuple[str, str]]) -> None:
    vi, en = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = compare_batch(vi, en)
    assert found == [compare_facts(*pair) for pair in pairs]
    for one, row in zip(pairs, fact_features(vi, en), strict=True):
        assert row.tolist() == fact_features([one[0]], [one[1]])[0].tolist()


def test_a_sentence_is_read_once_a_side_however_many_pairs_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(text: str) -> Line:
        read.append(text)
        return read_line(text)

    monkeypatch.setattr(comparing, "read_line", counting)
    everything = [(vi, en) for vi in VI for en in EN]
    found = compare_batch([vi for vi, _ in everything], [en for _, en in everything])
    assert sorted(read) == sorted([*VI, *EN])
    assert len(found) == len(VI) * len(EN)
    read.clear()
    compare_batch(["47", "47"], ["47", "47"])
    assert read == ["47", "47"]  # a text of both sides is read as Vietnamese and as English


def numbers(count: int) -> str:
    """Return a text with so many facts."""
    return "; ".join(f"cột {1000 + 7 * place}" for place in range(count))


def test_tables_are_not_compared() -> None:
    full = numbers(MOST_FACTS)
    assert len(compare_facts(full, full).agreed) == MOST_FACTS
    assert compare_facts(full, "Nothing.").mismatches != ()
    over = numbers(MOST_FACTS + 1)
    for pair in ((over, over), (over, "There are 47 seats."), ("Có 47 ghế.", over)):
        assert compare_facts(*pair) == ((), ())
        assert not fact_features([pair[0]], [pair[1]]).any()
