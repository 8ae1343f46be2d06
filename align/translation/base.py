"""The one thing that the rest of the package knows about models that translate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from align.errors import OptionError

Direction = Literal["vi-en", "en-vi"]

DIRECTIONS: tuple[Direction, Direction] = ("vi-en", "en-vi")

Entropies = NDArray[np.float64]


@runtime_checkable
class Translator(Protocol):
    """Turns Vietnamese sentences into English ones, or English into Vietnamese, or both.

    Any object with these members serves, so a user's own service needs no registration.
    """

    name: str
    """What `--model` and `--back-translate` call it."""
    fingerprint: str
    """Short hash of everything that its output depends on; part of run signatures and cache keys."""
    directions: tuple[Direction, ...]
    """What it can do: "vi-en", "en-vi" or both."""

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        """Return the translation of every text, in their order; "" for a text without a word."""

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        """Return float64 (n,): nats per token of each target given its source, NaN where one of them is empty."""


def check_direction(value: object, allowed: Collection[Direction] = DIRECTIONS) -> Direction:
    """Return `value` if it is one of the directions `allowed`.

    >>> check_direction("vi-en")
    'vi-en'

    Raises:
        OptionError: it is not.
    """
    if value not in allowed:
        raise OptionError("direction", value, ", ".join(allowed))
    return cast(Direction, value)
