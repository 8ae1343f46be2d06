from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from pair_tables import true_pairs

from align.corpus import PAIR_SCHEMA, read_corpus, write_corpus
from align.errors import InputError


def _read(tmp_path: Path, content: str) -> pl.DataFrame:
    path = tmp_path / "in.jsonl"
    path.write_text(content, encoding="utf-8")
    return read_corpus(path)


def test_every_field_stands_in_the_order_of_the_schema(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [list(row) for row in rows] == [list(PAIR_SCHEMA)] * 3
    assert "Chợ nổi" in lines[0]
    assert rows[1]["vi_sentences"] == [1, 2]
    assert rows[1]["mt_chrf"] is None


def test_scores_that_are_not_finite_become_null(tmp_path: Path) -> None:
    write_corpus(true_pairs().with_columns(margin=pl.Series([float("nan"), float("inf"), 1.0])), tmp_path / "out.jsonl")
    assert read_corpus(tmp_path / "out.jsonl")["margin"].to_list() == [None, None, 1.0]


def test_fields_may_be_missing_and_whole_numbers_are_numbers(tmp_path: Path) -> None:
    table = _read(tmp_path, '{"vi": "Có.", "en": "Yes.", "probability": 1}\n\n{"en": "No.", "vi": "Không."}\n')
    assert table["probability"].to_list() == [1.0, None]
    assert table["vi"].to_list() == ["Có.", "Không."]


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (["1", '"a"'], ["1", '"a"']),  # mixed kinds stay distinguishable
        (["1", "null"], [1, None]),
        (["true", "false"], [True, False]),
        (['{"a": [1]}', "null"], ['{"a": [1]}', None]),
        ([str(2**70)], [str(2**70)]),
    ],
)
def test_fields_of_other_programs_stay(tmp_path: Path, values: list[str], column: list[object]) -> None:
    content = "".join(f'{{"vi": "a", "en": "b", "other": {value}}}\n' for value in values)
    assert _read(tmp_path, content)["other"].to_list() == column


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"vi": "a", ', "line 2: not JSON"),
        ('["a", "b"]', "line 2: JSON, but no object"),
        ('{"vi": 5}', "line 2: vi is '5'; allowed: text or null"),
        ('{"probability": "0.5"}', "probability is '0.5'; allowed: a finite number"),
        ('{"probability": NaN}', "probability is 'nan'; allowed: a finite number"),
        ('{"probability": true}', "probability is 'True'"),
        ('{"vi_start": 1.5}', "vi_start is '1.5'; allowed: a whole number"),
        (f'{{"vi_end": {2**63}}}', "allowed: a whole number"),
        ('{"en_sentences": [1, "2"]}', "allowed: a list of whole numbers"),
        ('{"flags": "crossing"}', "allowed: a list of texts"),
        ('{"vi": "\\ud800"}', "line 2: half a surrogate pair"),
        ("[" * 100_000, "line 2: not JSON"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, '{"vi": "a", "en": "b"}\n' + line + "\n")
    assert message in str(caught.value)
    assert "in.jsonl" in str(caught.value)
