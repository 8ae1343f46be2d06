"""The parts of a calibration, fitted one after another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from align.encoders import Encoder
from align.fitting.comparable import fit_comparable
from align.fitting.in_order import fit_in_order, length_model
from align.fitting.mining import fit_mining
from align.fitting.stated import FIELDS
from align.fitting.training import Training
from align.matching.calibration import Calibration

PARTS = tuple(FIELDS)
"""in-order, mining, comparable, trust: each is fitted on what the ones before it give."""


def can_be_fitted(training: Training, parts: Collection[str]) -> list[str]:
    """Return which of the parts of matching there is gold for, in the order of `PARTS`."""
    there = {
        "in-order": any(bead.vi and bead.en for document in training.ordered for bead in document.gold),
        "mining": any(document.gold for document in training.small_pools),
        "comparable": any(document.gold for document in training.reports),
    }
    return [part for part, found in there.items() if found and part in parts]


def fit_matching(
    calibration: Calibration, training: Training, parts: Collection[str], encoder: Encoder
) -> Iterator[Calibration]:
    """Yield the calibration after each part of matching that is fitted.

    Mining comes before comparable articles, whose features use its neighbourhoods.
    """
    if "in-order" in parts:
        calibration = replace(calibration, length=length_model(training.ordered))
        yield (calibration := fit_in_order(training.ordered, encoder, calibration))
    if "mining" in parts:
        yield (calibration := fit_mining(training.small_pools, encoder, calibration))
    if "comparable" in parts:
        yield fit_comparable(training.reports, encoder, calibration)
