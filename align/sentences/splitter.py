"""Split Vietnamese and English text into sentences with offsets.

One policy serves both languages, so that translated sentences are cut alike; only the word lists differ. A line
break always ends a sentence. Inside a line a compiled pattern finds every full stop, question mark, exclamation
mark and ellipsis together with the closing and opening marks around it; each is then judged by the words beside it.
Everything that is looked at lies within a bounded distance, so time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from align.sentences.boundaries import WINDOW, Candidate, ends_sentence
from align.sentences.rules import Rules, rules_for

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # the breaks of str.splitlines
_CANDIDATE = re.compile(
    # No part after the mark can fail, so the engine never goes back: linear time whatever the text.
    r"(?P<mark>\.(?:[ \xa0]\.)+|[.?!…]+)"
    r"""(?P<close>(?:["'”’»)\]}]|\[\d{1,3}\])*)"""  # [12]: a reference belongs to the sentence before it
    r"(?P<gap>[\s\u200b-\u200d\u2060\ufeff]*)"  # characters of no width separate too, though they stay in a span
    r"""(?P<open>["'“”‘’«(\[{¿¡_]*(?:[-–—•·*][\s]*)?["'“‘«(\[]*)"""
)
_NOT_SPACE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a text: `text == source[start:end]`, offsets in code points, half-open."""

    text: str
    start: int
    end: int


def split(text: str, lang: str) -> list[Sentence]:
    """Return the sentences of `text` in order.

    Spans do not overlap and have no white space at either end; every character that is no white space lies in
    exactly one span. Line breaks end sentences; nothing is normalised.

    Raises:
        OptionError: `lang` is not "vi" or "en".

    >>> [s.text for s in split("TS. Nam sống ở TP. HCM. Ông dạy học.", "vi")]
    ['TS. Nam sống ở TP. HCM.', 'Ông dạy học.']
    >>> split("Yes. No.", "en")[1]
    Sentence(text='No.', start=5, end=8)
    """
    rules = rules_for(lang)
    sentences: list[Sentence] = []
    for start, end in line_spans(text):
        for cut in _cuts(text, start, end, rules):
            _add_span(sentences, text, start, cut)
            start = cut
        _add_span(sentences, text, start, end)
    return sentences


def line_spans(text: str) -> list[tuple[int, int]]:
    """Return the half-open offsets of the lines of `text` that are not empty, without their line breaks."""
    return [line.span() for line in _LINE.finditer(text)]


def _add_span(sentences: list[Sentence], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    bare = piece.strip()
    if bare:
        start += len(piece) - len(piece.lstrip())
        sentences.append(Sentence(bare, start, start + len(bare)))


def _cuts(text: str, start: int, end: int, rules: Rules) -> Iterator[int]:
    """Yield the offsets in the line `text[start:end]` where one sentence ends and the next begins."""
    counted, odd = start, False  # whether text[line start:counted] holds an odd number of straight quotes
    for match in _CANDIDATE.finditer(text, start, end):
        following = _NOT_SPACE.search(text, match.end(), end)
        if following is None:
            return  # what remains are closing marks and white space
        cut = match.end("close")
        if '"' in match[0]:
            odd ^= text.count('"', counted, match.start()) % 2 == 1
            counted = match.start()
            cut = _cut_at_straight_quote(match, text, odd)
        if ends_sentence(_candidate(match, text, start, cut, following.start(), end), rules):
            yield cut
            start = cut


def _cut_at_straight_quote(match: re.Match[str], text: str, odd: bool) -> int:
    """Return where to cut when it depends on their count whether straight quotes open or close."""
    close, gap = match["close"], match["gap"]
    if not gap and close == '"' and not odd:
        return match.end("mark")  # nói."Tôi: the quotation begins here
    if gap and match["open"] == '"' and odd and text[match.end()].isspace():
        return match.end("open")  # xong. " Tôi: a detached closing mark
    return match.end("close")


def _candidate(match: re.Match[str], text: str, start: int, cut: int, following: int, end: int) -> Candidate:
    at, after = match.start(), match.end("mark")
    return Candidate(
        head=text[max(start, at - WINDOW) : at],
        short=at - start <= WINDOW,
        mark=match["mark"],
        close=text[after:cut].strip(),
        spaced=bool(match["gap"]),
        open=text[cut : match.end()].strip(),
        tail=text[following : min(end, following + WINDOW)],
    )
