from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_vectors import lengths_of, meanings

from align.matching.calibration import SHAPES, load_calibration
from align.matching.scoring import FEATURES, Window, bead_features, bead_scores, length_deviation
from align.matching.spans import Spans

RATIO, VARIANCE, FLOOR = 0.9, 2.0, -0.15


def sides() -> tuple[Spans, Spans]:
    places = np.array([0, 1, 2, 4, 5, 6, 7])
    return (
        Spans(meanings(7, 1), lengths_of(7, 1), positions=places),
        Spans(meanings(8, 2), lengths_of(8, 2)),
    )


def cosine_of(vi: Spans, en: Spans, top: int, left: int, a: int, b: int) -> float | None:
    """Return the cosine of two spans, None if one does not exist."""
    if not (a >= 1 and b >= 1 and 0 <= top < len(vi) and 0 <= left < len(en)):
        return None
    if not (vi.exists(a)[top] and en.exists(b)[left]):
        return None
    return float(vi.vectors(a)[top] @ en.vectors(b)[left])


def naive_features(vi: Spans, en: Spans, top: int, left: int, a: int, b: int) -> list[float] | None:
    """The features of one bead as the module's text defines them."""
    here = cosine_of(vi, en, top, left, a, b)
    if here is None:
        return None
    parts = [(top, left, a - 1, b), (top + 1, left, a - 1, b)] if a > 1 else []
    parts += [(top, left, a, b - 1), (top, left + 1, a, b - 1)] if b > 1 else []
    more = [(top, left, a + 1, b), (top - 1, left, a + 1, b), (top, left, a, b + 1), (top, left - 1, a, b + 1)]
    smaller = [value for bead in parts if (value := cosine_of(vi, en, *bead)) is not None]
    larger = [value for bead in more if (value := cosine_of(vi, en, *bead)) is not None]
    vi_length, en_length = vi.span_lengths(a)[top], en.span_lengths(b)[left]
    x, y = vi_length * math.sqrt(RATIO), en_length / math.sqrt(RATIO)
    delta = min(abs(y - x) / math.sqrt(VARIANCE * (x + y) / 2), 6.0)
    drop = here - max(smaller) if smaller else 0.0
    add = max(max(larger, default=-2.0) - here, FLOOR)
    return [here, delta, delta * delta / 6, drop, add]


@pytest.mark.parametrize("window", [Window(0, 7, 0, 8), Window(2, 5, 3, 8), Window(6, 7, 0, 1)])
def test_features_are_those_of_a_naive_computation(window: Window) -> None:
    vi, en = sides()
    found = bead_features(vi, en, window, SHAPES, RATIO, VARIANCE, FLOOR)
    rows, columns = range(window.top, window.bottom), range(window.left, window.right)
    for (a, b), top, left in itertools.product(SHAPES, rows, columns):
        exists, features = found[a, b]
        expected = naive_features(vi, en, top, left, a, b)
        i, j = top - window.top, left - window.left
        assert exists[i, j] == (expected is not None)
        if expected is not None:
            np.testing.assert_allclose(features[:, i, j], expected, atol=2e-5, err_msg=f"{(a, b)} at {(top, left)}")


def test_scores_are_the_weighted_sum_of_the_features() -> None:
    vi, en = sides()
    weights, window = load_calibration().pooled, Window(0, 7, 0, 8)
    features = bead_features(vi, en, window, SHAPES, RATIO, VARIANCE, FLOOR)
    for shape, scores in bead_scores(vi, en, window, SHAPES, weights, RATIO, VARIANCE, FLOOR).items():
        exists, values = features[shape]
        linear = [getattr(weights, name) for name in FEATURES]
        expected = weights.prior_of(shape) + np.tensordot(linear, values.astype(float), axes=1)
        np.testing.assert_allclose(scores[exists], expected[exists], rtol=1e-4, atol=1e-4)
        assert (scores[~exists] == -np.inf).all()


lengths = st.floats(1, 5000)


@given(lengths, lengths, st.floats(0.5, 2), st.floats(0.5, 4))
def test_length_deviation_does_not_care_which_language_is_first(x: float, y: float, ratio: float, s2: float) -> None:
    forward = length_deviation(np.array(x), np.array(y), ratio, s2)
    back = length_deviation(np.array(y), np.array(x), 1 / ratio, s2)
    assert float(forward) == pytest.approx(float(back), abs=1e-9)
    assert 0 <= float(forward) <= 6


@given(lengths, st.floats(0.5, 2))
def test_lengths_in_the_usual_ratio_deviate_by_nothing(length: float, ratio: float) -> None:
    assert float(length_deviation(np.array(length), np.array(length * ratio), ratio, 2.0)) == pytest.approx(0, abs=1e-9)
