"""Precision, recall and F1 of mined sentence pairs and of paired articles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from operator import index as as_index
from typing import Any, TypeAlias

import polars as pl

from align.errors import InputError
from align.evaluation.bead_diff import diff_documents
from align.evaluation.bead_lists import Texts, check_both, check_kinds
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED
from align.evaluation.sets import compare_pairs, score_pairs

IndexPairs: TypeAlias = pl.DataFrame | Iterable[tuple[int, int]] | Mapping[str, Iterable[tuple[int, int]]]
ArticlePairs: TypeAlias = pl.DataFrame | Iterable[tuple[Hashable, Hashable]]

IndexDocuments: TypeAlias = Mapping[str, frozenset[tuple[int, int]]]

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
    check_kinds(gold, predicted)
    gold_pairs, predicted_pairs = _by_document(gold, "gold"), _by_document(predicted, "predicted")
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
    return compare_pairs("mining", *_index_documents(gold, first, second), resamples=resamples, seed=seed)


def diff_mining(
    gold: IndexPairs,
    first: IndexPairs,
    second: IndexPairs,
    *,
    vi_texts: Texts | None = None,
    en_texts: Texts | None = None,
) -> dict[str, Any]:
    """Return every place where two systems differ: as `diff_beads` does, each pair being a bead of shape 1-1.

    Args:
        gold: as for `evaluate_mining`.
        first: pairs of the first system.
        second: pairs of the second system.
        vi_texts: Vietnamese sentences, or document -> sentences; a document may be absent.
        en_texts: the same in English, for the same documents.

    Returns:
        What `diff_beads` returns. A pair that is wrong is "crossed" when the other side has both its sentences with
        other partners, else "missed" or "spurious".

    Raises:
        InputError: as for `evaluate_mining`, or an index lies outside the given texts.
        OptionError: only some of the arguments are mappings, or only one of the texts is given.
    """
    check_both("texts", vi_texts, en_texts)
    check_kinds(gold, first, vi_texts=vi_texts, en_texts=en_texts)
    lists = [
        {name: [((vi,), (en,)) for vi, en in pairs] for name, pairs in documents.items()}
        for documents in _index_documents(gold, first, second)
    ]
    return diff_documents("mining", lists[0], lists[1], lists[2], vi_texts, en_texts)


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
    return _without_documents(result)


def compare_pairing(
    gold: ArticlePairs,
    first: ArticlePairs,
    second: ArticlePairs,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare two ways of pairing articles on the same gold by paired bootstrap.

    Args:
        gold: as for `evaluate_pairing`.
        first: pairs of the first system.
        second: pairs of the second system.
        resamples: bootstrap resamples; 0 for differences only.
        seed: seed of the bootstrap.

    Returns:
        `first` and `second` (results of `evaluate_pairing`), `differences` (metric -> `difference`, second minus
        first, `interval`, `p_value`) and `signature`.

    Raises:
        InputError: as for `evaluate_pairing`.
        OptionError: as for `evaluate_pairing`.
    """
    gold_pairs, first_pairs, second_pairs = (
        {_ONE_DOCUMENT: _pair_set(pairs, which)}
        for pairs, which in ((gold, "gold"), (first, "first"), (second, "second"))
    )
    result = compare_pairs("pairing", gold_pairs, first_pairs, second_pairs, resamples=resamples, seed=seed)
    return {**result, **{which: _without_documents(result[which]) for which in ("first", "second")}}


def _without_documents(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if not name.endswith("_documents")}


def _index_documents(
    gold: IndexPairs, first: IndexPairs, second: IndexPairs
) -> tuple[IndexDocuments, IndexDocuments, IndexDocuments]:
    for system in (first, second):
        check_kinds(gold, system)
    return _by_document(gold, "gold"), _by_document(first, "first"), _by_document(second, "second")


def _by_document(pairs: IndexPairs, which: str) -> IndexDocuments:
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
