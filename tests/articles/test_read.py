from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import polars as pl
import pytest
from legacy_bytes import PARAGRAPH, encode

from align.articles import ARTICLE_SCHEMA, read_articles
from align.errors import InputError, MissingExtraError, OptionError

PAGE = f"<html><body><article><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></article></body></html>"


def write_jsonl(path: Path, *rows: dict[str, object]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of every kind, with files to pass over."""
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "x.txt").mkdir()
    (tmp_path / "x.txt" / "b.TXT").write_bytes("Một bài.\r\nHai dòng.\n".encode())
    (tmp_path / "sub" / "a.txt").write_bytes(encode(PARAGRAPH, "tcvn3"))
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress("Bài nén.".encode()))
    (tmp_path / "d.html").write_text(PAGE, encoding="utf-8")
    write_jsonl(tmp_path / "e.jsonl", {"id": "r1", "text": "Dòng một."}, {"id": "r2", "text": "Dòng hai."})
    pl.DataFrame({"id": [1, 2], "text": ["Hàng một.", "Hàng hai."]}).write_parquet(tmp_path / "f.parquet")
    for name in ("README", ".hidden.txt", "notes.md", "sub/.git/x.txt"):
        (tmp_path / name).write_text("bỏ qua", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    return tmp_path


def test_a_folder_of_mixed_kinds(folder: Path) -> None:
    found = read_articles(folder)
    assert found.problems == ()
    assert dict(found.table.schema) == ARTICLE_SCHEMA
    assert found.table["id"].to_list() == ["1", "2", "c.txt.gz", "d.html", "r1", "r2", "sub/a.txt", "x.txt/b.TXT"]
    by_id = {row["id"]: row for row in found.table.iter_rows(named=True)}
    assert by_id["x.txt/b.TXT"]["text"] == "Một bài.\r\nHai dòng.\n"
    assert by_id["sub/a.txt"]["text"] == PARAGRAPH
    assert by_id["sub/a.txt"]["notes"] == ["decoded as TCVN3"]
    assert by_id["sub/a.txt"]["source"] == str(folder / "sub" / "a.txt")
    assert by_id["c.txt.gz"]["text"] == "Bài nén."


def test_the_same_twice_and_progress(folder: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    first = read_articles(str(folder), progress=lambda *step: steps.append(step))
    assert first.table.equals(read_articles(folder).table)
    assert steps == [("read", done, 6) for done in range(7)]


@pytest.mark.parametrize(("name", "ids"), [("sub/a.txt", ["a.txt"]), ("e.jsonl", ["r1", "r2"]), ("d.html", ["d.html"])])
def test_a_file_given_directly(folder: Path, name: str, ids: list[str]) -> None:
    assert read_articles(folder / name).table["id"].to_list() == ids


def test_broken_files_are_named_and_the_others_kept(folder: Path) -> None:
    (folder / "broken1.txt").write_bytes(b"")
    (folder / "broken2.txt").write_bytes(b" \r\n\t")
    (folder / "broken3.txt").write_bytes(b"%PDF-1.4\x00")
    (folder / "broken4.txt.gz").write_bytes(gzip.compress(b"abc" * 100)[:-9])
    (folder / "broken5.txt.gz").write_bytes(b"plain")
    (folder / "broken6.parquet").write_bytes(b"PAR1")
    (folder / "broken7.html").write_bytes(b"<html></html>")
    (folder / "broken8.txt").symlink_to("nowhere")
    good = "Một dòng\ntốt và một d".encode()
    (folder / "broken9.txt").write_bytes(good + b"\xff" + "òng hỏng".encode())
    found = read_articles(folder)
    assert found.table.height == 8
    problems = {Path(problem.source).name: problem.message for problem in found.problems}
    assert problems == {
        "broken1.txt": "empty; remove the file or give it a text",
        "broken2.txt": "empty: nothing but white space; remove it or give it a text",
        "broken3.txt": "binary file (a PDF file), not text; save it as UTF-8 text first",
        "broken4.txt.gz": problems["broken4.txt.gz"],
        "broken5.txt.gz": problems["broken5.txt.gz"],
        "broken6.parquet": problems["broken6.parquet"],
        "broken7.html": "no main text found in the page; save its text as .txt",
        "broken8.txt": "cannot be read: No such file or directory",
        "broken9.txt": f"damaged UTF-8: byte 0xFF at offset {len(good)}, line 2; "
        "mend the file or name its encoding with --encoding",
    }
    assert problems["broken4.txt.gz"].startswith("damaged gzip file (")
    assert problems["broken5.txt.gz"].startswith("damaged gzip file (")
    assert problems["broken6.parquet"].startswith("not a whole Parquet file (")


def test_a_broken_row_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": 1, "text": "một"}\n{"id": 2, "te\n{"id": 3, "text": "ba"}\n{"id": 4, "text": " "}\n', "utf-8"
    )
    found = read_articles(path)
    assert found.table["id"].to_list() == ["1", "3"]
    assert [problem.source for problem in found.problems] == [f"{path}:2", f"{path}:4"]


def test_an_id_twice_in_a_file_is_a_problem_and_the_first_is_kept(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", {"id": 1, "text": "một"}, {"id": "1", "text": "hai"}, {"id": 2, "text": "ba"})
    found = read_articles(tmp_path)
    assert found.table.select("id", "text").rows() == [("1", "một"), ("2", "ba")]
    source = tmp_path / "a.jsonl"
    assert [str(problem) for problem in found.problems] == [
        f"{source}:2: id '1' is taken by {source}:1, which was kept; give each article its own id"
    ]


def test_an_id_of_another_file_gets_the_name_of_its_own(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", {"id": 1, "text": "một"}, {"id": "t.txt", "text": "hai"})
    write_jsonl(tmp_path / "b.jsonl", {"id": 1, "text": "ba"}, {"id": 1, "text": "bốn"})
    (tmp_path / "t.txt").write_text("năm", encoding="utf-8")
    found = read_articles(tmp_path)
    assert found.table.select("id", "text").rows() == [
        ("1", "một"),
        ("a.jsonl#t.txt", "hai"),
        ("b.jsonl#1", "ba"),
        ("t.txt", "năm"),
    ]
    assert [problem.source for problem in found.problems] == [f"{tmp_path / 'b.jsonl'}:2"]
    notes = dict(found.table.select("id", "notes").iter_rows())
    assert notes["b.jsonl#1"] == [f"id '1' is taken by {tmp_path / 'a.jsonl'}:1; named after its file"]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing: No such file or directory; give a file or folder that exists"):
        read_articles(tmp_path / "missing")
    with pytest.raises(InputError, match=r"holds no file of a readable kind; readable are files ending in \.txt "):
        read_articles(tmp_path)
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"a\.docx: not a file of a readable kind; readable are"):
        read_articles(tmp_path / "a.docx")


def test_nothing_usable(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"ab\xff\xfe\xfd")
    with pytest.raises(InputError, match=r"a\.txt: not UTF-8 \(byte 0xFF at offset 2, line 1\)"):
        read_articles(path)
    (tmp_path / "b.txt").write_bytes(b"")
    with pytest.raises(InputError, match=r"none of the 2 articles can be used; the first problem: .*a\.txt: not UTF-8"):
        read_articles(tmp_path)
    write_jsonl(tmp_path / "c.jsonl")
    with pytest.raises(InputError, match=r"c\.jsonl: empty; remove the file or give it a text"):
        read_articles(tmp_path / "c.jsonl")
    (tmp_path / "d.jsonl").write_bytes(b"\n\n")
    with pytest.raises(InputError, match=r"d\.jsonl: holds no article"):
        read_articles(tmp_path / "d.jsonl")


def test_without_the_extra_web(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)  # what Python itself does to forbid an import
    found = read_articles(folder)
    assert found.table.height == 7
    [problem] = found.problems
    assert problem.message == "reading .html needs the extra 'web': pip install \"align-vi-en[web]\""
    with pytest.raises(MissingExtraError, match=r'pip install "align-vi-en\[web\]"'):
        read_articles(folder / "d.html")


def test_encoding_and_repair_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Tiáº¿ng Việt".encode())
    assert read_articles(tmp_path).table["text"].to_list() == ["Tiáº¿ng Việt"]
    found = read_articles(tmp_path, repair=True)
    assert found.table["text"].to_list() == ["Tiếng Việt"]
    assert found.table["notes"].to_list() == [
        ["mojibake repaired in 1 place, first Tiáº¿ng -> Tiếng; offsets refer to the repaired text"]
    ]
    (tmp_path / "a.txt").write_bytes(b"\xfc")
    assert read_articles(tmp_path, encoding="viscii").table["text"].to_list() == ["ủ"]
    with pytest.raises(OptionError, match="encoding is 'tcvn9'"):
        read_articles(tmp_path, encoding="tcvn9")


def test_a_file_name_that_is_not_utf8_is_a_problem(folder: Path) -> None:
    try:
        (folder / os.fsdecode(b"caf\xe9.txt")).write_text("Một", encoding="utf-8")
    except OSError:  # a file system that takes UTF-8 names only cannot have the problem
        return
    found = read_articles(folder)
    assert found.table.height == 8
    assert [problem.message for problem in found.problems] == ["the file's name is not UTF-8; rename it"]
    assert found.problems[0].source.isascii()
