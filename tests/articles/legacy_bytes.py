"""Encoders for tests: the inverse of the package's decoders, and sample texts."""

from __future__ import annotations

import unicodedata

from align.articles.legacy import TCVN3_TABLE, VISCII_TABLE, VNI_SEQUENCES
from align.vietnamese import TONE_MARKS

VOWELS = "aăâeêioôơuưy"
LOWER = VOWELS + "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONE_MARKS) + "đ"
LETTERS = LOWER + LOWER.upper()

PARAGRAPH = (
    "Sáng sớm, người dân xã Phước Hậu đã ra đồng gặt lúa. Năm nay được mùa, mỗi héc-ta cho gần bảy tấn thóc. "
    "Ông Võ Văn Đạt nói rằng nước về đủ, sâu bệnh lại ít. Chỉ tiếc là giá thóc vẫn chưa nhích lên."
)
ENGLISH = "The café’s owner – a retired engineer – said: “It cost £5,000 in all…” He wasn’t naïve about it."


def encode(text: str, encoding: str) -> bytes:
    """Encode Vietnamese in "tcvn3", "vni", "viscii" or "cp1258"; raises KeyError on what it cannot hold."""
    text = unicodedata.normalize("NFC", text)
    if encoding == "cp1258":
        return b"".join(map(_cp1258, text))
    if encoding == "vni":
        return b"".join(map(_vni, text))
    table = {"tcvn3": TCVN3_TABLE, "viscii": VISCII_TABLE}[encoding]
    places = {letter: place for place, letter in enumerate(table)}
    return bytes(places[letter] for letter in text)


def _cp1258(letter: str) -> bytes:
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in parts if mark in TONE_MARKS)
    plain = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONE_MARKS))
    return (plain + tone).encode("cp1258")


def _vni(letter: str) -> bytes:
    # ì, í and ỵ have two spellings; the one that the font's own keyboard gives is a single byte and comes first.
    spellings = [sequence for sequence, value in VNI_SEQUENCES.items() if value == letter]
    spellings = [spelling for spelling in spellings if spelling.islower() or spelling.isupper()]
    return min(spellings, key=len, default=letter).encode("cp1252")
