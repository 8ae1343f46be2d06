"""What a translation check's scores say for or against a pair: a likelihood ratio, found without labels.

A collection's own confident pairs show how true pairs score with a given translator, and the same pairs with
exchanged partners how false ones do. Both sets of scores are taken as Gaussians with one covariance (linear
discriminant analysis, Fisher 1936), so that the log-likelihood ratio is a weighted sum of scores: it rises with each,
and it is flat, whatever the scores, if the translator cannot tell true from false. A conjugate prior
(normal-inverse-Wishart) worth a few pairs keeps small collections near what is usual; where it is far from what the
data say, it widens the Gaussians, which makes the evidence weaker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

TEMPER = 0.5
"""Power of the likelihood ratio. Pairs that a matcher was unsure of are nearer to each other than those compared here,
and a translator's errors are shared by a pair's neighbours: the evidence is worth less than it seems. With the small
models of the tests the log-loss is .58 at 0; it falls up to .5 and hardly beyond where false pairs are exchanged or
half exchanged (.10 by chrF), and rises from .25 on, slowly up to .5, where a third of them have but one word changed
(.20, .21, .25 at .25, .5, 1); see benchmarks/translation_check.py."""

BOUND = 3.0
"""Most that the tempered log-likelihood ratio moves the log-odds, in nats: no single score decides alone."""


_ALIKE = 0.7
"""Correlation of any two scores in the prior: both judge the same pair by the same translators."""


@dataclass(frozen=True)
class Usual:
    """What is usual for a score before a collection is seen, on the scale on which it is about Gaussian."""

    match: float
    null: float
    deviation: float


@dataclass(frozen=True)
class Evidence:
    """A linear log-likelihood ratio, weights float64 (k,), zero at `middle`, float64 (k,)."""

    weights: Doubles
    middle: Doubles

    def log_ratio(self, scores: Doubles, temper: float = TEMPER) -> Doubles:
        """Return by how many nats scores, float64 (n, k), raise the log-odds: tempered and bounded, (n,)."""
        return np.asarray(np.clip(temper * ((scores - self.middle) @ self.weights), -BOUND, BOUND))


def fit_evidence(match: Doubles, null: Doubles, usual: tuple[Usual, ...], pairs: float) -> Evidence:
    """Fit to scores of true and of false pairs.

    Args:
        match: float64 (n, k), scores of pairs that are taken to be true; n may be 0. Higher is better in each column.
        null: float64 (m, k), of pairs that are false; m may be 0.
        usual: the prior of each of the k scores.
        pairs: how many true and how many false pairs the prior is worth.
    """
    kept = np.arange(len(usual))
    while True:
        middle, weights = _discriminant(match[:, kept], null[:, kept], [usual[place] for place in kept], pairs)
        # Of two scores that say nearly the same, one would count against the pair.
        if (weights >= 0).all():
            break
        kept = np.delete(kept, np.argmin(weights))
    whole = Evidence(np.zeros(len(usual)), np.zeros(len(usual)))
    whole.weights[kept], whole.middle[kept] = weights, middle
    return whole


def updated(probability: Doubles, log_ratio: Doubles) -> Doubles:
    """Return Bayes' rule: the probabilities, float64 (n,), after evidence of so many nats."""
    inside = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(1 / (1 + np.exp(-(np.log(inside) - np.log1p(-inside) + log_ratio))))


def _discriminant(match: Doubles, null: Doubles, usual: list[Usual], pairs: float) -> tuple[Doubles, Doubles]:
    """Return the point half-way between the means and the weights, both float64 (k,)."""
    match_mean, match_scatter = _moments(match, np.array([score.match for score in usual]), pairs)
    null_mean, null_scatter = _moments(null, np.array([score.null for score in usual]), pairs)
    deviations = np.array([score.deviation for score in usual])
    prior = np.outer(deviations, deviations) * np.where(np.eye(len(usual), dtype=bool), 1.0, _ALIKE)
    covariance = (match_scatter + null_scatter + 2 * pairs * prior) / (len(match) + len(null) + 2 * pairs)
    weights = np.linalg.solve(covariance, match_mean - null_mean) if len(usual) else np.zeros(0)
    return (match_mean + null_mean) / 2, np.asarray(weights)


def _moments(scores: Doubles, prior: Doubles, pairs: float) -> tuple[Doubles, Doubles]:
    """Return the posterior mean and the scatter around it that data and prior mean make."""
    mean = (pairs * prior + scores.sum(0)) / (pairs + len(scores))
    around = scores - mean
    return mean, around.T @ around + pairs * np.outer(prior - mean, prior - mean)
