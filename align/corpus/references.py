"""Sentence references of OPUS: names such as `s1 s2` for the sentences of a document, counted from 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"s?([1-9][0-9]{0,17})", re.ASCII)


def sentence_names(indices: Sequence[int]) -> str:
    """Return the names of 0-based sentence indices.

    >>> sentence_names([0, 1])
    's1 s2'
    """
    return " ".join(f"s{index + 1}" for index in indices)


def sentence_indices(names: str) -> list[int] | None:
    """Return the 0-based indices of sentence names, or None when a name is no number (such as `s5.1`).

    >>> sentence_indices("s1 2"), sentence_indices("s5.1")
    ([0, 1], None)
    """
    found = [_NAME.fullmatch(name) for name in names.split()]
    return [int(name[1]) - 1 for name in found if name] if all(found) else None
