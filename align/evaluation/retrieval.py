"""How often an encoder's nearest neighbour is not the translation."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from align.errors import OptionError
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, FloatArray, Measure, ratio
from align.evaluation.results import Tally, build_comparison, build_result

Vectors = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_BLOCK_CELLS = 1 << 23  # 32 MB of float32 similarities at a time
_LEAST_MEAN = 1e-6  # the ratio margin needs a positive denominator


def evaluate_retrieval(
    vi_vectors: npt.ArrayLike,
    en_vectors: npt.ArrayLike,
    *,
    vi_texts: Sequence[str] | None = None,
    en_texts: Sequence[str] | None = None,
    k: int = 4,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Return the retrieval error rates of vectors whose rows translate each other (xSIM, Heffernan et al. 2022).

    For every row the best row of the other language is sought, by cosine and by ratio margin: among the k nearest by
    cosine, the one with the highest cosine divided by the mean of the two averages over k nearest neighbours (Artetxe
    & Schwenk 2019, section 3). It is an error when that is not the row of the same number. Of equal scores the lowest
    row number counts.

    Args:
        vi_vectors: shape (n, dim), any float type; rows are brought to unit length.
        en_vectors: the same shape; row i translates row i.
        vi_texts: the n Vietnamese sentences. With them a retrieved row with the same text (after NFC and white-space
            folding) as the right one is a hit.
        en_texts: the n English sentences.
        k: neighbours of the margin; at most n are used.
        resamples: bootstrap resamples (by sentence) for the 95 % intervals; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `cosine_error_vi_en`, `cosine_error_en_vi`, `cosine_error` (mean of both) and the same three for `margin`, all
        0 to 1, then `sentences`, `intervals` (metric -> [low, high]) and `signature`.

    Raises:
        OptionError: the shapes differ or are not (n, dim), a vector is not finite, texts are not n, only one of the
            text lists is given, or `k`, `resamples` or `seed` is out of range.

    >>> result = evaluate_retrieval(np.eye(3), np.eye(3)[[0, 2, 1]], resamples=0)
    >>> round(result["cosine_error_vi_en"], 4)
    0.6667
    """
    return _result(_tally(vi_vectors, en_vectors, vi_texts, en_texts, k), vi_texts, k, resamples, seed)


def compare_retrieval(
    first: tuple[npt.ArrayLike, npt.ArrayLike],
    second: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    vi_texts: Sequence[str] | None = None,
    en_texts: Sequence[str] | None = None,
    k: int = 4,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare the vectors of two encoders for the same sentences by paired bootstrap.

    Args:
        first: Vietnamese and English vectors of the first encoder, as for `evaluate_retrieval`.
        second: those of the second encoder, as many rows; the dimension may differ.
        vi_texts: as for `evaluate_retrieval`.
        en_texts: as for `evaluate_retrieval`.
        k: as for `evaluate_retrieval`.
        resamples: bootstrap resamples; 0 for differences only.
        seed: seed of the bootstrap.

    Returns:
        `first` and `second` (results of `evaluate_retrieval`), `differences` (metric -> `difference`, second minus
        first: below zero the second errs less; `interval`, `p_value`) and `signature`.

    Raises:
        OptionError: as for `evaluate_retrieval`, or the numbers of rows differ.
    """
    tallies = _tally(*first, vi_texts, en_texts, k), _tally(*second, vi_texts, en_texts, k)
    if len(tallies[0]) != len(tallies[1]):
        raise OptionError("second", f"{len(tallies[1])} rows", f"as many rows as first, {len(tallies[0])}")
    results = [_result(tally, vi_texts, k, resamples, seed) for tally in tallies]
    return build_comparison((results[0], results[1]), tallies, _MEASURE, resamples=resamples, seed=seed)


def _tally(
    vi_vectors: npt.ArrayLike,
    en_vectors: npt.ArrayLike,
    vi_texts: Sequence[str] | None,
    en_texts: Sequence[str] | None,
    k: int,
) -> Tally:
    """Return, for each row, its four errors and a one."""
    vi, en = _checked(vi_vectors, "vi_vectors"), _checked(en_vectors, "en_vectors")
    if vi.shape != en.shape:
        raise OptionError("en_vectors", en.shape, f"the shape of vi_vectors, {vi.shape}")
    if k < 1:
        raise OptionError("k", k, "1 or more")
    vi_same, en_same = _identities(vi_texts, en_texts, len(vi))
    errors = _errors(_unit_rows(vi), _unit_rows(en), vi_same, en_same, min(k, max(1, len(vi))))
    return dict(enumerate(np.column_stack([errors, np.ones(len(vi))]).tolist()))


def _result(tally: Tally, vi_texts: Sequence[str] | None, k: int, resamples: int, seed: int) -> dict[str, Any]:
    return build_result(
        "retrieval",
        tally,
        _MEASURE,
        unit="sentence",
        resamples=resamples,
        seed=seed,
        counts={"sentences": len(tally)},
        settings={"k": k, "margin": "ratio", "duplicates": "rows" if vi_texts is None else "texts"},
    )


def _checked(vectors: npt.ArrayLike, name: str) -> Vectors:
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    if array.ndim != 2:
        raise OptionError(name, array.shape, "a matrix of shape (n, dim)")
    if not np.isfinite(array).all():
        raise OptionError(name, f"not finite in row {int(np.argmin(np.isfinite(array).all(axis=1)))}", "finite numbers")
    return array


def _unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)
    return unit


def _identities(vi_texts: Sequence[str] | None, en_texts: Sequence[str] | None, rows: int) -> tuple[Indices, Indices]:
    """Return, for each row of both sides, a number that rows with the same text share."""
    if vi_texts is None and en_texts is None:
        return np.arange(rows), np.arange(rows)
    sides = []
    for name, texts in (("vi_texts", vi_texts), ("en_texts", en_texts)):
        if texts is None or len(texts) != rows:
            raise OptionError(name, None if texts is None else f"{len(texts)} texts", f"{rows} texts for both sides")
        seen: dict[str, int] = {}
        sides.append(np.array([seen.setdefault(_folded(text), len(seen)) for text in texts], dtype=np.int64))
    return sides[0], sides[1]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _errors(vi: Vectors, en: Vectors, vi_same: Indices, en_same: Indices, k: int) -> FloatArray:
    """Return 1 for an error, shape (n, 4): cosine vi-en, cosine en-vi, margin vi-en, margin en-vi."""
    vi_cosines, vi_nearest = _nearest(vi, en, k)
    en_cosines, en_nearest = _nearest(en, vi, k)
    vi_means, en_means = vi_cosines.mean(axis=1), en_cosines.mean(axis=1)
    best = [
        (vi_nearest[:, 0], en_same),
        (en_nearest[:, 0], vi_same),
        (_best_by_margin(vi_cosines, vi_nearest, vi_means, en_means), en_same),
        (_best_by_margin(en_cosines, en_nearest, en_means, vi_means), vi_same),
    ]
    return np.column_stack([same[found] != same for found, same in best]).astype(np.float64)


def _nearest(queries: Vectors, pool: Vectors, k: int) -> tuple[Vectors, Indices]:
    """Return cosines and rows of the k nearest, best first, both of shape (n, k)."""
    cosines = np.zeros((len(queries), k), dtype=np.float32)
    rows = np.zeros((len(queries), k), dtype=np.int64)
    for start, end in _blocks(len(queries), len(pool)):
        similarity = queries[start:end] @ pool.T
        found = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(similarity, found, axis=1)
        order = np.lexsort((found, -values), axis=1)
        rows[start:end] = np.take_along_axis(found, order, axis=1)
        cosines[start:end] = np.take_along_axis(values, order, axis=1)
    return cosines, rows


def _blocks(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    step = max(1, _BLOCK_CELLS // max(1, columns))
    for start in range(0, rows, step):
        yield start, min(start + step, rows)


def _best_by_margin(cosines: Vectors, nearest: Indices, own: Vectors, others: Vectors) -> Indices:
    margins = cosines / np.maximum((own[:, None] + others[nearest]) / 2, _LEAST_MEAN)
    ties = margins == margins.max(axis=1, keepdims=True)
    # Sorting by row number where the margin is best: the lowest row number wins.
    best: Indices = np.where(ties, nearest, np.iinfo(np.int64).max).min(axis=1)
    return best


def _formula(sums: FloatArray) -> FloatArray:
    rates = ratio(sums[..., :4], sums[..., 4:])
    cosine, margin = rates[..., :2], rates[..., 2:]
    both = [cosine.mean(axis=-1, keepdims=True), margin.mean(axis=-1, keepdims=True)]
    return np.concatenate([cosine, both[0], margin, both[1]], axis=-1)


_MEASURE = Measure(
    tuple(f"{score}_error{way}" for score in ("cosine", "margin") for way in ("_vi_en", "_en_vi", "")), 5, _formula
)
