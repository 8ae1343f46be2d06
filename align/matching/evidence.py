"""What two sentences share besides their vectors: names, numbers, quotation marks.

A word of a Vietnamese text that is no Vietnamese syllable ("Kunduz", "Lavrov") is nearly always a foreign name, and
an English translation repeats it letter by letter. Names that the two languages write differently (Moskva, Moscow)
come from a list (`align.quality.facts.names`). Other capitalised words prove little: any Vietnamese text shares some
of its syllables with any other by chance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.quality.facts.names import WORD, name_list, plain_word
from align.vietnamese import is_syllable

FEATURES = (
    "names_shared",
    "vi_names_missing",
    "en_names_missing",
    "numbers_shared",
    "numbers_missing",
    "quote_shared",
    "quote_differs",
)
LIMIT = 3.0  # more shared or missing things than this say no more

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTE = re.compile(r'["“”«»]')
QUOTATION_LENGTH = 25  # characters; a word or two between quotation marks are a manner of speaking
# A month is a number in Vietnamese and a name in English: the list of names has it.
_MONTH = re.compile(r"tháng\s+\d+", re.IGNORECASE)

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What one side's sentences hold.

    Attributes:
        words: words without diacritics, in lower case, of each sentence, and its `listed` names.
        listed: names of the list, by their line.
        foreign: capitalised words that are no Vietnamese syllables, listed or not: English mostly repeats them
            letter by letter; empty sets on the English side.
        numbers: digits of each number, separators taken out: 1.000,5 and 1,000.5 are the same.
        quotes: bool (n,), does the sentence quote more than a few words.
    """

    words: list[set[str]]
    listed: list[set[str]]
    foreign: list[set[str]]
    numbers: list[set[str]]
    quotes: NDArray[np.bool_]


def evidence_of(texts: Sequence[str], lang: str) -> Evidence:
    """Collect the evidence of one side's sentences, given in their matching form (`align.sentences.fold`)."""
    names = name_list(lang)
    tokens = [WORD.findall(text) for text in texts]
    listed = [set(names.find(words)) for words in tokens]
    return Evidence(
        words=[{plain_word(w) for w in words} | found for words, found in zip(tokens, listed, strict=True)],
        listed=listed,
        foreign=[_foreign_names(words) if lang == "vi" else set() for words in tokens],
        numbers=[_numbers(text) for text in texts],
        quotes=np.array([_holds_quotation(text) for text in texts], dtype=bool),
    )


def has_words(text: str) -> bool:
    """Say whether a text holds a letter or a digit: without one there is nothing to translate."""
    return WORD.search(text) is not None


def no_evidence(count: int) -> Evidence:
    """Return the evidence of `count` sentences whose text is not at hand."""
    empty: list[set[str]] = [set() for _ in range(count)]
    return Evidence(empty, empty, empty, empty, np.zeros(count, dtype=bool))


def evidence_features(vi: Evidence, en: Evidence) -> Doubles:
    """Return float64 (7, n, m) in the order of `FEATURES`: counts up to 3, and 0 or 1 for the quotation marks."""
    vi_names = [one | other for one, other in zip(vi.listed, vi.foreign, strict=True)]
    names_shared = _shared(vi_names, en.words)
    listed_shared = _shared(vi.listed, en.listed)
    numbers_shared = _shared(vi.numbers, en.numbers)
    counts = (
        names_shared,
        _sizes(vi_names)[:, None] - names_shared,
        _sizes(en.listed)[None, :] - listed_shared,
        numbers_shared,
        _sizes(vi.numbers)[:, None] + _sizes(en.numbers)[None, :] - 2 * numbers_shared,
    )
    quotes = (vi.quotes[:, None] & en.quotes[None, :], vi.quotes[:, None] != en.quotes[None, :])
    return np.stack([*(np.minimum(count, LIMIT) for count in counts), *(mark.astype(np.float64) for mark in quotes)])


def _foreign_names(words: Sequence[str]) -> set[str]:
    return {plain_word(w) for w in words if len(w) > 2 and w[0].isupper() and not w.isupper() and not is_syllable(w)}


def _holds_quotation(text: str) -> bool:
    """Say whether a sentence quotes more than a few words.

    A quotation that begins or ends in another sentence leaves one mark, and either side of it may be the quotation.
    """
    parts = _QUOTE.split(text)
    quoted = parts[1::2] if len(parts) % 2 else parts
    return len(parts) > 1 and any(len(part) >= QUOTATION_LENGTH for part in quoted)


def _numbers(text: str) -> set[str]:
    found = _NUMBER.findall(_MONTH.sub(" ", text))
    return {re.sub(r"[.,]", "", number) for number in found}


def _sizes(sets: list[set[str]]) -> Doubles:
    return np.array([len(one) for one in sets], dtype=np.float64)


def _shared(vi: list[set[str]], en: list[set[str]]) -> Doubles:
    """Count, for every two sentences, the members of the first's set that the second's holds."""
    places = {word: place for place, word in enumerate(sorted(set().union(*vi)))}
    left, right = np.zeros((len(vi), len(places))), np.zeros((len(en), len(places)))
    for rows, sets in ((left, vi), (right, en)):
        for row, members in zip(rows, sets, strict=True):
            row[[places[word] for word in members if word in places]] = 1
    return left @ right.T
