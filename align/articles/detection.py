"""Which legacy encoding is this? Decode a sample in each and count the words that come out right.

Only words with a byte above 0x7F tell anything, because the encodings agree on ASCII. Under the right encoding nearly
all of them are Vietnamese syllables; under a wrong one hardly any. English in Windows-1252 (a few accents, curly
quotes) is told from Vietnamese by being plausible Western words and few.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from align.articles.legacy import LEGACY
from align.vietnamese import has_regular_case, is_syllable

WINDOW = 32_768  # bytes; a sample is at most this many at each of WINDOWS places
WINDOWS = 4
ENOUGH_SYLLABLES = 0.75  # share of the telling words: on news articles right decodings reach 0.99, wrong ones 0.53
ENOUGH_WESTERN = 0.9
FEW_ACCENTS = 0.2  # of all letters: French has 0.04, Vietnamese 0.25, Cyrillic read as Windows-1252 nearly 1
MANY_TELLING = 0.2  # of all words: more than any English text has
DISTINCT_SYLLABLES = 3  # so many different words do not become syllables by chance

PUNCTUATION = "“”„‘’‚…–—•·‹›†‡‰\xa0"
_TAGS = re.compile(rb"<[^<>]{1,500}>")
_HIGH = re.compile(rb"[\x80-\xff]")
# The six controls are letters of VISCII.
_WORDS = re.compile(rb"[A-Za-z\x80-\xff\x02\x05\x06\x14\x19\x1e]+")
_PIECES = re.compile(f"[^{PUNCTUATION}]+")
_WESTERN = re.compile(r"(?:[A-Za-zÀ-ÖØ-Ýß-öø-ÿŒœŠšŽžŸ]+[™®©°²³]*|[^A-Za-zÀ-ÖØ-öø-ÿ]+)\Z")
_NOT_WESTERN = frozenset("ÐðÞþÝý")


@dataclass(frozen=True)
class _Score:
    share: float  # of the telling words, those that are plausible
    distinct: int  # different plausible words


def detect(data: bytes) -> str | None:
    """Return "cp1258", "tcvn3", "vni", "viscii" or "cp1252", or None when no encoding gives plausible words.

    `data` holds at least one byte above 0x7F and is not UTF-8.

    Example:
        >>> detect(b"Ti\\xd5ng Vi\\xd6t"), detect(b"Tie\\xe1ng Vie\\xe4t"), detect(b"a caf\\xe9 in Hu\\xea")
        ('tcvn3', 'vni', 'cp1252')
    """
    sample = _TAGS.sub(b" ", _sample(data))
    words = _WORDS.findall(sample)
    telling = Counter(word for word in words if not word.isascii() or _has_control(word))
    scores = {name: _score(telling, decode, _vietnamese_rule(name)) for name, (_, decode) in LEGACY.items()}
    best = max(scores, key=lambda name: scores[name].share)
    western = _score(telling, lambda word: word.decode("cp1252"), _is_western)
    vietnamese_fits = scores[best].share >= ENOUGH_SYLLABLES
    western_fits = western.share >= ENOUGH_WESTERN and _has_few_accents(sample)
    if vietnamese_fits and western_fits:
        sure = scores[best].distinct >= DISTINCT_SYLLABLES or telling.total() >= MANY_TELLING * len(words)
        vietnamese_fits = scores[best].share >= western.share and sure
    if vietnamese_fits:
        return best
    return "cp1252" if western_fits else None


def _sample(data: bytes) -> bytes:
    """Return windows spread evenly from the first high byte on: the start of a file may be all ASCII."""
    first = _HIGH.search(data)
    start = max(0, first.start() - WINDOW // 8) if first else 0
    if len(data) - start <= WINDOW * WINDOWS:
        return data[start:]
    step = (len(data) - start - WINDOW) // (WINDOWS - 1)
    return b" ".join(data[place : place + WINDOW] for place in range(start, start + step * WINDOWS, step))


def _has_control(word: bytes) -> bool:
    return any(byte < 0x20 for byte in word)


def _has_few_accents(sample: bytes) -> bool:
    letters = sum(map(len, re.findall(rb"[A-Za-z\xc0-\xff]+", sample)))
    accents = sum(map(len, re.findall(rb"[\xc0-\xff]+", sample)))
    return accents <= FEW_ACCENTS * letters + 1  # one more, so that a line of three words may hold "café"


def _score(words: Counter[bytes], decode: Callable[[bytes], str], is_plausible: Callable[[str], bool]) -> _Score:
    good = bad = 0
    distinct = set()
    for word, count in words.items():
        try:
            text = decode(word)
        except UnicodeDecodeError:
            return _Score(0.0, 0)
        pieces = [piece for piece in _PIECES.findall(text) if not piece.isascii() or not piece.isprintable()]
        if not all(map(is_plausible, pieces)):
            bad += count
        elif pieces:
            good += count
            distinct.add(text.lower())
    # Nothing but punctuation: no evidence for Vietnamese, none against English.
    share = good / (good + bad) if good + bad else float(is_plausible is _is_western)
    return _Score(share, len(distinct))


def _vietnamese_rule(name: str) -> Callable[[str], bool]:
    return _is_tcvn3_word if name == "tcvn3" else is_vietnamese_word


def is_vietnamese_word(word: str) -> bool:
    """Tell whether `word` is a Vietnamese syllable in lower case, capitalised or in capitals."""
    return has_regular_case(word) and is_syllable(word)


def _is_tcvn3_word(word: str) -> bool:
    """Allow headings set in an ABC capital font, which mix cases: plain letters in capitals, toned ones not."""
    plain = "".join(filter(str.isascii, word))
    return is_syllable(word) and (has_regular_case(word) or plain.isupper())


def _is_western(word: str) -> bool:
    if not _WESTERN.match(word) or not _NOT_WESTERN.isdisjoint(word):
        return False
    letters = word.rstrip("™®©°²³")
    pairs = itertools.pairwise(letters)
    return not any(before.islower() and after.isupper() and not after.isascii() for before, after in pairs)
