from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
import threading
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pair_tables import segments, tables, true_pairs
from polars.testing import assert_frame_equal

from align.corpus import CorpusWriter, read_batches, read_corpus, write_corpus
from align.errors import DecodingError, InputError, OptionError, OutputError

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    ("corpus.tsv", None),
    ("corpus.tsv.gz", None),
    ("corpus.jsonl", None),
    ("corpus.jsonl.gz", None),
    ("corpus.parquet", None),
    ("corpus.parquet.gz", None),
    ("corpus.tmx", None),
    ("corpus.tmx.gz", None),
    ("corpus", "moses"),
]
XCES = ("corpus.xces", None)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(("name", "form"), FILES, ids=str)
@settings(max_examples=15, deadline=None)
@given(table=tables(vi=segments, en=segments), size=st.integers(1, 6))
def test_batches_together_are_the_corpus(name: str, form: str | None, table: pl.DataFrame, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        write_corpus(table, path, form)
        batches = list(read_batches(path, form, size=size))
        assert [batch.height for batch in batches[:-1]] == [size] * (len(batches) - 1)
        assert_frame_equal(pl.concat(batches), read_corpus(path, form))


def test_references_come_in_batches_too(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / XCES[0])
    batches = list(read_batches(tmp_path / XCES[0], size=2))
    assert [batch.height for batch in batches] == [2, 1]
    assert_frame_equal(pl.concat(batches), read_corpus(tmp_path / XCES[0]))


@pytest.mark.parametrize(("name", "form"), FILES, ids=str)
@settings(max_examples=15, deadline=None)
@given(table=tables(), cut=st.integers(0, 4))
def test_the_file_is_that_of_the_whole_table(name: str, form: str | None, table: pl.DataFrame, cut: int) -> None:
    table = table.with_columns(reason=pl.col("run"))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        write_corpus(table, Path(one, name), form)
        with CorpusWriter(Path(other, name), form) as writer:
            for batch in (table[:cut], table[cut:]):
                writer.write(batch)
        assert writer.rows == table.height
        if "parquet" in name:
            assert_frame_equal(read_corpus(Path(other, name)), read_corpus(Path(one, name)))
        else:
            assert contents(Path(other)) == contents(Path(one))


def test_many_parquet_parts_become_one_file(tmp_path: Path) -> None:
    table = pl.concat([true_pairs()] * 20_000).with_columns(rank=pl.int_range(pl.len(), dtype=pl.UInt32))
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        with CorpusWriter(tmp_path / folder / "out.parquet") as writer:
            for batch in table.iter_slices(30_000):
                writer.write(batch)
    assert_frame_equal(read_corpus(tmp_path / "one" / "out.parquet"), table)
    assert_frame_equal(pl.concat(read_batches(tmp_path / "one" / "out.parquet", size=7_000)), table)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert list(contents(tmp_path / "one")) == ["out.parquet"]


@pytest.mark.parametrize(("name", "form"), FILES, ids=str)
def test_a_corpus_without_pairs_is_one_empty_batch(name: str, form: str | None, tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / name, form):
        pass
    [batch] = read_batches(tmp_path / name, form)
    assert_frame_equal(batch, true_pairs().clear())


def test_kinds_of_other_keys_hold_for_all_batches(tmp_path: Path) -> None:
    values = ["1", "2", "null", '"a"']
    lines = [f'{{"vi": "Có.", "en": "Yes.", "n": {n}, "rank": {n}}}' for n in values[:3]]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, '{"vi": "Không.", "en": "No.", "n": "a"}']), "utf-8")
    batches = list(read_batches(tmp_path / "in.jsonl", size=1))
    assert [batch["n"].to_list() for batch in batches] == [["1"], ["2"], [None], ['"a"']]
    assert [batch["rank"].dtype for batch in batches] == [pl.Int64()] * 4


def test_a_field_that_comes_late_is_a_column_of_all_batches(tmp_path: Path) -> None:
    write_corpus(true_pairs().with_columns(reason=pl.Series([None, None, "copy"])), tmp_path / "in.tmx")
    assert [batch["reason"].to_list() for batch in read_batches(tmp_path / "in.tmx", size=2)] == [[None] * 2, ["copy"]]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (
            b"Ch\xc3\xa0o.\tHi.\n\xe0\tb\na\n\nC\xc3\xb3.\tYes.\n",
            ["in.tsv, line 2: byte 0xE0 is not UTF-8", "in.tsv, line 3: 1 columns; expected 2"],
        ),
        (
            b"en\tprobability\tvi\nHi.\t0.5\tCh\xc3\xa0o.\nNo.\thigh\tKh\xc3\xb4ng.\nYes.\t1\tC\xc3\xb3.\n",
            ["in.tsv, line 3: probability is 'high'; allowed: a number"],
        ),
    ],
)
def test_a_broken_line_of_tsv_costs_only_itself(tmp_path: Path, content: bytes, faults: list[str]) -> None:
    (tmp_path / "in.tsv").write_bytes(content)
    _check_faults(tmp_path / "in.tsv", None, ["Chào.", "Có."], faults)


def test_a_broken_line_of_jsonl_costs_only_itself(tmp_path: Path) -> None:
    good = '{"vi": "Chào.", "en": "Hi.", "n": 1}\n', '{"vi": "Có.", "en": "Yes.", "n": 2}\n'
    (tmp_path / "in.jsonl").write_text(good[0] + '{"vi": 5, "n": "x"}\n{\n' + good[1], "utf-8")
    faults = ["in.jsonl, line 2: vi is '5'; allowed: text", "in.jsonl, line 3: not JSON"]
    found = _check_faults(tmp_path / "in.jsonl", None, ["Chào.", "Có."], faults)
    assert found["n"].to_list() == [1, 2]


def test_a_broken_unit_of_tmx_costs_only_itself(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.tmx")
    content = (tmp_path / "out.tmx").read_text("utf-8").replace(">0.75<", ">viel<")
    (tmp_path / "in.tmx").write_text(content, "utf-8")
    wanted = [text for text in true_pairs()["vi"] if "Người" not in text]
    _check_faults(tmp_path / "in.tmx", None, wanted, ["x-align-probability is 'viel'; allowed: a number"])


def test_a_broken_line_of_moses_files_costs_the_same_line_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "in.vi").write_bytes("Chào.\n".encode() + b"\xe0\n" + "Không.\nCó.\n".encode())
    (tmp_path / "in.en").write_text("Hi.\nWell.\nNo.\nYes.\n", "utf-8")
    (tmp_path / "in.ids").write_text("a\tb\t1\t1\na\tb\t2\t2\na\tb\na\tb\t4\t4\n", "utf-8")
    faults = ["in.vi, line 2: byte 0xE0", "in.ids, line 3: 2 columns; expected 4"]
    found = _check_faults(tmp_path / "in", "moses", ["Chào.", "Có."], faults)
    assert found["en_sentences"].to_list() == [[0], [3]]


def _check_faults(path: Path, form: str | None, vi: list[str], faults: list[str]) -> pl.DataFrame:
    for size in (1, 2, 100):
        caught: list[InputError] = []
        found = pl.concat(read_batches(path, form, size=size, on_error=caught.append))
        assert found["vi"].to_list() == vi
        assert [fault in str(error) for fault, error in zip(faults, caught, strict=True)] == [True] * len(faults)
    with pytest.raises(InputError) as first:
        list(read_batches(path, form))
    assert faults[0] in str(first.value)
    return found


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.tmx", b"<tmx><body><tu>", "not well-formed XML"),
        ("in.tmx", b'<!DOCTYPE tmx [<!ENTITY a "b">]><tmx/>', "internal subset is refused"),
        ("in.tsv", gzip.compress(b"vi\ten\n" * 2000)[:-9], "damaged gzip file"),
        ("in.parquet", b"PAR1", "no Parquet file or a damaged one"),
        ("in.tsv", b"a\tb\tc\n", "3 columns and no header"),
        ("in.tsv", b"\xe0\tb\n", "line 1: byte 0xE0"),
    ],
)
def test_what_spoils_the_whole_file_is_raised(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        list(read_batches(tmp_path / name, on_error=lambda fault: None))
    assert str(caught.value).count(str(tmp_path)) == 1


def test_moses_files_of_different_lengths_are_refused_before_the_first_batch(tmp_path: Path) -> None:
    (tmp_path / "in.vi").write_text("Có.\nKhông.", "utf-8")
    (tmp_path / "in.en").write_text("Yes.\n", "utf-8")
    with pytest.raises(InputError, match=r"in\.vi has 2 lines, .*in\.en has 1;"):
        next(read_batches(tmp_path / "in", "moses", on_error=lambda fault: None))


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no named pipes in folders")
@pytest.mark.parametrize("name", ["in.tsv", "in.jsonl", "in.parquet", "in.tmx.gz"])
def test_a_pipe_is_read_once_and_whole(tmp_path: Path, name: str) -> None:
    write_corpus(true_pairs(), tmp_path / name)
    os.mkfifo(tmp_path / f"pipe-{name}")
    data = (tmp_path / name).read_bytes()
    feeder = threading.Thread(target=lambda: (tmp_path / f"pipe-{name}").write_bytes(data))
    feeder.start()
    assert_frame_equal(pl.concat(read_batches(tmp_path / f"pipe-{name}", size=2)), true_pairs())
    feeder.join()


def _write(path: Path, form: str | None, *steps: pl.DataFrame | BaseException) -> None:
    with CorpusWriter(path, form) as writer:
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            writer.write(step)


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    for name, form in FILES:
        folder = tmp_path / (name + str(form))
        folder.mkdir()
        write_corpus(true_pairs()[:1], folder / name, form)
        before = contents(folder)
        with pytest.raises(KeyboardInterrupt):
            _write(folder / name, form, true_pairs(), KeyboardInterrupt())
        assert contents(folder) == before


@pytest.mark.parametrize(("name", "form"), [("out.tmx", None), ("out", "moses")])
def test_a_pair_without_text_is_named_by_its_row_of_all_batches(tmp_path: Path, name: str, form: str | None) -> None:
    batches = true_pairs(), true_pairs().with_columns(en=pl.Series(["a", None, "c"]))
    with pytest.raises(InputError, match=r"row 4: a .* needs both texts"):
        _write(tmp_path / name, form, *batches)
    assert contents(tmp_path) == {}


def test_the_first_batch_decides_on_the_columns(tmp_path: Path) -> None:
    first = true_pairs().with_columns(reason=pl.lit(None), score=pl.lit(0.5))
    with CorpusWriter(tmp_path / "out.parquet") as writer:
        writer.write(first)
        writer.write(true_pairs().with_columns(reason=pl.lit("copy")))
        with pytest.raises(InputError, match="column 'new' is not in the first batch; allowed: id, vi, en"):
            writer.write(true_pairs().with_columns(new=1))
        with pytest.raises(InputError, match="another type than in the first batch"):
            writer.write(true_pairs().with_columns(score=pl.lit("high")))
    found = read_corpus(tmp_path / "out.parquet")
    assert found["reason"].to_list() == [None] * 3 + ["copy"] * 3
    assert found["score"].to_list() == [0.5] * 3 + [None] * 3


def test_values_that_json_has_no_form_for(tmp_path: Path) -> None:
    table = true_pairs()[:2].with_columns(when=date(2024, 3, 1), x=pl.Series([float("nan"), 1.0]))
    write_corpus(table, tmp_path / "out.jsonl")
    assert read_corpus(tmp_path / "out.jsonl").select("when", "x").rows() == [("2024-03-01", None), ("2024-03-01", 1.0)]
    with pytest.raises(InputError, match="does not fit JSON: a value of the type bytes; drop it"):
        write_corpus(table.with_columns(raw=pl.lit(b"\xff")), tmp_path / "bad.jsonl")


def test_refusals_of_options(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="size is 0; allowed: 1 or more"):
        read_batches(tmp_path / "in.tsv", size=0)
    with pytest.raises(OptionError, match="format is 'xces'; allowed: tsv, jsonl, parquet, tmx, moses"):
        CorpusWriter(tmp_path / "out.xces")
    with pytest.raises(OptionError, match="moses is a format of several files"):
        CorpusWriter("-", "moses")
    with pytest.raises(OptionError, match="moses is a format of several files"):
        read_batches("-", "moses")
    with pytest.raises(InputError, match="not read: No such file"):
        next(read_batches(tmp_path / "missing.parquet"))
    with pytest.raises(OutputError), CorpusWriter(tmp_path / "nowhere" / "out.parquet"):
        pass
    (tmp_path / "bad.tsv").write_bytes(b"\xff\t")
    with pytest.raises(DecodingError):
        next(read_batches(tmp_path / "bad.tsv"))


COPY = """
import sys
from align.corpus import CorpusWriter, read_batches
with CorpusWriter("-", sys.argv[1]) as writer:
    for batch in read_batches("-", sys.argv[1], size=2):
        writer.write(batch)
"""


@pytest.mark.parametrize("form", ["tsv", "jsonl", "parquet", "tmx"])
def test_from_the_standard_input_to_the_standard_output(form: str, tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "in", form)
    data = (tmp_path / "in").read_bytes()
    done = subprocess.run([sys.executable, "-c", COPY, form], input=data, capture_output=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == (data, b"")
