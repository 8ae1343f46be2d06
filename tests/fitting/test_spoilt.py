from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest
from gold_folders import all_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from align.encoders import Encoder
from align.errors import OptionError
from align.fitting.documents import Document
from align.fitting.spoilt import CHANGED, MOST_CHANGED, Place, other_figures, places_to_change, spoilt_file
from align.matching.beads import Bead
from align.quality.facts import FACT_FEATURES, fact_features

VI, EN = all_lines()
# Either side of each states a number or a date, and hardly two state the same.
STATED = [
    ("Có 5 xe đỗ trước cổng.", "There are 5 cars parked at the gate."),
    ("Làng có 8.000 người dân.", "The village has 8,000 inhabitants."),
    ("Giá gạo tăng 4,5% trong một năm.", "The price of rice rose 4.5% in a year."),
    ("Trường được xây năm 1987.", "The school was built in 1987."),
    ("Cuộc họp diễn ra ngày 15 tháng 10.", "The meeting took place on October 15."),
    ("Chủ nhật, chợ đóng cửa.", "The market is closed on Sunday."),
    ("Tàu rời ga lúc 14:30.", "The train leaves at 14:30."),
    ("Cây cầu dài 820 mét.", "The bridge is 820 metres long."),
]


class Remembering:
    """The bundled encoder, which encodes each text once in all tests."""

    def __init__(self, encoder: Encoder) -> None:
        self._one = functools.cache(lambda text: encoder.encode([text])[0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._one(text) for text in texts])


@pytest.fixture(scope="module")
def remembering(encoder: Encoder) -> Remembering:
    return Remembering(encoder)


def collection(pairs: Sequence[tuple[str, str]]) -> Document:
    gold = [Bead((place,), (place,)) for place in range(len(pairs))]
    return Document("pairs", [vi for vi, _ in pairs], [en for _, en in pairs], gold)


def placed(text: str, lang: str) -> dict[str, tuple[str, ...]]:
    return {text[place.start : place.end]: place.others for place in places_to_change(text, lang)}


def is_changed(made: tuple[str, str], own: tuple[str, str]) -> bool:
    """Whether a pair is its own with one place of one side changed."""
    possible = set()
    for side, lang in enumerate(("vi", "en")):
        for place in places_to_change(own[side], lang):
            for other in place.others:
                pair = list(own)
                pair[side] = own[side][: place.start] + other + own[side][place.end :]
                possible.add(tuple(pair))
    return made in possible


def files(pairs: Sequence[tuple[str, str]], encoder: Remembering, count: int) -> list[tuple[str, bool, bool]]:
    """Return of each pair of many files what it was, whether it is right, and whether a place of it was changed."""
    found = []
    for seed in range(count):
        for vi, en, right, own in zip(*spoilt_file(collection(pairs), encoder, seed), pairs, strict=True):
            assert right == ((vi, en) == own)
            found.append((own[0], right, is_changed((vi, en), own)))
    return found


def test_the_same_seed_gives_the_same_file_and_the_collection_stays(remembering: Remembering) -> None:
    pairs = collection(STATED)
    first = spoilt_file(pairs, remembering, 3)
    assert first == spoilt_file(pairs, remembering, 3)
    assert first != spoilt_file(pairs, remembering, 4)
    assert pairs == collection(STATED)


def test_half_are_spoilt_and_of_those_a_quarter_by_a_change(remembering: Remembering) -> None:
    silent = [("Mưa lớn cả ngày.", "It rained hard all day."), ("Cô giáo rất vui.", "The teacher was very happy.")]
    mostly = files([*STATED, *silent], remembering, 60)
    spoilt = [changed for _, right, changed in mostly if not right]
    assert len(spoilt) / len(mostly) == pytest.approx(0.5, abs=0.06)
    assert sum(spoilt) / len(spoilt) == pytest.approx(CHANGED, abs=0.06)


def test_where_few_have_a_number_some_of_those_are_spoilt_in_other_ways(remembering: Remembering) -> None:
    pairs = [STATED[0], *((vi, en) for vi, en in zip(VI, EN, strict=True) if not _stated(vi, en))][:30]
    made = files(pairs, remembering, 120)
    assert sum(right for _, right, _ in made) / len(made) == pytest.approx(0.5, abs=0.05)
    own = [(right, changed) for vi, right, changed in made if vi == STATED[0][0]]
    spoilt = [changed for right, changed in own if not right]
    assert sum(spoilt) / len(spoilt) == pytest.approx(MOST_CHANGED, abs=0.15)
    assert not any(changed for vi, _, changed in made if vi != STATED[0][0])


def _stated(vi: str, en: str) -> bool:
    return bool(places_to_change(vi, "vi") or places_to_change(en, "en"))


def test_both_sides_are_changed_and_the_features_of_facts_show_it(remembering: Remembering) -> None:
    columns = [FACT_FEATURES.index(name) for name in ("numbers_differ", "dates_differ")]
    sides: set[str] = set()
    shown = []
    for seed in range(60):
        made = spoilt_file(collection(STATED), remembering, seed)
        for vi, en, _, own in zip(*made, STATED, strict=True):
            if is_changed((vi, en), own):
                sides.add("vi" if vi != own[0] else "en")
                shown.append(fact_features([vi], [en])[0, columns].any())
    assert sides == {"vi", "en"}
    assert np.mean(shown) > 0.9


def test_numbers_keep_the_writing_of_their_language() -> None:
    assert "3.000" in placed("Làng có 8.000 người.", "vi")["8.000"]
    assert "4,7" in placed("Tăng 4,5%.", "vi")["4,5"]
    assert "1.000,9" in placed("Giá 1.000,5 đồng.", "vi")["1.000,5"]
    assert "3,000" in placed("The village has 8,000 people.", "en")["8,000"]
    assert "4.7" in placed("It rose 4.5%.", "en")["4.5"]


@pytest.mark.parametrize(
    ("figures", "others"),
    [
        ("5", {str(n) for n in range(1, 13)} - {"5"}),
        ("0", {str(n) for n in range(1, 12)}),  # 12 o'clock at night is 0
        ("09", {f"{n:02}" for n in range(1, 13)} - {"09"}),
        ("22", {str(n) for n in range(13, 25)} - {"22"}),  # not 10
        ("1987", {str(n) for n in range(1977, 1998)} - {"1987"}),
        ("0,00", {f"0,0{n}" for n in range(1, 10)}),
        ("300", {f"{n}00" for n in range(1, 10)} - {"300"}),
    ],
)
def test_other_figures_are_plausible(figures: str, others: set[str]) -> None:
    found = other_figures(figures)
    assert set(found) == others
    assert len(set(found)) == len(found)


@given(figures=st.from_regex(r"\A(?:[0-9]{1,9}|[1-9][0-9]{0,2}(?:[.,][0-9]{3}){1,2}|[0-9]{1,3}[.,][0-9]{1,2})\Z"))
def test_other_figures_are_others_of_about_the_same_length(figures: str) -> None:
    found = other_figures(figures)
    assert found
    for other in found:
        assert other != figures
        assert abs(len(other) - len(figures)) <= 1
        marks = [[mark for mark in text if not mark.isdecimal()] for text in (other, figures)]
        assert marks[0] == marks[1]


def test_days_and_months_become_others_with_their_capitals() -> None:
    vi = placed("Thứ Ba và chủ nhật, lễ hội tháng Giêng.", "vi")
    assert set(vi) == {"Thứ Ba", "chủ nhật", "tháng Giêng"}
    assert {"Thứ Hai", "Chủ Nhật"} <= set(vi["Thứ Ba"])
    assert {"thứ hai", "thứ sáu"} <= set(vi["chủ nhật"])
    assert "tháng Mười" in vi["tháng Giêng"]
    en = placed("On Tuesday, 15 October and Sept. 3, or on Mondays.", "en")
    assert set(en) == {"Tuesday", "15", "October", "Sept", "3", "Monday"}
    assert "Friday" in en["Tuesday"]
    assert "May" in en["October"]
    assert "Oct" in en["Sept"]
    assert "Sep" not in en["Sept"]
    assert "tháng mười" not in placed("Vào tháng Mười Hai, trời lạnh.", "vi")
    assert "tháng Mười Hai" in placed("Vào tháng Mười Hai, trời lạnh.", "vi")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Máy bay MH370 rời đường băng lúc 7h30.", "vi"),
        ("Xem https://example.org/2019/10/15 để biết thêm.", "vi"),
        ("Đây là lần thứ hai họ gặp nhau.", "vi"),
        ("Ba người bị thương.", "vi"),
        ("COVID-19 came in the 20th century of the 12-year-old story.", "en"),
        ("You may march on.", "en"),
        ("", "en"),
    ],
)
def test_what_is_no_plain_number_or_date_stays(text: str, lang: str) -> None:
    assert places_to_change(text, lang) == []


def test_places_are_those_of_the_composed_text() -> None:
    text = "Thứ Bảy có 8.000 người."
    assert places_to_change(unicodedata.normalize("NFD", text), "vi") == places_to_change(text, "vi")
    assert places_to_change(text, "vi")[0][:2] == (0, 7)


def test_groups_by_narrow_spaces_are_one_number() -> None:
    assert [place[:2] for place in places_to_change("About 1\u00a0250 people came.", "en")] == [(6, 11)]


def test_other_languages_are_refused() -> None:
    with pytest.raises(OptionError, match='lang is \'fr\'; allowed: "vi" or "en"'):
        places_to_change("Il y a 5 voitures.", "fr")


@settings(deadline=None)
@given(text=st.text(alphabet="aBđ 0159.,%/-:\u00a0", max_size=30), lang=st.sampled_from(("vi", "en")))
def test_places_lie_in_the_text_in_order(text: str, lang: str) -> None:
    end = 0
    for place in places_to_change(text, lang):
        assert isinstance(place, Place)
        assert end <= place.start < place.end <= len(unicodedata.normalize("NFC", text))
        assert place.others
        assert text[place.start : place.end] not in place.others
        end = place.end
