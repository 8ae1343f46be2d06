"""Characters that no writer meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import folded, lower_words, without_addresses, words
from align.vietnamese import has_regular_case, is_syllable

# Replacement character, control characters, private use, non-characters: a letter was lost there.
_BROKEN = re.compile("[\ufffd\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")
_LOST_LETTER = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])")  # Vi?t Nam
_TAGS = (
    "a abbr article aside b blockquote body br button caption center cite code dd div dl dt em embed figcaption figure "
    "font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input label li link meta nav ol option p "
    "picture pre script section select small source span strong style sub sup svg table tbody td textarea th thead "
    "title tr u ul video"
).replace(" ", "|")
_MARKUP = re.compile(
    rf"</?(?:{_TAGS})(?:\s[^<>]*)?>|<!--|&(?:amp|nbsp|quot|apos|lt|gt|[lr][sd]quo|[mn]dash|hellip|copy|#\d{{2,6}}"
    r"|#x[\da-fA-F]{2,5});|\[/?(?:b|i|u|url|img|quote|code|caption)(?:=[^\]\s]{0,200})?\]",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"[^\w\s.,:;!?'\"()%&/$€£¥₫°+-]")
_LETTERS = re.compile(r"[^\W\d_]+")
_SAME_CHARS = re.compile(r"(\S)\1{4,}")
# A lead byte of UTF-8 and a byte that follows one, both read as Windows-1252 or Latin-1.
_MAY_BE_MOJIBAKE = re.compile("[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


@dataclass(frozen=True)
class Noise(PairFilter):
    """Refuses pairs with a side of broken encoding, markup, symbols or repetition.

    Scores, the worse of the two sides each:
        noise_broken: characters that stand for a lost one: U+FFFD, controls, private use, "?" within words, and words
            of the Vietnamese side that no encoding of Vietnamese makes ("TiÕng ViÖt")
        noise_mojibake: words that `align.articles.repair` would mend ("Tiáº¿ng")
        noise_markup: HTML tags and entities, forum tags
        noise_symbols: share of symbols among the characters that are no white space
        noise_letters: share of letters among them (the smaller one)
        noise_repeated_chars: longest run of one character, from 5 on; noise_repeated_words: of one word
        noise_caps: share of capitals among the letters (of iPhone none); not limited by default
    """

    max_broken: int = 0
    max_mojibake: int = 0
    max_markup: int = 0
    max_symbols: float = 0.3
    min_letters: float = 0.3
    max_repeated_chars: int = 8
    max_repeated_words: int = 5
    max_caps: float = 1.0

    name: ClassVar[str] = "noise"
    columns: ClassVar = dict.fromkeys(
        [
            "noise_broken",
            "noise_mojibake",
            "noise_markup",
            "noise_symbols",
            "noise_letters",
            "noise_repeated_chars",
            "noise_repeated_words",
            "noise_caps",
        ],
        pl.Float64(),
    )

    def score_pair(self, vi: str, en: str) -> tuple[float, ...]:
        """Return the scores in the order of `columns`."""
        both = (vi, en)
        broken = max(_broken_chars(vi) + _broken_words(vi), _broken_chars(en))
        letters, symbols, caps = zip(*map(_shares, both), strict=True)
        return (
            broken,
            max(map(_mojibake, both)),
            max(len(_MARKUP.findall(text)) if "<" in text or "&" in text or "[" in text else 0 for text in both),
            max(symbols),
            min(letters),
            max(map(_repeated_chars, both)),
            max(map(_repeated_words, both)),
            max(caps),
        )

    def reason(self, *scores: float) -> str | None:
        """Name the first kind of noise that is beyond its limit."""
        broken, mojibake, markup, symbols, letters, chars, same_words, caps = scores
        limits = (
            (broken, self.max_broken, "broken characters or words"),
            (mojibake, self.max_mojibake, "words of mojibake"),
            (markup, self.max_markup, "tags or entities"),
            (symbols, self.max_symbols, "share of symbols"),
            (chars, self.max_repeated_chars, "times the same character"),
            (same_words, self.max_repeated_words, "times the same word"),
            (caps, self.max_caps, "share of capitals"),
        )
        for value, limit, what in limits:
            if value > limit:
                return f"{what} {value:.3g}, at most {limit:g}"
        if letters < self.min_letters:
            return f"share of letters {letters:.3g}, at least {self.min_letters:g}"
        return None


def _broken_chars(text: str) -> int:
    count = 0 if text.isascii() and text.isprintable() else len(_BROKEN.findall(text))
    if "?" in text:
        lost = len(_LOST_LETTER.findall(without_addresses(text)))
        count += lost if lost > 1 or len(text) < 40 else 0
    return count


def _broken_words(vi: str) -> int:
    """Return the words in odd case with letters that no Vietnamese syllable has there; one may be a brand."""
    odd = [word for word in words(vi) if not word.islower() and not word.isascii() and word != word.lower()]
    broken = sum(not has_regular_case(word) and not is_syllable(word) for word in odd)
    return broken if broken > 1 else 0


def _mojibake(text: str) -> int:
    if text.isascii() or _MAY_BE_MOJIBAKE.search(text) is None:
        return 0
    from align.articles.repair import repair

    return repair(text).places


def _shares(text: str) -> tuple[float, float, float]:
    """Return the shares of letters and symbols among what is no white space, and of capitals among letters."""
    plain = folded(text)
    size = len(plain) - plain.count(" ")
    if not size:
        return 1.0, 0.0, 0.0
    runs = _LETTERS.findall(plain)
    letters = sum(map(len, runs))
    capitals = sum(len(run) if run.isupper() else run[0].isupper() for run in runs)
    return letters / size, len(_SYMBOL.findall(plain)) / size, capitals / letters if letters else 0.0


def _repeated_chars(text: str) -> int:
    return max((match.end() - match.start() for match in _SAME_CHARS.finditer(text)), default=0)


def _repeated_words(text: str) -> int:
    return max((len(list(same)) for _, same in groupby(lower_words(text))), default=0)
