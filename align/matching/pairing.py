"""Which articles belong together: by how alike they are and how well their sentences match.

Candidates are the articles whose document vectors are nearest (the mean of the sentence vectors, centred), in the whole
run and among those of the same days, and those that share names and numbers which few others have. Candidates with
sentences that may translate each other are then matched sentence by sentence, and kept when they share more than
unrelated articles do by chance. An article may belong to several. However many articles there are, each is matched with
a few only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Calibration, PairingThresholds
from align.matching.clues import UNKNOWN, Clues, as_written, clues_of, days_apart, days_of
from align.matching.comparable import ScoredPair, match_pairs
from align.matching.neighbours import nearest, nearest_both
from align.matching.routing import Mode, Route, route
from align.matching.sides import Side
from align.matching.spans import Floats, Ints, centre_of, unit_rows
from align.progress import Progress, silent

Dates = tuple[Sequence[str | None], Sequence[str | None]]
"""Dates of the Vietnamese and of the English articles, as they came; None is not known."""

CANDIDATES = 10  # nearest articles of the other language that are looked at
CANDIDATES_BY_CLUES = 5  # that share the rarest names and numbers
CANDIDATES_BY_DATE = 5  # nearest among those of the same days
DAYS_NEAR = 3  # one newsroom waits for the other, and clocks differ by time zone
DAYS_FAR = 30  # between reports of different events, however alike
CLUES_SHOWN = 3
# Standard deviations that the nearest sentences of two articles may lie below translations. Of 2,364 candidates among
# news articles, 194 would be kept, all of them above; nine in ten of the others lie below and need no closer look.
FARTHEST = 2.5
LARGEST_GLANCE = 4_000_000  # sentence pairs of two articles; books are always looked at

# Chosen by eye, as the calibration's similarities are, on 60 news articles, whole and with half of each gone
# (benchmarks/pairing.py prints the quantiles), and on one real event told by five newsrooms: of unrelated article pairs
# 1 in 20 shows more than 0.95 chance matches.
MIN_MATCHES = 1.0  # expected sentence pairs, chance taken off
MIN_SCORE = 0.5  # share of the shorter article that speaks for itself, however long the articles are
CHANCE_MATCHES = 0.02  # expected sentence pairs of unrelated articles, per sentence of the shorter one


@dataclass(frozen=True)
class ArticlePair:
    """Two articles with what was found in them.

    Attributes:
        vi, en: 0-based indices of the articles.
        score: expected share of the shorter article's sentences that have a counterpart, 0 to 1.
        matches: expected number of sentence pairs.
        similarity: cosine of the document vectors.
        route: how to match them, and why.
        pairs: sentence pairs that are each other's best, with probabilities.
        shared: names and numbers that few articles of the run but these two have, as the English one writes them.
        days: between their dates; None where one is not known.
        named: their names alone say that they belong together.
    """

    vi: int
    en: int
    score: float
    matches: float
    similarity: float
    route: Route
    pairs: tuple[ScoredPair, ...]
    shared: tuple[str, ...] = ()
    days: int | None = None
    named: bool = False

    @property
    def reason(self) -> str:
        """How the two are matched, and why they were taken for a pair, in one line."""
        return f"{self.route.reason}; {self.likeness}"

    @property
    def likeness(self) -> str:
        """Why the two were taken for a pair.

        >>> chosen = Route("parallel", 1.0, 0.9, 0.75)
        >>> ArticlePair(0, 0, 0.9, 7.2, 0.912, chosen, (), ("Kunduz", "1,900"), 1).likeness
        'similarity 0.91, 1 day apart, both have Kunduz, 1,900'
        """
        parts = [f"similarity {self.similarity:.2f}"]
        if self.named:
            parts.append("same name")
        if self.days is not None:
            parts.append("same day" if self.days == 0 else f"{self.days} day{'s' * (self.days > 1)} apart")
        if self.shared:
            parts.append("both have " + ", ".join(self.shared))
        return ", ".join(parts)


def pair_sides(
    vi: Sequence[Side],
    en: Sequence[Side],
    calibration: Calibration,
    *,
    candidates: Iterable[tuple[int, int]] | None = None,
    expected: Iterable[tuple[int, int]] = (),
    dates: Dates | None = None,
    keep_all: bool = False,
    progress: Progress = silent,
) -> list[ArticlePair]:
    """Return the article pairs that belong together, by Vietnamese and then English index.

    Args:
        vi, en: the articles.
        calibration: of the encoder that made the vectors.
        candidates: article pairs to look at; None finds them.
        expected: article pairs that their names speak for; they are looked at, too, and less has to be found in them.
        dates: of the articles; one that is missing or cannot be read says nothing.
        keep_all: keep every candidate, whatever it shares.
        progress: called as `progress("pair", done, total)`.
    """
    if not vi or not en:
        return []
    named = set(expected)
    run = _Run.of(vi, en, dates)
    looked_at = sorted(named.union(run.candidates() if candidates is None else candidates))
    kept = []
    for done, (i, j) in enumerate(looked_at, 1):
        sides, similarity = (vi[i], en[j]), run.similarity(i, j)
        alike = similarity >= calibration.pairing.same_event_similarity
        if keep_all or (i, j) in named or alike or may_match(*sides, calibration):
            days = days_apart(int(run.vi_days[i]), int(run.en_days[j]))
            pair = replace(look_at(i, j, *sides, calibration, similarity), days=days, named=(i, j) in named)
            if keep_all or _belong_together(pair, *sides, calibration.pairing):
                shared = as_written(run.clues.shared(i, j), en[j])
                kept.append(replace(pair, shared=tuple(shared[:CLUES_SHOWN])))
        progress("pair", done, len(looked_at))
    return kept


def may_match(vi: Side, en: Side, calibration: Calibration) -> bool:
    """Say whether any two sentences of two articles are about as near as translations are.

    Takes a twentieth of the time of matching them.
    """
    if len(vi.vectors) * len(en.vectors) > LARGEST_GLANCE:
        return True
    rows, columns = (
        unit_rows(side.vectors - centre_of(side.vectors, side.prior_centre, calibration.centre_sentences))
        for side in (vi, en)
    )
    scale = calibration.scales.centred
    return bool((rows @ columns.T).max(initial=-1.0) >= scale.match_mean - FARTHEST * scale.match_deviation)


@dataclass(frozen=True)
class _Run:
    """What is known of all articles before their sentences are matched.

    Attributes:
        vi, en: document vectors, float32 (articles, dim).
        vi_days, en_days: see `align.matching.clues.days_of`.
        clues: rare names and numbers.
    """

    vi: Floats
    en: Floats
    vi_days: Ints
    en_days: Ints
    clues: Clues

    @classmethod
    def of(cls, vi: Sequence[Side], en: Sequence[Side], dates: Dates | None) -> _Run:
        vi_dates, en_dates = (None, None) if dates is None else dates
        days = days_of(vi_dates, "vi", len(vi)), days_of(en_dates, "en", len(en))
        return cls(document_vectors(vi), document_vectors(en), *days, clues_of(vi, en))

    def similarity(self, i: int, j: int) -> float:
        return float(self.vi[i] @ self.en[j])

    def candidates(self) -> set[tuple[int, int]]:
        """Return the article pairs that are worth a look."""
        found = nearest_articles(self.vi, self.en)
        found |= self.clues.nearest(CANDIDATES_BY_CLUES)
        found |= set(_nearest_in_time(self.vi, self.en, self.vi_days, self.en_days))
        return found | {(i, j) for j, i in _nearest_in_time(self.en, self.vi, self.en_days, self.vi_days)}


def _belong_together(pair: ArticlePair, vi: Side, en: Side, thresholds: PairingThresholds) -> bool:
    """Decide by what the articles share; a common name stands for their being alike."""
    if not len(vi.vectors) or not len(en.vectors):
        return False
    matches = pair.matches - chance_matches(vi, en)
    alike = matches >= MIN_MATCHES and (pair.named or pair.similarity >= thresholds.min_similarity)
    near = pair.days is None or pair.days <= DAYS_FAR
    same_event = near and pair.similarity >= thresholds.same_event_similarity
    return alike or pair.score >= MIN_SCORE or same_event


def look_at(i: int, j: int, vi: Side, en: Side, calibration: Calibration, similarity: float) -> ArticlePair:
    """Match two articles sentence by sentence."""
    pairs = match_pairs(vi, en, calibration)
    matches = sum(probability for _, _, probability in pairs)
    shorter = max(min(len(vi.vectors), len(en.vectors)), 1)
    found = route(pairs, len(vi.vectors), len(en.vectors))
    return ArticlePair(i, j, min(matches / shorter, 1.0), matches, similarity, found, tuple(pairs))


def chance_matches(vi: Side, en: Side) -> float:
    """Return how many sentence pairs two unrelated articles of these lengths are expected to show."""
    return CHANCE_MATCHES * min(len(vi.vectors), len(en.vectors))


def nearest_articles(vi: Floats, en: Floats) -> set[tuple[int, int]]:
    """Return each article's nearest ones of the other language by document vectors; ties go to the first."""
    found: set[tuple[int, int]] = set()
    for near, flipped in zip(nearest_both(vi, en, CANDIDATES), (False, True), strict=True):
        for first, places in enumerate(near.places.tolist()):
            found.update((place, first) if flipped else (first, place) for place in places if place >= 0)
    return found


def _nearest_in_time(queries: Floats, pool: Floats, days: Ints, pool_days: Ints) -> list[tuple[int, int]]:
    """Return each article's nearest ones among those dated a few days before or after it."""
    known = np.flatnonzero(pool_days != UNKNOWN)
    known = known[np.lexsort((known, pool_days[known]))]
    found = []
    for day in np.unique(days[days != UNKNOWN]):
        first, last = np.searchsorted(pool_days[known], (day - DAYS_NEAR, day + DAYS_NEAR + 1))
        own, others = np.flatnonzero(days == day), np.sort(known[first:last])
        if len(others):
            places = nearest(queries[own], pool[others], min(CANDIDATES_BY_DATE, len(others))).places
            found += list(zip(np.repeat(own, places.shape[1]).tolist(), others[places].ravel().tolist(), strict=True))
    return found


def document_similarity(vi: Sequence[Side], en: Sequence[Side]) -> NDArray[np.float64]:
    """Return the cosine of every two articles' document vectors, float64 (vi articles, en articles)."""
    if not vi or not en:
        return np.zeros((len(vi), len(en)))
    return np.asarray(document_vectors(vi) @ document_vectors(en).T, dtype=np.float64)


def document_vectors(sides: Sequence[Side]) -> Floats:
    """Return float32 (articles, dim): the unit mean of each article's sentence vectors, centred by language.

    The centre is the encoder's for general text, so that two reports of one event stay alike in a run of nothing else;
    an encoder that has none is centred by the run itself.
    """
    means = unit_rows(np.array([_mean(side) for side in sides]))
    prior = sides[0].prior_centre
    return unit_rows(means - (centre_of(means, None, 0.0) if prior is None else prior))


def _mean(side: Side) -> NDArray[np.float32]:
    weights = np.sqrt(side.lengths).astype(np.float32)
    total: NDArray[np.float32] = weights @ side.vectors
    return total


def forced(pair: ArticlePair, mode: Mode) -> Mode:
    """Return the mode that was asked for, or what the pair's own evidence says."""
    return pair.route.mode if mode == "auto" else mode
