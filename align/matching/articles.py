"""Match the article pairs of a run: each sentence serves in its best bead only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from align.matching.beads import Bead
from align.matching.calibration import Calibration
from align.matching.comparable import ScoredPair, extend_pairs, match_pairs
from align.matching.monotonic import align_in_order
from align.matching.pairing import ArticlePair, forced
from align.matching.routing import Mode
from align.matching.sides import Side
from align.matching.trust import revise_beads, revise_pairs
from align.progress import Progress, silent

Reason = Literal["probability", "competition"]
"""Why a candidate is no pair: it is less probable than asked for, or a more probable one has a sentence of it."""


@dataclass(frozen=True)
class Match:
    """The beads of one article pair, empty sides left out, and the mode that found them.

    Attributes:
        rejected: candidates with text on both sides that are not among the beads, in order, and why.
    """

    pair: ArticlePair
    mode: Mode
    beads: list[Bead]
    rejected: list[tuple[Bead, Reason]] = field(default_factory=list)


def match_articles(
    pairs: Sequence[ArticlePair],
    vi: Sequence[Side],
    en: Sequence[Side],
    calibration: Calibration,
    *,
    mode: Mode = "auto",
    min_probability: float,
    progress: Progress = silent,
) -> list[Match]:
    """Match every article pair: parallel ones in order, comparable ones jointly with what is left.

    Two reports of one event compete for the sentences of a third: a sentence of comparable articles is given to its
    most probable partner in the whole run, after the parallel articles have taken theirs. Facts are weighed in before
    that, so that a contradicted pair takes no sentence from another.

    Args:
        pairs: from `align.matching.pairing`.
        vi, en: the articles.
        calibration: of the encoder that made the vectors.
        mode: forces all pairs into one mode, unless "auto".
        min_probability: beads below it are left out.
        progress: called as `progress("match", done, total)`.

    Returns:
        One match for each pair, in the order of `pairs`.
    """
    matches: dict[tuple[int, int], Match] = {}
    taken = _Taken()
    for pair in pairs:
        if forced(pair, mode) == "parallel":
            sides = vi[pair.vi], en[pair.en]
            in_order = [b for b in align_in_order(*sides, calibration) if b.vi and b.en]
            in_order = revise_beads(*sides, in_order, calibration.trust.parallel)
            beads = [b for b in in_order if b.score >= min_probability]
            taken.add(pair, beads)
            rejected = [(b, _why_not(b, min_probability)) for b in in_order if b.score < min_probability]
            matches[pair.vi, pair.en] = Match(pair, "parallel", beads, rejected)
            progress("match", len(matches), len(pairs))
    rest, by_vectors = [], {}
    for pair in pairs:
        if (pair.vi, pair.en) not in matches:
            sides = vi[pair.vi], en[pair.en]
            found = match_pairs(*sides, calibration, with_clauses=True)
            by_vectors[pair.vi, pair.en] = {(i, j): p for i, j, p in found}
            revised = revise_pairs(*sides, found, calibration.trust.comparable)
            # Facts may speak against what vectors find too improbable, but not for it.
            chances = (
                (i, j, q if p >= min_probability else min(p, q))
                for (i, j, p), (*_, q) in zip(found, revised, strict=True)
            )
            rest.append(replace(pair, pairs=tuple(chances)))
    won = _compete(rest, taken, min_probability)
    for pair in rest:
        own = won[pair.vi, pair.en]
        sides = vi[pair.vi], en[pair.en]
        # A bead may grow, and its facts with it: they are weighed in anew, not twice.
        seeds = [(i, j, by_vectors[pair.vi, pair.en][i, j]) for i, j, _ in own]
        grown = extend_pairs(*sides, seeds, calibration, *taken.of(pair))
        grown = revise_beads(*sides, grown, calibration.trust.comparable)
        beads = [bead for bead in grown if bead.score >= min_probability]
        taken.add(pair, beads)
        lost = [Bead((i,), (j,), p) for i, j, p in pair.pairs if (i, j, p) not in own]
        lost += [bead for bead in grown if bead.score < min_probability]
        rejected = [(bead, _why_not(bead, min_probability)) for bead in sorted(lost, key=lambda bead: bead.vi)]
        matches[pair.vi, pair.en] = Match(pair, "comparable", beads, rejected)
        progress("match", len(matches), len(pairs))
    return [matches[pair.vi, pair.en] for pair in pairs]


def _why_not(bead: Bead, min_probability: float) -> Reason:
    return "probability" if bead.score < min_probability else "competition"


class _Taken:
    """Sentences that serve in a bead already."""

    def __init__(self) -> None:
        self._vi: dict[int, set[int]] = {}
        self._en: dict[int, set[int]] = {}

    def of(self, pair: ArticlePair) -> tuple[set[int], set[int]]:
        """Return the taken sentences of the two articles."""
        return self._vi.setdefault(pair.vi, set()), self._en.setdefault(pair.en, set())

    def add(self, pair: ArticlePair, beads: Sequence[Bead]) -> None:
        """Take the sentences of beads."""
        vi, en = self.of(pair)
        for bead in beads:
            vi.update(bead.vi)
            en.update(bead.en)


def _compete(
    pairs: Sequence[ArticlePair], taken: _Taken, min_probability: float
) -> dict[tuple[int, int], list[ScoredPair]]:
    """Give each sentence to its most probable pair in the whole run; ties go to the first articles."""
    ranked = sorted(
        ((-p, pair.vi, pair.en, i, j, pair) for pair in pairs for i, j, p in pair.pairs if p >= min_probability),
        key=lambda entry: entry[:5],
    )
    won: dict[tuple[int, int], list[ScoredPair]] = {(pair.vi, pair.en): [] for pair in pairs}
    for negative, _, _, i, j, pair in ranked:
        vi_taken, en_taken = taken.of(pair)
        if i not in vi_taken and j not in en_taken:
            vi_taken.add(i)
            en_taken.add(j)
            won[pair.vi, pair.en].append((i, j, -negative))
    return won
