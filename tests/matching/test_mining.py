from __future__ import annotations

import numpy as np
import pytest
from made_vectors import lengths_of, meanings, part, translated, two_sides

from align.matching import mining, neighbours
from align.matching.calibration import load_calibration
from align.matching.mining import candidates, mine, mutual_best, pool_of
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
