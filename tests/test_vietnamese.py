from __future__ import annotations

import unicodedata

import pytest

from align.vietnamese import has_regular_case, is_syllable

PARAGRAPH = (
    "Sáng sớm, người dân xã Phước Hậu đã ra đồng gặt lúa. Năm nay được mùa, mỗi héc-ta cho gần bảy tấn thóc. "
    "Ông Võ Văn Đạt nói rằng nước về đủ, sâu bệnh lại ít. Chỉ tiếc là giá thóc vẫn chưa nhích lên."
)
SYLLABLES = """
    nghiêng giêng gì giữa giặt quỳnh quốc quyết khuya khuỷu nguyễn xoong yến ỷ rượu oái uỷ ủy hoà hòa thuở huơ Đ ă
"""
OTHERS = """
    cafộ tếng cac mãp résumé Müller wày µ ươch đắkk toánn hòà
"""


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_accepts_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["", *OTHERS.split()])
def test_refuses_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accepts_every_word_of_a_paragraph_in_every_form_and_case(form: str) -> None:
    words = [word.strip(".,") for word in PARAGRAPH.replace("-", " ").split()]
    toned = [unicodedata.normalize(form, word) for word in words if not word.isascii()]
    assert len(toned) > 20
    assert [word for word in toned if not is_syllable(word)] == []
    assert [word for word in toned if not is_syllable(word.upper())] == []


def test_regular_case() -> None:
    assert all(map(has_regular_case, ["đồng", "Đồng", "ĐỒNG", "Ở"]))
    assert not any(map(has_regular_case, ["đỒng", "ĐồnG", "TiÕng"]))
