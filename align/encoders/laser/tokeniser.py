"""Text to the ids that LASER's network takes, identical to those of laser_encoders.

The original cleans the text (align/encoders/laser/punctuation.py), has sentencepiece cut it into pieces, writes these
with spaces between, splits at white space again and looks every piece up in a dictionary of the fairseq kind, whose
first ids are `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3; `</s>` ends the row and nothing starts it (laser_encoders 0.0.2,
models.py, `SentenceEncoder._tokenize`). Here pieces are numbers throughout, but for the few rows that hold a piece
which sentencepiece does not know: its text decides, as it does there.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from align.encoders.laser.punctuation import normalise
from align.encoders.settings import positive
from align.errors import InputError, ModelError

SPECIAL_SYMBOLS = ("<s>", "<pad>", "</s>", "<unk>")
"""Their positions are their ids in every dictionary."""

_END, _UNKNOWN = 2, 3

_CHUNK = 256
"""Lines cleaned at once: enough to spread the cost of a rule, few enough to stay in the processor's cache."""

_OVERWRITE = "#fairseq:overwrite"


class LaserTokeniser:
    """Tokenises for LASER2, and for any LASER model that comes as a sentencepiece model and a cvocab."""

    def __init__(self, spm: bytes, cvocab: bytes, *, threads: int = 1) -> None:
        """Take the contents of the files NAME.spm and NAME.cvocab; `threads` is for sentencepiece.

        Raises:
            ModelError: one of them is damaged or of another kind.
            OptionError: `threads` is no integer from 1.
        """
        self._threads = positive("threads", threads)
        self._dictionary = read_cvocab(cvocab)
        self._sentencepiece = _load(spm)
        pieces = [self._sentencepiece.id_to_piece(i) for i in range(self._sentencepiece.get_piece_size())]
        numbers = [self._look_up(piece) for piece in pieces]
        self._ids = [found[0] if found else _UNKNOWN for found in numbers]
        # What sentencepiece does not know may stand in the dictionary all the same, and the original splits a piece
        # that holds white space: the text decides.
        self._textual = frozenset(
            i for i, found in enumerate(numbers) if len(found) != 1 or i == self._sentencepiece.unk_id()
        )

    @property
    def size(self) -> int:
        """Number of ids: each that `encode` returns is below it."""
        return max(self._dictionary.values()) + 1

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of every text, `</s>` (2) at the end; a text without any piece is `[2]`.

        Raises:
            InputError: `texts` is a single string, or a member of it is no string.
        """
        rows: list[list[int]] = []
        for lines in _clean(texts):
            cut: list[list[int]] = self._sentencepiece.encode(lines, num_threads=self._threads)
            textual = [i for i, row in enumerate(cut) if not self._textual.isdisjoint(row)]
            ids = [[*map(self._ids.__getitem__, row), _END] for row in cut]
            for i, pieces in zip(textual, self._cut([lines[i] for i in textual]), strict=True):
                ids[i] = [*(number for piece in pieces for number in self._look_up(piece)), _END]
            rows += ids
        return rows

    def pieces(self, texts: Sequence[str]) -> list[str]:
        """Return the pieces of every text with spaces between, which is what the original's `tokenize` returns.

        Raises:
            InputError: `texts` is a single string, or a member of it is no string.
        """
        return [" ".join(pieces) for lines in _clean(texts) for pieces in self._cut(lines)]

    def _cut(self, lines: list[str]) -> list[list[str]]:
        pieces: list[list[str]] = self._sentencepiece.encode(lines, out_type=str, num_threads=self._threads)
        return pieces

    def _look_up(self, piece: str) -> list[int]:
        """Return the ids of one piece: one, unless it holds white space."""
        return [self._dictionary.get(part, _UNKNOWN) for part in piece.split()]


def read_cvocab(content: bytes) -> dict[str, int]:
    r"""Return the id of every piece that a cvocab lists, the special symbols included.

    A line is `PIECE COUNT`, as fairseq's Dictionary reads it; ids follow the order of lines, from 4 on. A line
    `PIECE COUNT #fairseq:overwrite` may repeat a piece, whose id is then that of its last line.

    >>> read_cvocab("▁the 1\n▁của 1\n".encode())
    {'<s>': 0, '<pad>': 1, '</s>': 2, '<unk>': 3, '▁the': 4, '▁của': 5}

    Raises:
        ModelError: a line is no such pair, or repeats a piece; the message names the line.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"cvocab: byte {error.start} is not UTF-8; pull the model anew") from error
    dictionary = {symbol: number for number, symbol in enumerate(SPECIAL_SYMBOLS)}
    lines = re.split("\r\n|\r|\n", text)
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, len(SPECIAL_SYMBOLS)):
        piece, _, count = line.rstrip().rpartition(" ")
        overwrite = count == _OVERWRITE
        if overwrite:
            piece, _, count = piece.rpartition(" ")
        place = f"cvocab, line {number - len(SPECIAL_SYMBOLS) + 1}"
        if not piece or not count.isdecimal():
            raise ModelError(f"{place}: {line!r:.60} is not a piece, a space and a count; pull the model anew")
        if piece in dictionary and not overwrite:
            raise ModelError(f"{place}: {piece!r:.60} stands there twice; pull the model anew")
        dictionary[piece] = number
    return dictionary


def write_cvocab(dictionary: Mapping[str, int]) -> bytes:
    """Return the cvocab from which `read_cvocab` reads `dictionary`; counts, which nobody uses, are 1.

    Raises:
        ModelError: there is none, because the ids are not 0 to 3 for the special symbols and then one for each number,
            or a piece is empty or holds a line end.
    """
    words = sorted(dictionary, key=dictionary.__getitem__)
    content = "".join(f"{word} 1\n" for word in words[len(SPECIAL_SYMBOLS) :]).encode()
    with contextlib.suppress(ModelError):
        if read_cvocab(content) == dict(dictionary):
            return content
    allowed = "0 to 3 for <s>, <pad>, </s>, <unk>, then a number each without a gap, and no line end in a piece"
    raise ModelError(f"dictionary of {len(words)} pieces: no cvocab can hold its ids; allowed: {allowed}")


def _clean(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield clean lines, some hundreds at a time."""
    if isinstance(texts, (str, bytes)):
        raise InputError(f"texts is a single {type(texts).__name__}, not a sequence of str; put it into a list")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"texts[{index}] is {text!r:.40}, a {type(text).__name__}; allowed: str")
    for start in range(0, len(texts), _CHUNK):
        yield normalise(texts[start : start + _CHUNK])


def _load(spm: bytes) -> Any:
    import sentencepiece

    message = f"spm: {len(spm)} bytes are no sentencepiece model; pull the model anew"
    if not spm:  # sentencepiece takes this for "none yet"
        raise ModelError(message)
    try:
        return sentencepiece.SentencePieceProcessor(model_proto=spm)
    except RuntimeError as error:
        raise ModelError(message) from error
