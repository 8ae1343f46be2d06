"""Undo mojibake: UTF-8 that some program read as Windows-1252 or Latin-1 and saved again ("Tiáº¿ng" for "Tiếng").

The work is ftfy's (Speer 2019), with everything switched off that is not mojibake: quotes, ligatures, widths, HTML
entities, control characters and Unicode forms stay as they are. Unless a whole line is broken, every change is then
checked word by word, and a word that was good Vietnamese before stays, because ftfy takes such pairs as `Â”` (a quoted
capital) for mojibake too.

Repair comes before everything else, so all offsets refer to the repaired text. Whoever reads the articles again, to
check the offsets, must ask for the same repair.
"""

from __future__ import annotations

from dataclasses import dataclass

import ftfy

from align.articles.detection import is_vietnamese_word

_CONFIG = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_encoding=True,
    restore_byte_a0=True,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=True,
    fix_c1_controls=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
# What may stand before and after a word. Not the other way round: `CÃ“` is a broken CÓ, `CÃ”` may be a quoted word.
_OPENING = "“‘„–—(['\""
_CLOSING = "”’…–—)]'\".,;:!?\r"


@dataclass(frozen=True)
class Repaired:
    """A repaired text and what was done to it."""

    text: str
    places: int = 0  # words changed
    example: tuple[str, str] | None = None  # the first of them, before and after

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know: one line, or none when nothing was changed."""
        if self.example is None:
            return ()
        places = "1 place" if self.places == 1 else f"{self.places} places"
        before, after = self.example
        return (f"mojibake repaired in {places}, first {before} -> {after}; offsets refer to the repaired text",)


def repair(text: str) -> Repaired:
    """Return `text` with mojibake undone; text without any comes back unchanged.

    Example:
        >>> repair("Tiáº¿ng Việt").text
        'Tiếng Việt'
    """
    if text.isascii():
        return Repaired(text)
    lines = [_repair_line(line) for line in text.split("\n")]
    examples = (line.example for line in lines if line.example is not None)
    return Repaired("\n".join(line.text for line in lines), sum(line.places for line in lines), next(examples, None))


def _repair_line(line: str) -> Repaired:
    if line.isascii():
        return Repaired(line)
    fixed = ftfy.fix_text(line, _CONFIG)
    if fixed == line:
        return Repaired(line)
    before, after = line.split(" "), fixed.split(" ")
    if len(before) != len(after):  # a space was part of a broken letter
        return Repaired(fixed, 1, (_shorten(line), _shorten(fixed)))
    pairs = list(zip(before, after, strict=True))
    if not _is_all_broken(pairs):
        after = [old if _is_sound(old) else new for old, new in pairs]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    return Repaired(" ".join(after), len(changed), changed[0] if changed else None)


def _is_all_broken(pairs: list[tuple[str, str]]) -> bool:
    """Tell whether the line holds mojibake and nothing but: then ftfy sees better than the single word does."""
    untouched = any(old == new and not old.isascii() for old, new in pairs)
    return not untouched and any(old != new and not _is_sound(old) for old, new in pairs)


def _is_sound(word: str) -> bool:
    return is_vietnamese_word(word.lstrip(_OPENING).rstrip(_CLOSING))


def _shorten(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[:limit] + "..."
