"""A side that is a copy of the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import bare, folded, without_addresses, words


@dataclass(frozen=True)
class Copied(PairFilter):
    """Refuses pairs in which nothing, or hardly anything, was translated.

    Words are compared in lower case without diacritics; addresses, numbers and code are no words. Plain words are those
    that do not begin with a capital, so that names, which both sides share by right, do not count.

    Scores: `copied`, the share of the plain words of the side that has more of them which the other side has too;
    `copied_words`, how many these are; `copied_changed`, the words of any kind that only one side has.
    """

    max_share: float = 0.7
    min_words: int = 4

    name: ClassVar[str] = "copied"
    columns: ClassVar = dict.fromkeys(["copied", "copied_words", "copied_changed"], pl.Float64())

    def score_pair(self, vi: str, en: str) -> tuple[float, float, float]:
        """Return the share, the shared plain words and the words on one side only."""
        vi_words, en_words = words(vi), words(en)
        vi_plain, en_plain = ([bare(word) for word in side if not word[0].isupper()] for side in (vi_words, en_words))
        shared = _shared(vi_plain, en_plain)
        more = max(len(vi_plain), len(en_plain))
        if vi_words or en_words:
            changed = _changed(list(map(bare, vi_words)), list(map(bare, en_words)))
        else:
            changed = int(_letters(vi) != _letters(en))  # placeholders in code may be translated
        return shared / more if more else 0.0, shared, changed

    def reason(self, share: float, shared: float, changed: float) -> str | None:
        """Tell a whole copy, a near copy and a pair without anything to translate."""
        if not changed:
            return "both sides have the same words" if shared else "nothing to translate: names, numbers or addresses"
        if share > self.max_share and shared >= self.min_words:
            return f"{share:.3g} of the plain words are the same, at most {self.max_share:g}"
        return None


def _shared(vi: list[str], en: list[str]) -> int:
    """Return how many words both have, each as often as the side that has it less."""
    common = set(vi).intersection(en)
    if not common:
        return 0
    vi_counts, en_counts = Counter(vi), Counter(en)
    return sum(min(vi_counts[word], en_counts[word]) for word in common)


def _changed(vi: list[str], en: list[str]) -> int:
    """Return how many words only one side has; none where only the spaces differ, as in Hà Nội and Hanoi."""
    one_side = len(vi) + len(en) - 2 * _shared(vi, en)
    return one_side if one_side and "".join(vi) != "".join(en) else 0


def _letters(text: str) -> str:
    return bare("".join(filter(str.isalpha, without_addresses(folded(text)))))
