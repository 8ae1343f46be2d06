"""Is an article pair parallel or comparable? Decided from the pairs that mining finds in it, with the reason said."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["auto", "parallel", "comparable"]
MODES: tuple[Mode, ...] = ("auto", "parallel", "comparable")

# Chosen by eye: between changed but parallel news and one condensed story; a few documents of either kind lie near.
ORDER_OF_PARALLEL = 0.85  # share of the matched sentences that follow one another
COVERAGE_OF_PARALLEL = 0.37  # share of the sentences of the less matched side
# Mining finds one sentence for one: of a free translation with many beads of several it may find a third. So many
# pairs one after another are no chance, though, and no condensed story that was seen had a third as many.
LONG_RUN, ORDER_OF_LONG_RUN, COVERAGE_OF_LONG_RUN = 30, 0.97, 0.2


@dataclass(frozen=True)
class Route:
    """How an article pair is matched, and why.

    Attributes:
        mode: "parallel" or "comparable".
        order: share of the matched pairs in the longest run in order, 0 to 1.
        vi_coverage, en_coverage: expected share of either side's sentences that have a counterpart, 0 to 1.
    """

    mode: Literal["parallel", "comparable"]
    order: float
    vi_coverage: float
    en_coverage: float

    @property
    def reason(self) -> str:
        """The evidence in one line.

        >>> Route("parallel", 1.0, 0.9, 0.75).reason
        'parallel: 100 % in order, 90 % of vi and 75 % of en matched'
        """
        shares = f"{self.order:.0%} in order, {self.vi_coverage:.0%} of vi and {self.en_coverage:.0%} of en matched"
        return f"{self.mode}: {shares.replace('%', ' %')}"


def route(pairs: Sequence[tuple[int, int, float]], rows: int, columns: int) -> Route:
    """Decide from mined pairs (vi index, en index, probability) of an article pair of `rows` x `columns` sentences."""
    likely = sorted((i, j) for i, j, probability in pairs if probability >= 0.5)
    expected = sum(probability for _, _, probability in pairs)
    order = _longest_rise([j for _, j in likely]) / len(likely) if likely else 0.0
    vi_coverage, en_coverage = min(expected / max(rows, 1), 1.0), min(expected / max(columns, 1), 1.0)
    coverage = min(vi_coverage, en_coverage)
    parallel = (order >= ORDER_OF_PARALLEL and coverage >= COVERAGE_OF_PARALLEL) or (
        len(likely) >= LONG_RUN and order >= ORDER_OF_LONG_RUN and coverage >= COVERAGE_OF_LONG_RUN
    )
    return Route("parallel" if parallel else "comparable", order, vi_coverage, en_coverage)


def _longest_rise(values: Sequence[int]) -> int:
    """Return the length of the longest rising subsequence (patience sorting)."""
    tails: list[int] = []
    for value in values:
        place = bisect.bisect_left(tails, value)
        tails[place : place + 1] = [value]
    return len(tails)
