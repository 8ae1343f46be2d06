"""Out of order inside an article pair: sentence pairs first, then the neighbours that belong to them.

The first step pairs one sentence with one. Where a translator merged or split sentences, the pair's neighbour belongs
to it too: it is taken in when the in-order model (`align.matching.scoring`) scores the longer bead above the pair and
the neighbour left unaligned, and the longer bead's vectors are nearer than the pair's. Only one side may grow: where
both would, nothing says which sentences belong to which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import numpy as np

from align.matching.beads import Bead
from align.matching.calibration import SHORT_SHAPES, Calibration, Shape
from align.matching.context import pair_log_odds
from align.matching.mining import mine, mining_pool, pool_of
from align.matching.monotonic import gap_reward
from align.matching.scoring import FEATURES, Window, bead_features, bead_scores
from align.matching.sides import Side

ScoredPair = tuple[int, int, float]
"""Vietnamese index, English index, probability."""

ONE_TO_MANY = tuple(shape for shape in SHORT_SHAPES if 1 in shape)
WHOLE_TABLE_CELLS = 400_000  # sentence pairs whose features are held at once: some 250 MB
GAP_RATE = 0.5  # share of sentences without a counterpart that is expected of comparable articles


def match_pairs(vi: Side, en: Side, calibration: Calibration, *, with_clauses: bool = False) -> list[ScoredPair]:
    """Return the sentence pairs of two articles that are each other's best, with their probabilities, by vi index.

    With clauses, parts of sentences are compared, too, where the sides can encode them: more work, and what a
    condensed story needs. Without, a first look that says whether the articles belong together and how.
    Vectors alone are mined instead, since the weights of this model count on the evidence of the texts; and so are two
    books, which have too many sentence pairs for a table of features.
    """
    if not len(vi.vectors) or not len(en.vectors):
        return []
    if vi.evidence is None or en.evidence is None or len(vi.vectors) * len(en.vectors) > WHOLE_TABLE_CELLS:
        rows = vi.vectors, en.vectors, vi.lengths, en.lengths
        mined = mine(mining_pool(*rows, calibration, priors=(vi.prior_centre, en.prior_centre)), calibration)
        return list(zip(mined.vi.tolist(), mined.en.tolist(), mined.probability.tolist(), strict=True))
    parts = None
    if with_clauses and vi.encode_clauses and en.encode_clauses:
        parts = vi.encode_clauses(), en.encode_clauses()
    scores = pair_log_odds(pool_of(vi, en, calibration), vi.evidence, en.evidence, calibration, parts)
    best_en, best_vi = scores.argmax(axis=1), scores.argmax(axis=0)
    mutual = np.flatnonzero(best_vi[best_en] == np.arange(len(best_en)))
    chances = 1 / (1 + np.exp(-np.clip(scores[mutual, best_en[mutual]], -700, 700)))
    return [(int(i), int(best_en[i]), float(p)) for i, p in zip(mutual, chances, strict=True)]


def extend_pairs(
    vi: Side,
    en: Side,
    pairs: Iterable[ScoredPair],
    calibration: Calibration,
    vi_taken: AbstractSet[int] = frozenset(),
    en_taken: AbstractSet[int] = frozenset(),
) -> list[Bead]:
    """Return disjoint beads, sorted by their Vietnamese sentences: one for each pair, longer where that wins.

    Args:
        vi, en: the two articles.
        pairs: (vi index, en index, probability), each index once.
        calibration: of the encoder that made the vectors.
        vi_taken, en_taken: sentences that serve in other beads and must not be taken in.
    """
    ranked = sorted(pairs, key=lambda pair: (-pair[2], pair[0]))
    if not ranked:
        return []
    choices = _Choices(vi, en, calibration)
    vi_used = {i for i, _, _ in ranked} | vi_taken
    en_used = {j for _, j, _ in ranked} | en_taken
    beads = []
    for i, j, probability in ranked:
        rows, columns = choices.best(i, j, vi_used - {i}, en_used - {j})
        vi_used.update(rows)
        en_used.update(columns)
        beads.append(Bead(tuple(rows), tuple(columns), probability))
    return sorted(beads, key=lambda bead: bead.vi)


class _Choices:
    """The beads of one sentence against several that a pair may grow into."""

    def __init__(self, vi: Side, en: Side, calibration: Calibration) -> None:
        self._sides = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
        self._calibration = calibration
        self._gap = gap_reward(calibration.pooled, GAP_RATE)
        self._window = Window(0, 0, 0, 0)
        self._whole = len(vi.vectors) * len(en.vectors) <= WHOLE_TABLE_CELLS

    def _look_at(self, i: int, j: int) -> None:
        """Score the beads around a pair: those of the whole article pair at once, unless they are too many."""
        rows, columns = map(len, self._sides)
        reach = max(map(max, ONE_TO_MANY)) - 1
        window = Window(max(i - reach, 0), i + 1, max(j - reach, 0), j + 1)
        if self._whole:
            window = Window(0, rows, 0, columns)
        if window != self._window:
            length, arguments = self._calibration.length, (*self._sides, window, ONE_TO_MANY)
            constants = (length.ratio, length.variance, self._calibration.limits.add_floor)
            self._features = bead_features(*arguments, *constants)
            self._scores = bead_scores(*arguments, self._calibration.pooled, *constants)
            self._window = window

    def best(self, i: int, j: int, vi_taken: AbstractSet[int], en_taken: AbstractSet[int]) -> tuple[range, range]:
        """Return the sentences of the best bead that holds the pair and takes nothing from others."""
        self._look_at(i, j)
        best, value = ((i, j), (1, 1)), self._score((1, 1), i, j)
        cosine = self._cosine((1, 1), i, j)
        for (top, left), (a, b) in self._around(i, j):
            free = vi_taken.isdisjoint(range(top, top + a)) and en_taken.isdisjoint(range(left, left + b))
            total = self._score((a, b), top, left) - self._gap * (a + b - 2)
            if free and total > value and self._cosine((a, b), top, left) > cosine:
                best, value = ((top, left), (a, b)), total
        (top, left), (a, b) = best
        return range(top, top + a), range(left, left + b)

    def _score(self, shape: Shape, i: int, j: int) -> float:
        return float(self._scores[shape][i - self._window.top, j - self._window.left])

    def _cosine(self, shape: Shape, i: int, j: int) -> float:
        row, column = i - self._window.top, j - self._window.left
        return float(self._features[shape][1][FEATURES.index("cosine"), row, column])

    def _around(self, i: int, j: int) -> Iterator[tuple[tuple[int, int], Shape]]:
        for a, b in ONE_TO_MANY:
            for top in range(max(i - a + 1, 0), i + 1):
                for left in range(max(j - b + 1, 0), j + 1):
                    if np.isfinite(self._score((a, b), top, left)):
                        yield (top, left), (a, b)
