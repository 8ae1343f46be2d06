"""Forms of a text for matching: two spellings of the same words become the same string.

Only matching looks at folded text; what is written to a corpus is the article's own text, at most with its
white space folded.
"""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, joiners, direction marks, byte order mark: they join or order, they do not separate.
_REMOVED = dict.fromkeys(
    [0x00AD, 0x034F, *range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
        **dict.fromkeys("‘’‚‛′‹›`´＇", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘－", "-"),
        "…": "...",
        "\u200b": " ",  # the zero-width space stands between words
    }
)
# A whole syllable: an initial consonant of Vietnamese (not q: the u of "quý" belongs to it), two vowels, no final.
_LATE_TONE = re.compile(
    r"(?<![^\W_])(b|ch?|d|đ|gh?|h|kh?|l|m|ngh?|nh?|ph?|r|s|th?|tr|v|x|)"
    r"(o[àáảãạ]|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?![^\W_])",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """Return the matching form of `text`; folding twice changes nothing more.

    NFC; the tone mark of open oa, oe, uy on the first vowel (hoà -> hòa, thuý -> thúy, but quý); plain quotes,
    dashes and ellipses; characters of no width gone; every run of white space one space, none at the ends.

    >>> fold("Bà  Thuý nói: “Khoẻ rồi…”")
    'Bà Thúy nói: "Khỏe rồi..."'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_REMOVED))
        # Plain forms may stand before a combining mark that composes with them, so normalise last.
        text = unicodedata.normalize("NFC", _LATE_TONE.sub(_early_tone, text.translate(_PLAIN)))
    return fold_whitespace(text.replace("`", "'"))


def fold_whitespace(text: str) -> str:
    """Return `text` with every run of white space as one space and none at the ends.

    >>> fold_whitespace(" một\\u00a0 hai\\n")
    'một hai'
    """
    return " ".join(text.split())


def _early_tone(match: re.Match[str]) -> str:
    """Move the tone mark from the second vowel to the first."""
    decomposed = unicodedata.normalize("NFD", match[2])  # first vowel, second vowel, tone
    return match[1] + unicodedata.normalize("NFC", decomposed[0] + decomposed[2]) + decomposed[1]
