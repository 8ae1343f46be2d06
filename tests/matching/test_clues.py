from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from made_vectors import meanings

from align.matching import clues as clues_module
from align.matching.clues import UNKNOWN, Clues, as_written, clues_of, day_of, days_apart, days_of
from align.matching.evidence import evidence_of
from align.matching.sides import Side


def side(lang: str, *texts: str) -> Side:
    """An article of these sentences; its vectors say nothing."""
    return Side(meanings(len(texts), 1), np.full(len(texts), 50.0), evidence=evidence_of(texts, lang), texts=texts)


FERRY_VI = side("vi", "Bà Kabulova mở bến phà ở Kunduz.", "Vé giá 45.500 đồng.")
FERRY_EN = side("en", "Ms Kabulova opened a ferry in Kunduz.", "A ticket costs 45,500 dong.", "It left at 6.")
BEES_VI = side("vi", "Tổ ong của Liên hợp quốc có 1.200 con.", "Ông Kabulov nuôi 6 tổ.")
BEES_EN = side("en", "The United Nations has a hive of 1,200 bees.", "Mr. Kabulov has 6 hives.")


def test_articles_share_names_and_numbers() -> None:
    clues = clues_of([FERRY_VI, BEES_VI], [BEES_EN, FERRY_EN])
    assert as_written(clues.shared(0, 1), FERRY_EN) == ["Kabulova", "Kunduz", "45,500"]
    assert as_written(clues.shared(1, 0), BEES_EN) == ["United Nations", "Kabulov", "1,200"]
    assert clues.shared(0, 0) == clues.shared(1, 1) == []
    assert set(clues.weights.values()) == {round(1000 * math.log(4))}


def test_a_digit_is_no_clue() -> None:
    assert clues_of([side("vi", "Có 6 tổ.")], [side("en", "There are 6 hives.")]).weights == {}


def test_what_many_articles_have_is_no_clue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clues_module, "RARE", 2)
    for copies, expected in ((2, {"45500", "kabulova", "kunduz"}), (3, set())):
        assert set(clues_of([FERRY_VI] * copies, [FERRY_EN]).weights) == expected
        assert set(clues_of([FERRY_VI], [FERRY_EN] * copies).weights) == expected


def test_the_rarest_comes_first_and_names_before_numbers() -> None:
    vi = [side("vi", "Kunduz, Kabulova 1975."), side("vi", "Kunduz 1975."), side("vi", "Kabul.")]
    en = [side("en", "Kabulova was in Kunduz in 1975.")]
    assert clues_of(vi, en).shared(0, 0) == ["kabulova", "kunduz", "1975"]


def test_the_nearest_share_the_rarest_things() -> None:
    a, b, c = frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})
    clues = Clues([a, c, b], [c, a, frozenset()], {"a": 700, "b": 400})
    assert clues.nearest(1) == {(0, 0), (1, 0), (2, 0), (0, 1)}
    assert clues.nearest(2) == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)}
    assert Clues([], [], {}).nearest(3) == set()


def test_sides_of_vectors_only_have_no_clues() -> None:
    bare = Side(meanings(3, 1), np.full(3, 50.0))
    clues = clues_of([bare, FERRY_VI], [bare])
    assert clues.weights == {}
    assert clues.nearest(5) == set()
    assert as_written(["kunduz"], bare) == ["kunduz"]


@pytest.mark.parametrize(
    ("date", "lang"),
    [
        ("2024-03-05", "en"),
        ("2024-03-05T23:10:00+07:00", "vi"),
        ("2024/03/05 10:00", "en"),
        ("20240305", "vi"),
        ("5/3/2024", "vi"),
        ("Thứ ba, ngày 5 tháng 3 năm 2024", "vi"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "en"),
        ("March 5, 2024", "en"),
    ],
)
def test_dates_are_read_as_they_come(date: str, lang: str) -> None:
    assert day_of(date, lang) == datetime.date(2024, 3, 5).toordinal()


@pytest.mark.parametrize("date", [None, "", "yesterday", "2024", "March 2024", "2024-13-45", "0000-01-01", "3/4/2024"])
def test_a_date_that_is_missing_or_unclear_is_unknown(date: str | None) -> None:
    assert day_of(date, "en") == UNKNOWN


def test_days_lie_apart_when_both_are_known() -> None:
    days = days_of(["2024-03-05", None, "2024-02-28"], "en", 3)
    assert days.dtype == np.int64
    first, unknown, other = days.tolist()
    assert days_apart(first, other) == days_apart(other, first) == 6
    assert days_apart(first, unknown) is days_apart(unknown, unknown) is None
    assert days_of(None, "vi", 2).tolist() == [UNKNOWN, UNKNOWN]
