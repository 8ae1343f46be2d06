from __future__ import annotations

import numpy as np
import pytest

from align.errors import InputError
from align.matching.beads import Bead
from align.matching.spans import Spans, unit_rows
from align.matching.training import NAMES, from_vector, loss_and_gradient, make_example, to_vector


def example(seed: int):
    draw = np.random.default_rng(seed)
    meaning = draw.normal(size=(6, 16))
    vi = unit_rows(meaning[:5] + 0.3 * draw.normal(size=(5, 16)))
    en = unit_rows(meaning + 0.3 * draw.normal(size=(6, 16)))
    lengths = draw.integers(20, 200, size=11).astype(float)
    gold = [Bead((0,), (0,)), Bead((1,), (1, 2)), Bead((2, 3), (3, 4)), Bead((4,), ()), Bead((), (5,))]
    sides = Spans(vi, lengths[:5]), Spans(en, lengths[5:])
    return make_example(*sides, gold, 0.9, 2.4, (0.2, 0.25), -0.15)


def test_the_gradient_is_that_of_the_loss() -> None:
    examples = [example(1), example(2)]
    theta = np.random.default_rng(0).normal(size=len(NAMES))
    _, gradient = loss_and_gradient(theta, examples)
    for place in range(len(NAMES)):
        step = np.zeros(len(NAMES))
        step[place] = 1e-3
        rise = loss_and_gradient(theta + step, examples)[0] - loss_and_gradient(theta - step, examples)[0]
        assert gradient[place] == pytest.approx(rise / 2e-3, rel=2e-3, abs=2e-3), NAMES[place]


def test_the_loss_is_no_negative_number_of_nats() -> None:
    theta = np.random.default_rng(5).normal(size=len(NAMES))
    assert loss_and_gradient(theta, [example(3)])[0] >= 0


def test_vectors_and_weights_are_the_same_thing() -> None:
    theta = np.arange(len(NAMES), dtype=float)
    np.testing.assert_array_equal(to_vector(from_vector(theta)), theta)


def test_a_gold_bead_that_the_model_does_not_know_is_refused() -> None:
    sides = Spans(np.eye(8, dtype=np.float32), np.ones(8)), Spans(np.eye(1, 8, dtype=np.float32), np.ones(1))
    with pytest.raises(InputError, match=r"\(8, 1\)"):
        make_example(*sides, [Bead(tuple(range(8)), (0,))], 1.0, 2.0, (0.1, 0.1), -0.15)
