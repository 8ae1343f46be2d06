"""The letters and syllables of written Vietnamese, put together from onsets, rhymes and tones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ONSETS = "- b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"  # "-" stands for none
NUCLEI = "a ă â e ê i o ô ơ u ư y ia iê yê ua uô ưa ươ oa oă oe uâ uê uơ uy uya uyê"
CODAS = "- c ch m n ng nh p t"
GLIDED = "ai ay ao au âu ây eo êu iu iêu yêu oi ôi ơi ui ưi uôi ươi ưu ươu oai oay oao oeo uây uyu"
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")  # none, grave, acute, tilde, hook above, dot below


def all_syllables() -> Iterator[str]:
    """Yield every onset with every rhyme and tone in lower case: all that can be written, and more than is used.

    The tone mark stands on each vowel letter in turn, so that both spellings of "hòa" and "hoà" are among them.
    """
    rhymes = [nucleus + coda for nucleus in NUCLEI.split() for coda in _parts(CODAS)] + GLIDED.split()
    toned = list(dict.fromkeys(form for rhyme in rhymes for form in _with_tones(rhyme)))
    for onset in _parts(ONSETS):
        for rhyme in toned:
            yield onset + rhyme


def _parts(names: str) -> list[str]:
    return ["" if name == "-" else name for name in names.split()]


def _with_tones(rhyme: str) -> Iterator[str]:
    for position, letter in enumerate(rhyme):
        if letter in VOWELS:
            for tone in TONES:
                yield rhyme[:position] + _compose(letter, tone) + rhyme[position + 1 :]


def _compose(letter: str, tone: str) -> str:
    return unicodedata.normalize("NFC", letter + tone)


def _letters() -> Iterator[str]:
    for letter in [*(_compose(vowel, tone) for vowel in VOWELS for tone in TONES), "đ"]:
        yield from (form for form in (letter, letter.upper()) if not form.isascii())


VIETNAMESE_LETTERS = tuple(sorted(_letters()))
"""All 134 precomposed Vietnamese letters outside ASCII, both cases."""
