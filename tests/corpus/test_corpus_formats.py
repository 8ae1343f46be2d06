from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from pair_tables import true_pairs

import align
from align.corpus import FORMATS, format_of, read_corpus, write_corpus
from align.corpus.schema import conform
from align.errors import InputError, OptionError, OutputError

ROOT = Path(align.__file__).parent.parent


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.tsv", "tsv"),
        ("B.TSV.GZ", "tsv"),
        ("c.v1.jsonl", "jsonl"),
        ("c.ndjson", "jsonl"),
        ("c.parquet", "parquet"),
        ("c.tmx.gz", "tmx"),
        ("c.xces.xml", "xces"),
        ("-", "tsv"),
    ],
)
def test_the_ending_decides(path: str, name: str) -> None:
    assert format_of(path) == name
    assert format_of(path, "moses") == "moses"


@pytest.mark.parametrize("path", ["corpus", "corpus.csv", "corpus.xml", "corpus.gz", "tsv"])
def test_an_unknown_ending_is_refused(path: str) -> None:
    with pytest.raises(OptionError, match=r"corpus file is .*; allowed: the endings \.tsv, \.jsonl"):
        format_of(path)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(OptionError, match="format is 'csv'; allowed: tsv, jsonl, parquet, tmx, moses, xces"):
        format_of("corpus.tsv", "csv")


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_or_unreadable_file_is_an_input_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_corpus(tmp_path / "missing", name)
    (tmp_path / "bad").write_bytes(b"\x1f\x8b\x08cut short")
    for ending in ("", ".vi", ".en"):
        (tmp_path / f"bad{ending}").write_bytes(b"\x1f\x8b\x08cut short")
    with pytest.raises(InputError, match="damaged gzip file"):
        read_corpus(tmp_path / "bad", name)


def test_a_name_is_never_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "c[1]*?.parquet"
    write_corpus(true_pairs(), path)
    assert read_corpus(path).equals(true_pairs())


def test_columns_of_wrong_type_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column 'probability' holds String values"):
        write_corpus(true_pairs().with_columns(probability=pl.lit("high")), tmp_path / "out.tsv")
    assert list(tmp_path.iterdir()) == []


def test_conform_fills_orders_and_keeps() -> None:
    table = conform(pl.DataFrame({"reason": ["r"], "en": ["b"], "vi": ["a"]}))
    assert table.columns[:3] == ["id", "vi", "en"]
    assert table.columns[-1] == "reason"
    assert table.row(0)[:4] == (None, "a", "b", None)


@pytest.mark.parametrize(("name", "format"), [("out.tsv", None), ("out.tsv.gz", None), ("out", "moses")])
def test_a_folder_that_is_not_there_is_an_output_error(name: str, format: str | None, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not written: No such file or directory"):
        write_corpus(true_pairs(), tmp_path / "missing" / name, format)


def test_a_folder_in_place_of_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "out.tsv").mkdir()
    with pytest.raises(OutputError, match="not written: Is a directory"):
        write_corpus(true_pairs(), tmp_path / "out.tsv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.tsv"]


def test_several_files_cannot_go_to_stdout() -> None:
    with pytest.raises(OptionError, match="moses is a format of several files"):
        write_corpus(true_pairs(), "-", "moses")


def test_stdout_gets_the_bytes_of_the_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_corpus(true_pairs(), tmp_path / "out.jsonl")
    write_corpus(true_pairs(), "-", "jsonl")
    assert capfdbinary.readouterr().out == (tmp_path / "out.jsonl").read_bytes()


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from align.corpus import read_corpus, write_corpus
from align.errors import OutputError

source, target, format = sys.argv[1:]
pairs = read_corpus(source)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
try:
    write_corpus(pairs, target, format)
except OutputError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no limit on the size of files")
@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_that_fills_up_leaves_the_old_file_and_no_partial_one(format: str, tmp_path: Path) -> None:
    write_corpus(true_pairs().with_columns(run=pl.lit("x" * 500) + pl.col("id")), tmp_path / "in.parquet")
    (tmp_path / "out.ids").write_text("old", encoding="utf-8")
    (tmp_path / "out").write_text("old", encoding="utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = _python(FULL_DISK, str(tmp_path / "in.parquet"), str(tmp_path / "out"), format)
    assert result.stdout.startswith("refused: "), result.stderr
    assert "not written: File too large" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "out.ids").read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")
def test_a_full_device_is_an_output_error_and_stays_a_device() -> None:
    with pytest.raises(OutputError, match="/dev/full: not written: No space left on device"):
        write_corpus(true_pairs(), "/dev/full", "tsv")
    assert Path("/dev/full").is_char_device()
