from __future__ import annotations

import pytest

from align.errors import InputError
from align.evaluation import evaluate_groups
from align.evaluation.bead_errors import Key
from align.matching.beads import Bead

GOLD: dict[str, list[Key]] = {
    "guide": [((0, 1), (0,)), ((2,), (1, 2)), ((3,), (3,))],
    "help": [((0,), (0,))],
}


def test_a_case_counted_by_hand() -> None:
    predicted = {"guide": [Bead((0,), (0,)), Bead((1, 2), (1,)), Bead((), (2,)), Bead((3,), (2,))]}
    result = evaluate_groups(GOLD, predicted, resamples=0)
    # Links: 0-0 right, 1-1 wrong, 2-1 right, 3-2 wrong. Blocks 0 and 1 of four are reached.
    assert (result["right"], result["links"], result["reached"], result["blocks"]) == (2, 4, 2, 4)
    assert (result["links_right"], result["blocks_reached"], result["f1"]) == (0.5, 0.5, 0.5)
    assert result["missing_documents"] == ["help"]


def test_the_blocks_themselves_are_perfect() -> None:
    result = evaluate_groups(GOLD, GOLD, resamples=10)
    assert (result["links_right"], result["blocks_reached"]) == (1.0, 1.0)
    assert result["links"] == 2 + 2 + 1 + 1
    assert result["intervals"]["f1"] == [1.0, 1.0]


def test_impossible_indices_are_named() -> None:
    with pytest.raises(InputError, match="help: a bead names en sentence 7, which is in no block"):
        evaluate_groups(GOLD, {"help": [((0,), (7,))]})
    with pytest.raises(InputError, match="vi sentence 0 is in the blocks 0 and 1"):
        evaluate_groups({"help": [((0,), (0,)), ((0,), (1,))]}, {})
