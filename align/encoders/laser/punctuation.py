"""The text clean-up that LASER's vocabulary was made with, on many lines at once.

Three steps, in this order, as in laser_encoders 0.0.2 (laser_tokenizer.py, `LaserTokenizer.tokenize`):

1. every character of a Unicode category C (control, format, surrogate, private use, unassigned) becomes a space;
2. the rules of normalize-punctuation.perl of Moses for English (Koehn et al. 2007), as of its release 4.0;
3. lower case.

What is unassigned depends on the Unicode version of the Python that runs: 13.0 for Python 3.10 to 15.1 for 3.13. The
original asks the same table, so ours agrees with it on each Python; between two of them an emoji of the last years can
be an unknown piece or a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

_NBSP = "\u00a0"

_Rule = Callable[[str], str]


def _text(old: str, new: str) -> _Rule:
    return lambda text: text.replace(old, new)


def _pattern(pattern: str, new: str, needle: str) -> _Rule:
    """Whatever `pattern` matches holds `needle`, which is many times faster to look for."""
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(new, text) if needle in text else text


# A search for two spaces and more changes nothing that " +" would not, and passes over the single ones.
_ONE_SPACE = _pattern("  +", " ", "  ")

_RULES: tuple[_Rule, ...] = (
    # Spaces around brackets and before marks. The rule for \r stands first in Perl; step 1 left none.
    _text("(", " ("),
    _text(")", ") "),
    _ONE_SPACE,
    _pattern(r"\) ([.!:?;,])", r")\1", ") "),
    _text("( ", "("),
    _text(" )", ")"),
    _pattern(r"(\d) %", r"\1%", " %"),
    _text(" :", ":"),
    _text(" ;", ";"),
    # Quotation marks and dashes.
    _text("`", "'"),
    _text("''", ' " '),
    _text("„", '"'),
    _text("“", '"'),
    _text("”", '"'),
    _text("–", "-"),
    _text("—", " - "),
    _ONE_SPACE,
    _text("´", "'"),
    # The letters are consumed, so the second mark of a‘b‘c is left to the rules below: as in Perl.
    _pattern("([a-zA-Z])‘([a-zA-Z])", r"\1'\2", "‘"),
    _pattern("([a-zA-Z])’([a-zA-Z])", r"\1'\2", "’"),
    # Release 4.0 makes double quotes of the next two, which later versions turn into single ones.
    _text("‘", '"'),
    _text("‚", '"'),
    _text("’", '"'),
    _text("''", '"'),
    _text("…", "..."),
    # French quotation marks, with and without their no-break spaces.
    _text(f"{_NBSP}«{_NBSP}", ' "'),
    _text(f"«{_NBSP}", '"'),
    _text("«", '"'),
    _text(f"{_NBSP}»{_NBSP}", '" '),
    _text(f"{_NBSP}»", '"'),
    _text("»", '"'),
    # No-break spaces elsewhere.
    _text(f"{_NBSP}%", "%"),
    _text(f"nº{_NBSP}", "nº "),
    _text(f"{_NBSP}:", ":"),
    _text(f"{_NBSP}ºC", " ºC"),
    _text(f"{_NBSP}cm", " cm"),
    _text(f"{_NBSP}?", "?"),
    _text(f"{_NBSP}!", "!"),
    _text(f"{_NBSP};", ";"),
    _text(f",{_NBSP}", ", "),
    _ONE_SPACE,
    # English: the comma or full stop goes inside the quotation; a no-break space between digits is a point.
    _pattern(r'"([,.]+)', r'\1"', '"'),
    _pattern(rf"(\d){_NBSP}(\d)", r"\1.\2", _NBSP),
)


def normalise(texts: Sequence[str], *, lower: bool = True) -> list[str]:
    r"""Return each text as LASER's sentencepiece model wants it: cleaned, with Moses punctuation, in lower case.

    With `lower` false the case stays, which is what the models of OPUS-MT were trained with.

    The time is linear in the characters, whatever they are.

    >>> normalise(["Giá tăng 7 % … “Đắt quá”, bà nói .", "It’s\t( so ) they said ;"])
    ['giá tăng 7% ... "đắt quá," bà nói .', "it's (so) they said;"]
    """
    # No rule looks beyond a line feed, and a line holds none once its control characters are spaces: so one pass over
    # all lines does what a pass over each would, without the cost of 45 calls a line.
    text = "\n".join([text if text.isprintable() else _without_controls(text) for text in texts])
    for rule in _RULES:
        text = rule(text)
    return [line.strip() for line in (text.lower() if lower else text).split("\n")] if texts else []


def _without_controls(text: str) -> str:
    """Put a space for every character of a category C; none of these is printable."""
    return text.translate({ord(c): " " for c in set(text) if unicodedata.category(c).startswith("C")})
