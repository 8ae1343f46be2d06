"""The constants of one encoder made to fit the cosines of another, for which nothing was fitted.

An affine map y = gain * x + shift takes a cosine x of the other encoder to the one y that says as much in the encoder
that the constants were fitted for. Its two numbers come from the yardstick (`align.matching.yardstick`), by linear
discriminant analysis in one dimension: of two equally wide normal distributions, chance pairs and translations, the
log-odds of a translation are slope * (x - middle), with the middle between the two means and

    slope = (match mean - null mean) / ((null variance + match variance) / 2)

so that gain is the quotient of the two slopes and shift makes the two middles meet. An encoder that tells translations
from chance badly gets small weights, one that does not tell them apart at all none: what is left is what lengths, names
and numbers say. All scores are linear in cosines, hence a map of cosines is a change of weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from align.matching.calibration import (
    BeadWeights,
    Calibration,
    ContextWeights,
    CosineScale,
    CosineScales,
    FeatureLimits,
    MiningWeights,
    PairingThresholds,
)
from align.matching.context import CONTEXT_FEATURES

LEAST_SEPARATION = 0.01  # of the two means, in standard deviations: keeps limits finite where there is none
LEAST_DEVIATION = 1e-6  # of cosines: the same for vectors that are all alike


@dataclass(frozen=True)
class AffineMap:
    """Takes a cosine of one encoder to the cosine of another that says as much: y = gain * x + shift; gain > 0."""

    gain: float
    shift: float

    def inverse(self, value: float) -> float:
        """Return the x whose y is `value`."""
        return (value - self.shift) / self.gain


def by_evidence(own: CosineScale, fitted: CosineScale) -> AffineMap:
    """Return the map from `own` to `fitted` that keeps the log-odds of a translation (module docstring)."""
    gain = _slope(own) / _slope(fitted)
    return AffineMap(gain, _middle(fitted) - gain * _middle(own))


def by_chance(own: CosineScale, fitted: CosineScale) -> AffineMap:
    """Return the map that keeps how rare a value is among chance pairs: for thresholds and stand-ins of neighbours."""
    gain = max(fitted.null_deviation, LEAST_DEVIATION) / max(own.null_deviation, LEAST_DEVIATION)
    return AffineMap(gain, fitted.null_mean - gain * own.null_mean)


def rescaled(calibration: Calibration, scales: CosineScales, encoder: str) -> Calibration:
    """Return `calibration` for another encoder's cosines.

    Args:
        calibration: as fitted; `calibration.scales` are those of its own encoder.
        scales: of the other encoder.
        encoder: name of the other encoder.

    Returns:
        Constants that give the other encoder's cosines the log-odds of the cosines that they stand for; those without
        cosines in them stay.
    """
    fitted = calibration.scales
    centred = by_evidence(scales.centred, fitted.centred)
    margin = by_evidence(scales.margin, fitted.margin)
    centred_margin = by_evidence(scales.centred_margin, fitted.centred_margin)
    mining = calibration.mining
    return replace(
        calibration,
        pooled=_bead_weights(calibration.pooled, centred),
        joined=_bead_weights(calibration.joined, centred),
        mining=replace(
            _mining_weights(mining, margin, centred_margin),
            background=by_chance(scales.raw, fitted.raw).inverse(mining.background),
            centred_background=by_chance(scales.centred, fitted.centred).inverse(mining.centred_background),
        ),
        comparable=_context_weights(calibration.comparable, margin, centred_margin, centred),
        limits=_limits(calibration.limits, centred),
        pairing=_thresholds(calibration.pairing, by_chance(scales.article, fitted.article)),
        scales=scales,
        rescaled_for=encoder,
    )


def _bead_weights(weights: BeadWeights, centred: AffineMap) -> BeadWeights:
    shift = weights.cosine * centred.shift
    return replace(
        weights,
        prior={name: value + shift for name, value in weights.prior.items()},
        cosine=weights.cosine * centred.gain,
        drop=weights.drop * centred.gain,
        add=weights.add * centred.gain,
    )


def _mining_weights(weights: MiningWeights, margin: AffineMap, centred_margin: AffineMap) -> MiningWeights:
    return replace(
        weights,
        margin=weights.margin * margin.gain,
        centred_margin=weights.centred_margin * centred_margin.gain,
        constant=weights.constant + weights.margin * margin.shift + weights.centred_margin * centred_margin.shift,
    )


def _context_weights(
    weights: ContextWeights, margin: AffineMap, centred_margin: AffineMap, centred: AffineMap
) -> ContextWeights:
    difference = AffineMap(centred.gain, 0.0)
    maps = {"margin": margin, "centred_margin": centred_margin}
    maps |= dict.fromkeys(("cosine", "window", "clause"), centred)
    maps |= dict.fromkeys(("smaller_gap", "larger_gap", "window_gap", "clause_gap"), difference)

    def mapped(values: tuple[float, ...]) -> tuple[float, ...]:
        known = [maps.get(name, AffineMap(1.0, 0.0)) for name in CONTEXT_FEATURES[: len(values) - 1]]
        constant = values[-1] + math.fsum(value * to.shift for value, to in zip(values[:-1], known, strict=True))
        return (*(value * to.gain for value, to in zip(values[:-1], known, strict=True)), constant)

    return ContextWeights(mapped(weights.alone), mapped(weights.context))


def _limits(limits: FeatureLimits, centred: AffineMap) -> FeatureLimits:
    return FeatureLimits(
        add_floor=limits.add_floor / centred.gain,
        gap_floor=limits.gap_floor / centred.gain,
        gap_ceiling=limits.gap_ceiling / centred.gain,
        window_floor=centred.inverse(limits.window_floor),
    )


def _thresholds(thresholds: PairingThresholds, article: AffineMap) -> PairingThresholds:
    return PairingThresholds(
        article.inverse(thresholds.min_similarity), article.inverse(thresholds.same_event_similarity)
    )


def _slope(scale: CosineScale) -> float:
    variance = max((scale.null_deviation**2 + scale.match_deviation**2) / 2, LEAST_DEVIATION**2)
    return max(scale.match_mean - scale.null_mean, LEAST_SEPARATION * math.sqrt(variance)) / variance


def _middle(scale: CosineScale) -> float:
    return (scale.null_mean + scale.match_mean) / 2
