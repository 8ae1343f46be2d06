"""What every encoder does with the texts that it is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from align.encoders.base import Vectors
from align.errors import InputError


def number_texts(texts: Sequence[str]) -> dict[str, int]:
    """Number the different texts in order of appearance.

        >>> number_texts(["Trời mưa.", "It rains.", "Trời mưa."])
        {'Trời mưa.': 0, 'It rains.': 1}

    Raises:
        InputError: `texts` is a single string, or one of its members is no string; the message has its index.
    """
    if isinstance(texts, (str, bytes)):
        raise InputError(f"texts is a single {type(texts).__name__}, not a sequence of str; put it into a list")
    numbers: dict[str, int] = {}
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"texts[{index}] is {text!r:.40}, a {type(text).__name__}; allowed: str")
        numbers.setdefault(text, len(numbers))
    return numbers


def vector_of_nothing(dim: int, centres: Vectors | None = None) -> Vectors:
    """Return float32 (dim,), the unit vector of a text without a token: no component along `centres`, (n, dim).

    Sentences lie around the centre of their language. The cosine of this vector with a sentence is near 0, and not
    negative as that of the opposite of the centre would be: a margin divides by sums of cosines, which must stay clear
    of 0.
    """
    vector = np.where(np.arange(dim) % 2 == 0, 1.0, -1.0)
    if centres is not None:
        basis, _ = np.linalg.qr(centres.T.astype(np.float64))
        vector -= basis @ (basis.T @ vector)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
