"""Precision, recall and F1 of mined sentence pairs and of paired articles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from operator import index as as_index
from typing import Any, TypeAlias

import polars as pl

from align.errors import InputError, OptionError
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED
from align.evaluation.sets import Pairs, compare_pairs, score_pairs

IndexPairs: TypeAlias = pl.DataFrame | Iterable[tuple[int, int]] | Mapping[str, Iterable[tuple[int, int]]]
ArticlePairs: TypeAlias = pl.DataFrame | Iterable[tuple[Hashable, Hashable]]

_ONE_DOCUMENT = "document"


def evaluate_mining(
    gold: IndexPairs, predicted: IndexPairs, *, resamples: int = DEFAULT_RESAMPLES, seed: int = DEFAULT_SEED
) -> dict[str, Any]:
    """Score mined sentence pairs as BUCC does (Zweigenbaum et al. 2017): sets of pairs, exact match.

    Args:
        gold: pairs (vi_index, en_index), a table with these two columns, or document -> pairs.
        predicted: the same; what `align.mine_sentences` returns, for example. A repeated pair counts once.
        resamples: bootstrap resamples for the 95 % intervals, by document, or by pair (union of gold and predicted)
            when there is one; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `precision`, `recall`, `f1` (0 to 1), `right`, `predicted`, `gold` (numbers of pairs), `missing_documents`,
        `extra_documents`, `intervals` (metric -> [low, high]) and `signature`.

    Raises:
        InputError: a table lacks the columns, or an index is negative.
        TypeError: an index is no whole number.
        OptionError: only one of gold and predicted is a mapping, or `resamples` or `seed` is out of range.

    >>> result = evaluate_mining({(0, 2), (1, 0)}, [(0, 2), (1, 1), (3, 3)], resamples=0)
    >>> result["precision"], result["recall"], result["f1"]
    (0.3333333333333333, 0.5, 0.4)
    """
    gold_pairs, predicted_pairs = _index_documents(gold, predicted)
    return score_pairs("mining", gold_pairs, predicted_pairs, resamples=resamples, seed=seed).result


def compare_mining(
    gold: IndexPairs,
    first: IndexPairs,
    second: IndexPairs,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare two systems on the same gold by paired bootstrap.

    Args:
        gold: as for `evaluate_mining`.
        first: pairs of the first system.
        second: pairs of the second system.
        resamples: bootstrap resamples; 0 for differences only.
        seed: seed of the bootstrap.

    Returns:
        `first` and `second` (results of `evaluate_mining`), `differences` (metric -> `difference`, second minus
        first, `interval`, `p_value`) and `signature`.

    Raises:
        InputError: as for `evaluate_mining`.
        OptionError: as for `evaluate_mining`.
    """
    # Gold is read twice, and may hold iterators.
    if isinstance(gold, Mapping):
        gold = {name: list(pairs) for name, pairs in gold.items()}
    elif not isinstance(gold, pl.DataFrame):
        gold = list(gold)
    gold_pairs, first_pairs = _index_documents(gold, first)
    second_pairs = _index_documents(gold, second)[1]
    return compare_pairs("mining", gold_pairs, first_pairs, second_pairs, resamples=resamples, seed=seed)


def evaluate_pairing(
    gold: ArticlePairs, predicted: ArticlePairs, *, resamples: int = DEFAULT_RESAMPLES, seed: int = DEFAULT_SEED
) -> dict[str, Any]:
    """Score article pairs: sets of (Vietnamese id, English id), exact match; an article may be in several pairs.

    Args:
        gold: pairs of ids (names or indices), or a table with the columns vi_article and en_article or vi_index and
            en_index.
        predicted: the same; what `align.pair_articles` returns, for example.
        resamples: bootstrap resamples for the 95 % intervals, by pair (union of gold and predicted); 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `precision`, `recall`, `f1` (0 to 1), `right`, `predicted`, `gold` (numbers of pairs), `intervals` (metric ->
        [low, high]) and `signature`.

    Raises:
        InputError: a table lacks the columns.
        OptionError: `resamples` or `seed` is out of range.

    >>> gold = {("vi-1", "en-1"), ("vi-1", "en-2")}
    >>> evaluate_pairing(gold, {("vi-1", "en-2")}, resamples=0)["recall"]
    0.5
    """
    gold_pairs, predicted_pairs = _pair_set(gold, "gold"), _pair_set(predicted, "predicted")
    result = score_pairs(
        "pairing", {_ONE_DOCUMENT: gold_pairs}, {_ONE_DOCUMENT: predicted_pairs}, resamples=resamples, seed=seed
    ).result
    return {name: value for name, value in result.items() if not name.endswith("_documents")}


def _index_documents(gold: IndexPairs, predicted: IndexPairs) -> tuple[Pairs, Pairs]:
    if isinstance(gold, Mapping) != isinstance(predicted, Mapping):
        raise OptionError("predicted", type(predicted).__name__, "a mapping when gold is one, else pairs")
    return _by_document(gold, "gold"), _by_document(predicted, "predicted")


def _by_document(pairs: IndexPairs, which: str) -> Pairs:
    documents = pairs if isinstance(pairs, Mapping) else {_ONE_DOCUMENT: pairs}
    return {name: _index_set(listed, f"{which}, {name}") for name, listed in documents.items()}


def _index_set(pairs: pl.DataFrame | Iterable[tuple[int, int]], place: str) -> frozenset[tuple[int, int]]:
    indices = frozenset((as_index(vi), as_index(en)) for vi, en in _listed(pairs, place, (("vi_index", "en_index"),)))
    negative = [pair for pair in indices if min(pair) < 0]
    if negative:
        raise InputError(f"{place}: pair {min(negative)}: indices must be 0 or more")
    return indices


def _pair_set(pairs: ArticlePairs, which: str) -> frozenset[tuple[Hashable, Hashable]]:
    columns = (("vi_article", "en_article"), ("vi_index", "en_index"))
    return frozenset((vi, en) for vi, en in _listed(pairs, which, columns))


def _listed(pairs: Any, place: str, columns: tuple[tuple[str, str], ...]) -> Iterable[tuple[Any, Any]]:
    if not isinstance(pairs, pl.DataFrame):
        return ((pair[0], pair[1]) for pair in pairs)
    for names in columns:
        if set(names) <= set(pairs.columns):
            return pairs.select(names).iter_rows()
    wanted = " or ".join(" and ".join(names) for names in columns)
    raise InputError(f"{place}: the table has the columns {', '.join(pairs.columns)}; it needs {wanted}")
