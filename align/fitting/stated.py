"""What is stated and not fitted, where searches start, and where constants come from that there is no gold for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from align.encoders import Encoder
from align.fitting.in_order import GAPS, START
from align.fitting.trust import NO_TRUST
from align.matching import yardstick
from align.matching.calibration import (
    DEFAULT_ENCODER,
    Calibration,
    ContextWeights,
    FeatureLimits,
    LengthModel,
    MiningWeights,
    MixtureModel,
    PairingThresholds,
    load_calibration,
)
from align.matching.rescaling import rescaled

FIELDS = {
    "in-order": ("length", "gaps", "pooled", "joined"),
    "mining": ("mining", "mixture"),
    "comparable": ("comparable",),
    "trust": ("trust",),
}
"""The tables of a calibration that each part fits."""

# Chosen by eye for the bundled encoder; another encoder gets them by the scales of its cosines. Of unrelated article
# pairs 1 in 20 is more alike than 0.51, 1 in 1000 more than 0.77; of related ones 1 in 20 is less alike than 0.67
# (benchmarks/pairing.py prints the quantiles).
LIMITS = FeatureLimits(add_floor=-0.15, gap_floor=-0.3, gap_ceiling=0.15, window_floor=-0.2)
PAIRING = PairingThresholds(min_similarity=0.55, same_event_similarity=0.75)
# Searches start from the same point whatever there was before, so that a fit can be repeated.
LENGTH = LengthModel(ratio=0.93, variance=2.0, ratio_sentences=20.0)
MINING = MiningWeights(69.05, 22.48, 0.12, -0.67, -0.91, -2.46, 0.0, 0.0)
MIXTURE = MixtureModel(-6, 2, 8, 4, 0.7, 30.0)


def stand_in_for(encoder: Encoder, start: Calibration | None = None) -> Calibration:
    """Return constants for what is not fitted: those of `start` or the bundled encoder's, for another encoder rescaled.

    Raises:
        ModelError: the bundled encoder's cannot be read.
    """
    source = start or load_calibration()
    if encoder.name in (source.encoder, source.rescaled_for):
        return source
    return rescaled(source, yardstick.measures(encoder).scales, encoder.name)


def starting_point(
    encoder: Encoder, fitted: Iterable[str], given: Calibration | None, stand_in: Callable[[], Calibration]
) -> Calibration:
    """Return the constants that fitting starts from.

    Args:
        encoder: to fit for.
        fitted: the parts that will be fitted; what the others hold comes from `stand_in`.
        given: what the user gave to start from; its limits and thresholds hold, or else what this module states.
        stand_in: gives constants for what is not fitted. Not called when everything is, so that a calibration can be
            fitted where the package's own is of another version.
    """
    scales = yardstick.measures(encoder).scales
    blank = Calibration(
        encoder.name,
        yardstick.CENTRE_SENTENCES,
        LENGTH,
        GAPS,
        START,
        START,
        MINING,
        MIXTURE,
        ContextWeights((), ()),
        NO_TRUST,
        *_limits(encoder, given, stand_in),
        scales,
    )
    done = set(fitted)
    kept = [name for part, names in FIELDS.items() if part not in done for name in names]
    found: dict[str, Any] = {name: getattr(stand_in(), name) for name in kept}
    return replace(blank, **found)


def _limits(
    encoder: Encoder, given: Calibration | None, stand_in: Callable[[], Calibration]
) -> tuple[FeatureLimits, PairingThresholds]:
    if given is None and encoder.name == DEFAULT_ENCODER:
        return LIMITS, PAIRING
    known = stand_in()
    return known.limits, known.pairing
