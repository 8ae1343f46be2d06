from __future__ import annotations

import unicodedata

import pytest

from align.sentences import detect_language, sentence_language

VIETNAMESE = "Sáng nay, nông dân trong làng ra đồng gặt lúa vì trời sắp mưa to."
ENGLISH = "The farmers of the village went out to cut the rice before the heavy rain came."


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_articles(form):
    assert detect_language(unicodedata.normalize(form, VIETNAMESE)) == "vi"
    assert detect_language(unicodedata.normalize(form, ENGLISH)) == "en"


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("He visited Hồ Chí Minh City and Đà Nẵng.", "en"),
        ("The film of Trần Anh Hùng was shown in Huế and Hải Phòng.", "en"),
        ("Nguyễn Thị Minh Khai Street is in the centre of Đà Lạt.", "en"),
        ("Ông Smith gặp Tim Cook và Jane Doe ở New York.", "vi"),
        ("Bà Merkel đã rời Brussels.", "vi"),
        ("Nhung nguoi nay khong duoc vao truong vi chua co giay cua phu huynh.", "vi"),
        ("Les paysans du village sont allés couper le riz avant la pluie.", "fr"),
    ],
)
def test_sentences(sentence, lang):
    assert sentence_language(sentence) == lang


@pytest.mark.parametrize("text", ["", "OK", "123.456", "Facebook", "😀 !!! 5", "Hà Nội"])
def test_too_little_to_tell_is_unknown(text):
    assert sentence_language(text) == "unknown"
    assert detect_language(text) == "unknown"


def test_only_the_beginning_of_an_article_counts():
    assert detect_language(ENGLISH * 70 + VIETNAMESE * 5000) == "en"
