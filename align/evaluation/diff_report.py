"""The places where two systems disagree, as text to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from align.sentences.folding import fold_whitespace

MOST_LINES = 12
"""Lines of one kind in a place: beads of gold or of a system, sentences of a language."""
MOST_CHARACTERS = 160
"""Characters of a sentence: its beginning and its end."""

_TAIL = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def render_diff(diff: Mapping[str, Any]) -> str:
    r"""Return a diff as text: the summary with its signature, then a block for each place.

    Long sentences lose their middle, long lists their end; `diff` itself has everything.

    Args:
        diff: the dict of `diff_beads` or `diff_mining`.

    >>> from align.evaluation import diff_beads
    >>> gold = [((0,), (0, 1))]
    >>> texts = {"vi_texts": ["Trời mưa, đường ngập."], "en_texts": ["It rained.", "The streets flooded."]}
    >>> print(render_diff(diff_beads(gold, [((0,), (1,))], gold, **texts)).split("\n\n")[1])
    document, vi 0, en 0-1: second right
      gold    [0]:[0, 1]  first split, second right
      first   [0]:[1]     split
      second  [0]:[0, 1]  right
      vi 0    Trời mưa, đường ngập.
      en 0    It rained.
      en 1    The streets flooded.
    """
    blocks = ["\n".join(_block(place)) for place in diff["places"]]
    return "\n\n".join(["\n".join(_summary(diff)), *blocks])


def _summary(diff: Mapping[str, Any]) -> Iterator[str]:
    gold, other, places = diff["gold_beads"], diff["other_beads"], diff["place_counts"]
    yield (
        f"in gold: both right {gold['both_right']}, only first {gold['only_first']}, "
        f"only second {gold['only_second']}, both wrong {gold['both_wrong']}"
    )
    yield (
        f"not in gold: proposed by both {other['both']}, only by first {other['only_first']}, "
        f"only by second {other['only_second']}"
    )
    yield (
        f"places that differ: {len(diff['places'])} (first right {places['first_right']}, second right "
        f"{places['second_right']}, neither right {places['neither_right']}); "
        f"places wrong in the same way: {places['wrong_alike']}"
    )
    yield diff["signature"]


def _block(place: Mapping[str, Any]) -> Iterator[str]:
    yield f"{place['document']}, vi {_ranges(place['vi'])}, en {_ranges(place['en'])}: {place['right']} right"
    lists = {
        "gold": [(_bead(bead), f"first {bead['first']}, second {bead['second']}") for bead in place["gold"]],
        **{which: [(_bead(bead), bead["verdict"]) for bead in place[which]] for which in ("first", "second")},
    }
    shown = [bead for rows in lists.values() for bead, _ in rows[:MOST_LINES]]
    width = max(map(len, shown))
    for which, rows in lists.items():
        lines = [f"{bead.ljust(width)}  {verdict}" for bead, verdict in rows] or ["none"]
        yield from _listed([which] + [""] * (len(lines) - 1), lines)
    for lang in ("vi", "en"):
        texts = [shortened(text) for text in place.get(f"{lang}_texts", ())]
        yield from _listed([f"{lang} {index}" for index in place[lang][: len(texts)]], texts)


def _listed(heads: Sequence[str], lines: Sequence[str]) -> Iterator[str]:
    # One line too many is shown: the remark would take its place.
    most = MOST_LINES if len(lines) > MOST_LINES + 1 else len(lines)
    for head, line in zip(heads[:most], lines[:most], strict=True):
        yield f"  {head:<6}  {line}".rstrip()
    if len(lines) > most:
        yield f"  {'':<6}  ... {len(lines) - most} more"


def _bead(bead: Mapping[str, Sequence[int]]) -> str:
    return f"{bead['vi']}:{bead['en']}"


def _ranges(indices: Sequence[int]) -> str:
    """Return increasing numbers as people write them.

    >>> _ranges([0, 1, 2, 5, 7, 8])
    '0-2, 5, 7-8'
    """
    runs = (list(run) for _, run in groupby(enumerate(indices), key=lambda item: item[1] - item[0]))
    return ", ".join(f"{run[0][1]}-{run[-1][1]}" if len(run) > 1 else str(run[0][1]) for run in runs)


def shortened(text: str) -> str:
    """Return a text as one line of at most 160 characters, its middle replaced by dots when it is longer.

    Control characters, which a terminal would obey, are shown as U+FFFD.
    """
    line = _CONTROL.sub("\ufffd", fold_whitespace(text))
    if len(line) <= MOST_CHARACTERS:
        return line
    return f"{line[: MOST_CHARACTERS - _TAIL - 5].rstrip()} ... {line[-_TAIL:].lstrip()}"
