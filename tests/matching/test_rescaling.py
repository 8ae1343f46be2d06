from __future__ import annotations

import warnings
from dataclasses import astuple, replace

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import two_sides
from stranger import Meaningless, Stranger

from align.encoders import Encoder
from align.errors import UncalibratedWarning
from align.matching import align_sentences, mine_sentences
from align.matching.calibration import LARGEST, SHAPES, Calibration, CosineScale, CosineScales, load_calibration
from align.matching.context import CONTEXT_FEATURES, FEATURES
from align.matching.mining import Pool, pool_of
from align.matching.neighbours import neighbourhood
from align.matching.rescaling import by_chance, by_evidence, rescaled
from align.matching.scoring import Window, bead_scores
from align.matching.spans import Floats, Spans
from align.pipeline import pair_articles

FITTED = load_calibration()
LEVELS = ("cosine", "window", "clause")
DIFFERENCES = ("margin", "centred_margin", "smaller_gap", "larger_gap", "window_gap", "clause_gap")

# Of an encoder whose cosines are gain * x + shift where the bundled one's are x; both stay cosines, from -1 to 1.
moves = st.floats(0.05, 1).flatmap(lambda gain: st.tuples(st.just(gain), st.floats(gain - 1, 1 - gain)))


def moved(scale: CosineScale, gain: float, shift: float) -> CosineScale:
    """Return the scale of cosines y = gain * x + shift."""
    null, deviation, match, match_deviation = astuple(scale)
    return CosineScale(gain * null + shift, gain * deviation, gain * match + shift, gain * match_deviation)


def moved_scales(gain: float, shift: float) -> CosineScales:
    """Return the scales of an encoder whose cosines, raw and centred, are all moved; margins lose the shift."""
    return CosineScales(
        raw=moved(FITTED.scales.raw, gain, shift),
        centred=moved(FITTED.scales.centred, gain, shift),
        margin=moved(FITTED.scales.margin, gain, 0.0),
        centred_margin=moved(FITTED.scales.centred_margin, gain, 0.0),
        article=moved(FITTED.scales.article, gain, shift),
    )


def with_moved_products(vi: Floats, en: Floats, gain: float, shift: float) -> tuple[Floats, Floats]:
    """Return rows whose products across the two matrices are gain * product + shift."""
    ones = np.ones((len(vi), 1)), np.ones((len(en), 1))
    return (
        np.hstack([np.sqrt(gain) * vi, ones[0]]).astype(np.float32),
        np.hstack([np.sqrt(gain) * en, shift * ones[1]]).astype(np.float32),
    )


def these(matrices: list[Floats]):
    """Return what stands in for `Spans.vectors`."""
    return lambda size, first=0, last=None: matrices[size - 1][first:last]


@settings(max_examples=30, deadline=None)
@given(move=moves)
def test_beads_of_moved_cosines_score_the_same_with_rescaled_constants(move: tuple[float, float]) -> None:
    gain, shift = move
    sides = two_sides(7, 3, noise=1.5)
    own = rescaled(FITTED, moved_scales(gain, shift), "another")
    for fitted_weights, own_weights in ((FITTED.pooled, own.pooled), (FITTED.joined, own.joined)):
        vi, en = (side.spans(4.0) for side in sides)
        expected = scores(vi, en, fitted_weights, FITTED)
        sizes = range(1, LARGEST + 1)  # of the longest bead's side, and one more
        pairs = [with_moved_products(vi.vectors(size), en.vectors(size), gain, shift) for size in sizes]
        vi.vectors, en.vectors = (these([pair[side] for pair in pairs]) for side in (0, 1))
        for shape, values in scores(vi, en, own_weights, own).items():
            there = np.isfinite(expected[shape])
            np.testing.assert_array_equal(np.isfinite(values), there)
            np.testing.assert_allclose(values[there], expected[shape][there], atol=2e-3)


def scores(vi: Spans, en: Spans, weights, calibration: Calibration) -> dict:
    length = calibration.length
    window = Window(0, len(vi), 0, len(en))
    return bead_scores(vi, en, window, SHAPES, weights, length.ratio, length.variance, calibration.limits.add_floor)


@settings(max_examples=30, deadline=None)
@given(move=moves, rows=st.integers(2, 9))
def test_mined_pairs_of_moved_cosines_score_the_same_with_rescaled_constants(
    move: tuple[float, float], rows: int
) -> None:
    """Pools of fewer sentences than there are neighbours rest on the background, which has to move, too."""
    gain, shift = move
    vi, en = two_sides(rows, 5, noise=1.0)
    own = rescaled(FITTED, moved_scales(gain, shift), "another")
    fitted_pool, own_pool = pool_of(vi, en, FITTED), pool_of(vi, en, own)
    move_pool(own_pool, gain, shift)
    everything = slice(None)
    expected = fitted_pool.score_block(everything, everything)
    np.testing.assert_allclose(own_pool.score_block(everything, everything), expected, atol=0.02)


def move_pool(pool: Pool, gain: float, shift: float) -> None:
    pool.vi, pool.en = with_moved_products(pool.vi, pool.en, gain, shift)
    pool.vi_centred, pool.en_centred = with_moved_products(pool.vi_centred, pool.en_centred, gain, shift)
    pool.near = neighbourhood(pool.vi, pool.en, 4, pool.weights.background)
    pool.near_centred = neighbourhood(pool.vi_centred, pool.en_centred, 4, pool.weights.centred_background)


@settings(max_examples=50, deadline=None)
@given(move=moves, seed=st.integers(0, 1000))
def test_comparable_weights_and_limits_follow_the_cosines(move: tuple[float, float], seed: int) -> None:
    gain, shift = move
    own = rescaled(FITTED, moved_scales(gain, shift), "another")
    features = np.random.default_rng(seed).normal(scale=0.3, size=len(CONTEXT_FEATURES))
    theirs = features.copy()
    for place, name in enumerate(CONTEXT_FEATURES):
        theirs[place] *= gain if name in (*LEVELS, *DIFFERENCES) else 1
        theirs[place] += shift if name in LEVELS else 0
    for fitted_weights, own_weights in zip(astuple(FITTED.comparable), astuple(own.comparable), strict=True):
        count = len(fitted_weights) - 1
        expected = features[:count] @ fitted_weights[:-1] + fitted_weights[-1]
        assert theirs[:count] @ own_weights[:-1] + own_weights[-1] == pytest.approx(expected, abs=1e-6)
    differences = np.array(astuple(own.limits)[:3]) / np.array(astuple(FITTED.limits)[:3])
    np.testing.assert_allclose(differences, gain, rtol=1e-9)
    assert own.limits.window_floor == pytest.approx(gain * FITTED.limits.window_floor + shift)
    assert own.pairing.min_similarity == pytest.approx(gain * FITTED.pairing.min_similarity + shift)
    assert own.pairing.same_event_similarity == pytest.approx(gain * FITTED.pairing.same_event_similarity + shift)


def test_its_own_scales_change_nothing_but_the_name() -> None:
    same = rescaled(FITTED, FITTED.scales, "e5-small-vien")
    assert same.rescaled_for == "e5-small-vien"
    for name in ("alone", "context"):
        np.testing.assert_allclose(getattr(same.comparable, name), getattr(FITTED.comparable, name), atol=1e-9)
    assert same.pooled.prior == pytest.approx(FITTED.pooled.prior)
    assert astuple(same.mining) == pytest.approx(astuple(FITTED.mining))
    assert same.mixture == FITTED.mixture
    assert same.gaps == FITTED.gaps
    assert same.length == FITTED.length


def test_the_less_an_encoder_tells_apart_the_smaller_its_weights() -> None:
    scale = FITTED.scales.centred
    distance = scale.match_mean - scale.null_mean
    gains_of = [
        by_evidence(replace(scale, match_mean=scale.null_mean + share * distance), scale).gain
        for share in (1.0, 0.5, 0.1, 0.0, -1.0)
    ]
    assert gains_of[0] == pytest.approx(1)
    assert gains_of == sorted(gains_of, reverse=True)
    assert 0 < gains_of[-1] == gains_of[-2] < 0.01


def test_vectors_that_are_all_alike_give_finite_constants() -> None:
    flat = CosineScale(1.0, 0.0, 1.0, 0.0)
    own = rescaled(FITTED, CosineScales(flat, flat, flat, flat, flat), "flat")
    numbers = [*own.pooled.prior.values(), *astuple(own.mining), *own.comparable.alone, *own.comparable.context]
    numbers += [*astuple(own.limits), *astuple(own.pairing), own.joined.cosine, own.joined.drop, own.joined.add]
    assert np.isfinite(numbers).all()


def test_chance_keeps_its_rarity() -> None:
    own, fitted = CosineScale(0.5, 0.02, 0.7, 0.1), CosineScale(0.0, 0.1, 0.6, 0.1)
    assert by_chance(own, fitted).inverse(0.2) == pytest.approx(0.54)  # two deviations above the mean of either


TEXTS = (FERRY, BEES, ROBOTS)
DIM = 384


def narrowed(strength: float):
    direction = np.random.default_rng(1).normal(size=DIM)
    direction /= np.linalg.norm(direction)
    return lambda rows: rows + np.float32(strength) * direction.astype(np.float32)


ROTATION = np.linalg.qr(np.random.default_rng(2).normal(size=(DIM, DIM)))[0].astype(np.float32)


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UncalibratedWarning)
        return function(*arguments, **options)


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
def test_a_rotation_of_all_vectors_changes_nothing(encoder: Encoder, mode: str) -> None:
    plain = Stranger("plain", encoder)
    rotated = Stranger("rotated", encoder, lambda rows: rows @ ROTATION)
    for vi, en in TEXTS:
        shuffled = en[3:] + en[:3] if mode == "comparable" else en
        beads, others = (quietly(align_sentences, vi, shuffled, encoder=one, mode=mode) for one in (plain, rotated))
        assert [(bead.vi, bead.en) for bead in beads] == [(bead.vi, bead.en) for bead in others]
        np.testing.assert_allclose([b.score for b in beads], [b.score for b in others], atol=1e-3)


@pytest.mark.parametrize("strength", [1.0, 3.0])
def test_narrow_cosines_give_the_same_beads(encoder: Encoder, strength: float) -> None:
    narrow = Stranger(f"narrow {strength}", encoder, narrowed(strength))
    for vi, en in TEXTS:
        beads = quietly(align_sentences, vi, en, encoder=narrow)
        assert [(bead.vi, bead.en) for bead in beads] == [((i,), (i,)) for i in range(len(vi))]
        assert min(bead.score for bead in beads) > 0.8
    vi, en = ([line for texts in TEXTS for line in texts[side]] for side in (0, 1))
    mined = quietly(mine_sentences, vi, en[::-1], encoder=narrow)
    assert set(mined.select("vi_index", "en_index").rows()) == {(i, len(vi) - 1 - i) for i in range(len(vi))}


def test_without_meaning_nothing_is_claimed() -> None:
    """What is left in order are the lengths; out of order nothing may be called likelier a translation than not."""
    model = Meaningless()
    vi, en = ([line for texts in TEXTS for line in texts[side]] for side in (0, 1))
    assert quietly(align_sentences, vi, en[::-1], encoder=model, mode="comparable") == []
    assert quietly(mine_sentences, vi, en, encoder=model, min_probability=0.5).height == 0
    beads = quietly(align_sentences, vi, en, encoder=model, mode="parallel")
    assert sorted(i for bead in beads for i in bead.vi) == list(range(len(vi)))
    assert sorted(j for bead in beads for j in bead.en) == list(range(len(en)))
    paired = [bead.score for bead in beads if bead.vi and bead.en]
    assert not paired or np.mean(paired) < 0.9
    articles = [" ".join(texts[side]) for side in (0, 1) for texts in TEXTS]
    assert quietly(pair_articles, articles[:3], articles[:2:-1], encoder=model).height == 0


def test_articles_are_paired_whatever_the_range_of_the_cosines(encoder: Encoder) -> None:
    vi, en = ([" ".join(texts[side]) for texts in TEXTS] for side in (0, 1))
    for model in (Stranger("plain", encoder), Stranger("narrow 3.0", encoder, narrowed(3.0))):
        pairs = quietly(pair_articles, vi, en[::-1], encoder=model)
        assert pairs.select("vi_index", "en_index").rows() == [(0, 2), (1, 1), (2, 0)]


def test_features_that_rescaling_knows_are_those_of_the_model() -> None:
    assert set(LEVELS) | set(DIFFERENCES) <= set(FEATURES)
