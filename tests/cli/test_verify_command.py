from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from align.articles import read_articles
from align.cli import main
from align.corpus import fill_texts, read_corpus, write_corpus

VI = "Trời mưa to. Đường ngập nước.\n"
EN = "It rained hard.\nThe roads are under water.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for side, text in (("vi", VI), ("en", EN)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.txt").write_text(text, encoding="utf-8", newline="")
    pairs = pl.DataFrame(
        {
            "vi_article": ["a.txt"] * 2,
            "en_article": ["a.txt"] * 2,
            "vi_sentences": [[0], [1]],
            "en_sentences": [[0], [1]],
        }
    )
    tables = [read_articles(tmp_path / side).table for side in ("vi", "en")]
    write_corpus(fill_texts(pairs, *tables), tmp_path / "corpus.tsv")
    return tmp_path


def _run(folder: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as leave:
        main(["verify", *(str(folder / name) for name in ("corpus.tsv", "vi", "en")), *options])
    return int(leave.value.code or 0)


@pytest.mark.parametrize("options", [(), ("--encoding", "utf-8"), ("--no-split",), ("--from", "tsv")])
def test_a_true_corpus_is_proved(folder: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder, *options) == 0
    assert capsys.readouterr().out == "verified 2 pairs: all offsets proved\n"


def test_faults_stand_one_a_line_and_the_exit_code_is_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = folder / "corpus.tsv"
    corpus.write_text(corpus.read_text(encoding="utf-8").replace("under water", "flooded"), encoding="utf-8")
    assert _run(folder) == 1
    output = capsys.readouterr()
    lines = output.out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("row 1 (") for line in lines)
    assert "en is 'The roads are flooded.', but 'a.txt' has 'The roads are under water.' at 16:42" in lines[1]
    assert output.err == f"align: error: {corpus}: 1 of 2 pairs are not proved (2 faults)\n"


def test_a_missing_folder_is_an_error_of_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        main(["verify", str(folder / "corpus.tsv"), str(folder / "nowhere"), str(folder / "en")])
    assert leave.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("align: error: ")
    assert "nowhere" in error


def test_references_without_texts_have_nothing_to_prove(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = [str(folder / name) for name in ("corpus.xces", "vi", "en")]
    write_corpus(read_corpus(folder / "corpus.tsv"), places[0])
    with pytest.raises(SystemExit) as leave:
        main(["verify", *places])
    assert leave.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "align convert --articles VI EN" in error
