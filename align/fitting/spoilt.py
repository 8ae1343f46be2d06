"""Make files of pairs of which about half are right: what `align score` is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document
from align.sentences.folding import fold

WAYS = ("kept", "shifted", "rival", "vi half", "en half", "more")
CHANCES = (0.5, 0.1, 0.2, 0.06, 0.07, 0.07)


def spoilt_file(collection: Document, encoder: Encoder, seed: int) -> tuple[list[str], list[str], list[bool]]:
    """Return both sides of a file of pairs, and which are right.

    What a pair is spoilt by is drawn: the next line's English; the English most like its own of the whole collection;
    the first or second half of either side alone; the next line's English as well.
    """
    draw = np.random.default_rng(seed)
    gold = [(bead.vi[0], bead.en[0]) for bead in collection.gold]
    nearest = _rivals([collection.en[j] for _, j in gold], encoder)
    vi, en, right = [], [], []
    for place, (i, j) in enumerate(gold):
        following = collection.en[gold[(place + 1) % len(gold)][1]]
        way = draw.choice(WAYS, p=CHANCES)
        left, other = collection.vi[i], collection.en[j]
        if way == "shifted":
            other = following
        elif way == "rival":
            other = collection.en[gold[nearest[place]][1]]
        elif way == "more":
            other = f"{other} {following}"
        elif way == "vi half":
            left = _half(left, draw)
        elif way == "en half":
            other = _half(other, draw)
        vi.append(left)
        en.append(other)
        right.append((left, other) == (collection.vi[i], collection.en[j]))
    return vi, en, right


def _rivals(texts: Sequence[str], encoder: Encoder) -> NDArray[np.int64]:
    """Return for each text the place of the one most like it."""
    vectors = encoder.encode([fold(text) for text in texts])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return np.asarray(cosines.argmax(axis=1))


def _half(text: str, draw: np.random.Generator) -> str:
    words = text.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[:middle] if draw.random() < 0.5 else words[middle:]) or text
