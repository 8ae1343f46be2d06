"""chrF: how alike two texts are, by their character n-grams (Popović 2015).

The numbers are those of sacrebleu 2 at the level of sentences: n-grams of 1 to 6 characters, white space left out,
recall weighted twice (chrF2), the mean over the orders that both texts are long enough for.

    >>> round(chrf("The bridge was closed.", "The bridge was closed yesterday."), 2)
    65.87
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from align.errors import OptionError

ORDER = 6
"""Longest n-gram, in characters (code points)."""

_RECALL_WEIGHT = 4.0  # the square of beta, 2


def chrf(hypothesis: str, reference: str) -> float:
    """Return the chrF of a translation against a reference, 0..100; 0 if either is empty but for white space.

    >>> chrf("Trời mưa.", "Trời  mưa."), chrf("", "Trời mưa.")
    (100.0, 0.0)
    """
    ours, theirs = "".join(hypothesis.split()), "".join(reference.split())
    if not ours or not theirs:
        return 0.0
    if ours == theirs:
        return 100.0
    # Orders for which one of the texts is too short are left out of the mean.
    orders = min(len(ours), len(theirs), ORDER)
    precision = recall = 0.0
    for order in range(1, orders + 1):
        matches = _matches(_grams(ours, order), _grams(theirs, order))
        precision += matches / (len(ours) - order + 1)
        recall += matches / (len(theirs) - order + 1)
    precision, recall = precision / orders, recall / orders
    if not recall:
        return 0.0
    return 100 * (1 + _RECALL_WEIGHT) * precision * recall / (_RECALL_WEIGHT * precision + recall)


def chrf_scores(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
    """Return the chrF of each translation against the reference beside it, float64 (n,), 0..100.

    Raises:
        OptionError: the two sequences differ in length.
    """
    if len(hypotheses) != len(references):
        raise OptionError("the number of hypotheses", len(hypotheses), f"that of the references, {len(references)}")
    return np.array([chrf(*pair) for pair in zip(hypotheses, references, strict=True)], np.float64)


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text) if order == 1 else Counter([text[i : i + order] for i in range(len(text) - order + 1)])


def _matches(ours: Counter[str], theirs: Counter[str]) -> int:
    """Return the size of the intersection of two bags."""
    return sum([min(ours[gram], theirs[gram]) for gram in ours.keys() & theirs.keys()])
