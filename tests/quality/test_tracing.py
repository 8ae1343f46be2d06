"""What a trace says of a probability; tests/cli/test_why_command.py has the command."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from align.corpus import PAIR_SCHEMA, write_corpus
from align.matching.calibration import FactWeights, Trust, load_calibration
from align.options import Options
from align.pipeline import Result, run
from align.quality.facts import FACT_FEATURES
from align.quality.scoring import score_pairs
from align.quality.tracing import Weighing, trace_pair, weigh

RUN = "align-vi-en|encoder:e5-small-vien@1f2e3d|mode:auto"
NOTHING = FactWeights(1.0, dict.fromkeys(FACT_FEATURES, 0.0), 0.0)


def pair(**fields: Any) -> dict[str, Any]:
    known = {"id": "00ff", "vi": "Có 47 ghế.", "en": "There are 51 seats.", "probability": 0.25, "run": RUN}
    return {**dict.fromkeys(PAIR_SCHEMA), **known, "flags": ["parallel"], **fields}


def told(**fields: Any) -> Weighing:
    found = weigh(pair(**fields))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def result(examples: Path) -> Result:
    return run(examples / "vi", examples / "en", Options(keep_rejects=True))


@pytest.fixture(scope="module")
def by_vectors(examples: Path) -> Result:
    """The same run, in which facts are not weighed in."""
    calibration = load_calibration()
    trust = Trust(NOTHING, NOTHING, NOTHING, calibration.trust.mixture, NOTHING)
    options = Options(keep_rejects=True, calibration=dataclasses.replace(calibration, trust=trust))
    return run(examples / "vi", examples / "en", options)


def test_without_facts_is_what_matching_says_by_vectors(result: Result, by_vectors: Result) -> None:
    """Of kept pairs and of rejects; only candidates that vectors refuse may be told a little too low."""
    known = {}
    for table in (by_vectors.pairs, by_vectors.rejects):
        assert table is not None
        known |= dict(table.select("id", "probability").rows())
    seen = 0
    assert result.rejects is not None
    for row in [*result.pairs.iter_rows(named=True), *result.rejects.iter_rows(named=True)]:
        found = weigh(row)
        if row["id"] not in known or found is None or found.without_facts is None:
            continue
        seen += 1
        expected = known[row["id"]]
        if row["probability"] == expected < 0.4:
            assert found.without_facts <= expected + 1e-9
        else:
            assert math.log(found.without_facts / (1 - found.without_facts)) == pytest.approx(
                math.log(expected / (1 - expected)), abs=0.01 + 4e-6 / min(expected, 1 - expected)
            ), row["id"]
    assert seen >= 45


def test_each_kind_of_fact_is_told_with_its_weight() -> None:
    weights = load_calibration().trust.parallel
    found = told()
    assert found.kind == "parallel"
    assert found.facts == {"numbers_differ": weights.facts["numbers_differ"]}
    assert found.without_facts is not None
    odds = math.log(found.without_facts / (1 - found.without_facts))
    again = weights.log_odds * odds + weights.constant + weights.facts["numbers_differ"]
    assert 1 / (1 + math.exp(-again)) == pytest.approx(0.25)


def test_facts_are_counted_with_their_weights_and_agreeing_ones_that_weigh_nothing_left_out() -> None:
    weights = load_calibration().trust.comparable
    texts = {"vi": "Có 47 ghế và 12 bàn cho 3 lớp.", "en": "There are 51 seats and 12 tables for 3 classes."}
    found = told(**texts, flags=["comparable", "crossing"])
    assert found.kind == "comparable"
    assert found.facts == {"numbers_differ": weights.facts["numbers_differ"]}
    assert told(vi="Trời mưa.", en="It rained.").facts == {}


def test_pairs_without_a_mode_are_those_of_a_file() -> None:
    for flags in (None, [], ["uncalibrated", "number:47|51"]):
        assert told(flags=flags).kind == "pairs"
    assert told(run=None, flags=None).facts == {
        "numbers_differ": load_calibration().trust.pairs.facts["numbers_differ"]
    }


def test_a_scored_pair_is_weighed_as_it_was_scored() -> None:
    texts = {"vi": ["Thư viện mới có 47 chỗ ngồi."], "en": ["The new library has 51 seats."]}
    [row] = score_pairs(pl.DataFrame(texts)).iter_rows(named=True)
    found = told(**row, run=None)
    weights = load_calibration().trust.pairs
    assert found.kind == "pairs"
    assert found.without_facts is not None
    odds = math.log(found.without_facts / (1 - found.without_facts))
    total = weights.log_odds * odds + weights.constant + sum(found.facts.values())
    assert 1 / (1 + math.exp(-total)) == pytest.approx(row["probability"], abs=1e-6)
    assert found.without_facts > row["probability"]


@pytest.mark.parametrize(
    "fields",
    [{"probability": None}, {"vi": None}, {"en": ""}, {"run": f"{RUN}|calibration:mine@0a1b2c3d|pairing:auto"}],
    ids=lambda fields: next(iter(fields)),
)
def test_what_is_not_known_is_not_told(fields: dict[str, Any]) -> None:
    assert weigh(pair(**fields)) is None


def test_a_probability_that_a_check_moved_or_that_is_certain_is_not_taken_apart() -> None:
    facts = told().facts
    for found in (
        told(mt_chrf=55.5),
        told(probability=0.0),
        told(probability=1.0),
        weigh(pair(), {"mt_xent": 1.5}),
    ):
        assert found is not None
        assert found.without_facts is None
        assert found.facts == facts
    unchecked = weigh(pair(), {"mt_xent": None, "length_vi": 10.0})
    assert unchecked is not None
    assert unchecked.without_facts is not None


@pytest.mark.parametrize("form", ["tsv", "jsonl", "parquet", "tmx"])
def test_a_trace_sees_the_cross_entropy_that_a_file_has(form: str, tmp_path: Path) -> None:
    rows = [pair(id="0a" * 8), pair(id="0b" * 8, vi="Có 48 ghế.")]
    table = pl.DataFrame(rows, schema=PAIR_SCHEMA).with_columns(mt_xent=pl.Series([1.5, None], dtype=pl.Float64))
    write_corpus(table, tmp_path / f"corpus.{form}")
    for identity, checked in (("0a", True), ("0b", False)):
        weighing = trace_pair(identity, [tmp_path / f"corpus.{form}"]).weighing
        assert weighing is not None
        assert (weighing.without_facts is None) == checked
