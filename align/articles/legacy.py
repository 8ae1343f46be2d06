"""Decoders for the Vietnamese encodings from before Unicode: TCVN3 (ABC), VNI, VISCII, and Windows-1258.

Sources: TCVN 5712:1993 (VN3, the part that ABC fonts use), RFC 1456 (VISCII), the VNI-Windows key chart. They agree
byte by byte with glibc's converters VISCII and TCVN (from 0xA0 on; below, ABC fonts have Windows punctuation where the
standard has capitals), and with all 74, 132 and 103 entries of viparse 0.1.31 for TCVN3, VNI and VISCII.

All four give precomposed letters. Windows-1258 and, rarely, TCVN3 store a tone as a character of its own after the
vowel; it is joined to the vowel here, as glibc does, because the two forms are one letter to every reader.

TCVN3 has no toned capitals: texts set in a capital font (.VnTimeH) store lower-case letters and decode as such.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

from align.vietnamese import TONE_MARKS

_UNDEFINED = "\ufffe"  # what codecs.charmap_decode takes for a hole in a table

_ASCII = "".join(map(chr, range(0x80)))
# Windows fonts of all three keep the punctuation of Windows-1252 here: curly quotes, dashes, ellipsis.
_WINDOWS_PUNCTUATION = bytes(range(0x80, 0xA0)).decode("cp1252", errors="replace").replace("\ufffd", _UNDEFINED)

# 0xA0-0xFF. ABC fonts leave 17 of these empty; the capitals that TCVN 5712 VN1 has there are kept.
_TCVN3_HIGH = (
    "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ"
    "\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)

# 0x80-0xFF, and six capitals among the control characters (RFC 1456, section 2).
_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "Õắằặấầẩậẽẹếềểễệố"
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉ"
    "đựòóôõỏọụùúũủýợỮ"
)
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}

TCVN3_TABLE = _ASCII + _WINDOWS_PUNCTUATION + _TCVN3_HIGH
"""256 characters: what each byte of TCVN3 stands for; U+FFFE where it stands for nothing."""

VISCII_TABLE = _ASCII.translate(_VISCII_LOW) + _VISCII_HIGH
"""256 characters: what each byte of VISCII stands for."""

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = tuple(TONE_MARKS)
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
# VNI: vowel, then one byte for the marks. Written here as the Windows-1252 characters of those bytes.
_VNI_TONES = {"ø": _GRAVE, "ù": _ACUTE, "õ": _TILDE, "û": _HOOK, "ï": _DOT}
_VNI_CIRCUMFLEX = {"â": "", "à": _GRAVE, "á": _ACUTE, "ã": _TILDE, "å": _HOOK, "ä": _DOT}
_VNI_BREVE = {"ê": "", "è": _GRAVE, "é": _ACUTE, "ü": _TILDE, "ú": _HOOK, "ë": _DOT}
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "î": "ỵ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ì": "ì", "í": "í"}


def _vni_sequences() -> dict[str, str]:
    """Return sequence -> letter. A mark in the other case than its vowel is read too: old editors mixed them."""
    lower = dict(_VNI_LETTERS)
    for vowel in "aeiouyôö":
        lower |= {vowel + mark: _VNI_LETTERS.get(vowel, vowel) + tone for mark, tone in _VNI_TONES.items()}
    for vowel in "aeo":
        lower |= {vowel + mark: vowel + _CIRCUMFLEX + tone for mark, tone in _VNI_CIRCUMFLEX.items()}
    lower |= {"a" + mark: "a" + _BREVE + tone for mark, tone in _VNI_BREVE.items()}
    sequences = {}
    for sequence, letter in lower.items():
        letter = unicodedata.normalize("NFC", letter)
        vowel, mark = sequence[0], sequence[1:]
        for end in {mark, mark.upper()}:
            sequences[vowel + end] = letter
            sequences[vowel.upper() + end] = letter.upper()
    return sequences


VNI_SEQUENCES = _vni_sequences()
"""One or two Windows-1252 characters -> the Vietnamese letter that they stand for in VNI."""

_VNI_PATTERN = re.compile("|".join(sorted(map(re.escape, VNI_SEQUENCES), key=lambda key: (-len(key), key))))

_VOWELS = "aăâeêioôơuưy"
_TONED = {
    vowel + mark: unicodedata.normalize("NFC", vowel + mark)
    for vowel in _VOWELS + _VOWELS.upper()
    for mark in TONE_MARKS
}
_TONED_PATTERN = re.compile(f"[{_VOWELS}{_VOWELS.upper()}][{TONE_MARKS}]")


def _join_tones(text: str) -> str:
    return _TONED_PATTERN.sub(lambda match: _TONED[match[0]], text)


def _decode_tcvn3(data: bytes) -> str:
    return _join_tones(codecs.charmap_decode(data, "strict", TCVN3_TABLE)[0])


def _decode_viscii(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", VISCII_TABLE)[0]


def _decode_vni(data: bytes) -> str:
    return _VNI_PATTERN.sub(lambda match: VNI_SEQUENCES[match[0]], data.decode("cp1252"))


def _decode_cp1258(data: bytes) -> str:
    return _join_tones(data.decode("cp1258"))


LEGACY: dict[str, tuple[str, Callable[[bytes], str]]] = {
    "cp1258": ("Windows-1258", _decode_cp1258),
    "tcvn3": ("TCVN3", _decode_tcvn3),
    "vni": ("VNI", _decode_vni),
    "viscii": ("VISCII", _decode_viscii),
}
"""Name for `--encoding` -> name for people, decoder (raises UnicodeDecodeError on a byte that means nothing)."""
