from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from legacy_bytes import LETTERS, LOWER, PARAGRAPH, encode

from align.articles.encodings import decode
from align.articles.legacy import LEGACY

# Bytes known from elsewhere than our tables: the letterhead of Vietnamese documents, as old systems store it.
KNOWN = [
    ("tcvn3", b"C\xe9ng ho\xb5 x\xb7 h\xe9i ch\xf1 ngh\xdca Vi\xd6t Nam", "Cộng hoà xã hội chủ nghĩa Việt Nam"),
    ("tcvn3", b"\x93\xa7\xe9c l\xcbp - T\xf9 do - H\xb9nh ph\xf3c\x94", "“Độc lập - Tự do - Hạnh phúc”"),
    ("vni", b"Co\xe4ng ho\xf8a xa\xf5 ho\xe4i chu\xfb ngh\xf3a Vie\xe4t Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ("vni", b"\xd1o\xe4c la\xe4p - T\xf6\xef do - Ha\xefnh phu\xf9c", "Độc lập - Tự do - Hạnh phúc"),
    ("vni", b"\xd1A\xd8 NA\xdcNG, sa\xfcn co\xf9, \xd1a\xf8 Na\xfcng", "ĐÀ NẴNG, sẵn có, Đà Nẵng"),
    ("viscii", b"C\xb5ng h\xf2a x\xe3 h\xb5i ch\xfc ngh\xeea Vi\xaet Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ("viscii", b"\xd0\xb5c l\xa7p - T\xf1 do - H\xd5nh ph\xfac", "Độc lập - Tự do - Hạnh phúc"),
    ("cp1258", b"C\xf4\xf2ng ho\xcca xa\xde h\xf4\xf2i Vi\xea\xf2t Nam", "Cộng hòa xã hội Việt Nam"),
]


@pytest.mark.parametrize(("encoding", "data", "text"), KNOWN)
def test_known_bytes_named_and_found_out(encoding: str, data: bytes, text: str) -> None:
    assert decode(data, encoding).text == text
    found = decode(data)
    assert (found.text, found.encoding) == (text, LEGACY[encoding][0])
    assert found.notes == (f"decoded as {LEGACY[encoding][0]}",)


@pytest.mark.parametrize("encoding", ["vni", "viscii", "cp1258"])
def test_every_letter_goes_round(encoding: str) -> None:
    assert decode(encode(LETTERS, encoding), encoding).text == LETTERS


def test_every_tcvn3_letter_that_the_fonts_have_goes_round() -> None:
    letters = LOWER + "ĂÂÊÔƠƯĐ"
    assert decode(encode(letters, "tcvn3"), "tcvn3").text == letters


@pytest.mark.parametrize("encoding", sorted(LEGACY))
@given(words=st.lists(st.text(st.sampled_from(LOWER + "bcghkmnpqrstvxl"), min_size=1), min_size=1))
def test_any_mix_of_letters_goes_round(encoding: str, words: list[str]) -> None:
    text = " ".join(words) + ", 15/10.\r\n"
    assert decode(encode(text, encoding), encoding).text == text


@pytest.mark.parametrize("encoding", ["tcvn3", "cp1258"])
def test_a_tone_stored_after_its_vowel_is_joined_to_it(encoding: str) -> None:
    tones = {"tcvn3": b"\xb3", "cp1258": b"\xec"}[encoding]
    text = decode(b"a" + tones + b" " + encode("ê", encoding) + tones + b" b" + tones, encoding).text
    assert text == "á ế b\u0301"
    assert unicodedata.is_normalized("NFC", text)


def test_vni_reads_marks_in_the_wrong_case_and_leaves_strangers_alone() -> None:
    assert decode(b"\xd1a\xd8 NA\xfcng", "vni").text == "Đà NẴng"
    assert decode(b"Sm\xf8rrebr\xf8d, 5 \xb0C", "vni").text == "Smørrebrød, 5 °C"


def test_headings_in_an_abc_capital_font_come_out_in_lower_case() -> None:
    found = decode(b"C\xe9NG HO\xb5 X\xb7 H\xe9I CH\xf1 NGH\xdcA VI\xd6T NAM")
    assert (found.text, found.encoding) == ("CộNG HOà Xã HộI CHủ NGHĩA VIệT NAM", "TCVN3")


@pytest.mark.parametrize("encoding", sorted(LEGACY))
@pytest.mark.parametrize("length", [60, len(PARAGRAPH)])
def test_a_paragraph_is_found_out(encoding: str, length: int) -> None:
    text = PARAGRAPH[:length]
    found = decode(encode(text, encoding))
    assert (found.text, found.encoding) == (text, LEGACY[encoding][0])
