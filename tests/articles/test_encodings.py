from __future__ import annotations

import codecs
import contextlib
import io
import random
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from legacy_bytes import ENGLISH, PARAGRAPH, encode

from align.articles.encodings import decode
from align.errors import AlignError, DecodingError, OptionError


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_utf8_is_never_altered(text: str) -> None:
    text = text.removeprefix("\ufeff")
    for data in (text.encode(), codecs.BOM_UTF8 + text.encode()):
        # Magic numbers of other kinds of files that are also text, such as "%PDF-", are not drawn by chance.
        assert decode(data).text == text


@pytest.mark.parametrize(
    "text", ["a\r\nb\rc\n\u2028d", "Hoa\u0300 bi\u0300nh", "ﬁ １２ \xa0", "x\x00y " * 3 + PARAGRAPH]
)
def test_line_ends_unicode_forms_and_stray_nuls_are_kept(text: str) -> None:
    found = decode(text.encode())
    assert (found.text, found.encoding, found.notes) == (text, "UTF-8", ())


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [PARAGRAPH, ENGLISH])
def test_byte_order_marks_are_followed_and_removed(codec: str, text: str) -> None:
    found = decode(("\ufeff" + text).encode(codec))
    label = codec[:6].upper()
    assert (found.text, found.encoding, found.notes) == (text, label, (f"decoded as {label}",))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [PARAGRAPH, ENGLISH, "Plain ASCII."])
def test_utf16_without_mark_is_seen_by_its_nuls(codec: str, text: str) -> None:
    found = decode(text.encode(codec))
    assert (found.text, found.encoding) == (text, "UTF-16")


def test_truncated_utf16_is_refused() -> None:
    with pytest.raises(DecodingError, match=r"^a\.txt: damaged UTF-16: byte 0x.. at offset 6, line 1;"):
        decode("\ufeffab".encode("utf-16-le") + b"c", name="a.txt")


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "He said “no” – twice…",
        "It’s 5 m² at -2",
        "Café Müller, São Paulo, El Niño, façade, résumé, à la carte",
        "A café.",
    ],
)
def test_english_in_windows_1252(text: str) -> None:
    found = decode(text.encode("cp1252"))
    assert (found.text, found.encoding) == (text, "Windows-1252")


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "cp1258"])
def test_english_with_a_few_vietnamese_names(encoding: str) -> None:
    names = ["Nguyễn Thị Hạnh", "Trần Đình Bảo", "Lê Quốc Việt", "Phạm Thuý Hằng"]
    filler = "The committee met again on Friday and put off its decision until the spring. "
    text = " ".join(filler * 4 + f"Present were {name} and others." for name in names)
    assert decode(encode(text, encoding)).text == text


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "gb18030", "shift_jis", "cp1253"])
def test_other_encodings_are_refused_with_a_remedy(codec: str) -> None:
    text = {
        "cp1251": "Сегодня утром на реке поднялась вода, и жители ушли на холмы.",
        "koi8-r": "Сегодня утром на реке поднялась вода, и жители ушли на холмы.",
        "gb18030": "今天早上河水上涨，村民们都搬到了高处。",
        "shift_jis": "今朝、川の水位が上がり、住民は高台に避難した。",
        "cp1253": "Σήμερα το πρωί ανέβηκε το νερό στο ποτάμι.",
    }[codec]
    with pytest.raises(DecodingError, match=r"x: not UTF-8 \(byte 0x.. at offset 0, line 1\).*--encoding"):
        decode(text.encode(codec), name="x")
    assert decode(text.encode(codec), codec).text == text


def test_one_wrong_byte_in_utf8_is_refused_with_its_place() -> None:
    data = (PARAGRAPH + "\n" + PARAGRAPH).encode()
    place = data.index(b"\n") + 1
    broken = data[:place] + b"\xe9" + data[place:]
    with pytest.raises(DecodingError, match=rf"damaged UTF-8: byte 0xE9 at offset {place}, line 2; mend"):
        decode(broken)


def test_cut_utf8_is_refused() -> None:
    data = "Tiếng Việt, tiếng mẹ đẻ".encode()[:-1]
    with pytest.raises(DecodingError, match="damaged UTF-8"):
        decode(data)


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", PARAGRAPH)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (_zip(), "ZIP"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "Word"),
        (random.Random(0).randbytes(4096), "control characters"),
        (b"\x00" * 64, "control characters"),
        (b"abc\x00\x00\x00\x01" * 9, "control characters"),
    ],
)
def test_binary_files_are_refused(data: bytes, kind: str) -> None:
    with pytest.raises(DecodingError, match=rf"binary file \(.*{kind}"):
        decode(data)


def test_named_encodings() -> None:
    assert decode(b"\xef\xbb\xbfa", "utf-8").text == "a"
    assert decode(b"\xef\xbb\xbfa", "UTF-8").notes == ()
    assert decode(b"a\xff", "latin-1").text == "aÿ"
    assert decode("\ufeffđ".encode("utf-16-le"), "utf-16-le").text == "đ"
    assert decode(b"\xa7", "TCVN3").text == "Đ"
    with pytest.raises(DecodingError, match=r"damaged ascii: byte 0xFF at offset 1, line 1"):
        decode(b"a\xff", "ascii")
    with pytest.raises(DecodingError, match=r"damaged TCVN3: byte 0x81 at offset 2, line 2"):
        decode(b"a\n\x81", "tcvn3")


@pytest.mark.parametrize("encoding", ["tcvn4", "", "base64", "rot13", "undefined", "utf\x008"])
def test_unknown_names_are_refused(encoding: str) -> None:
    with pytest.raises(OptionError, match="allowed: any Python codec"):
        decode(b"abc", encoding)


@given(st.binary(max_size=300), st.sampled_from([None, "tcvn3", "vni", "viscii", "cp1258", "utf-7", "utf-16"]))
def test_any_bytes_give_writable_text_or_a_named_error(data: bytes, encoding: str | None) -> None:
    with contextlib.suppress(AlignError):
        decode(data, encoding).text.encode()


def test_one_line_of_20_megabytes_is_quick() -> None:
    line = (PARAGRAPH + " ") * (20_000_000 // len(encode(PARAGRAPH + " ", "tcvn3")))
    data = encode(line, "tcvn3")
    start = time.process_time()
    assert decode(data).text == line
    assert time.process_time() - start < 10


@pytest.mark.parametrize("encoding", ["cp1258", "windows-1258", "CP1258"])
def test_all_names_of_windows_1258_join_tones(encoding: str) -> None:
    assert decode(b"Vi\xea\xf2t", encoding).text == "Việt"
