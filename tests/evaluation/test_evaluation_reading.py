from __future__ import annotations

from pathlib import Path

import pytest

from align.errors import InputError
from align.evaluation import reading


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_pairs_with_and_without_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "0\t7\t0.93\n\n12\t3\n0\t7\n")
    assert reading.read_index_pairs(path) == {(0, 7), (12, 3)}
    written(path, "score\ten_index\tvi_index\n1.2\t7\t0\n")
    assert reading.read_index_pairs(path) == {(0, 7)}
    written(path, "vi_article\ten_article\tscore\nbão.txt\tstorm.txt\t0.8\n")
    assert reading.read_name_pairs(path) == {("bão.txt", "storm.txt")}


@pytest.mark.parametrize("line", ["1", "1\tx", "-1\t2", "1.0\t2", "\t", "²\t1"])
def test_a_line_that_is_no_pair_is_placed(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "a.tsv", f"0\t0\n{line}\n0\t1\n")
    if not line.strip():
        assert reading.read_index_pairs(path) == {(0, 0), (0, 1)}
        return
    with pytest.raises(InputError, match=r"a\.tsv, line 2: "):
        reading.read_index_pairs(path)


def test_blocks(tmp_path: Path) -> None:
    path = written(tmp_path / "a.blocks.tsv", "0,1\t0\n2\t\n")
    assert reading.read_blocks(path) == [((0, 1), (0,)), ((2,), ())]
    with pytest.raises(InputError, match=r"line 1: '0,x'"):
        reading.read_blocks(written(path, "0,x\t0\n"))


def test_paragraphs_and_their_lines(tmp_path: Path) -> None:
    paragraphs = reading.read_paragraphs(written(tmp_path / "a.txt", "Một.\nHai.\n\n \nBa.\n"))
    assert paragraphs.sentences == [["Một.", "Hai."], ["Ba."]]
    assert paragraphs.first_lines == [1, 5]


def test_folders_are_matched_by_name(tmp_path: Path) -> None:
    gold, hyp = tmp_path / "gold", tmp_path / "hyp"
    gold.mkdir()
    hyp.mkdir()
    for name in ("01_a.b.gold", "02.gold", "02.vi", "readme.txt"):
        written(gold / name, "")
    for name in ("01_a.b.hyp", "01_a.b.gold", "03.hyp", "notes.md"):
        written(hyp / name, "")
    own, other = reading.match_files(gold, hyp, reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS)
    assert {name: path.name for name, path in own.items()} == {"01_a.b": "01_a.b.gold", "02": "02.gold"}
    assert {name: path.name for name, path in other.items()} == {"01_a.b": "01_a.b.hyp", "03": "03.hyp"}
    # Gold on its own side is a hypothesis as well: a folder scored against itself.
    assert reading.match_files(gold, gold, reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS)[1]["02"].name == "02.gold"


def test_pair_files_of_a_folder_have_double_endings(tmp_path: Path) -> None:
    for name in ("a.gold.tsv", "a.hyp.tsv", "b.tsv"):
        written(tmp_path / name, "")
    own, other = reading.match_files(tmp_path, tmp_path, reading.GOLD_PAIR_ENDINGS, reading.PAIR_ENDINGS)
    assert own == {"a": tmp_path / "a.gold.tsv"}
    assert other == {"a": tmp_path / "a.hyp.tsv", "b": tmp_path / "b.tsv"}


def test_files_that_cannot_be_matched(tmp_path: Path) -> None:
    endings = (reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS)
    file = written(tmp_path / "a.gold", "")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="give two files or two folders"):
        reading.match_files(file, empty, *endings)
    with pytest.raises(InputError, match="no gold file"):
        reading.match_files(empty, tmp_path, *endings)
    with pytest.raises(InputError, match=r"expected a name such as a\.hyp"):
        reading.match_files(tmp_path, empty, *endings)
    with pytest.raises(InputError, match="no such file"):
        reading.match_files(file, tmp_path / "none", *endings)
