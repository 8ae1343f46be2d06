from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest

from align.errors import InputError, OutputError
from align.files import compress, read_lines, whole_file


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_lines_keep_everything_but_their_ends(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "\ufeffMột\u2028dòng\r\n\n hai \n")
    assert read_lines(path) == ["Một\u2028dòng", "", " hai "]
    assert read_lines(written(path, "")) == []


def test_bytes_that_are_no_utf8_are_placed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"tr\xc3\xaa\nTi\xd5ng\n")
    with pytest.raises(InputError, match=r"a\.txt, line 2: byte 0xD5 is not UTF-8"):
        read_lines(path)
    with pytest.raises(InputError, match=r"none\.txt: not read"):
        read_lines(tmp_path / "none.txt")


def test_compressed_lines_are_read_by_their_content_and_written_without_a_time_stamp(tmp_path: Path) -> None:
    packed = compress("một\nhai\n".encode())
    assert packed == compress("một\nhai\n".encode())
    assert gzip.decompress(packed) == "một\nhai\n".encode()
    assert read_lines(written(tmp_path / "named.txt", packed)) == ["một", "hai"]
    with pytest.raises(InputError, match="damaged gzip"):
        read_lines(written(tmp_path / "cut.txt", packed[:-9]))


def test_a_file_appears_only_when_all_of_it_was_written(tmp_path: Path) -> None:
    target = written(tmp_path / "corpus.tsv", "before")

    def fail() -> None:
        with whole_file(target) as partial:
            partial.write_text("half")
            raise ValueError("a writer's mistake")

    with pytest.raises(ValueError, match="a writer's mistake"):
        fail()
    assert target.read_text() == "before"
    with whole_file(target) as partial:
        partial.write_text("after")
        assert target.read_text() == "before"
    assert target.read_text() == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.tsv"]


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as partial:
        partial.write_text("x")
    (tmp_path / "b").write_text("x")
    assert stat.S_IMODE(os.stat(tmp_path / "a").st_mode) == stat.S_IMODE(os.stat(tmp_path / "b").st_mode)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"none/a\.tsv: not written: No such file"),
        whole_file(tmp_path / "none" / "a.tsv"),
    ):
        pass
