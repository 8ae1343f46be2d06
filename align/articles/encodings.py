"""Bytes to text, and nothing altered after that: no normalisation, line ends kept.

Order of tries: a byte-order mark; UTF-16 without one (NUL in every other byte); strict UTF-8; then the Vietnamese
encodings from before Unicode, told apart by how many words come out as Vietnamese syllables. Nothing is replaced
silently: bytes that fit no encoding raise `DecodingError`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from align.articles.detection import detect
from align.articles.legacy import LEGACY
from align.errors import DecodingError, OptionError

NAMED = "any Python codec such as utf-8 or cp1258, or tcvn3, vni, viscii"

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_MAGIC = {
    b"PK\x03\x04": "a ZIP, DOCX or ODT file",
    b"%PDF-": "a PDF file",
    b"\x89PNG\r\n": "a PNG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x1f\x8b": "a gzip file",
    b"\xfd7zXZ\x00": "an xz file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip file",
    b"Rar!\x1a\x07": "a RAR file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Word or Excel file",
    b"{\\rtf": "an RTF file",
    b"SQLite format 3\x00": "an SQLite file",
    b"\x7fELF": "a program",
    b"PAR1": "a Parquet file",
}
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b"))
_HIGH = bytes(range(0x80, 0x100))
_SURROGATE = re.compile("[\ud800-\udfff]")
BINARY_SHARE = 0.1  # of control characters; random bytes have 0.1 and more, text with stray NULs far less
UTF16_SHARE = 0.4  # NULs among the high bytes of UTF-16: Vietnamese has 0.7 and more


@dataclass(frozen=True)
class Decoded:
    """A text, the encoding it was in, and what the user should know about it."""

    text: str
    encoding: str  # for people: "UTF-8", "TCVN3" ...
    notes: tuple[str, ...] = ()  # "decoded as TCVN3"; empty for UTF-8


def decode(data: bytes, encoding: str | None = None, *, name: str = "text") -> Decoded:
    """Decode `data`, in the named `encoding` or in the one that it shows to be in; a byte-order mark is not text.

    Args:
        data: the bytes of a file.
        encoding: any Python codec, or "tcvn3", "vni", "viscii"; None to find out.
        name: what messages call the data, usually the path.

    Raises:
        DecodingError: the bytes are no text, are damaged, or fit no encoding; the message has the offset of the
            first bad byte and its line.
        OptionError: `encoding` is no known name.

    Example:
        >>> decode(b"Ti\\xd5ng Vi\\xd6t")
        Decoded(text='Tiếng Việt', encoding='TCVN3', notes=('decoded as TCVN3',))
    """
    if encoding is not None:
        return _decode_named(data, encoding, name)
    for mark, codec, label in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], codec, label, name, skipped=len(mark))
    utf16 = _utf16_without_mark(data)
    if utf16 is not None:
        return _strict(data, utf16, "UTF-16", name)
    refuse_binary(data, name)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(data, error, name)


def is_known(encoding: str) -> bool:
    """Tell whether `decode` accepts `encoding` as a name."""
    if encoding.lower() in LEGACY:
        return True
    try:
        b"text".decode(encoding, "replace")
    except (LookupError, ValueError):  # ValueError: a NUL in the name, or a codec that decodes nothing
        return False
    return True


def _decode_named(data: bytes, encoding: str, name: str) -> Decoded:
    if not is_known(encoding):
        raise OptionError("encoding", encoding, NAMED)
    key = encoding.lower()
    codec = key if key in LEGACY else codecs.lookup(encoding).name  # "windows-1258" is "cp1258"
    if codec in LEGACY:
        return _decode_by_table(data, codec, name)
    return _strict(data, codec, "UTF-8" if codec in ("utf-8", "utf-8-sig") else codec, name)


def _strict(data: bytes, codec: str, label: str, name: str, skipped: int = 0) -> Decoded:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, label, name, skipped) from error
    except UnicodeError as error:
        raise DecodingError(f"{name}: not {label}: {error}; give another --encoding ({NAMED})") from error
    if _SURROGATE.search(text):
        raise DecodingError(f"{name}: {label} gives half characters (lone surrogates); give another --encoding")
    # Codecs without a mark of their own (utf-16-le ...) leave it in the text.
    return Decoded(text.removeprefix("\ufeff"), label, () if label == "UTF-8" else (f"decoded as {label}",))


def _decode_by_table(data: bytes, key: str, name: str) -> Decoded:
    label, decoder = LEGACY[key]
    try:
        text = decoder(data)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, label, name) from error
    return Decoded(text, label, (f"decoded as {label}",))


def _decode_legacy(data: bytes, utf8_error: UnicodeDecodeError, name: str) -> Decoded:
    if _is_damaged_utf8(data):
        raise _undecodable(data, utf8_error, "UTF-8", name)
    key = detect(data)
    if key == "cp1252":
        return _strict(data, "cp1252", "Windows-1252", name)
    if key is not None:
        return _decode_by_table(data, key, name)
    place = _place(data, utf8_error.start)
    raise DecodingError(
        f"{name}: not UTF-8 ({place}) and no known Vietnamese or Western encoding gives plausible words; "
        f"name the right one with --encoding ({NAMED})"
    )


def _is_damaged_utf8(data: bytes) -> bool:
    """Tell whether there are more whole UTF-8 sequences than broken ones: then it is no legacy encoding."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    ascii_count = len(data.translate(None, _HIGH))
    return len(text) - ascii_count - broken > broken


def _undecodable(data: bytes, error: UnicodeDecodeError, label: str, name: str, skipped: int = 0) -> DecodingError:
    place = _place(data, error.start, skipped)
    return DecodingError(f"{name}: damaged {label}: {place}; mend the file or name its encoding with --encoding")


def _place(data: bytes, start: int, skipped: int = 0) -> str:
    line = data.count(b"\n", 0, start) + 1
    return f"byte 0x{data[start]:02X} at offset {start + skipped}, line {line}"


def _utf16_without_mark(data: bytes) -> str | None:
    """Return the codec when NULs fill one half of the byte pairs and are absent from the other."""
    if len(data) < 2 or len(data) % 2:
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    pairs = len(data) // 2
    if odd >= UTF16_SHARE * pairs and even == 0:
        return "utf-16-le"
    if even >= UTF16_SHARE * pairs and odd == 0:
        return "utf-16-be"
    return None


def refuse_binary(data: bytes, name: str) -> None:
    """Raise `DecodingError` when `data` begins like a known kind of binary file or is full of control characters."""
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise DecodingError(f"{name}: binary file ({kind}), not text; save it as UTF-8 text first")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > BINARY_SHARE * len(data):
        share = f"{controls} of {len(data)} bytes are control characters"
        raise DecodingError(f"{name}: binary file ({share}), not text; save it as UTF-8 text first")
