from __future__ import annotations

import numpy as np
import pytest

from align.matching.evidence import (
    FEATURES,
    LIMIT,
    evidence_features,
    evidence_of,
    has_words,
    no_evidence,
)


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


@pytest.mark.parametrize(("text", "answer"), [("Đ", True), ("7", True), ("", False), ("*** –", False), ("_", False)])
def test_words_are_letters_or_digits(text: str, answer: bool) -> None:
    assert has_words(text) is answer


@pytest.mark.parametrize("name", ["US", "U.S.", "USA", "United States"])
def test_the_united_states_are_no_dollars(name: str) -> None:
    found = features_of("Đoàn của Hoa Kỳ đã đến.", f"The {name} delegation came.")
    assert (found["names_shared"], found["vi_names_missing"], found["en_names_missing"]) == (1, 0, 0)
