from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import InputError, OptionError
from align.evaluation import compare_mining, compare_pairing, evaluate_mining, evaluate_pairing

pair_sets = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)))


def test_a_case_counted_by_hand() -> None:
    result = evaluate_mining({(0, 5), (1, 3), (2, 2), (4, 0)}, [(0, 5), (1, 3), (2, 1), (1, 3)], resamples=0)
    assert (result["right"], result["predicted"], result["gold"]) == (2, 3, 4)
    assert [round(result[name], 4) for name in ("precision", "recall", "f1")] == [0.6667, 0.5, 0.5714]
    assert result["intervals"] == {}
    assert result["signature"].startswith("align|mining|n:5|unit:pair|bootstrap:0|version:")


def test_a_table_of_mined_pairs_is_taken_as_it_is() -> None:
    mined = pl.DataFrame({"score": [1.3, 1.1], "en_index": [5, 9], "vi_index": [0, 1]})
    assert evaluate_mining({(0, 5)}, mined, resamples=0)["precision"] == 0.5
    with pytest.raises(InputError, match="vi_index and en_index"):
        evaluate_mining({(0, 5)}, mined.drop("vi_index"))


def test_documents_are_summed_before_dividing() -> None:
    gold = {"a": [(0, 0)], "b": [(0, 0), (1, 2), (2, 1)]}
    result = evaluate_mining(gold, {"a": [(0, 0)], "x": [(0, 0)]}, resamples=0)
    assert (result["precision"], result["recall"], result["f1"]) == (1.0, 0.25, 0.4)
    assert (result["missing_documents"], result["extra_documents"]) == (["b"], ["x"])


def test_wrong_arguments() -> None:
    with pytest.raises(InputError, match="0 or more"):
        evaluate_mining([(0, 0)], [(0, -1)])
    with pytest.raises(OptionError, match="mapping"):
        evaluate_mining({"a": [(0, 0)]}, [(0, 0)])


@given(pair_sets, pair_sets)
def test_agrees_with_sets_and_exchanges_precision_and_recall(
    gold: set[tuple[int, int]], predicted: set[tuple[int, int]]
) -> None:
    result, other = evaluate_mining(gold, predicted, resamples=20), evaluate_mining(predicted, gold, resamples=20)
    right = sum(pair in gold for pair in predicted)
    assert result["f1"] == pytest.approx(2 * right / (len(gold) + len(predicted)) if right else 0)
    assert (result["precision"], result["f1"]) == (other["recall"], other["f1"])
    swapped = [[(en, vi) for vi, en in pairs] for pairs in (gold, predicted)]
    assert evaluate_mining(*swapped, resamples=20) == result


@given(pair_sets.filter(bool))
def test_perfect_output_scores_one(pairs: set[tuple[int, int]]) -> None:
    result = evaluate_mining(pairs, pairs, resamples=20)
    assert [result[name] for name in ("precision", "recall", "f1")] == [1.0] * 3


def test_an_article_may_have_several_partners() -> None:
    gold = {("vi-1", "en-1"), ("vi-1", "en-2"), ("vi-2", "en-4")}
    result = evaluate_pairing(gold, {("vi-1", "en-1"), ("vi-2", "en-3")}, resamples=0)
    assert (result["right"], result["predicted"], result["gold"]) == (1, 2, 3)
    assert (result["precision"], result["recall"], result["f1"]) == (0.5, pytest.approx(1 / 3), pytest.approx(0.4))
    table = pl.DataFrame({"vi_index": [0, 1], "en_index": [0, 1], "score": [0.9, 0.8]})
    assert evaluate_pairing([(0, 0)], table, resamples=0)["precision"] == 0.5


def test_compare_counts_a_pair_that_only_one_system_proposed() -> None:
    gold = {(index, index) for index in range(50)}
    wide = gold | {(index, index + 1) for index in range(50)}
    result = compare_mining(gold, wide, gold)
    assert result["differences"]["precision"]["difference"] == 0.5
    assert result["differences"]["recall"] == {"difference": 0.0, "interval": [0.0, 0.0], "p_value": 1.0}
    assert result["differences"]["precision"]["interval"][0] > 0.3
    assert result["signature"].startswith("align|mining-paired|n:100|unit:pair|")


def test_compare_works_when_a_system_found_nothing() -> None:
    differences = compare_mining(set(), {(0, 0)}, set(), resamples=10)["differences"]
    assert differences["f1"]["difference"] == 0.0
    assert compare_mining(set(), set(), set())["differences"] == {}
    assert compare_mining(iter([(0, 0)]), {(0, 0)}, {(0, 0)}, resamples=0)["second"]["f1"] == 1.0


def test_compare_two_ways_of_pairing() -> None:
    gold = {(f"vi-{number}", f"en-{number}") for number in range(40)}
    found = {pair for pair in gold if not pair[0].endswith("5")}
    result = compare_pairing(gold, found, gold)
    assert result["differences"]["recall"]["difference"] == pytest.approx(0.1)
    assert result["differences"]["recall"]["interval"][0] > 0
    assert result["first"] == evaluate_pairing(gold, found)
    assert result["signature"].startswith("align|pairing-paired|n:40|unit:pair|")
