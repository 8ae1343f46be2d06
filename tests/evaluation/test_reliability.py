from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import OptionError
from align.evaluation import evaluate_reliability
from align.evaluation.calibration_scores import (
    area_under_curve,
    bin_numbers,
    calibration_error_by_chance,
    equal_mass_numbers,
    equal_width_edges,
    wilson_interval,
)
from align.evaluation.reliability import reach
from align.evaluation.reliability_report import BAR_WIDTH, render_reliability
from align.evaluation.reliability_svg import draw_reliability
from align.evaluation.report import to_json

SVG = "{http://www.w3.org/2000/svg}"

# Eight pairs, counted on paper below: two bins of four with the edges 0, .5, 1.
STATED = [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 0.9]
RIGHT = [False, False, True, False, False, True, True, True]

judged = st.lists(st.tuples(st.integers(0, 1000).map(lambda whole: whole / 1000), st.booleans()), min_size=1)


def columns(pairs: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [stated for stated, _ in pairs], [right for _, right in pairs]


def test_scores_counted_by_hand() -> None:
    result = evaluate_reliability(STATED, RIGHT, edges=[0, 0.5, 1], resamples=0)
    # Lower bin: stated 1.0 / 4, right 1 / 4. Upper bin: stated 3.2 / 4, right 3 / 4.
    assert result["expected_calibration_error"] == pytest.approx((4 * 0.0 + 4 * 0.05) / 8)
    assert result["adaptive_calibration_error"] == pytest.approx(0.025)
    # .01 + .04 + .49 + .16 and .36 + .04 + .01 + .01.
    assert result["brier_score"] == pytest.approx(1.12 / 8)
    # Of the 16 pairs of a right and a wrong one only (.3, .4) and (.3, .6) are the wrong way round.
    assert result["auc"] == pytest.approx(14 / 16)
    likely = 0.9 * 0.8 * 0.3 * 0.6 * 0.4 * 0.8 * 0.9 * 0.9
    assert result["log_loss"] == pytest.approx(-math.log(likely) / 8)
    assert (result["mean_stated"], result["share_right"]) == (pytest.approx(4.2 / 8), 0.5)
    assert (result["predicted"], result["right"]) == (8, 4)
    # No bin has ten pairs, no pair is stated at .95.
    assert (result["maximum_calibration_error"], result["precision_at_0.95"]) == (None, None)
    assert result["intervals"] == {}
    assert result["signature"].startswith("align|reliability|n:8|unit:pair|bins:2|clip:1e-06|bootstrap:0|version:")


def test_bins_counted_by_hand() -> None:
    bins = evaluate_reliability(STATED, RIGHT, edges=[0, 0.5, 0.55, 1], resamples=0)["bins"]
    assert [(one["low"], one["high"], one["count"]) for one in bins] == [(0, 0.5, 4), (0.5, 0.55, 0), (0.55, 1, 4)]
    assert (bins[0]["stated"], bins[0]["right"]) == (pytest.approx(0.25), 0.25)
    assert [bins[1][name] for name in ("stated", "right", "interval")] == [None, None, None]
    # 3 of 4: (3 + z^2 / 2 +- z sqrt(3 * 1 / 4 + z^2 / 4)) / (4 + z^2) with z^2 = 3.8415.
    assert bins[2]["interval"] == [pytest.approx(0.3006, abs=5e-5), pytest.approx(0.9544, abs=5e-5)]


def test_an_edge_belongs_to_the_bin_above_it() -> None:
    edges = np.array(equal_width_edges())
    stated = np.array([0.0, 0.1, 0.3, 0.7, 0.29999999, 0.9, 1.0])
    assert bin_numbers(stated, edges).tolist() == [0, 1, 3, 7, 2, 9, 9]


def test_bins_of_equal_mass_keep_equal_probabilities_together() -> None:
    assert equal_mass_numbers(np.array([0.4, 0.1, 0.3, 0.2]), 2).tolist() == [1, 0, 1, 0]
    assert len(set(equal_mass_numbers(np.full(7, 0.3), 5).tolist())) == 1


def test_the_adaptive_error_sees_what_one_wide_bin_hides() -> None:
    # .91 is right three times in four, .99 always: over the whole bin the two errors cancel in part.
    stated = [0.91] * 20 + [0.99] * 20
    right = [True] * 15 + [False] * 5 + [True] * 20
    result = evaluate_reliability(stated, right, edges=[0, 0.5, 1], resamples=0)
    assert result["expected_calibration_error"] == pytest.approx(0.95 - 0.875)
    assert result["adaptive_calibration_error"] == pytest.approx((0.16 + 0.01) / 2)
    assert result["maximum_calibration_error"] == pytest.approx(0.075)


def test_the_maximum_is_over_bins_with_ten_pairs() -> None:
    stated, right = [0.95] * 10 + [0.65] * 9, [True] * 9 + [False] * 10
    assert evaluate_reliability(stated, right, resamples=0)["maximum_calibration_error"] == pytest.approx(0.05)


def test_true_probabilities_have_no_error() -> None:
    stated = np.repeat([0.05, 0.25, 0.5, 0.75, 0.95], 100)
    right = np.concatenate([np.arange(100) < 100 * share for share in (0.05, 0.25, 0.5, 0.75, 0.95)])
    result = evaluate_reliability(stated, right, resamples=0)
    assert result["expected_calibration_error"] == pytest.approx(0, abs=1e-12)
    assert result["adaptive_calibration_error"] == pytest.approx(0, abs=1e-12)
    assert result["mean_stated"] == pytest.approx(result["share_right"])


def test_the_error_by_chance_is_what_true_probabilities_show_on_average() -> None:
    generator = np.random.Generator(np.random.PCG64(7))
    stated = generator.beta(2, 1, 2000)
    numbers = bin_numbers(stated, np.array(equal_width_edges()))
    errors = [
        evaluate_reliability(stated, generator.random(2000) < stated, resamples=0)["expected_calibration_error"]
        for _ in range(300)
    ]
    assert calibration_error_by_chance(numbers, stated, 10) == pytest.approx(np.mean(errors), rel=0.05)


def test_certain_and_wrong_costs_the_clipped_loss() -> None:
    result = evaluate_reliability([1.0, 0.0], [False, False], resamples=0)
    assert result["log_loss"] == pytest.approx((-math.log(1e-6) - math.log(1 - 1e-6)) / 2)
    assert (result["brier_score"], result["auc"]) == (0.5, None)


def test_area_under_the_curve_counts_ties_half() -> None:
    assert area_under_curve(np.array([0.5, 0.5, 0.5]), np.array([True, False, True])) == 0.5
    assert area_under_curve(np.array([0.2, 0.9]), np.array([True, False])) == 0.0


def test_wilson_at_the_ends() -> None:
    low, high = wilson_interval(np.array([0.0, 10.0, 0.0]), np.array([10.0, 10.0, 0.0])).T.round(4).tolist()
    assert low == [0.0, 0.7225, 0.0]
    assert high == [0.2775, 1.0, 1.0]


def test_thresholds_keep_what_is_not_below_them() -> None:
    rows = evaluate_reliability(STATED, RIGHT, resamples=0)["thresholds"]
    assert [row["threshold"] for row in rows] == [0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
    assert [row["kept"] for row in rows] == [4, 3, 3, 2, 0, 0]
    assert [row["precision"] for row in rows] == [0.75, 1, 1, 1, None, None]
    assert rows[0]["stated"] == pytest.approx(0.8)
    assert rows[4]["stated"] is None


def test_a_precision_is_reached_from_a_threshold_on() -> None:
    # 30 right, then one wrong (30 of 31), then 9 right (39 of 40), then 9 wrong.
    stated = np.linspace(0.99, 0.5, 49)
    right = np.array([True] * 30 + [False] + [True] * 9 + [False] * 9)
    assert reach(stated, right, 0.95) == {"threshold": stated[40], "kept": 41}  # 39 of 41 = .9512
    assert reach(stated, right, 0.9) == {"threshold": stated[42], "kept": 43}  # 39 of 43 = .9070
    # .99 cannot be missed by fewer than 100 pairs: the 30 at the top are taken.
    assert reach(stated, right, 0.99) == {"threshold": stated[29], "kept": 30}
    assert reach(stated, ~right, 0.9) == {"threshold": None, "kept": 0}


def test_a_precision_once_missed_is_not_reached_below() -> None:
    # 9 of 12 at the top, then 88 right: 97 of 100, but a higher threshold misses.
    stated, right = np.linspace(1, 0, 100), np.array([True] * 9 + [False] * 3 + [True] * 88)
    assert reach(stated, right, 0.9) == {"threshold": stated[9], "kept": 10}
    assert right.mean() > 0.9


def test_equal_probabilities_are_kept_together() -> None:
    assert reach(np.full(4, 0.8), np.array([True, True, True, False]), 0.9) == {"threshold": None, "kept": 0}
    assert reach(np.full(20, 0.8), np.arange(20) > 0, 0.95) == {"threshold": 0.8, "kept": 20}


def test_intervals_are_by_document_when_there_are_several() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    # Documents are right or wrong as a whole, which pairs alone do not show.
    stated = np.full(400, 0.96)
    documents = np.repeat(np.arange(20), 20)
    right = (generator.random(20) < 0.8)[documents]
    by_pair = evaluate_reliability(stated, right)
    by_document = evaluate_reliability(stated, right, units=[f"bài {at}" for at in documents])
    name = "precision_at_0.95"
    assert by_pair[name] == by_document[name]
    narrow, wide = (result["intervals"][name] for result in (by_pair, by_document))
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])
    assert wide[0] < right.mean() < wide[1]
    assert "|n:400|unit:pair|" in by_pair["signature"]
    assert "|n:20|unit:document|" in by_document["signature"]
    one_document = evaluate_reliability(stated, right, units=["bài"] * 400)
    assert one_document == by_pair


def test_an_interval_by_pair_agrees_with_the_binomial() -> None:
    stated, right = np.linspace(0.95, 1, 400), np.arange(400) % 10 > 0
    low, high = evaluate_reliability(stated, right, resamples=4000)["intervals"]["precision_at_0.95"]
    error = 1.96 * math.sqrt(0.9 * 0.1 / 400)
    assert (low, high) == (pytest.approx(0.9 - error, abs=0.005), pytest.approx(0.9 + error, abs=0.005))


def test_an_interval_is_left_out_with_its_score() -> None:
    assert set(evaluate_reliability(STATED, RIGHT)["intervals"]) == {"expected_calibration_error", "brier_score"}


@given(judged, st.integers(1, 12))
def test_every_pair_is_in_one_bin_and_scores_are_shares(pairs: list[tuple[float, bool]], bins: int) -> None:
    stated, right = columns(pairs)
    result = evaluate_reliability(stated, right, edges=equal_width_edges(bins), resamples=20)
    assert sum(one["count"] for one in result["bins"]) == len(pairs)
    assert sum(one["count"] * (one["right"] or 0) for one in result["bins"]) == pytest.approx(sum(right))
    for name in (
        "expected_calibration_error",
        "adaptive_calibration_error",
        "brier_score",
        "calibration_error_by_chance",
    ):
        assert 0 <= result[name] <= 1
    # The error cannot be below the distance of the two means, nor above the greatest of the bins.
    assert result["expected_calibration_error"] >= abs(result["mean_stated"] - result["share_right"]) - 1e-12
    for one in result["bins"]:
        if one["count"]:
            assert one["low"] <= one["stated"] <= one["high"]
            assert one["interval"][0] <= one["right"] + 1e-12
            assert one["right"] - 1e-12 <= one["interval"][1]
    assert json.loads(to_json(result)) == result


@given(judged, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(pairs: list[tuple[float, bool]], random: Random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    assert evaluate_reliability(*columns(shuffled), resamples=30) == evaluate_reliability(*columns(pairs), resamples=30)


@given(judged)
def test_area_under_the_curve_counts_the_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    rights = [stated for stated, right in pairs if right]
    wrongs = [stated for stated, right in pairs if not right]
    area = area_under_curve(*(np.array(column) for column in columns(pairs)))
    if not rights or not wrongs:
        assert area is None
        return
    wins = sum((right > wrong) + (right == wrong) / 2 for right in rights for wrong in wrongs)
    assert area == pytest.approx(wins / (len(rights) * len(wrongs)))


@given(judged, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_what_is_reached_is_measured(pairs: list[tuple[float, bool]], precision: float) -> None:
    stated, right = (np.array(column) for column in columns(pairs))
    found = reach(stated, right, precision)
    if found["threshold"] is None:
        return
    kept = stated >= found["threshold"]
    assert kept.sum() == found["kept"]
    assert right[kept].mean() >= precision - 1e-9


@pytest.mark.parametrize(
    ("stated", "right", "options", "message"),
    [
        ([0.5, 1.2], [True, True], {}, "probability of pair 1 is 1.2; allowed: 0 to 1"),
        ([0.5, math.nan], [True, True], {}, "probability of pair 1 is nan"),
        ([-0.1], [True], {}, "probability of pair 0 is -0.1"),
        ([0.5, 0.6], [True], {}, r"right is 'an array of shape \(1,\)'; allowed: the shape of probability, \(2,\)"),
        ([], [], {}, "at least one pair"),
        ([[0.5]], [[True]], {}, r"shape \(1, 1\)"),
        ([0.5], [2], {}, "bools, or the numbers 0 and 1"),
        ([0.5], ["yes"], {}, "bools, or the numbers 0 and 1"),
        ([0.5], [True], {"units": ["a", "b"]}, "units is '2 values'"),
        ([0.5], [True], {"edges": [0, 0.5]}, "the first 0 and the last 1"),
        ([0.5], [True], {"edges": [0, 0.5, 0.5, 1]}, "increasing"),
        ([0.5], [True], {"resamples": -1}, "resamples is -1"),
        ([0.5], [True], {"seed": -1}, "seed is -1"),
    ],
)
def test_wrong_arguments(stated: list[float], right: list[bool], options: dict[str, int], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        evaluate_reliability(stated, right, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("precision", [0.0, 1.0, -1.0])
def test_a_precision_that_cannot_be_asked_for(precision: float) -> None:
    with pytest.raises(OptionError, match="above 0 and below 1"):
        reach(np.array([0.9]), np.array([True]), precision)


def test_numbers_of_bins() -> None:
    assert equal_width_edges(2) == (0.0, 0.5, 1.0)
    for bins in (0, 101):
        with pytest.raises(OptionError, match=f"bins is {bins}; allowed: 1 to 100"):
            equal_width_edges(bins)


def test_the_text_shows_right_as_a_bar_and_stated_as_a_mark() -> None:
    result = evaluate_reliability(STATED, RIGHT, edges=[0, 0.5, 0.75, 1], resamples=0)
    lines = render_reliability(result, ascii_only=True).splitlines()
    # Right 1 / 4 and stated .25, right 0 and stated .6, right 1 and stated .8667.
    assert lines[1].endswith("  #####|..............")
    assert lines[2].endswith("  ............|.......")
    assert lines[3].endswith("  #################|##")
    assert [len(line.split("  ")[-1]) for line in lines[1:4]] == [BAR_WIDTH] * 3
    assert lines[1].split()[:6] == ["0.00", "..", "0.50", "4", "0.2500", "0.2500"]
    blocks = render_reliability(result).splitlines()
    assert blocks[1].endswith("  █████┃··············")
    assert "".join(lines).isascii()


def test_the_text_holds_thresholds_scores_and_signature() -> None:
    text = render_reliability(evaluate_reliability(STATED, RIGHT))
    bins, thresholds, reached, scores = (part.splitlines() for part in text.split("\n\n"))
    assert bins[1].split() == ["0.0", "..", "0.1", "0", "-", "-", "-"]
    assert thresholds[1].split() == ["0.50", "4", "0.8000", "0.7500"]
    assert thresholds[-1].split() == ["0.99", "0", "-", "-"]
    assert reached[1].split() == ["0.90", "0.800000", "3"]
    # .1 + .2 + .7 + .4 + .6 + .2 and the two of the last bin together .2.
    assert scores[1].split()[:4] == ["expected", "calibration", "error", "0.3000"]
    assert "precision at 0.95" in scores[-3]
    assert scores[-2] == "4 of 8 pairs right"
    assert scores[-1].startswith("align|reliability|n:8|")


def test_the_picture_is_sound_and_the_same_every_time() -> None:
    result = evaluate_reliability(STATED, RIGHT)
    text = draw_reliability(result, title="Số liệu <A> & \x07B")
    assert text == draw_reliability(result, title="Số liệu <A> & \x07B")
    root = ElementTree.fromstring(text)
    assert root.findtext(f"{SVG}title") == "Số liệu <A> & ?B"
    assert root.findtext(f"{SVG}desc") == result["signature"]
    filled = [one for one in result["bins"] if one["count"]]
    points = root.findall(f".//{SVG}circle")
    assert len(points) == len(filled) == len(root.findall(f".//{SVG}rect[@class='bar']"))
    # The square has 400 pixels from (60, 88): pairs at .9, all right, stand at its upper edge.
    assert (points[-1].get("cx"), points[-1].get("cy")) == ("420", "88")
    assert "prefers-color-scheme: dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_bars_grow_with_their_counts_and_of_narrow_ones_the_tallest_has_a_number() -> None:
    stated = np.repeat([0.005, 0.5, 0.995], [1, 5000, 10000])
    root = ElementTree.fromstring(
        draw_reliability(evaluate_reliability(stated, stated > 0.4, edges=equal_width_edges(100), resamples=0))
    )
    heights = [float(bar.get("height", 0)) for bar in root.findall(f".//{SVG}rect[@class='bar']")]
    assert heights[0] == 2
    assert heights[2] == pytest.approx(2 * heights[1])
    assert [text.text for text in root.findall(f".//{SVG}text[@class='count']")] == ["10000"]
