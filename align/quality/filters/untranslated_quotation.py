"""A stretch of words that stands on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import lower_words, words

_GRAM = 3


@dataclass(frozen=True)
class UntranslatedQuotation(PairFilter):
    """Refuses pairs in which a quotation or another long stretch was left in the language of the other side.

    Scores: `untranslated_quotation`, the plain words (not capitalised) of the longest stretch of words, at least three,
    that stands on both sides word for word; `untranslated_quotation_share`, its words by those of the shorter side.
    Names, titles of works in title case and slogans of capitalised words have few plain words.
    """

    max_words: int = 4
    max_share: float = 0.25

    name: ClassVar[str] = "untranslated_quotation"
    columns: ClassVar = dict.fromkeys(["untranslated_quotation", "untranslated_quotation_share"], pl.Float64())

    def score_pair(self, vi: str, en: str) -> tuple[float, float]:
        """Return the plain words of the longest common stretch and its share."""
        vi_words, en_words = words(vi), words(en)
        stretch = _longest_common(vi_words, lower_words(vi), lower_words(en))
        plain = sum(not word[0].isupper() for word in stretch)
        return plain, len(stretch) / max(1, min(len(vi_words), len(en_words)))

    def reason(self, plain: float, share: float) -> str | None:
        """Refuse a stretch that is long by itself and for its side."""
        if plain <= self.max_words or share <= self.max_share:
            return None
        return f"{plain:.0f} words in a row on both sides, at most {self.max_words}; share {share:.3g}"


def _longest_common(vi: tuple[str, ...], vi_lower: tuple[str, ...], en_lower: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stretch of `vi` that has the most plain words and whose every three words in a row are in `en`."""
    known = set(zip(en_lower, en_lower[1:], en_lower[2:], strict=False))
    best: tuple[str, ...] = ()
    most, start = 0, None
    for at in range(len(vi) - _GRAM + 2):
        inside = at <= len(vi) - _GRAM and vi_lower[at : at + _GRAM] in known
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            stretch = vi[start : at + _GRAM - 1]
            plain = sum(not word[0].isupper() for word in stretch)
            if plain > most:
                best, most = stretch, plain
            start = None
    return best
