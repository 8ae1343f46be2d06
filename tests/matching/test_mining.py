from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from made_vectors import lengths_of, meanings, part, translated, two_sides

from align.errors import ApproximateSearchWarning, MissingExtraError, OptionError
from align.matching import approximate, mining, neighbours, pools
from align.matching.api import mine_vectors
from align.matching.calibration import load_calibration
from align.matching.mining import ListedPool, Pool, candidates, mine, mining_pool, mutual_best, pool_of
from align.matching.neighbours import nearest
from align.matching.sides import Side

CALIBRATION = load_calibration()


def shuffled_pools(seed: int) -> tuple[Side, Side, dict[int, int]]:
    """Two pools of 60 and 50 sentences of which 35 translate each other, shuffled; and which."""
    vi, en = two_sides(75, seed, noise=0.6)
    draw = np.random.default_rng(seed)
    vi_rows, en_rows = draw.permutation(60), draw.permutation(np.arange(25, 75))
    place = {int(row): n for n, row in enumerate(en_rows)}
    return part(vi, vi_rows), part(en, en_rows), {n: place[int(r)] for n, r in enumerate(vi_rows) if int(r) in place}


def test_the_pairs_are_each_others_best() -> None:
    vi, en, _ = shuffled_pools(1)
    pool = pool_of(vi, en, CALIBRATION)
    scores = pool.score_block(slice(None), slice(None))
    expected = [
        (i, j)
        for i in range(60)
        for j in range(50)
        if scores[i, j] == scores[i].max() and scores[i, j] == scores[:, j].max()
    ]
    found_vi, found_en, values = mutual_best(pool)
    assert list(zip(found_vi.tolist(), found_en.tolist(), strict=True)) == expected
    np.testing.assert_array_equal(values, scores[found_vi, found_en])


def test_translations_are_found_in_any_order() -> None:
    vi, en, gold = shuffled_pools(2)
    mined = mine(pool_of(vi, en, CALIBRATION), CALIBRATION)
    pairs = sorted(zip(mined.probability, mined.vi.tolist(), mined.en.tolist(), strict=True), reverse=True)
    assert {(i, j) for _, i, j in pairs[: len(gold)]} == set(gold.items())
    assert pairs[len(gold) - 1][0] > 0.9


def test_cosine_and_margin_are_those_of_a_naive_computation() -> None:
    vi, en, _ = shuffled_pools(3)
    mined = mine(pool_of(vi, en, CALIBRATION, 3), CALIBRATION)
    cosines = (vi.vectors @ en.vectors.T).astype(float)
    for i, j, cosine, margin in zip(mined.vi, mined.en, mined.cosine, mined.margin, strict=True):
        near = (np.sort(cosines[i])[-3:].mean() + np.sort(cosines[:, j])[-3:].mean()) / 2
        assert cosine == pytest.approx(cosines[i, j], abs=1e-5)
        assert margin == pytest.approx(cosines[i, j] / near, abs=1e-4)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en, _ = shuffled_pools(4)
    whole = mine(pool_of(vi, en, CALIBRATION), CALIBRATION)
    monkeypatch.setattr(mining, "BLOCK", 7)
    monkeypatch.setattr(neighbours, "BLOCK", 11)
    blocks = mine(pool_of(vi, en, CALIBRATION), CALIBRATION)
    np.testing.assert_array_equal(blocks.vi, whole.vi)
    np.testing.assert_array_equal(blocks.en, whole.en)
    np.testing.assert_allclose(blocks.score, whole.score, atol=1e-4)
    np.testing.assert_allclose(blocks.probability, whole.probability, atol=1e-4)


@pytest.mark.parametrize("block", [2, 1024])
def test_ties_go_to_the_first(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sentence three times on either side: the first of each belong together."""
    monkeypatch.setattr(mining, "BLOCK", block)
    vectors, lengths = np.repeat(meanings(4, 5), 3, axis=0), np.full(12, 80.0)
    vi, en, _ = mutual_best(pool_of(Side(vectors, lengths), Side(vectors, lengths), CALIBRATION))
    assert vi.tolist() == en.tolist() == [0, 3, 6, 9]


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 4), (4, 0)])
def test_an_empty_pool_gives_nothing(rows: int, columns: int) -> None:
    vi, en = Side(meanings(rows, 1), lengths_of(rows, 1)), Side(meanings(columns, 2), lengths_of(columns, 2))
    mined = mine(pool_of(vi, en, CALIBRATION), CALIBRATION)
    assert all(len(values) == 0 for values in vars(mined).values())


def test_one_sentence_against_a_thousand() -> None:
    en = meanings(1000, 6)
    vi = Side(translated(en[700:701], 7, noise=0.3), lengths_of(1000, 6)[700:701])
    mined = mine(pool_of(vi, Side(en, lengths_of(1000, 6)), CALIBRATION), CALIBRATION)
    assert (mined.vi.tolist(), mined.en.tolist()) == ([0], [700])
    assert mined.probability[0] > 0.9


@pytest.mark.parametrize("block", [7, 1024])
def test_candidates_are_the_best_of_every_row_and_column(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(mining, "BLOCK", block)
    vi, en, _ = shuffled_pools(6)
    pool = pool_of(vi, en, CALIBRATION)
    scores = pool.score_block(slice(None), slice(None))
    rows = {(i, int(j)) for i in range(60) for j in np.argsort(-scores[i], kind="stable")[:3]}
    columns = {(int(i), j) for j in range(50) for i in np.argsort(-scores[:, j], kind="stable")[:3]}
    found_vi, found_en, found_scores = candidates(pool, 3)
    assert list(zip(found_vi.tolist(), found_en.tolist(), strict=True)) == sorted(rows | columns)
    np.testing.assert_allclose(found_scores, scores[found_vi, found_en], atol=1e-4)


def test_revised_log_odds_choose_the_pairs() -> None:
    vi, en, gold = shuffled_pools(7)
    pool = pool_of(vi, en, CALIBRATION)
    unchanged = mine(pool, CALIBRATION, revise=lambda _vi, _en, scores: scores)
    known = mine(pool, CALIBRATION)
    assert (unchanged.vi.tolist(), unchanged.en.tolist()) == (known.vi.tolist(), known.en.tolist())
    refused, partner = next(iter(gold.items()))
    mined = mine(pool, CALIBRATION, revise=lambda a, b, s: s - 50.0 * ((a == refused) & (b == partner)))
    assert (refused, partner) in zip(known.vi.tolist(), known.en.tolist(), strict=True)
    assert (refused, partner) not in zip(mined.vi.tolist(), mined.en.tolist(), strict=True)


def test_the_best_of_equal_revised_candidates_is_the_first() -> None:
    vi, en, _ = shuffled_pools(8)
    mined = mine(pool_of(vi, en, CALIBRATION), CALIBRATION, revise=lambda a, _b, _s: np.zeros(len(a)))
    found_vi, found_en, _ = candidates(pool_of(vi, en, CALIBRATION))
    first = {int(i): int(found_en[found_vi == i][0]) for i in found_vi}
    assert all(first[i] == j for i, j in zip(mined.vi.tolist(), mined.en.tolist(), strict=True))
    assert (0, first[0]) in zip(mined.vi.tolist(), mined.en.tolist(), strict=True)


def both_ways(seed: int, **options: str) -> tuple[Pool, ListedPool]:
    """The same pools, once with all pairs and once with the nearest."""
    vi, en, _ = shuffled_pools(seed)
    sides = vi.vectors, en.vectors, vi.lengths, en.lengths, CALIBRATION
    return pool_of(vi, en, CALIBRATION), ListedPool(*sides, search=options.get("search", "exact"))


def test_listed_pairs_score_as_in_the_whole_pool() -> None:
    whole, listed = both_ways(9)
    vi, en = listed.pairs
    assert len(vi) == len(set(zip(vi.tolist(), en.tolist(), strict=True))) < 60 * 50
    np.testing.assert_allclose(listed.near.vi, whole.near.vi, atol=1e-6)
    np.testing.assert_allclose(listed.near_centred.en, whole.near_centred.en, atol=1e-6)
    np.testing.assert_allclose(listed.score_pairs(vi, en), whole.score_pairs(vi, en), atol=1e-4)


def test_the_nearest_pairs_hold_the_mutual_best() -> None:
    whole, listed = both_ways(10)
    expected, found = mutual_best(whole), mutual_best(listed)
    assert set(zip(expected[0], expected[1], strict=True)) <= set(zip(found[0], found[1], strict=True))
    assert len(set(found[0].tolist())) == len(set(found[1].tolist())) == len(found[0])
    known, mined = mine(whole, CALIBRATION), mine(listed, CALIBRATION)
    probable = [set(zip(m.vi[m.probability > 0.5], m.en[m.probability > 0.5], strict=True)) for m in (known, mined)]
    assert probable[0] == probable[1]


def test_candidates_of_listed_pairs_are_the_best_of_either_sentence() -> None:
    _, listed = both_ways(11)
    pairs = sorted(
        zip(*(values.tolist() for values in (*listed.pairs, listed.score_pairs(*listed.pairs))), strict=True)
    )
    best = set()
    for side in (0, 1):
        for owner in {pair[side] for pair in pairs}:
            own = sorted((pair for pair in pairs if pair[side] == owner), key=lambda pair: (-pair[2], pair))
            best.update(own[:2])
    found = candidates(listed, 2)
    assert list(zip(*(values.tolist() for values in found), strict=True)) == sorted(best)


def test_large_pools_list_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en, _ = shuffled_pools(12)
    sides = vi.vectors, en.vectors, vi.lengths, en.lengths, CALIBRATION
    assert isinstance(mining_pool(*sides), Pool)
    monkeypatch.setattr(pools, "WHOLE_CELLS", 60 * 50 - 1)
    assert isinstance(mining_pool(*sides), ListedPool)
    monkeypatch.setattr(pools, "WHOLE_CELLS", 60 * 50)
    monkeypatch.setattr(pools, "WHOLE_ROWS", 59)
    assert isinstance(mining_pool(*sides), ListedPool)


@pytest.mark.parametrize("whole_cells", [0, 60 * 50])
def test_stored_vectors_are_mined_like_arrays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_cells: int
) -> None:
    monkeypatch.setattr(pools, "WHOLE_CELLS", whole_cells)
    vi, en, _ = shuffled_pools(13)
    found = {}
    for dtype in ("float32", "float16"):
        for lang, side in (("vi", vi), ("en", en)):
            np.save(tmp_path / f"{lang}.npy", side.vectors.astype(dtype))
        stored = [np.load(tmp_path / f"{lang}.npy", mmap_mode="r") for lang in ("vi", "en")]
        found[dtype] = mine_vectors(*stored, vi_lengths=vi.lengths, en_lengths=en.lengths)
    array = mine_vectors(vi.vectors, en.vectors, vi_lengths=vi.lengths, en_lengths=en.lengths)
    assert found["float16"].select("vi_index", "en_index").equals(array.select("vi_index", "en_index"))
    for table, tolerance in ((found["float32"], 1e-4), (found["float16"], 0.1)):
        np.testing.assert_allclose(table["score"], array["score"], atol=tolerance)


def test_faiss_finds_what_exact_search_finds_and_says_how_much() -> None:
    vi, en, _ = shuffled_pools(14)
    sides = vi.vectors, en.vectors
    lengths = {"vi_lengths": vi.lengths, "en_lengths": en.lengths}
    with pytest.warns(ApproximateSearchWarning, match=r"found 100.0% of the 8 nearest neighbours") as caught:
        found = mine_vectors(*sides, **lengths, search="faiss")
    assert caught[0].message.recall == 1.0  # so few rows make one cell
    exact = mine_vectors(*sides, **lengths, search="exact")
    assert found.select("vi_index", "en_index").equals(exact.select("vi_index", "en_index"))
    np.testing.assert_allclose(found["probability"], exact["probability"], atol=1e-3)


def test_a_search_in_few_cells_misses_some_and_is_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate, "PROBES", 1)
    monkeypatch.setattr(approximate, "MOST_PROBES", 0.0)
    pool = meanings(2000, 15)
    queries = translated(pool[:300], 16, noise=0.5)
    (first, recall), (again, _) = (approximate.approximate_nearest(queries, pool, 4) for _ in range(2))
    np.testing.assert_array_equal(first.places, again.places)
    np.testing.assert_array_equal(first.cosines, again.cosines)
    known = zip(first.places.tolist(), nearest(queries, pool, 4).places.tolist(), strict=True)
    found = np.mean([len(set(own) & set(exact)) / 4 for own, exact in known])
    assert 0.1 < found < 0.999
    assert recall == pytest.approx(found, abs=1e-9)
    there = first.places >= 0
    cosines = np.take_along_axis(queries @ pool.T, np.maximum(first.places, 0), axis=1)
    np.testing.assert_allclose(first.cosines[there], cosines[there], atol=1e-6)
    assert (np.diff(first.cosines, axis=1)[there[:, 1:]] <= 0).all()


def test_more_cells_are_searched_until_enough_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate, "PROBES", 1)
    monkeypatch.setattr(approximate, "MOST_PROBES", 1.0)
    pool = meanings(2000, 17)
    queries = translated(pool[:300], 18, noise=0.5)
    reached = []
    for target in (0.0, 0.7, 1.0):
        monkeypatch.setattr(approximate, "TARGET", target)
        reached.append(approximate.approximate_nearest(queries, pool, 4)[1])
    assert reached[0] < 0.7 <= reached[1] < reached[2] == 1.0


def test_exact_search_is_for_what_fits_and_where_faiss_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert approximate.chosen_search(200_000, 200_000) == "exact"
    assert approximate.chosen_search(200_001, 200_000) == "faiss"
    assert approximate.chosen_search(10, 10, "faiss") == "faiss"
    monkeypatch.setattr(approximate, "has_faiss", lambda: False)
    assert approximate.chosen_search(200_001, 200_000) == "exact"
    with pytest.raises(MissingExtraError, match=r'pip install "align-vi-en\[faiss\]"'):
        mine_vectors([[1.0]], [[1.0]], vi_lengths=[1], en_lengths=[1], search="faiss")
    with pytest.raises(OptionError, match="search is 'fast'; allowed: auto, exact, faiss"):
        mine_vectors([[1.0]], [[1.0]], vi_lengths=[1], en_lengths=[1], search="fast")


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 4), (4, 0)])
@pytest.mark.parametrize("search", ["exact", "faiss"])
def test_an_empty_listed_pool_gives_nothing(rows: int, columns: int, search: str) -> None:
    sides = meanings(rows, 1), meanings(columns, 2), lengths_of(rows, 1), lengths_of(columns, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mined = mine(ListedPool(*sides, CALIBRATION, search=search), CALIBRATION)
    assert all(len(values) == 0 for values in vars(mined).values())
