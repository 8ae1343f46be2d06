from __future__ import annotations

import numpy as np
import pytest

from align.errors import OptionError
from align.evaluation import intervals
from align.evaluation.intervals import (
    FloatArray,
    Measure,
    bootstrap_intervals,
    bootstrap_sums,
    harmonic_mean,
    paired_bootstrap,
    ratio,
)


def share_of(sums: FloatArray) -> FloatArray:
    return ratio(sums[..., :1], sums[..., 1:])


SHARE = Measure(("share",), 2, share_of)


def items(right: int, wrong: int) -> FloatArray:
    return np.array([[1.0, 1.0]] * right + [[0.0, 1.0]] * wrong)


def test_resamples_draw_as_many_units_as_there_are() -> None:
    sums = bootstrap_sums(items(30, 20), 200, 7)
    assert sums.shape == (200, 2)
    assert (sums[:, 1] == 50).all()
    assert 25 < sums[:, 0].mean() < 35


def test_one_draw_over_distinct_rows_equals_drawing_unit_by_unit() -> None:
    generator = np.random.default_rng(5)
    units = generator.integers(0, 3, size=(40, 2)).astype(np.float64)
    units[:, 1] += units[:, 0]
    drawn = units[generator.integers(0, 40, size=(20_000, 40))].sum(axis=1)
    expected = np.quantile(share_of(drawn), [0.025, 0.975])
    found = bootstrap_intervals(units, SHARE, resamples=20_000)["share"]
    assert found == pytest.approx(expected.tolist(), abs=0.01)


def test_the_order_of_units_and_counting_them_in_advance_change_nothing() -> None:
    generator = np.random.default_rng(3)
    units = generator.integers(0, 3, size=(60, 3)).astype(np.float64)
    sums = bootstrap_sums(units, 50, 7)
    assert np.array_equal(bootstrap_sums(generator.permutation(units), 50, 7), sums)
    rows, counts = np.unique(units, axis=0, return_counts=True)
    assert np.array_equal(bootstrap_sums(rows, 50, 7, counts), sums)
    # The same row may also come in several counted parts.
    parts = bootstrap_sums(np.vstack([rows, rows[:1]]), 50, 7, np.append(counts, 1))
    extended = bootstrap_sums(np.vstack([units, rows[:1]]), 50, 7)
    assert np.array_equal(parts, extended)


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for seed in range(200):
        right = int(generator.binomial(150, 0.7))
        low, high = bootstrap_intervals(items(right, 150 - right), SHARE, resamples=400, seed=seed)["share"]
        covered += low <= 0.7 <= high
    assert 180 <= covered <= 199


def test_the_p_value_of_equal_systems_is_seldom_small() -> None:
    # Two systems that are right on 70 % of the items, each by its own luck: p < 0.05 in about 5 of 100 trials.
    generator = np.random.default_rng(3)
    small = 0
    for seed in range(200):
        first, second = (np.column_stack([generator.random(150) < 0.7, np.ones(150)]) for _ in range(2))
        tested = paired_bootstrap(first, second, SHARE, resamples=200, seed=seed)["share"]
        small += float(str(tested["p_value"])) < 0.05
    assert 2 <= small <= 20


def test_the_order_of_units_and_the_seed() -> None:
    units = items(13, 9)
    assert bootstrap_intervals(units, SHARE) == bootstrap_intervals(units[::-1], SHARE)
    assert not np.array_equal(bootstrap_sums(units, 50, 1), bootstrap_sums(units, 50, 2))


def test_nothing_to_draw() -> None:
    assert bootstrap_intervals(np.zeros((0, 2)), SHARE) == {}
    assert bootstrap_intervals(items(2, 1), SHARE, resamples=0) == {}
    assert paired_bootstrap(items(2, 1), items(1, 2), SHARE, resamples=0)["share"] == {
        "difference": pytest.approx(-1 / 3)
    }


def test_wrong_arguments() -> None:
    with pytest.raises(OptionError, match="resamples is 100001"):
        bootstrap_intervals(items(2, 1), SHARE, resamples=100_001)
    with pytest.raises(OptionError, match="seed is -1"):
        bootstrap_intervals(items(2, 1), SHARE, seed=-1)
    with pytest.raises(OptionError, match="shape of first"):
        paired_bootstrap(items(2, 1), items(2, 2), SHARE)


def test_a_zero_below_the_line_gives_zero() -> None:
    assert ratio(np.array([1.0, 2.0]), np.array([0.0, 4.0])).tolist() == [0.0, 0.5]
    assert harmonic_mean(np.array([0.0, 1.0]), np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_a_row_may_stand_for_many_units() -> None:
    rows, frequency = np.array([[1.0, 0.25], [0.0, 3.0], [1.0, 0.25]]), np.array([3, 40, 4])
    repeated = bootstrap_sums(np.repeat(rows, frequency, axis=0), 50, 1)
    assert np.array_equal(bootstrap_sums(rows, 50, 1, frequency), repeated)


def test_drawing_in_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    units = np.arange(60.0).reshape(30, 2)
    whole = bootstrap_sums(units, 50, 1)
    monkeypatch.setattr(intervals, "_BLOCK_CELLS", 100)
    assert np.array_equal(bootstrap_sums(units, 50, 1), whole)
