from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from align.cli import main
from align.corpus import read_corpus

CORPUS = 'vi\ten\tprobability\nÔng nói: "Được".\tHe said: "Fine".\t0.5\n'


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as leave:
        main(["convert", *arguments])
    return int(leave.value.code or 0)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "in.tsv"
    path.write_text(CORPUS, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out.tmx", "out.tsv.gz"])
def test_the_endings_name_the_formats(corpus: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = corpus.parent / name
    assert _run(str(corpus), str(target)) == 0
    assert read_corpus(target).equals(read_corpus(corpus))
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"1 pairs written to {target}\n"


def test_formats_can_be_named(corpus: Path) -> None:
    assert _run(str(corpus), str(corpus.parent / "out"), "--to", "moses") == 0
    assert (corpus.parent / "out.en").read_text(encoding="utf-8") == 'He said: "Fine".\n'
    assert _run(str(corpus.parent / "out"), str(corpus.parent / "back.tsv"), "--from", "moses") == 0
    assert read_corpus(corpus.parent / "back.tsv").equals(read_corpus(corpus))


def test_a_dash_is_the_standard_output(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(str(corpus), "-") == 0
    output = capfd.readouterr()
    assert output.out.splitlines()[1].startswith('Ông nói: "Được".\tHe said: "Fine".\t0.5\t')
    assert output.err == "1 pairs written to -\n"


def test_references_become_texts_with_the_articles(tmp_path: Path) -> None:
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "a.txt").write_text("Trời mưa to. Đường ngập nước.\n", encoding="utf-8")
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "b.txt").write_text("It rained hard. The roads are under water.\n", encoding="utf-8")
    (tmp_path / "links.xces").write_text(
        '<cesAlign version="1.0"><linkGrp targType="s" fromDoc="a.txt" toDoc="b.txt">'
        '<link xtargets="s2;s2" certainty="0.9"/></linkGrp></cesAlign>',
        encoding="utf-8",
    )
    target = tmp_path / "out.jsonl"
    places = [str(tmp_path / "vi"), str(tmp_path / "en")]
    assert _run(str(tmp_path / "links.xces"), str(target), "--articles", *places) == 0
    row = read_corpus(target).row(0, named=True)
    assert (row["vi"], row["en"], row["vi_start"]) == ("Đường ngập nước.", "The roads are under water.", 13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("out.csv",), "corpus file is "),
        (("out.tsv", "--from", "csv"), "format is 'csv'; allowed: tsv, jsonl"),
        (("out.tsv", "--from", "parquet"), "no Parquet file"),
        (("missing/out.tsv",), "not written: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    corpus: Path, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target, *options = arguments
    assert _run(str(corpus), str(corpus.parent / target), *options) == 1
    error = capsys.readouterr().err
    assert error.startswith("align: error: ")
    assert message in error
    assert error.count("\n") == 1


def test_the_input_may_be_the_output(corpus: Path) -> None:
    before = read_corpus(corpus)
    assert _run(str(corpus), str(corpus)) == 0
    assert read_corpus(corpus).equals(before)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_reader_of_a_pipe_may_leave(tmp_path: Path, unbuffered: str) -> None:
    big = tmp_path / "big.tsv"
    big.write_text("vi\ten\n" + ("Một câu. " * 50 + "\tOne sentence.\n") * 20_000, encoding="utf-8")
    command = [sys.executable, "-m", "align", "convert", str(big), "-"]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_an_error_of_one_line(corpus: Path, unbuffered: str) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "align", "convert", str(corpus), "-"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr == "align: error: standard output: not written: No space left on device\n"
