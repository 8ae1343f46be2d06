"""The commands in their normal use, one after the other on small articles, as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from programs import EN, VI, align, align_here, names, write

from align.encoders import Encoder

VI_SENTENCES = VI.replace(". ", ".\n").splitlines()
EN_SENTENCES = EN.replace(". ", ".\n").splitlines()

VI_STORM = """\
Cơn bão đổ bộ vào miền Trung tối thứ hai. Nông dân ở đồng bằng sông Hồng vẫn kịp gặt xong lúa chín.
Không ai bị thương nặng.
"""
EN_STORM = "No one was badly hurt. The storm made landfall in central Vietnam on Monday evening.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "vi" / "budget.vi.txt", VI)
    write(tmp_path / "en" / "budget.en.txt", EN)
    write(tmp_path / "vi" / "bao.txt", VI_STORM)
    write(tmp_path / "en" / "weather.txt", EN_STORM)
    write(tmp_path / "x.vi", "\n".join(VI_SENTENCES) + "\n")
    write(tmp_path / "x.en", "\n".join(EN_SENTENCES[::-1]) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_verify_and_convert(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align("run", "vi", "en", "-o", "corpus.tsv", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("bao.txt + weather.txt: 2 pairs; comparable: ")
    assert lines[1].startswith("budget.vi.txt + budget.en.txt: 3 pairs; parallel: ")
    assert lines[2:] == ["5 pairs of 2 article pairs written to corpus.tsv"]
    rows = [line.split("\t") for line in (folder / "corpus.tsv").read_text("utf-8").splitlines()]
    assert rows[0][:3] == ["vi", "en", "probability"]
    assert {(vi, en) for vi, en, *_ in rows[1:]} == {
        *zip(VI_SENTENCES, EN_SENTENCES, strict=True),
        ("Cơn bão đổ bộ vào miền Trung tối thứ hai.", "The storm made landfall in central Vietnam on Monday evening."),
        ("Không ai bị thương nặng.", "No one was badly hurt."),
    }
    assert all(0.4 <= float(row[2]) <= 1 for row in rows[1:])

    again = align_here(capfd, "run", "vi", "en", "-o", "-", "--threads", 1)
    assert again.stdout.encode() == (folder / "corpus.tsv").read_bytes()

    assert align_here(capfd, "verify", "corpus.tsv", "vi", "en").stdout == "verified 5 pairs: all offsets proved\n"

    assert align_here(capfd, "convert", "corpus.tsv", "corpus.jsonl").returncode == 0
    first = json.loads((folder / "corpus.jsonl").read_text("utf-8").splitlines()[0])
    assert first["vi"] == rows[1][0]
    assert VI_STORM[first["vi_start"] : first["vi_end"]] == first["vi"]


def test_split(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "split", "vi/budget.vi.txt", "en/weather.txt", "--format", "spans")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "budget.vi.txt\t0\t50",
        "budget.vi.txt\t51\t95",
        "budget.vi.txt\t96\t134",
        "weather.txt\t0\t22",
        "weather.txt\t23\t84",
    ]


def test_pair(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "pair", "vi", "en")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["vi_article", "en_article", "score", "mode", "reason"]
    assert [(vi, en, mode) for vi, en, _, mode, _ in rows[1:]] == [
        ("bao.txt", "weather.txt", "comparable"),
        ("budget.vi.txt", "budget.en.txt", "parallel"),
    ]
    assert align_here(capfd, "pair", "vi", "en", "--pairing", "name").stdout.count("\n") == 2


def test_embed(folder: Path, capfd: pytest.CaptureFixture[str], encoder: Encoder) -> None:
    done = align_here(capfd, "embed", "x.vi", "-o", "x.npy")
    assert done.stderr == f"x.npy: 3 vectors of 384 numbers, e5-small-vien {encoder.fingerprint}\n"
    assert (np.load(folder / "x.npy") == encoder.encode(VI_SENTENCES)).all()


def test_beads_and_their_evaluation(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "beads", "--mode", "comparable", "x.vi", "x.en", "-o", "x.hyp")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    beads = [line.rpartition(":") for line in (folder / "x.hyp").read_text("utf-8").splitlines()]
    assert [bead for bead, _, _ in beads] == ["[0]:[2]", "[1]:[1]", "[2]:[0]"]
    assert all(0.4 <= float(score) <= 1 for _, _, score in beads)

    write(folder / "x.gold", "[0]:[2]\n[1]:[1]\n[2]:[]\n")
    done = align_here(capfd, "evaluate", "beads", "x.gold", "x.hyp", "--bootstrap", 0, "--json")
    result = json.loads(done.stdout)
    assert result["strict_precision"] == pytest.approx(2 / 3)
    assert result["strict_recall"] == 1


def test_mine_and_its_evaluation(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert align_here(capfd, "mine", "--texts", "x.vi", "x.en", "-o", "mined.tsv").returncode == 0
    mined = pl.read_csv(folder / "mined.tsv", separator="\t", quote_char=None)
    assert mined.columns == ["vi_index", "en_index", "score", "probability", "vi", "en"]
    assert mined.select("vi_index", "en_index").rows() == [(0, 2), (1, 1), (2, 0)]
    assert mined["en"].to_list() == EN_SENTENCES

    write(folder / "gold.tsv", "0\t2\n1\t1\n2\t0\n")
    done = align_here(capfd, "evaluate", "mining", "gold.tsv", "mined.tsv", "--bootstrap", 0)
    assert "f1         1.0000" in done.stdout.splitlines()


def test_models(capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "models", "verify", "e5-small-vien")
    assert done.stdout.startswith("e5-small-vien\tok\t")


def test_nothing_in_common_gives_an_empty_corpus(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "run", "vi/bao.txt", "en/budget.en.txt", "-o", "none.tsv")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1].startswith("0 pairs of ")
    assert (folder / "none.tsv").read_text("utf-8").startswith("vi\ten\tprobability\t")
    assert names(folder)[1] == "none.tsv"
