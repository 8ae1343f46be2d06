from __future__ import annotations

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest
from programs import COMMAND, align, align_here, names, refusal, write

from align.corpus import PAIR_SCHEMA, pair_ids, read_corpus, write_corpus
from align.quality.filters import FILTERS

GOOD = [
    ("Trận lụt tháng trước đã cuốn trôi hai cây cầu gỗ.", "Last month's flood swept away two wooden bridges."),
    ("Chuyến phà cuối cùng rời bến lúc chín giờ tối.", "The last ferry leaves the pier at nine in the evening."),
    ("Bà ngoại tôi vẫn dệt chiếu cói bằng tay.", "My grandmother still weaves sedge mats by hand."),
]
BUTTON = ("Chia sẻ", "Share")
COPY = ("The last ferry leaves the pier at nine.", "The last ferry leaves the pier at nine.")


def lines(*pairs: tuple[str, str]) -> str:
    return "".join("\t".join(pair) + "\n" for pair in pairs)


def test_bad_pairs_go_and_their_reasons_stay(tmp_path: Path) -> None:
    write(tmp_path / "in.tsv", lines(GOOD[0], BUTTON, GOOD[1], COPY, GOOD[0], GOOD[2]))
    done = align("filter", "in.tsv", "-o", "out.tsv", "--rejects", "rejects.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "3 of 6 pairs (50.0 %) written to out.tsv",
        "3 pairs refused, written to rejects.jsonl:",
        "  boilerplate  1  16.7 %",
        "  copied       1  16.7 %",
        "  duplicates   1  16.7 %",
    ]
    kept = read_corpus(tmp_path / "out.tsv")
    assert kept.select("vi", "en").rows() == GOOD
    assert kept["id"].to_list() == pair_ids(kept).to_list()
    rows = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text("utf-8").splitlines()]
    assert [(row["vi"], row["reason"]) for row in rows] == [
        (BUTTON[0], "boilerplate"),
        (COPY[0], "copied"),
        (GOOD[0][0], "duplicates"),
    ]
    assert rows[1]["copied"] == 1.0
    assert rows[2]["detail"] == "the same pair as before"
    assert rows[2]["id"] == kept["id"][0]
    columns = [name for kind in FILTERS.values() if kind.name in "length copied duplicates" for name in kind.columns]
    assert list(rows[0])[: len(PAIR_SCHEMA) + 2] == [*PAIR_SCHEMA, "reason", "detail"]
    assert set(columns) <= set(rows[0])
    assert names(tmp_path) == ["in.tsv", "out.tsv", "rejects.jsonl"]


FORMATS = [("in.tsv.gz", None), ("in.jsonl", None), ("in.parquet", None), ("in.tmx", None), ("in", "moses")]


@pytest.mark.parametrize(("name", "form"), FORMATS, ids=str)
def test_every_format_of_anyone(
    name: str, form: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pairs = pl.DataFrame([*GOOD, BUTTON], schema=["vi", "en"], orient="row").with_columns(probability=0.75)
    write_corpus(pairs, name, form)
    target = name.replace("in", "out")
    options = ("--from", form, "--format", form) if form else ()
    done = align_here(capfd, "filter", name, "-o", target, "--rejects", "rejects.parquet", *options)
    assert done.returncode == 0, done.stderr
    kept = read_corpus(target, form)
    assert kept.select("vi", "en", "probability").rows() == [(*pair, 0.75) for pair in GOOD]
    rejected = read_corpus("rejects.parquet")
    assert rejected.select("vi", "en", "probability", "reason").rows() == [(*BUTTON, 0.75, "boilerplate")]


def test_a_pipe_of_two_commands(tmp_path: Path) -> None:
    first = align("filter", "-", "-o", "-", input=lines(*GOOD, BUTTON), cwd=tmp_path)
    second = align("filter", "-", "-o", "-", "--format", "jsonl", input=first.stdout, cwd=tmp_path)
    assert [json.loads(line)["vi"] for line in second.stdout.splitlines()] == [vi for vi, _ in GOOD]
    assert second.stderr == "3 of 3 pairs (100.0 %) written to standard output\n"
    assert names(tmp_path) == []


@pytest.mark.parametrize("rejects", [(), ("--rejects", "rejects.tsv")])
def test_the_reader_of_a_pipe_may_leave(tmp_path: Path, rejects: tuple[str, ...]) -> None:
    write(tmp_path / "in.tsv", lines(*((f"{vi} {'xa ' * n}", en) for n in range(1, 60) for vi, en in GOOD)) * 60)
    command = [*COMMAND, "filter", "in.tsv", "-o", "-", "--filters", "length", *rejects]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (0, b"")
    assert names(tmp_path) == ["in.tsv"]


def test_the_probability_is_a_threshold_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pairs = pl.DataFrame([*GOOD, BUTTON], schema=["vi", "en"], orient="row")
    write_corpus(pairs.with_columns(probability=pl.Series([0.95, 0.4, None, 0.3])), tmp_path / "in.tsv")
    out, rejects = tmp_path / "out.tsv", tmp_path / "rejects.tsv"
    done = align_here(capfd, "filter", tmp_path / "in.tsv", "-o", out, "--min-probability", 0.9, "--rejects", rejects)
    assert read_corpus(out)["vi"].to_list() == [GOOD[0][0], GOOD[2][0]]
    assert read_corpus(rejects).select("reason", "detail", "probability").rows() == [
        ("probability", "probability 0.4, at least 0.9", 0.4),
        ("boilerplate", "vi is boilerplate: navigation", 0.3),
    ]
    assert "pairs without a probability, not judged by it: 1; see align score\n" in done.stderr


def test_sets_names_and_thresholds(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.tsv", lines(*GOOD, BUTTON, COPY))

    def kept(*options: object) -> int:
        done = align_here(capfd, "filter", tmp_path / "in.tsv", "-o", tmp_path / "out.tsv", *options)
        assert done.returncode == 0, done.stderr
        return read_corpus(tmp_path / "out.tsv").height

    assert kept("--filters", "none") == 5
    assert kept("--filters", "copied") == 4
    assert kept("--filters", "length,copied", "--set", "length.min_words=3") == 3
    assert kept("--filters", "length", "--set", "length.min_chars=40", "--set", "length.max_chars=50") == 2
    assert kept("--filters", "duplicates", "--set", "duplicates.by=vi", "--set", "duplicates.ignore_digits=false") == 5


def test_broken_lines_are_named_counted_and_left_out(tmp_path: Path) -> None:
    content = lines(GOOD[0]).encode() + b"one column\n" + lines(GOOD[1]).encode() + b"\xff\tx\n"
    write(tmp_path / "in.tsv", content)
    done = align("filter", "in.tsv", "-o", "out.tsv", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "align: note: in.tsv, line 2: 1 columns; expected 2 as in line 1; left out",
        "align: note: in.tsv, line 4: byte 0xFF is not UTF-8; save the file as UTF-8; left out",
        "2 lines left out as broken",
        "2 of 2 pairs (100.0 %) written to out.tsv",
    ]


def test_thousands_of_broken_lines_do_not_fill_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.tsv", lines(GOOD[0]) + "x\n" * 3000)
    done = align_here(capfd, "filter", tmp_path / "in.tsv", "-o", tmp_path / "out.tsv")
    assert len(done.stderr.splitlines()) == 102
    assert "\n3000 lines left out as broken (2900 of them not named above)\n" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--filters", "lenght"), "filters is 'lenght'; allowed: default, strict, none, or names joined with commas"),
        (("--set", "length.words=3"), "threshold is 'length_words'; allowed: "),
        (("--filters", "copied", "--set", "length.min_words=3"), "allowed: thresholds of the chosen filters: copied"),
        (("--set", "length.min_words=many"), "length_min_words is 'many'; allowed: a number"),
        (("--rejects", "in.tsv"), "rejects is 'in.tsv'; allowed: another file than the input"),
        (("--rejects", "./out.tsv"), "rejects is './out.tsv'; allowed: another file than the output"),
        (("--rejects", "r.tmx"), "format of the rejects is 'tmx'; allowed: tsv, jsonl, parquet, which hold reasons"),
        (("--rejects", "nowhere/r.tsv"), "nowhere/r.tsv: not written: there is no folder nowhere"),
        (("--format", "xces"), "format is 'xces'; allowed: tsv, jsonl, parquet, tmx, moses"),
        (("--from", "csv"), "format is 'csv'; allowed: tsv, jsonl"),
        (("--from", "parquet"), "in.tsv: no Parquet file or a damaged one"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_line(
    options: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.tsv", lines(*GOOD))
    assert message in refusal(align_here(capfd, "filter", "in.tsv", "-o", "out.tsv", *options))
    assert names(tmp_path) == ["in.tsv"]


def test_a_setting_without_a_value_is_wrong_usage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "filter", tmp_path / "in.tsv", "--set", "length")
    assert done.returncode == 2
    assert "'length'; expected NAME.FIELD=VALUE, such as length.max_words=80" in done.stderr


def test_the_filters_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "filter", "--list")
    assert done.returncode == 0
    found = done.stdout.splitlines()
    assert [line.split()[0] for line in found if not line.startswith(" ")] == list(FILTERS)
    assert "    length.min_words=1 (strict: 3)" in found
    assert any(line.startswith("headline (strict): Refuses ") for line in found)
