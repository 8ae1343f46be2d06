from __future__ import annotations

import sys
from pathlib import Path

import pytest
from programs import align, align_here, names, refusal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "fitting"))
from gold_folders import all_lines, write_gold, write_lines

from align.matching.calibration import read_calibration

VI, EN = all_lines()


def test_it_fits_writes_says_and_checks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gold, path = write_gold(tmp_path / "gold"), tmp_path / "calibration.toml"
    only = "--only", "mining", "--only", "comparable"
    done = align("fit", gold, *only, "-o", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Fitted mining weights: 3 documents\n" in done.stderr
    assert "F1 of two folds by article" in done.stderr
    assert read_calibration(path).encoder == "e5-small-vien"
    again = align_here(capfd, "fit", gold, *only, "--threads", "1")
    assert again.stdout == path.read_text(encoding="utf-8")
    checked = align_here(capfd, "fit", gold, *only, "--check", path)
    assert checked.returncode == 0, checked.stderr
    assert checked.stderr.endswith("calibration.toml: the fit gives these constants\n")
    path.write_text(path.read_text(encoding="utf-8").replace("centre_sentences = 4", "centre_sentences = 5"))
    others = align_here(capfd, "fit", gold, *only, "--check", path)
    assert others.returncode == 1
    assert others.stderr.endswith("calibration.toml: the fit gives other constants in centre_sentences\n")
    vi, en = tmp_path / "a.vi", tmp_path / "a.en"
    write_lines(tmp_path / "a", (VI[:8], EN[:8]))
    used = align_here(capfd, "beads", vi, en, "--calibration", path)
    assert used.returncode == 0, used.stderr
    assert used.stdout.count("\n") == 8


def test_only_one_part_from_a_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gold, first, second = write_gold(tmp_path / "gold"), tmp_path / "first.toml", tmp_path / "second.toml"
    assert align_here(capfd, "fit", gold, "--no-folds", "--only", "mining", "-o", first).returncode == 0
    done = align_here(capfd, "fit", gold, "--no-folds", "--only", "comparable", "--start", first, "-o", second)
    assert "Not fitted, from e5-small-vien: in-order, mining, trust" in done.stderr
    assert read_calibration(second).mining == read_calibration(first).mining
    assert read_calibration(second).comparable != read_calibration(first).comparable


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: None, "nothing to fit on; expected X.vi and X.en"),
        (lambda folder: (folder / "a.gold").write_text("[0]:[0]\n"), "there is no a.vi beside it"),
        (
            lambda folder: (write_lines(folder / "a", (VI[:2], EN[:2])), (folder / "a.gold").write_text("[0]:[7]\n")),
            "a.gold, line 1: there is no sentence 7 of 2 on the side en",
        ),
    ],
)
def test_faults_are_one_line_and_leave_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make, said: str
) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    make(gold)
    assert said in refusal(align_here(capfd, "fit", gold, "-o", tmp_path / "calibration.toml"))
    assert names(tmp_path) == ["gold"]


def test_files_of_constants_are_read_before_the_work(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gold = write_gold(tmp_path / "gold")
    for option in ("--start", "--check"):
        message = refusal(align_here(capfd, "fit", gold, option, tmp_path / "none.toml"))
        assert "none.toml: calibration cannot be read" in message
