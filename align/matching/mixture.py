"""The threshold of a collection, found from its own scores without any label.

The scores of a collection's mutual-best pairs come from two populations: pairs that translate each other, and chance
pairs whose best partner is merely the best of many. How far chance goes depends on the collection (its size, how alike
its sentences are), so a fixed threshold loses up to .18 F1 between collections. Two Gaussians are fitted by
expectation-maximisation; a conjugate prior, worth a fixed number of pairs, keeps small collections near the
calibration, so that ten pairs and ten thousand take the same road.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import MixtureModel

Doubles = NDArray[np.float64]
ROUNDS = 200
TOLERANCE = 1e-9
STARTS = (0.1, 0.25, 0.4, 0.6, 0.8)  # share of the scores that start as matches


@dataclass(frozen=True)
class Mixture:
    """Two Gaussians over scores: chance pairs (null) and translations (match), which are no narrower than chance."""

    null_mean: float
    null_deviation: float
    match_mean: float
    match_deviation: float
    match_share: float

    def probability(self, scores: Doubles) -> Doubles:
        """Return the chance, float64 like `scores`, that a pair with this score is a translation.

        Not falling: below the null mean, where a wider match would win again, it is that of the null mean.
        """
        inside = np.clip(scores, self.null_mean, None)
        match = _log_density(inside, self.match_mean, self.match_deviation) + math.log(self.match_share)
        null = _log_density(inside, self.null_mean, self.null_deviation) + math.log1p(-self.match_share)
        return np.asarray(1 / (1 + np.exp(np.clip(null - match, -700, 700))))


def fit_mixture(scores: Doubles, prior: MixtureModel) -> Mixture:
    """Fit by MAP-EM from the prior and from several other starts; the most probable of the fits is returned.

    Args:
        scores: float64 (n,), log-odds of a collection's mutual-best pairs; may be empty.
        prior: the calibration's mixture, worth `prior.pairs` pairs.
    """
    starts = [Mixture(*_prior_values(prior))]
    if len(scores) > prior.pairs:
        starts += [_split(np.sort(scores), share) for share in STARTS]
    fits = [_climb(scores, start, prior) for start in starts]
    return max(fits, key=lambda fit: fit[1])[0]


def _prior_values(prior: MixtureModel) -> tuple[float, float, float, float, float]:
    return (prior.null_mean, prior.null_deviation, prior.match_mean, prior.match_deviation, prior.match_share)


def _split(ordered: Doubles, share: float) -> Mixture:
    cut = min(max(int(len(ordered) * (1 - share)), 2), len(ordered) - 2)
    low, high = ordered[:cut], ordered[cut:]
    null_deviation = max(float(low.std()), 1e-3)
    return Mixture(float(low.mean()), null_deviation, float(high.mean()), max(float(high.std()), null_deviation), share)


def _climb(scores: Doubles, start: Mixture, prior: MixtureModel) -> tuple[Mixture, float]:
    mixture, last = start, -math.inf
    for _ in range(ROUNDS):
        match = _log_density(scores, mixture.match_mean, mixture.match_deviation) + math.log(mixture.match_share)
        null = _log_density(scores, mixture.null_mean, mixture.null_deviation) + math.log1p(-mixture.match_share)
        total = np.logaddexp(match, null)
        value = float(total.sum()) + _log_prior(mixture, prior)
        if value - last < TOLERANCE * max(1.0, abs(value)):
            break
        last = value
        mixture = _maximise(scores, np.exp(match - total), prior)
    return mixture, last


def _maximise(scores: Doubles, chances: Doubles, prior: MixtureModel) -> Mixture:
    strength = prior.pairs / 2
    null_mean, null_deviation = _gaussian(scores, 1 - chances, prior.null_mean, prior.null_deviation, strength)
    match_mean, match_deviation = _gaussian(scores, chances, prior.match_mean, prior.match_deviation, strength)
    share = (chances.sum() + prior.pairs * prior.match_share) / (len(scores) + prior.pairs)
    # A narrow match inside a wide null has the roles exchanged: keep the order that the words mean. With it the
    # probability does not fall as the score rises (see `Mixture.probability`).
    match_mean = max(match_mean, null_mean)
    return Mixture(null_mean, null_deviation, match_mean, max(match_deviation, null_deviation), float(share))


def _gaussian(scores: Doubles, weights: Doubles, mean: float, deviation: float, strength: float) -> tuple[float, float]:
    """Return the MAP mean and deviation under a normal-inverse-gamma prior worth `strength` observations."""
    total = float(weights.sum())
    centre = (strength * mean + float(weights @ scores)) / (strength + total)
    spread = float(weights @ np.square(scores - centre)) + strength * (deviation**2 + (mean - centre) ** 2)
    return centre, math.sqrt(spread / (strength + total))


def _log_prior(mixture: Mixture, prior: MixtureModel) -> float:
    """Return the log-prior in the form that `_maximise` maximises: the prior's pairs as expected observations."""
    strength = prior.pairs / 2
    value = 0.0
    for mean, deviation, prior_mean, prior_deviation in (
        (mixture.null_mean, mixture.null_deviation, prior.null_mean, prior.null_deviation),
        (mixture.match_mean, mixture.match_deviation, prior.match_mean, prior.match_deviation),
    ):
        spread = (prior_deviation**2 + (prior_mean - mean) ** 2) / deviation**2
        value -= strength * (math.log(deviation) + spread / 2)
    share, prior_share = mixture.match_share, prior.match_share
    return value + prior.pairs * (prior_share * math.log(share) + (1 - prior_share) * math.log1p(-share))


def _log_density(scores: Doubles, mean: float, deviation: float) -> Doubles:
    return np.asarray(-0.5 * np.square((scores - mean) / deviation) - math.log(deviation))
