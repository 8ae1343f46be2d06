"""Is this word a Vietnamese syllable? The yardstick that tells a right decoding from a wrong one.

Vietnamese is written one syllable at a time, and a syllable is an onset, a rhyme and one of six tones. The sets below
are those of the standard spelling (Đoàn Thiện Thuật, Ngữ âm tiếng Việt, 1977); spelling rules that tie an
onset to the vowel after it (k before i, e, ê) are left out, because authors break them in names.
"""

from __future__ import annotations

import functools
import re
import unicodedata

TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""Grave (huyền), acute (sắc), tilde (ngã), hook above (hỏi), dot below (nặng)."""

_STOPPED_TONES = frozenset("\u0301\u0323")  # a rhyme that ends in c, ch, p or t carries sắc or nặng only

_LETTER_NAMES = frozenset("ăâđ")  # no syllables, but printed alone as labels: "tổ Â", "khu Đ"

# nucleus (tone taken off) -> the codas that it takes; "-" is the open syllable
_RHYMES = {
    "a": "- c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c m n ng p t u y",
    "e": "- c m n ng o p t",
    "ê": "- ch m n nh p t u",
    "i": "- ch m n nh p t u",
    "ia": "-",
    "iê": "c m n ng p t u",
    "y": "- ch n nh p t u",
    "yê": "m n ng t u",
    "o": "- c i m n ng p t",
    "oa": "- c ch i m n ng nh o p t y",
    "oă": "c m n ng t",
    "oe": "- m n ng o t",
    "oo": "c ng",
    "ô": "- c i m n ng p t",
    "ơ": "- i m n p t",
    "u": "- c i m n ng p t",
    "ua": "-",
    "uâ": "n ng t y",
    "uê": "- ch n nh",
    "uô": "c i m n ng t",
    "uơ": "- n t",
    "uy": "- ch n nh p t u",
    "uya": "-",
    "uyê": "n t",
    "ư": "- c i m n ng t u",
    "ưa": "-",
    "ươ": "c i m n ng p t u",
}
_ALL_RHYMES = frozenset(nucleus + coda.replace("-", "") for nucleus, codas in _RHYMES.items() for coda in codas.split())
# After qu and gi the glide is part of the onset: "quăn", "giêng" (gi + êng) and "gì" (g + ì) all parse.
_ONSET_AND_RHYME = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx]|)(.*)", re.DOTALL)


@functools.lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether `word` is one well-formed Vietnamese syllable, in any case and any Unicode form.

    Example:
        >>> is_syllable("Nghiêng"), is_syllable("hoà"), is_syllable("hòa"), is_syllable("cafộ"), is_syllable("các")
        (True, True, True, False, True)
    """
    parted = _part_tone(word)
    if parted is None:
        return False
    base, tone = parted
    if base in _LETTER_NAMES:
        return True
    match = _ONSET_AND_RHYME.match(base)
    assert match is not None  # the pattern has an empty alternative
    rhymes = [match[1]]
    if base.startswith("gi"):
        rhymes.append(base[1:])
    return any(_is_rhyme(rhyme, tone) for rhyme in rhymes)


def _is_rhyme(rhyme: str, tone: str) -> bool:
    if rhyme not in _ALL_RHYMES:
        return False
    return not rhyme.endswith(("c", "ch", "p", "t")) or tone in _STOPPED_TONES


def _part_tone(word: str) -> tuple[str, str] | None:
    """Return the lower-case letters without tone, and the tone mark ("" for level); None when it has two tones."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in decomposed if mark in TONE_MARKS]
    if len(tones) > 1:
        return None
    plain = "".join(letter for letter in decomposed if letter not in TONE_MARKS)
    return unicodedata.normalize("NFC", plain), "".join(tones)


def has_regular_case(word: str) -> bool:
    """Tell whether `word` is in lower case, capitalised or in capitals: wrong decodings often are none of these.

    Example:
        >>> has_regular_case("Đồng"), has_regular_case("TiÕng")
        (True, False)
    """
    return word.islower() or word.isupper() or (word[:1].isupper() and (len(word) == 1 or word[1:].islower()))
