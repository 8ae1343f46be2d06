"""Text to the tokens that a translator takes, and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from align.errors import ModelError
from align.translation.base import Direction
from align.translation.folders import ENOUGH, LANGUAGE_TOKENS, Layout, direction_of

END = "</s>"

# None of these can be encoded as UTF-8 for sentencepiece in a way that means anything.
_UNSAFE = re.compile("[\0\ud800-\udfff]")

_SPECIAL = re.compile(r"</?s>|<pad>|<unk>|>>\w+<<|__[a-z]+__|[a-z]{3}_[A-Z][a-z]{3}")
_STARTS_WORD = "▁"
_ENDS_SENTENCE = (".", "!", "?", "…", ";")


class Tokeniser:
    """Cuts texts into pieces by sentencepiece and adds what models of its kind expect around them.

    A Marian model gets text with the punctuation of Moses, as OPUS-MT was trained with, and a source ends in `</s>`
    (Tiedemann & Thottingal 2020). NLLB and M2M-100 get the token of the source's language before and `</s>` behind, and
    the target begins with the token of its language (NLLB Team 2022, section 6; Fan et al. 2021, section 2).
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        """Load the sentencepiece models of the translator in `folder`.

        Raises:
            ModelError: one is damaged, or is not the one that the model was trained with.
        """
        self._layout = layout
        self._source = _load(folder / layout.source_spm)
        same = layout.source_spm == layout.target_spm
        self._target = self._source if same else _load(folder / layout.target_spm)
        _check_pieces(folder / layout.source_spm, _pieces(self._source), layout.source_tokens)
        _check_pieces(folder / layout.target_spm, _pieces(self._target), layout.target_tokens)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """What the model can do, as far as its files say."""
        if self._layout.directions or self._source is self._target:
            return self._layout.directions
        return direction_of(_pieces(self._source), _pieces(self._target))

    def source_pieces(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the pieces of every text to translate; none for a text without a word."""
        return self._cut(self._source, texts)

    def target_pieces(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the pieces of every translation to judge; none for a text without a word."""
        return self._cut(self._target, texts)

    def source_row(self, pieces: Sequence[str], direction: Direction) -> list[str]:
        """Return what CTranslate2 takes as source: the pieces, not empty, with special tokens around."""
        kind = self._layout.kind
        before: str | None
        if kind in LANGUAGE_TOKENS:
            before = LANGUAGE_TOKENS[kind][direction[:2]]
        else:
            before = self._layout.target_token(direction)
        behind = [] if self._layout.adds_end or kind == "sentencepiece" else [END]
        return [*([] if before is None else [before]), *pieces, *behind]

    def target_prefix(self, direction: Direction) -> list[str]:
        """Return the tokens that every target begins with."""
        tokens = LANGUAGE_TOKENS.get(self._layout.kind)
        return [] if tokens is None else [tokens[direction[-2:]]]

    def text(self, tokens: Sequence[str]) -> str:
        """Return the text of a translation."""
        text: str = self._target.decode([token for token in tokens if not _SPECIAL.fullmatch(token)])
        # A vocabulary for both sides lets the model say pieces of the source's, which are strangers to `decode`.
        return " ".join(text.replace(_STARTS_WORD, " ").split())

    def _cut(self, model: Any, texts: Sequence[str]) -> list[list[str]]:
        # Composed first: the rules of sentencepiece leave partly composed Vietnamese letters apart.
        clean = [unicodedata.normalize("NFC", _UNSAFE.sub(" ", text)) for text in texts]
        if self._layout.kind == "marian":
            from align.encoders.laser.punctuation import normalise

            clean = normalise(clean, lower=False)
        rows: list[list[str]] = model.encode(clean, out_type=str)
        return [row if text.strip() and row != [_STARTS_WORD] else [] for row, text in zip(rows, clean, strict=True)]


def windows(pieces: list[str], room: int) -> list[list[str]]:
    """Cut a row of pieces into parts of at most `room`, behind a sentence if one ends in the latter half of a part.

    Otherwise it is cut before a word, and where there is none within half of the room, anywhere.

    >>> windows(["▁A", "▁b", ".", "▁C", "▁d", "."], 4)
    [['▁A', '▁b', '.'], ['▁C', '▁d', '.']]
    """
    parts = []
    while len(pieces) > room:
        latter = range(room, room // 2, -1)
        words = [i for i in latter if pieces[i].startswith(_STARTS_WORD)]
        sentences = [i for i in words if pieces[i - 1].endswith(_ENDS_SENTENCE)]
        end = next(iter([*sentences, *words]), room)
        parts.append(pieces[:end])
        pieces = pieces[end:]
    return [*parts, pieces] if pieces else parts


def _load(path: Path) -> Any:
    import sentencepiece

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read: {error.strerror or error}; fetch or convert the model anew"
        ) from error
    message = f"{path}: {len(content)} bytes are no sentencepiece model; take the one that belongs to the translator"
    if not content:  # sentencepiece takes this for "none yet"
        raise ModelError(message)
    try:
        return sentencepiece.SentencePieceProcessor(model_proto=content)
    except RuntimeError as error:
        raise ModelError(message) from error


def _pieces(model: Any) -> list[str]:
    """Return the pieces that text is cut into, special symbols left out."""
    numbers = range(model.get_piece_size())
    return [model.id_to_piece(i) for i in numbers if not (model.is_control(i) or model.is_unknown(i))]


def _check_pieces(path: Path, pieces: list[str], known: frozenset[str]) -> None:
    share = sum(piece in known for piece in pieces) / max(len(pieces), 1)
    if share < ENOUGH:
        raise ModelError(
            f"{path}: the model's vocabulary knows {share:.0%} of its {len(pieces)} pieces, expected at least "
            f"{ENOUGH:.0%}: they do not belong together; take the one that the translator was trained with"
        )
