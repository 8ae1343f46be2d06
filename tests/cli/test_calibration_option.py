"""An encoder of the user's own on the command line, with and without constants of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from programs import EN, VI, align_here, write

from align.matching.calibration import FOLDER

MODULE = '''
from align import load_encoder

class Turned:
    """The bundled encoder with its dimensions in another order, under another name."""
    name, dim, pooling, fingerprint = "turned", 384, "mean", "v1"
    def __init__(self):
        self.encoder = load_encoder()
    def encode(self, texts):
        return self.encoder.encode(texts)[:, ::-1].copy()
    def centre(self, lang):
        return None
'''

ENCODER = ("--encoder", "turned_module:Turned")


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = align_here(capfd, *arguments)
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path / "turned_module.py", MODULE)
    write(tmp_path / "vi" / "budget.txt", VI)
    write(tmp_path / "en" / "budget.txt", EN)
    write(tmp_path / "x.vi", VI.replace(". ", ".\n"))
    write(tmp_path / "x.en", EN.replace(". ", ".\n"))
    bundled = (FOLDER / "e5-small-vien.toml").read_text("utf-8")
    write(tmp_path / "own.toml", bundled.replace('encoder = "e5-small-vien"', 'encoder = "turned"'))
    return tmp_path


def test_a_run_without_constants_says_so_once_and_marks_its_pairs(folder: Path, run: Run) -> None:
    done = run("run", "vi", "en", "-o", "corpus.parquet", *ENCODER)
    notes = [line for line in done.stderr.splitlines() if "not calibrated" in line]
    assert len(notes) == 1
    assert notes[0].startswith("align: note: matching is not calibrated for the encoder 'turned'")
    assert "Warning" not in done.stderr
    corpus = pl.read_parquet(folder / "corpus.parquet")
    assert corpus.height == 3
    assert all("uncalibrated" in flags for flags in corpus["flags"].to_list())
    assert corpus["probability"].min() > 0.5
    assert all("|encoder:turned@v1|calibration:e5-small-vien,rescaled|" in name for name in corpus["run"])
    assert run("verify", "corpus.parquet", "vi", "en").returncode == 0


def test_a_run_with_constants_names_them(folder: Path, run: Run) -> None:
    done = run("run", "vi", "en", "-o", "corpus.parquet", *ENCODER, "--calibration", "own.toml")
    assert "calibrated" not in done.stderr
    corpus = pl.read_parquet(folder / "corpus.parquet")
    assert not any("uncalibrated" in flags for flags in corpus["flags"].to_list())
    assert corpus["run"].str.contains(r"\|calibration:turned@[0-9a-f]{8}\|").all()


def test_the_bundled_encoder_has_no_such_remark(folder: Path, run: Run) -> None:
    run("run", "vi", "en", "-o", "corpus.parquet")
    corpus = pl.read_parquet(folder / "corpus.parquet")
    assert not corpus["run"].str.contains("calibration:").any()
    assert corpus["flags"].to_list() == [["parallel"]] * 3


@pytest.mark.parametrize(
    "arguments", [("beads", "x.vi", "x.en"), ("mine", "x.vi", "x.en"), ("pair", "vi", "en")], ids=lambda each: each[0]
)
def test_every_command_that_matches_takes_constants(arguments: tuple[str, ...], folder: Path, run: Run) -> None:
    without = run(*arguments, *ENCODER)
    assert without.stderr.count("not calibrated") == 1
    given = run(*arguments, *ENCODER, "--calibration", "own.toml")
    assert "calibrated" not in given.stderr
    assert given.stdout
    assert len(given.stdout.splitlines()) == len(without.stdout.splitlines())


def test_a_file_that_is_no_calibration_is_one_clear_line(folder: Path, run: Run) -> None:
    done = run("run", "vi", "en", "-o", "corpus.tsv", "--calibration", "x.vi", code=1)
    assert done.stderr.count("\n") == 1
    assert "x.vi: no calibration of this version" in done.stderr
    assert not (folder / "corpus.tsv").exists()
