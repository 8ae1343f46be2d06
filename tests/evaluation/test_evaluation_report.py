from __future__ import annotations

import json

from align.evaluation import compare_mining, evaluate_beads
from align.evaluation.bead_errors import Key
from align.evaluation.report import render, to_json, warnings


def test_a_result_has_one_line_for_each_metric() -> None:
    gold: dict[str, list[Key]] = {"a": [((0,), (0,)), ((1,), (1, 2))], "b": [((0,), (0,))]}
    lines = render(evaluate_beads(gold, gold)).splitlines()
    assert lines[0].split() == ["metric", "score", "95", "%", "interval"]
    assert lines[1].split() == ["strict", "precision", "1.0000", "1.0000", "..", "1.0000"]
    assert len(lines) == 1 + 9 + 1 + 2 + 1
    assert lines[10] == (
        "strict right 3, lax right 3, predicted 3, strict found 3, lax found 3, gold 3, "
        "links right 4, links predicted 4, links found 4, links gold 4"
    )
    assert lines[11] == "gold errors: missed 0, split 0, merged 0, shifted 0, crossed 0"
    assert lines[-1].startswith("align|beads|n:2|unit:document|")


def test_a_comparison_shows_both_scores() -> None:
    gold = {(index, index) for index in range(10)}
    text = render(compare_mining(gold, {(0, 0)}, gold, resamples=100))
    recall = next(line for line in text.splitlines() if line.startswith("recall"))
    assert recall.split()[:4] == ["recall", "0.1000", "1.0000", "+0.9000"]
    without = render(compare_mining(gold, {(0, 0)}, gold, resamples=0))
    assert next(line for line in without.splitlines() if line.startswith("recall")).split()[-2:] == ["-", "-"]


def test_json_holds_the_whole_result() -> None:
    result = evaluate_beads({"bão": [((0,), (0,))]}, {"bão": []})
    assert json.loads(to_json(result)) == result
    assert "bão" in to_json(result)


def test_documents_without_a_partner_are_told() -> None:
    gold = {name: [((0,), (0,))] for name in "abcde"}
    lines = warnings(evaluate_beads(gold, {"e": [], "x": []}, resamples=0))
    assert lines == [
        "4 documents in gold only: counted as having no output: a, b, c ...",
        "1 documents without gold: left out: x",
    ]
