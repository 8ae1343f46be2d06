from __future__ import annotations

import re
import unicodedata
from collections import Counter

import numpy as np
import pytest

from align.matching.evidence import (
    FEATURES,
    LIMIT,
    NAMES_FILE,
    evidence_features,
    evidence_of,
    has_words,
    name_list,
    no_evidence,
    plain_word,
)
from align.sentences import fold


def features_of(vi: str, en: str) -> dict[str, float]:
    """Return the evidence of one pair of sentences by name."""
    values = evidence_features(evidence_of([vi], "vi"), evidence_of([en], "en"))
    return dict(zip(FEATURES, values[:, 0, 0].tolist(), strict=True))


def test_a_foreign_name_is_found_letter_by_letter() -> None:
    found = features_of("Ông Lavrov đã tới Kunduz hôm qua.", "Mr Lavrov arrived in Kunduz yesterday.")
    assert (found["names_shared"], found["vi_names_missing"]) == (2, 0)
    other = features_of("Ông Lavrov đã tới Kunduz hôm qua.", "Mr Lavrov stayed at home.")
    assert (other["names_shared"], other["vi_names_missing"]) == (1, 1)


def test_a_name_that_the_languages_write_differently_comes_from_the_list() -> None:
    found = features_of("Đoàn đến Nhật Bản và Trung Quốc.", "The delegation went to Japan and China.")
    assert (found["names_shared"], found["vi_names_missing"], found["en_names_missing"]) == (2, 0, 0)
    other = features_of("Đoàn đến Nhật Bản.", "The delegation went to China.")
    assert (other["names_shared"], other["vi_names_missing"], other["en_names_missing"]) == (0, 1, 1)


def test_common_syllables_prove_nothing() -> None:
    found = features_of("Bà Lan Anh mang cam đến.", "Lan Anh can mang.")
    assert found["names_shared"] == 0


def test_the_longest_name_wins() -> None:
    assert len(list(name_list("en").find(["South", "Korea"]))) == 1
    assert set(name_list("en").find(["North", "Korea"])) == set(name_list("vi").find(["Triều", "Tiên"]))
    assert set(name_list("en").find(["South", "Korea"])) == set(name_list("vi").find(["Hàn", "Quốc"]))


def test_a_form_with_capitals_of_its_own_needs_them() -> None:
    assert list(name_list("en").find(["China"]))
    assert not list(name_list("en").find(["china"]))  # porcelain
    assert list(name_list("en").find(["japan"]))


@pytest.mark.parametrize(
    ("vi", "en", "shared", "missing"),
    [
        ("Giá 1.250.000 đồng.", "It costs 1,250,000 dong.", 1, 0),
        ("Tăng 3,5% trong năm 2023.", "Up 3.5% in 2023.", 2, 0),
        ("Có 12 xe và 40 người.", "There were 12 cars.", 1, 1),
        ("Ngày 5 tháng 6.", "On 5 June.", 1, 0),  # the month is a name in English
        ("Không có số nào.", "No number here.", 0, 0),
    ],
)
def test_numbers_agree_whatever_their_separators(vi: str, en: str, shared: int, missing: int) -> None:
    found = features_of(vi, en)
    assert (found["numbers_shared"], found["numbers_missing"]) == (shared, missing)


@pytest.mark.parametrize(
    ("vi", "en", "shared", "differs"),
    [
        ("“Tôi vui lắm vì cả nhà đã về đông đủ”, chị nói.", '"I am so happy that we are all home," she said.', 1, 0),
        ("“Tôi vui lắm vì cả nhà đã về đông đủ”, chị nói.", "She was so happy.", 0, 1),
        ("Chị rất vui.", "«So happy that we are all home», she said.", 0, 1),
        ("“Tôi vui lắm”, chị nói.", "She was so happy.", 0, 0),  # a few words are a manner of speaking
        ("Điều này đã được chứng minh trong quá khứ”.", "This was proven in the past.", 0, 1),  # begun earlier
        ("Chị rất vui.", "She was so happy.", 0, 0),
    ],
)
def test_quotation_marks_are_compared(vi: str, en: str, shared: int, differs: int) -> None:
    found = features_of(vi, en)
    assert (found["quote_shared"], found["quote_differs"]) == (shared, differs)


def test_more_than_a_few_shared_things_say_no_more() -> None:
    numbers = "1 22 333 4444 55555"
    assert features_of(numbers, numbers)["numbers_shared"] == LIMIT


def test_every_pair_of_sentences_has_its_own_evidence() -> None:
    vi = evidence_of(["Có 12 xe.", "Ông Lavrov đến.", "Trời mưa."], "vi")
    en = evidence_of(["Mr Lavrov came.", "12 cars."], "en")
    found = evidence_features(vi, en)
    assert found.shape == (len(FEATURES), 3, 2)
    np.testing.assert_array_equal(found[FEATURES.index("names_shared")], [[0, 0], [1, 0], [0, 0]])
    np.testing.assert_array_equal(found[FEATURES.index("numbers_shared")], [[0, 1], [0, 0], [0, 0]])


def test_no_text_is_no_evidence() -> None:
    assert not evidence_features(no_evidence(3), no_evidence(2)).any()
    assert evidence_features(no_evidence(0), no_evidence(2)).shape == (len(FEATURES), 0, 2)


@pytest.mark.parametrize(("word", "plain"), [("Đà", "da"), ("Nẵng", "nang"), ("Ưng", "ung"), ("Müller", "muller")])
def test_plain_words_have_no_diacritics(word: str, plain: str) -> None:
    assert plain_word(word) == plain_word(unicodedata.normalize("NFD", word)) == plain


@pytest.mark.parametrize(("text", "answer"), [("Đ", True), ("7", True), ("", False), ("*** –", False), ("_", False)])
def test_words_are_letters_or_digits(text: str, answer: bool) -> None:
    assert has_words(text) is answer


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
            assert has_words(form), line


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
            for key in names.find(re.findall(r"[^\W_]+", fold(form.removeprefix("="))))
        }
        assert len(found) == 1, line


@pytest.mark.parametrize("name", ["US", "U.S.", "USA", "United States"])
def test_the_united_states_are_no_dollars(name: str) -> None:
    found = features_of("Đoàn của Hoa Kỳ đã đến.", f"The {name} delegation came.")
    assert (found["names_shared"], found["vi_names_missing"], found["en_names_missing"]) == (1, 0, 0)
