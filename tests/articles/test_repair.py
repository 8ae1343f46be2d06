from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from legacy_bytes import ENGLISH, LETTERS, PARAGRAPH

from align.articles.repair import repair

CLEAN = [
    PARAGRAPH,
    ENGLISH,
    "Ông ấy nói: “À! Ê!”… rồi thôi.",
    "Tổ “Â”, khu “Ã” và lô “Ê”: 5 µm, ©2024, ®, ™.",
    "À Á Â Ã È É Ê Ì Í Ò Ó Ô Õ Ù Ú Ý",
    "ÂU CƠ, LẠC LONG QUÂN; BÃI ĐÁ, CÃI CỌ, MÃ SỐ Ã…",
    "Hoà bình — Hòa bình; Hoa\u0300 bi\u0300nh",
    "façade, naïve – £5, “Ñandú”, ½ °C × ±2, L’été",
    "ﬁ ﬂ １２３ \xa0 &amp; &lt;p&gt; 'quotes' \"quotes\"",
    "a\r\nb\rc\n\n\u2028d\x0c",
]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_is_left_untouched(text: str) -> None:
    repaired = repair(text)
    assert repaired.text == text
    assert repaired.notes == ()


@given(st.lists(st.text(st.sampled_from(LETTERS + "“”‘’…–—.,!?()"), min_size=1, max_size=6)))
def test_loose_vietnamese_letters_never_lose_a_vowel(words: list[str]) -> None:
    text = " ".join(words)
    # Arbitrary letter soup may look like mojibake, but never to the point of leaving replacement characters.
    assert "\ufffd" not in repair(text).text


@pytest.mark.parametrize("codec", ["latin-1", "sloppy-windows-1252"])
def test_mojibake_is_undone(codec: str) -> None:
    import ftfy.bad_codecs  # noqa: F401  (registers the sloppy codecs)

    for line in PARAGRAPH.split(". "):
        assert repair(line.encode().decode(codec)).text == line


def test_the_note_counts_places_and_shows_the_first() -> None:
    repaired = repair("Tiáº¿ng Việt\r\nlÃ\xa0 tiáº¿ng mẹ đẻ\n“Â”, dừng ở đây")
    assert repaired.text == "Tiếng Việt\r\nlà tiếng mẹ đẻ\n“Â”, dừng ở đây"
    assert repaired.places == 3
    assert repaired.notes == (
        "mojibake repaired in 3 places, first Tiáº¿ng -> Tiếng; offsets refer to the repaired text",
    )


def test_a_broken_line_in_capitals_is_undone() -> None:
    assert repair("CÃ” GIÃ\x81O CÃ“ THÆ¯ VIá»†N").text == "CÔ GIÁO CÓ THƯ VIỆN"


def test_repair_is_stable() -> None:
    once = repair("ThÆ° viá»‡n trÃªn thuyá»\x81n").text
    assert once == "Thư viện trên thuyền"
    assert repair(once).text == once
