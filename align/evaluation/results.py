"""The dict that every evaluation returns, with its intervals and its signature."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from align._version import __version__
from align.evaluation.intervals import FloatArray, Measure, bootstrap_intervals, check_bootstrap, paired_bootstrap

Tally: TypeAlias = Mapping[Any, Sequence[float]]
"""Counts of each unit (document or item)."""


def signature(kind: str, *, units: int, unit: str, resamples: int, seed: int, **settings: object) -> str:
    """Return how a number was made, in sacrebleu's manner (Post 2018).

    >>> signature("beads", units=60, unit="document", resamples=1000, seed=12345, empty="ignored")
    'align|beads|n:60|unit:document|empty:ignored|bootstrap:1000|seed:12345|version:0.1.0'
    """
    parts = ["align", kind, f"n:{units}", f"unit:{unit}"]
    parts += [f"{name}:{value}" for name, value in settings.items()]
    parts += [f"bootstrap:{resamples}"] + ([f"seed:{seed}"] if resamples else [])
    return "|".join([*parts, f"version:{__version__}"])


def build_result(
    kind: str,
    tally: Tally,
    measure: Measure,
    *,
    unit: str,
    resamples: int,
    seed: int,
    counts: Mapping[str, Any],
    settings: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return the metrics as floats, then `counts`, `intervals` and `signature`.

    Args:
        kind: first word of the signature.
        tally: counts of each unit.
        measure: the metrics of the summed counts.
        unit: what the bootstrap draws, "document" for example.
        resamples: number of resamples; 0 gives no intervals.
        seed: seed of the random numbers.
        counts: whole numbers and dicts that go into the result as they are.
        settings: what else the signature says.

    Raises:
        OptionError: `resamples` or `seed` is out of range.
    """
    check_bootstrap(resamples, seed)
    rows = _rows(tally, list(tally), measure)
    values = measure.formula(rows.sum(axis=0)) if len(rows) else np.zeros(len(measure.names))
    return {
        **{name: float(value) for name, value in zip(measure.names, values, strict=True)},
        **counts,
        "intervals": bootstrap_intervals(rows, measure, resamples=resamples, seed=seed),
        "signature": signature(
            kind, units=len(rows), unit=unit, resamples=resamples, seed=seed, **dict(settings or {})
        ),
    }


def build_comparison(
    results: tuple[dict[str, Any], dict[str, Any]],
    tallies: tuple[Tally, Tally],
    measure: Measure,
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Return both results and, per metric, their difference with its interval and p-value.

    A unit that only one system has (a pair that only it proposed) counts as zeros for the other.
    """
    units = list(dict.fromkeys([*tallies[0], *tallies[1]]))
    first, second = (_rows(tally, units, measure) for tally in tallies)
    differences = paired_bootstrap(first, second, measure, resamples=resamples, seed=seed) if units else {}
    words = results[0]["signature"].split("|")
    words[1] += "-paired"
    words[2] = f"n:{len(units)}"
    return {"first": results[0], "second": results[1], "differences": differences, "signature": "|".join(words)}


def _rows(tally: Tally, units: Sequence[Hashable], measure: Measure) -> FloatArray:
    absent = (0.0,) * measure.width
    return np.array([tally.get(unit, absent) for unit in units], dtype=np.float64).reshape(len(units), measure.width)
