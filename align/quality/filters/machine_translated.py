"""Signs of machine-made text: weak evidence, summed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import ENGLISH_WORDS, VIETNAMESE_WORDS, folded, lower_words, words

# What a decoder, a tokeniser or a placeholder scheme leaves behind; no writer types these.
_LEFTOVER = re.compile(
    r"⁇|▁|\w@@(?=\s|$)|@-@|</?s>|<pad>|(?i:<unk>|\[unk\]|\[mask\]|\[sep\]|\[cls\])|<2(?:vi|en)>|__(?:vi|en|opt_\w+)__|"
    r"\bvie_Latn\b|\beng_Latn\b|(?i:\b__?(?:url|num|ent|placeholder|tag)_?\d*__?\b|\bxx(?:url|num)\w*)"
)
_MAY_BE_LEFTOVER = re.compile(r"[⁇▁@<\[_]|(?i:xx)")
_SPACED = re.compile(r"\w ([,.;:!?)])(?=\s|$)")
_QUOTED = re.compile(r"\"[^\"]*\"|\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W\d_]+")

_LEFTOVER_WEIGHT = 1.0
_LOOP_WEIGHT = 0.75
_FOREIGN_WEIGHT = 0.3
_SPACED_WEIGHT = 0.1
_SPACED_LIMIT = 0.3  # text tokenised for training has spaces before all marks and is none the worse
_LOOP_WORDS = 6
_LOOP_PERIOD = 6  # words that are said again


@dataclass(frozen=True)
class MachineTranslated(PairFilter):
    """Refuses pairs with plain signs of a machine: leftovers of its tokeniser, loops, words that it did not translate.

    Weak evidence: fluent machine translation shows none of these signs, and a person may write one of them. Hence the
    limit is reached by a leftover such as "⁇" alone, otherwise only by several signs together.

    Score, the sum over both sides of
        1 for each leftover: "[UNK]", "<unk>", "⁇", "▁", "@@", language tokens, placeholders
        0.75 for a loop, up to six words three times in a row, six words in all at least, when the other side has none
        0.3 for each function word of the other language, outside quotation marks, brackets and names
        0.1 for each space before a mark of punctuation, at most 0.3
    """

    max_score: float = 0.7

    name: ClassVar[str] = "machine_translated"
    columns: ClassVar = {"machine_translated": pl.Float64()}

    def score_pair(self, vi: str, en: str) -> tuple[float]:
        """Return the sum of the signs."""
        vi, en = folded(vi), folded(en)
        leftovers = sum(len(_LEFTOVER.findall(text)) for text in (vi, en) if _MAY_BE_LEFTOVER.search(text))
        foreign = _foreign(vi, ENGLISH_WORDS) + _foreign(en, VIETNAMESE_WORDS)
        spaced = len(_SPACED.findall(vi)) + len(_SPACED.findall(en))
        loops = _has_loop(vi) != _has_loop(en)
        return (
            _LEFTOVER_WEIGHT * leftovers
            + _LOOP_WEIGHT * loops
            + _FOREIGN_WEIGHT * foreign
            + min(_SPACED_LIMIT, _SPACED_WEIGHT * spaced),
        )

    def reason(self, score: float) -> str | None:
        """Refuse when the signs weigh enough."""
        return f"signs of a machine {score:.3g}, at most {self.max_score:g}" if score > self.max_score else None


def _has_loop(text: str) -> bool:
    """Tell whether up to six words are said three times in a row, six words in all at least."""
    found = lower_words(text)
    if len(found) < _LOOP_WORDS or max(Counter(found).values()) < 3:
        return False
    return any(
        _longest_echo(found, period) >= max(2 * period, _LOOP_WORDS - period) for period in range(1, _LOOP_PERIOD + 1)
    )


def _longest_echo(found: tuple[str, ...], period: int) -> int:
    """Return how many words in a row are the same as the word `period` places before."""
    longest = run = 0
    for word, before in zip(found[period:], found, strict=False):
        run = run + 1 if word == before else 0
        longest = max(longest, run)
    return longest


def _foreign(text: str, known: frozenset[str]) -> int:
    """Count the words of a list, unless a capitalised word stands before or after: Bank of America is a name."""
    if known.isdisjoint(words(text)):
        return 0
    found = ["", *_WORD.findall(_QUOTED.sub(" ", text)), ""]
    return sum(
        word in known and not before[:1].isupper() and not after[:1].isupper()
        for before, word, after in zip(found, found[1:], found[2:], strict=False)
    )
