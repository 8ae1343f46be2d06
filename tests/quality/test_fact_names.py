from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from align.quality.facts.names import ACRONYMS_FILE, NAMES_FILE, WORD, fact_names, name_list, plain_word
from align.sentences import fold


def test_the_longest_name_wins() -> None:
    assert len(list(name_list("en").find(["South", "Korea"]))) == 1
    assert set(name_list("en").find(["North", "Korea"])) == set(name_list("vi").find(["Triều", "Tiên"]))
    assert set(name_list("en").find(["South", "Korea"])) == set(name_list("vi").find(["Hàn", "Quốc"]))


def test_a_form_with_capitals_of_its_own_needs_them() -> None:
    assert list(name_list("en").find(["China"]))
    assert not list(name_list("en").find(["china"]))  # porcelain
    assert list(name_list("en").find(["japan"]))


@pytest.mark.parametrize(("word", "plain"), [("Đà", "da"), ("Nẵng", "nang"), ("Ưng", "ung"), ("Müller", "muller")])
def test_plain_words_have_no_diacritics(word: str, plain: str) -> None:
    assert plain_word(word) == plain_word(unicodedata.normalize("NFD", word)) == plain


def name_lines() -> list[str]:
    lines = NAMES_FILE.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def test_the_list_of_names_is_well_formed() -> None:
    for line in name_lines():
        fields = line.split("\t")
        assert len(fields) == 2, line
        assert unicodedata.is_normalized("NFC", line), line
        for form in "|".join(fields).split("|"):
            assert form == form.strip(), line
            assert WORD.search(form), line


@pytest.mark.parametrize("column", [0, 1], ids=["vi", "en"])
def test_a_form_is_on_one_line_of_the_list_only(column: int) -> None:
    forms = Counter(form for line in name_lines() for form in line.split("\t")[column].split("|"))
    assert [form for form, count in forms.items() if count > 1] == []


@pytest.mark.parametrize(("column", "lang"), [(0, "vi"), (1, "en")])
def test_every_form_of_the_list_finds_its_own_line(column: int, lang: str) -> None:
    """Two forms that the finder takes for the same words must not stand on different lines."""
    names = name_list(lang)
    for line in name_lines():
        found = {
            key
            for form in line.split("\t")[column].split("|")
            for key in names.find(WORD.findall(fold(form.removeprefix("="))))
        }
        assert len(found) == 1, line


def test_the_list_of_acronyms_is_well_formed() -> None:
    lines = [line for line in ACRONYMS_FILE.read_text(encoding="utf-8").split("\n") if line and line[0] != "#"]
    for line in lines:
        assert len(line.split("\t")) == 2, line
        assert unicodedata.is_normalized("NFC", line), line
        for form in line.replace("\t", "|").split("|"):
            assert form == form.strip(), line
            assert form == "-" or WORD.search(form), line


@pytest.mark.parametrize(("vi", "en"), [("LHQ", "UN"), ("Anh", "Britain"), ("ADN", "DNA"), ("Mát-xcơ-va", "Moscow")])
def test_both_languages_find_the_same_name(vi: str, en: str) -> None:
    assert list(fact_names("vi").find(WORD.findall(vi))) == list(fact_names("en").find(WORD.findall(en)))


@pytest.mark.parametrize("form", ["đô la", "tháng Ba", "Chủ nhật", "Nguyễn"])
def test_amounts_dates_and_surnames_are_no_names(form: str) -> None:
    assert not list(fact_names("vi").find(WORD.findall(form)))
    assert list(name_list("vi").find(WORD.findall(form)))  # though matching counts them


def test_names_are_found_with_their_places() -> None:
    words = ["Đoàn", "Hàn", "Quốc", "tới", "Hà", "Nội"]
    found = fact_names("vi").places(words, [word.lower() for word in words])
    assert [tuple(name) for name in found] == [(1, 3, "South Korea"), (4, 6, "Hanoi")]
