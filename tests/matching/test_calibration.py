from __future__ import annotations

import sys

import pytest

from align.errors import ModelError
from align.matching.calibration import (
    FOLDER,
    LARGEST,
    SHAPES,
    calibrated_encoders,
    load_calibration,
    parse_calibration,
)
from align.matching.context import CONTEXT_FEATURES, FEATURES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.mark.parametrize("name", calibrated_encoders())
def test_every_calibration_is_complete_and_sane(name: str) -> None:
    found = load_calibration(name)
    assert found.encoder == name
    assert all(found.pooled.prior_of(shape) == found.pooled.prior_of(shape[::-1]) for shape in SHAPES)
    assert all(isinstance(found.joined.prior_of(shape), float) for shape in SHAPES)
    assert len(found.comparable.alone) == len(FEATURES) + 1
    assert len(found.comparable.context) == len(CONTEXT_FEATURES) + 1
    assert found.pooled.cosine > 0
    assert found.joined.cosine > 0
    assert found.mining.margin > 0
    assert found.mixture.match_mean > found.mixture.null_mean
    assert 0 < found.gaps.rate < 1
    assert 0.5 < found.length.ratio < 2
    assert found.length.variance > 0


def test_the_bundled_encoder_is_calibrated() -> None:
    assert load_calibration().encoder == "e5-small-vien"
    assert LARGEST == 8
    assert {(6, 1), (1, 6), (4, 4), (7, 1)} <= set(SHAPES)


def test_a_calibration_is_read_once() -> None:
    assert load_calibration("e5-small-vien") is load_calibration("e5-small-vien")


@pytest.mark.parametrize("name", ["laser9", "", "../calibrations/e5-small-vien", "e5-small-vien.toml"])
def test_an_encoder_without_constants_is_named_with_those_that_have_them(name: str) -> None:
    with pytest.raises(ModelError, match="not calibrated") as caught:
        load_calibration(name)
    assert repr(name) in str(caught.value)
    assert all(known in str(caught.value) for known in calibrated_encoders())


def test_a_file_with_an_unknown_or_a_missing_constant_is_refused() -> None:
    table = tomllib.loads((FOLDER / "e5-small-vien.toml").read_text(encoding="utf-8"))
    assert parse_calibration(table) == load_calibration()
    with pytest.raises(TypeError, match="extra"):
        parse_calibration({**table, "length": {**table["length"], "extra": 1.0}})
    with pytest.raises(KeyError, match="mixture"):
        parse_calibration({name: value for name, value in table.items() if name != "mixture"})
