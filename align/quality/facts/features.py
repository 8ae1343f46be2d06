"""Features of a pair's facts for a model of its probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from align.quality.facts.comparing import Comparison, compare_batch

GROUPS = {
    **dict.fromkeys(("number", "percent", "money", "unit", "ordinal", "score", "code", "decade"), "numbers"),
    **dict.fromkeys(("date", "time"), "dates"),
    **dict.fromkeys(("name", "acronym"), "names"),
    "url": "urls",
    "quotation": "quotations",
}
"""The group of features that counts each kind of fact."""
COUNTS = ("agreed", "missing_vi", "missing_en", "differ")
"""What is counted: facts that agree; facts of the English side that the Vietnamese lacks; the other way round; facts of
one kind that stand against each other."""
FACT_FEATURES = (
    *(f"{group}_{count}" for group in ("numbers", "dates", "names") for count in COUNTS),
    "urls_agreed",
    "urls_missing",
    "quotations_agreed",
    "quotation_differs",
)
"""Names of the features: counts capped at `LIMIT`. `urls_missing` and `quotation_differs` take both sides together."""
LIMIT = 3.0
"""More facts than this say no more."""
_PLACES = {name: place for place, name in enumerate(FACT_FEATURES)}


def fact_features(vi: Sequence[str], en: Sequence[str]) -> NDArray[np.float64]:
    """Return float64 (n, len(FACT_FEATURES)) of n pairs of sentences.

    >>> fact_features(["Có 5 xe."], ["There are 7 cars."])[0, FACT_FEATURES.index("numbers_differ")].item()
    1.0

    Raises:
        InputError: the two sides have not the same number of sentences.
    """
    return features_of(compare_batch(vi, en))


def features_of(comparisons: Sequence[Comparison]) -> NDArray[np.float64]:
    """Return float64 (n, len(FACT_FEATURES)) of pairs whose facts were compared already."""
    features = np.zeros((len(comparisons), len(FACT_FEATURES)))
    for row, comparison in zip(features, comparisons, strict=True):
        for agreement in comparison.agreed:
            row[_PLACES[f"{GROUPS[agreement.vi.kind]}_agreed"]] += 1
        for mismatch in comparison.mismatches:
            group = GROUPS[mismatch.kind]
            if group in ("urls", "quotations"):
                row[_PLACES["urls_missing" if group == "urls" else "quotation_differs"]] += 1
            else:
                count = "missing_vi" if mismatch.vi is None else "missing_en" if mismatch.en is None else "differ"
                row[_PLACES[f"{group}_{count}"]] += 1
    return np.minimum(features, LIMIT, out=features)
