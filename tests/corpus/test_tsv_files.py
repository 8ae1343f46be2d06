from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pair_tables import true_pairs

from align.corpus import read_corpus, write_corpus
from align.errors import DecodingError, InputError


def _read(tmp_path: Path, content: str | bytes) -> pl.DataFrame:
    path = tmp_path / "in.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_corpus(path)


def test_texts_and_probability_stand_first(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.tsv")
    lines = (tmp_path / "out.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t")[:5] == ["vi", "en", "probability", "id", "margin"]
    first = ["Chợ nổi họp từ lúc trời chưa sáng.", "The floating market opens before dawn.", "0.9871"]
    assert lines[1].split("\t")[:3] == first
    assert "\t0\t0\t0\t34\t0\t38\t\t\t" in lines[1]


def test_lists_are_joined_with_commas(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.tsv")
    assert "\t1,2\t1,2\t" in (tmp_path / "out.tsv").read_text(encoding="utf-8").splitlines()[2]


def test_a_foreign_header_needs_only_the_texts(tmp_path: Path) -> None:
    table = _read(tmp_path, "en\tscore\tvi\nHello.\t0.5\tXin chào.\n")
    assert table.select("vi", "en", "score", "probability").row(0) == ("Xin chào.", "Hello.", "0.5", None)
    assert table["flags"].to_list() == [[]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_two_columns_need_no_header(tmp_path: Path, end: str) -> None:
    table = _read(tmp_path, f"\ufeffXin chào.\tHello.{end}Tạm biệt.\tGoodbye.{end}{end}")
    assert table.select("vi", "en").rows() == [("Xin chào.", "Hello."), ("Tạm biệt.", "Goodbye.")]


def test_backslashes_of_other_programs_are_literal(tmp_path: Path) -> None:
    assert _read(tmp_path, "C:\\new\tC:\\new\n")["vi"][0] == "C:\\new"
    assert _read(tmp_path, "vi\ten\nC:\\new\tC:\\new\n")["vi"][0] == "C:\\new"
    assert _read(tmp_path, "vi\ten\tid\na\\nb\tC:\\\\new\tx\n").row(0)[1:3] == ("a\nb", "C:\\new")


def test_quotes_and_separators_of_unicode_are_text(tmp_path: Path) -> None:
    table = _read(tmp_path, 'vi\ten\n"Một\u2028hai\tOne "two\x85three\n')
    assert table.select("vi", "en").row(0) == ('"Một\u2028hai', 'One "two\x85three')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("vi\ten\na\tb\n\nc\n", "in.tsv, line 4: 1 columns; expected 2 as in line 1"),
        ("vi\ten\tvi\n", "line 1: a column name stands twice"),
        ("a\tb\t0.5\n", "line 1: 3 columns and no header"),
        ("vi\ten\tprobability\na\tb\t0.5\na\tb\thigh\n", "line 3: probability is 'high'; allowed: a number"),
        ("vi\ten\tvi_start\na\tb\t1.5\n", "line 2: vi_start is '1.5'; allowed: a whole number"),
        ("vi\ten\ten_sentences\na\tb\t1,x\n", "line 2: en_sentences is '1,x'; allowed: whole numbers joined"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, content)
    assert message in str(caught.value)


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    with pytest.raises(DecodingError, match=r"in\.tsv, line 2: byte 0xE0 is not UTF-8"):
        _read(tmp_path, b"vi\ten\nng\xe0y\tday\n")


def test_an_empty_file_has_no_pairs(tmp_path: Path) -> None:
    assert _read(tmp_path, "").height == 0


def test_a_struct_does_not_fit_a_cell(tmp_path: Path) -> None:
    table = true_pairs().with_columns(pl.struct("margin", "cosine").alias("scores"))
    with pytest.raises(InputError, match="column 'scores' holds Struct"):
        write_corpus(table, tmp_path / "out.tsv")
    assert list(tmp_path.iterdir()) == []
