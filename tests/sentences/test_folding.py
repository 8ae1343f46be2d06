from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.sentences import fold, fold_whitespace

SYLLABLES = st.sampled_from(["hoà", "hòa", "Thuý", "quý", "khoẻ", "loét", "toàn", "o", "ă", "uỷ", "\u0301", "\u0323"])
MARKS = st.sampled_from([" ", "\u200b", "\u200d", "\u00ad", "…", "“", "`", "\u2002", "\n", "-"])
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.one_of(SYLLABLES, MARKS), max_size=15).map("".join))


@pytest.mark.parametrize(
    ("late", "early"),
    [
        ("hoà bình", "hòa bình"),
        ("HOÀ BÌNH", "HÒA BÌNH"),
        ("Bà Thuý khoẻ", "Bà Thúy khỏe"),
        ("uỷ ban", "ủy ban"),
        ("đoạ đày, loà xoà", "đọa đày, lòa xòa"),
        ("thuỷ-lợi", "thủy-lợi"),
        ("huỷ", "hủy"),
        ("nguỵ trang", "ngụy trang"),
    ],
)
def test_tone_mark_moves_to_the_first_vowel_of_an_open_syllable(late, early):
    assert fold(late) == early
    assert fold(early) == early
    assert fold(unicodedata.normalize("NFD", late)) == early


@pytest.mark.parametrize(
    "word", ["quý", "quỳ", "Quỹ", "toàn", "hoàng", "khoét", "tuýp", "thuyền", "huỳnh", "xoáy", "ngoáy", "café", "Chloé"]
)
def test_tone_mark_stays_where_it_is_right(word):
    assert fold(word) == word


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Một” ‘hai’ «ba»", '"Một" \'hai\' "ba"'),
        ("2019–2021 — hết…", "2019-2021 - hết..."),
        ("  một\u00a0hai\u200bba\n\tbốn ", "một hai ba bốn"),
        ("chữ\u00ad nghĩa\ufeff", "chữ nghĩa"),
        ("\u200b", ""),
    ],
)
def test_marks_and_spaces_become_plain(text, plain):
    assert fold(text) == plain


@given(TEXTS)
@settings(max_examples=500)
def test_folding_twice_changes_nothing_more(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert unicodedata.is_normalized("NFC", folded)


@given(TEXTS)
def test_folding_ignores_the_normalisation_form(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_white_space_folding_keeps_every_other_character(text):
    folded = fold_whitespace(text)
    assert folded.split() == text.split()
    assert folded == folded.strip()
    assert "  " not in folded
