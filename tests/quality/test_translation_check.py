"""The check with real small translators: it tells true pairs from false ones, and its probabilities are better ones."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small_models import train
from small_translators import Counting, small_translators

from align.errors import InputError, OptionError
from align.progress import silent
from align.quality.chrf import chrf
from align.quality.translation_check import ANCHORS, TranslationCheck, check_pairs
from align.quality.translation_scores import dual_cross_entropy

HALF = 150  # of the held-out sentences: the first are the confident pairs, the others the uncertain ones


@pytest.fixture(scope="module")
def held_out(small_marian: Path) -> pl.DataFrame:
    """Vietnamese, English and one-word-changed English sentences that the small translators have not seen."""
    return pl.read_csv(small_marian / "vi-en" / "held_out.tsv", separator="\t", quote_char=None)


@pytest.fixture(scope="module")
def translators(small_marian: Path) -> list[Counting]:
    return small_translators(small_marian)


@pytest.fixture(scope="module")
def useless(tmp_path_factory: pytest.TempPathFactory) -> list[Counting]:
    """Translators with random weights."""
    folder = tmp_path_factory.mktemp("useless")
    train(folder, ("vi-en", "en-vi"), "--steps", "0", "--pairs", "1000")
    return small_translators(folder)


@pytest.fixture(scope="module")
def pairs(held_out: pl.DataFrame) -> pl.DataFrame:
    """Confident true pairs, and uncertain ones of which a third each is true, exchanged and changed in one word.

    Their probabilities are right as they stand: log-odds that are Gaussian with means 1/2 and -1/2 and deviation 1.
    """
    rng = np.random.default_rng(11)
    sure, rest = held_out[:HALF], held_out[HALF:]
    vi, en, changed = (rest[name].to_list() for name in ("vi", "en", "changed"))
    texts = [en, en, en[7:] + en[:7], changed]
    truth = np.repeat([True, True, False, False], len(rest))
    log_odds = np.where(truth, 0.5, -0.5) + rng.normal(size=len(truth))
    uncertain = pl.DataFrame(
        {
            "vi": vi * len(texts),
            "en": [text for side in texts for text in side],
            "probability": 1 / (1 + np.exp(-log_odds)),
            "true": truth,
        }
    )
    confident = sure.select("vi", "en", pl.lit(0.995).alias("probability"), pl.lit(True).alias("true"))
    return pl.concat([confident, uncertain])


def auc(high: np.ndarray, low: np.ndarray) -> float:
    return float((high[:, None] > low).mean() + (high[:, None] == low).mean() / 2)


def log_loss(table: pl.DataFrame) -> float:
    right = np.where(table["true"], table["probability"], 1 - table["probability"].to_numpy())
    return float(-np.log(right).mean())


def calibration_error(table: pl.DataFrame) -> float:
    """Return the expected calibration error in ten bins."""
    stated, right = table["probability"].to_numpy(), table["true"].to_numpy()
    bins = np.minimum((stated * 10).astype(int), 9)
    gaps = [abs(stated[bins == number].mean() - right[bins == number].mean()) for number in np.unique(bins)]
    return float(np.average(gaps, weights=np.unique(bins, return_counts=True)[1]))


@pytest.mark.parametrize("direction", ["vi-en", "en-vi", "both"])
def test_it_tells_true_pairs_from_shuffled_ones(
    held_out: pl.DataFrame, translators: list[Counting], direction: Any
) -> None:
    true = held_out.select("vi", "en", pl.lit(0.5).alias("probability"))
    shuffled = true.with_columns(pl.col("en").gather(np.roll(np.arange(len(true)), 1)))
    scores = [
        check_pairs(table, translators, method="both", direction=direction, anchors=true[:0])
        for table in (true, shuffled)
    ]
    chrfs, entropies = ([table[name].to_numpy() for table in scores] for name in ("mt_chrf", "mt_xent"))
    # Measured: .990 to 1.000 for chrF, 1.000 for the cross-entropy.
    assert auc(chrfs[0], chrfs[1]) >= 0.95
    assert auc(-entropies[0], -entropies[1]) >= 0.95


@pytest.mark.parametrize("method", ["chrf", "xent", "both"])
def test_probabilities_are_better_after_the_check(
    pairs: pl.DataFrame, translators: list[Counting], method: Any
) -> None:
    before = pairs[HALF:]
    after = check_pairs(pairs, translators, method=method, band=(0.0, 0.98))[HALF:]
    assert log_loss(after) < 0.6 * log_loss(before)
    true = before["true"].to_numpy()
    areas = [
        auc(table["probability"].to_numpy()[true], table["probability"].to_numpy()[~true]) for table in (before, after)
    ]
    assert areas[1] > areas[0] + 0.15
    assert calibration_error(after) < 0.2
    # Without the pairs that differ in one word, which no shuffled pair resembles, the probabilities are right.
    kinds = slice(0, 3 * (len(before) // 4))
    assert log_loss(after[kinds]) < 0.25 * log_loss(before[kinds])
    assert calibration_error(after[kinds]) < 0.07


@pytest.mark.parametrize("method", ["chrf", "xent", "both"])
def test_useless_translators_hardly_change_anything(pairs: pl.DataFrame, useless: list[Counting], method: Any) -> None:
    some = pl.concat([pairs[:100], pairs[HALF : HALF + 40], pairs[-40:]])
    after = check_pairs(some, useless, method=method, band=(0.0, 0.98))
    assert after["mt_chrf" if method == "chrf" else "mt_xent"].null_count() == 100
    assert np.abs(after["probability"].to_numpy() - some["probability"].to_numpy()).max() < 0.06


def test_a_better_score_never_lowers_the_probability(pairs: pl.DataFrame, translators: list[Counting]) -> None:
    same = pairs.with_columns(
        pl.when(pl.int_range(pl.len()) < HALF).then("probability").otherwise(0.4).alias("probability")
    )
    by_chrf = check_pairs(same, translators)[HALF:].sort("mt_chrf")
    assert by_chrf["probability"].is_sorted()
    assert by_chrf["probability"].item(0) < 0.1 < 0.8 < by_chrf["probability"].item(-1)
    by_entropy = check_pairs(same, translators, method="xent")[HALF:].sort("mt_xent", descending=True)
    assert by_entropy["probability"].is_sorted()


def test_the_second_run_asks_the_translators_nothing(
    pairs: pl.DataFrame, translators: list[Counting], tmp_path: Path
) -> None:
    cache, some = tmp_path / "translations.cache", pairs[100 : HALF + 30]
    first = check_pairs(some, translators, method="both", direction="both", cache=cache)
    asked = [translator.asked for translator in translators]
    second = check_pairs(some, translators, method="both", direction="both", cache=cache)
    assert [translator.asked for translator in translators] == asked
    assert second.equals(first)
    plain = check_pairs(some, translators, method="both", direction="both")
    assert [translator.asked for translator in translators] != asked
    assert np.allclose(plain["mt_xent"].to_numpy(), first["mt_xent"].to_numpy(), atol=2e-4, equal_nan=True)


def test_only_the_band_is_checked_and_the_rest_is_left_alone(
    held_out: pl.DataFrame, translators: list[Counting]
) -> None:
    chances = [0.02, 0.05, 0.5, None, 0.95, 0.96, 0.5, 0.5, 1.0]
    table = (
        held_out[: len(chances)]
        .select("vi", "en")
        .with_columns(pl.Series("probability", chances), pl.Series("flags", [[]] * len(chances), pl.List(pl.String)))
    )
    table = table.with_columns(pl.when(pl.int_range(pl.len()) == 6).then(pl.lit(" ")).otherwise("en").alias("en"))
    table = table.with_columns(pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise("vi").alias("vi"))
    after = check_pairs(table, translators)
    assert after["mt_chrf"].is_not_null().to_list() == [False, True, True, False, True, False, False, False, False]
    assert after.columns == [*table.columns, "mt_chrf"]
    untouched = after["mt_chrf"].is_null()
    assert after.filter(untouched).drop("mt_chrf").equals(table.filter(untouched))
    for row in after.drop_nulls("mt_chrf").iter_rows(named=True):
        made = translators[0].translate([row["vi"]], "vi-en")[0]
        assert row["mt_chrf"] == pytest.approx(chrf(made, row["en"]))
    everything = check_pairs(table, translators, band=(0, 1))
    assert everything["mt_chrf"].is_null().to_list() == [False] * 6 + [True, True, False]
    assert everything["probability"].is_null().to_list() == [False] * 3 + [True] + [False] * 5


def test_directions(held_out: pl.DataFrame, translators: list[Counting]) -> None:
    table = held_out[:6].select("vi", "en", pl.lit(0.5).alias("probability"))

    def scores(method: Any, direction: Any, of: list[Counting] = translators) -> np.ndarray:
        name = "mt_chrf" if method == "chrf" else "mt_xent"
        return check_pairs(table, of, method=method, direction=direction)[name].to_numpy()

    forward, backward = scores("chrf", "vi-en"), scores("chrf", "en-vi")
    np.testing.assert_allclose(scores("chrf", "both"), (forward + backward) / 2)
    np.testing.assert_array_equal(scores("chrf", "auto"), forward)
    np.testing.assert_array_equal(scores("chrf", "auto", translators[1:]), backward)
    forward, backward = scores("xent", "vi-en"), scores("xent", "en-vi")
    np.testing.assert_allclose(scores("xent", "auto"), dual_cross_entropy(forward, backward), atol=2e-4)
    np.testing.assert_array_equal(scores("xent", "auto", translators[:1]), forward)


def test_anchors_may_come_from_another_table(pairs: pl.DataFrame, translators: list[Counting]) -> None:
    confident, rest = pairs[:HALF], pairs[HALF:]
    together = check_pairs(pairs, translators)[HALF:]
    apart = [check_pairs(part, translators, anchors=confident) for part in (rest[:200], rest[200:])]
    assert pl.concat(apart).equals(together)


def test_batches_share_what_was_learnt(pairs: pl.DataFrame, translators: list[Counting]) -> None:
    confident, rest = pairs[:HALF], pairs[HALF:]
    check = TranslationCheck(translators)
    check.learn(confident)
    asked, batches = translators[0].asked, [rest[:200], rest[200:]]
    after = pl.concat([check.check(batch) for batch in batches])
    assert translators[0].asked - asked <= len(rest)
    assert after.equals(check_pairs(pairs, translators)[HALF:])


def test_progress_tells_of_pairs_and_no_more_anchors_than_are_drawn(
    pairs: pl.DataFrame, translators: list[Counting]
) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        assert done <= total
        seen[stage] = (done, total)

    check_pairs(pairs, translators, progress=progress)
    assert seen["check"][0] == seen["check"][1]
    assert seen["anchors"][0] == seen["anchors"][1] <= 3 * ANCHORS


def test_an_empty_table_stays_one(pairs: pl.DataFrame, translators: list[Counting]) -> None:
    asked = translators[0].asked
    after = check_pairs(pairs[:0], translators, method="both", progress=silent)
    assert after.height == 0
    assert after.schema["mt_chrf"] == after.schema["mt_xent"] == pl.Float64
    assert translators[0].asked == asked


def test_the_dual_cross_entropy_is_that_of_the_paper() -> None:
    # |1 - 3| + (1 + 3) / 2
    assert dual_cross_entropy(np.array([1.0]), np.array([3.0]))[0] == 4
    assert math.isnan(dual_cross_entropy(np.array([1.0]), np.array([math.nan]))[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "bleu"}, "method is 'bleu'; allowed: chrf, xent, both"),
        ({"direction": "vi"}, "direction is 'vi'; allowed: auto, vi-en, en-vi, both"),
        ({"band": (0.9, 0.1)}, "band is .* the lower one first"),
        ({"band": (0.9, 1.1)}, "band is .* the lower one first"),
        ({"direction": "both"}, "direction is 'both'; allowed: en-vi, what .* can do"),
        ({"direction": "vi-en"}, "direction is 'vi-en'; allowed: en-vi, what .* can do"),
    ],
)
def test_options_outside_the_allowed_are_named(
    pairs: pl.DataFrame, translators: list[Counting], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        check_pairs(pairs, translators[1:], **options)


def test_a_table_without_probabilities_is_refused(held_out: pl.DataFrame, translators: list[Counting]) -> None:
    with pytest.raises(InputError, match="without probability; score the pairs before"):
        check_pairs(held_out, translators)
