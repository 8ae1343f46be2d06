"""Measuring beads, pairs, probabilities, retrieval and sentence splits against gold, with intervals."""

from align.evaluation.bead_diff import diff_beads
from align.evaluation.beads import compare_beads, evaluate_beads
from align.evaluation.groups import evaluate_groups
from align.evaluation.mining import compare_mining, compare_pairing, diff_mining, evaluate_mining, evaluate_pairing
from align.evaluation.reliability import evaluate_reliability
from align.evaluation.retrieval import compare_retrieval, evaluate_retrieval
from align.evaluation.split import compare_split, evaluate_split

__all__ = [
    "compare_beads",
    "compare_mining",
    "compare_pairing",
    "compare_retrieval",
    "compare_split",
    "diff_beads",
    "diff_mining",
    "evaluate_beads",
    "evaluate_groups",
    "evaluate_mining",
    "evaluate_pairing",
    "evaluate_reliability",
    "evaluate_retrieval",
    "evaluate_split",
]
