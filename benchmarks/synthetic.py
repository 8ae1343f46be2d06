"""Made vectors: of LASER2's shape, and of documents and pools of any size with the statistics of real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from align.matching.beads import Bead
from align.matching.spans import Floats, Ints, unit_rows

DIM = 384
# Measured with the bundled encoder on 60 news articles in both languages (956 translated sentences). Vectors are a mean
# vector of the language, as long as CENTRE, and what is the sentence's own; cosines are of centred vectors.
CENTRE = 0.81  # cosine of sentences of different articles .65
CENTRES_COSINE = 0.994  # of the two languages' mean vectors
DIMENSIONS = 100  # effective ones: cosines of unrelated sentences deviate by .10
TOPIC = 0.25  # cosine of sentences of one article; .19 across languages
SAME = (0.774, 0.089)  # cosine of translations, mean and deviation
LENGTH = (4.78, 0.56)  # log characters of a Vietnamese sentence
RATIO = (-0.096, 0.163)  # log ratio of lengths
ARTICLE = 16  # sentences in an article
# Shares of beads of news_docs/noisy, rounded; gaps come one by one and, one in five, by threes to eights.
SHAPES = {
    (1, 1): 0.75,
    (1, 2): 0.08,
    (2, 1): 0.07,
    (2, 2): 0.02,
    (1, 3): 0.01,
    (3, 1): 0.01,
    (1, 0): 0.03,
    (0, 1): 0.03,
}
BURSTS = 0.2


@dataclass(frozen=True)
class Made:
    """Two sides and how they belong together.

    Attributes:
        vi, en: float32 (n, dim), unit rows.
        vi_lengths, en_lengths: float64 (n,), characters.
        gold: the beads, empty sides included.
    """

    vi: Floats
    en: Floats
    vi_lengths: np.ndarray
    en_lengths: np.ndarray
    gold: list[Bead]


def made_document(size: int, seed: int = 0) -> Made:
    """Return a document pair in order of some `size` Vietnamese sentences: articles laid end to end."""
    draw = np.random.default_rng(seed)
    shapes = _shapes(size, draw)
    vi_counts, en_counts = shapes.T
    meanings = _meanings(len(shapes), draw)
    # A bead of several sentences says more than a sentence, but not several times as much.
    lengths = np.exp(draw.normal(*LENGTH, len(shapes))) * np.sqrt(shapes.max(axis=1))
    other = _translated(meanings, draw)
    ratios = np.exp(draw.normal(*RATIO, len(shapes)))
    vi, vi_lengths = _parts(meanings, lengths, vi_counts, draw)
    en, en_lengths = _parts(other, lengths * ratios, en_counts, draw)
    starts = np.cumsum(shapes, axis=0) - shapes
    gold = [
        Bead(tuple(range(i, i + a)), tuple(range(j, j + b)))
        for (i, j), (a, b) in zip(starts.tolist(), shapes.tolist(), strict=True)
    ]
    return Made(*_placed(vi, en, draw), vi_lengths, en_lengths, gold)


def made_pool(size: int, seed: int = 0, true: float = 0.5) -> Made:
    """Return two pools of `size` sentences in random order, of which the share `true` has a translation."""
    draw = np.random.default_rng(seed)
    pairs = int(size * true)
    meanings = _meanings(2 * size - pairs, draw)
    vi, en = meanings[:size], np.concatenate([_translated(meanings[:pairs], draw), meanings[size:]])
    order_vi, order_en = draw.permutation(size), draw.permutation(size)
    lengths = np.exp(draw.normal(*LENGTH, 2 * size - pairs))
    en_lengths = np.concatenate([lengths[:pairs] * np.exp(draw.normal(*RATIO, pairs)), lengths[size:]])
    place_vi, place_en = np.argsort(order_vi), np.argsort(order_en)
    gold = sorted((int(place_vi[k]), int(place_en[k])) for k in range(pairs))
    vi, en = _placed(vi[order_vi], en[order_en], draw)
    beads = [Bead((i,), (j,)) for i, j in gold]
    return Made(vi, en, lengths[:size][order_vi], en_lengths[order_en], beads)


def made_articles(count: int, seed: int = 0) -> tuple[Made, Ints]:
    """Return `count` articles a side, the English ones shuffled, and where they lie: int64 (2, count, 2), [start, end).

    Gold is of articles: beads (Vietnamese article,), (English article,).
    """
    whole = made_document(2 * count * ARTICLE, seed)
    counts = np.array([(len(bead.vi), len(bead.en)) for bead in whole.gold])
    starts = (np.cumsum(counts, axis=0) - counts)[::ARTICLE].T
    cuts = np.stack([starts[:, :count], starts[:, 1 : count + 1]], axis=-1)
    order = np.random.default_rng(seed).permutation(count)
    cuts[1] = cuts[1][order]
    gold = [Bead((int(vi),), (en,)) for en, vi in enumerate(order)]
    return replace(whole, gold=gold), cuts


def _shapes(size: int, draw: np.random.Generator) -> Ints:
    """Draw the shapes of beads, int64 (beads, 2), until there are `size` Vietnamese sentences."""
    kinds, chances = np.array(list(SHAPES)), np.array(list(SHAPES.values()))
    drawn = kinds[draw.choice(len(kinds), size=2 * size + 10, p=chances / chances.sum())]
    runs = np.where((drawn.min(axis=1) == 0) & (draw.random(len(drawn)) < BURSTS), draw.integers(3, 9, len(drawn)), 1)
    shapes = np.repeat(drawn, runs, axis=0)
    return shapes[: int(np.searchsorted(np.cumsum(shapes[:, 0]), size)) + 1]


def _meanings(count: int, draw: np.random.Generator) -> Floats:
    """Return float32 (count, dim) unit rows: a topic for every article, and each sentence's own part."""
    topics = _own(-(-count // ARTICLE), draw)[np.arange(count) // ARTICLE]
    return unit_rows(np.sqrt(TOPIC) * topics + np.sqrt(1 - TOPIC) * _own(count, draw))


def _own(count: int, draw: np.random.Generator) -> Floats:
    """Return float32 (count, dim) unit rows with falling spectrum: few dimensions carry most."""
    falling = np.sqrt(((DIMENSIONS - 1) / (DIMENSIONS + 1)) ** np.arange(DIM)).astype(np.float32)
    return unit_rows(draw.standard_normal((count, DIM), dtype=np.float32) * falling)


def _translated(meanings: Floats, draw: np.random.Generator) -> Floats:
    """Return the other language's rows: of the drawn cosine with the first's."""
    cosine = np.clip(draw.normal(*SAME, (len(meanings), 1)), 0.1, 0.99).astype(np.float32)
    return unit_rows(cosine * meanings + np.sqrt(1 - cosine**2) * _own(len(meanings), draw))


def _parts(whole: Floats, lengths: np.ndarray, counts: Ints, draw: np.random.Generator) -> tuple[Floats, np.ndarray]:
    """Split each bead's meaning into `counts` sentences whose vectors, weighted by length, have it as their mean."""
    rows = np.repeat(np.arange(len(whole)), counts)
    share = draw.uniform(0.5, 1.5, len(rows))
    share /= np.bincount(rows, share, len(whole))[rows]
    parted = (counts[rows] > 1)[:, None]
    apart = np.where(parted, _own(len(rows), draw), np.float32(0))
    mean = np.zeros_like(whole)
    np.add.at(mean, rows, apart * share[:, None].astype(np.float32))
    vectors = unit_rows(whole[rows] + apart - mean[rows])
    return vectors, lengths[rows] * share


def _placed(vi: Floats, en: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Add each language's mean vector."""
    first, second = _own(2, draw)
    second = unit_rows((second - (second @ first) * first)[None])[0]
    centres = CENTRE * first, CENTRE * (CENTRES_COSINE * first + np.sqrt(1 - CENTRES_COSINE**2) * second)
    own = np.sqrt(1 - CENTRE**2)
    return unit_rows(own * vi + centres[0]), unit_rows(own * en + centres[1])


class LaserLike:
    """An encoder of LASER2's shape: 1024 numbers, the element-wise maximum over words with a seeded vector each.

    Words that both languages share (names, figures) are all that it knows of translations.
    """

    name, dim, pooling, fingerprint = "laser-like", 1024, "max", "laser-like 1"

    def __init__(self) -> None:
        """Know no word."""
        self._words: dict[str, Floats] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return float32 (n, 1024) unit rows."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for place, text in enumerate(texts):
            rows[place] = np.max([self._word(word) for word in text.split() or [""]], axis=0)
        return unit_rows(rows)

    def centre(self, lang: str) -> None:
        """Know no mean vector."""

    def _word(self, word: str) -> Floats:
        if word not in self._words:
            seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
            self._words[word] = np.random.default_rng(seed).standard_normal(self.dim, dtype=np.float32)
        return self._words[word]
