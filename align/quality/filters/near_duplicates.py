"""Pairs that are nearly the same as one before, found by MinHash; needs the extra `dedup`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from align.errors import MissingExtraError
from align.quality.filters.base import PairFilter
from align.quality.filters.words import words

if TYPE_CHECKING:
    from rensa import RMinHash, RMinHashLSH

_PERMUTATIONS = 128
_BANDS = 32  # of 4 rows: a pair of similarity .8 is missed less than once in 10,000,000, one of .5 found in 87 of 100
_SEED = 20161
_SHINGLE = 2  # words


@dataclass
class NearDuplicates(PairFilter):
    """Refuses pairs that are nearly the same as a pair that was kept before.

    Similarity is the Jaccard index of the shingles of two words of both sides, estimated by 128 permutations (Broder
    1997) with a fixed seed: standard error .035 at .8. The first pair stays, as in `duplicates`; a refused one is not
    remembered. Pairs of fewer than `min_words` words in all are kept: one word is too much of them.

    Score: the highest similarity to a remembered pair, of those that share a band of the index; 0 where none does.

    Raises:
        MissingExtraError: the package rensa is absent.
    """

    max_similarity: float = 0.8
    min_words: int = 12

    name: ClassVar[str] = "near_duplicates"
    columns: ClassVar = {"near_duplicates": pl.Float64()}
    stateful: ClassVar[bool] = True

    _index: RMinHashLSH = field(init=False, repr=False, compare=False)
    _kept: list[RMinHash] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the index."""
        try:
            from rensa import RMinHashLSH
        except ImportError as error:
            raise MissingExtraError("the filter near_duplicates", "dedup") from error
        self._index = RMinHashLSH(self.max_similarity, _PERMUTATIONS, _BANDS)

    def score_pair(self, vi: str, en: str) -> tuple[float]:
        """Return the highest similarity, and remember the pair when it is kept."""
        from rensa import RMinHash

        shingles = _shingles("v", vi) + _shingles("e", en)
        if len(words(vi)) + len(words(en)) < self.min_words:
            return (0.0,)
        sketch = RMinHash(_PERMUTATIONS, _SEED)
        sketch.update(shingles)
        similarity = max((sketch.jaccard(self._kept[key]) for key in self._index.query(sketch)), default=0.0)
        if similarity <= self.max_similarity:
            self._index.insert(len(self._kept), sketch)
            self._kept.append(sketch)
        return (similarity,)

    def reason(self, similarity: float) -> str | None:
        """Refuse what is too similar."""
        if similarity <= self.max_similarity:
            return None
        return f"similarity {similarity:.3g} to a pair before, at most {self.max_similarity:g}"


def _shingles(side: str, text: str) -> list[str]:
    lower = [side, *(word.lower() for word in words(text)), side]
    return [" ".join([side, *lower[at : at + _SHINGLE]]) for at in range(len(lower) - _SHINGLE + 1)]
