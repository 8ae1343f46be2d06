"""Write a SentencePiece unigram model from pieces and scores, without the protobuf library.

Only the wire types that `sentencepiece_model.proto` needs for this are spelt out: varints, 32-bit floats and
length-delimited fields.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator

import sentencepiece

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")  # ids 0 to 3, the order of XLM-R's embedding rows

_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_UNIGRAM = 1
_VARINT, _BYTES, _FLOAT = 0, 2, 5


def model_bytes(pieces: Iterable[tuple[str, float]]) -> bytes:
    """Serialise a model in which piece i has id i; the first four must be `SPECIALS`.

    The order of XLM-R's embedding rows is kept, so ids need no offset. Text is normalised as in XLM-R (nmt_nfkc).
    """
    rows = list(pieces)
    if tuple(piece for piece, _ in rows[:4]) != SPECIALS:
        raise ValueError(f"the first pieces must be {SPECIALS}, not {rows[:4]}")
    body = b"".join(_delimited(1, _piece(piece, score)) for piece, score in rows)
    return body + _delimited(2, _trainer_spec(len(rows))) + _delimited(3, _normalizer_spec())


def _piece(piece: str, score: float) -> bytes:
    kind = _NORMAL if piece not in SPECIALS else _UNKNOWN if piece == "<unk>" else _CONTROL
    return _delimited(1, piece.encode()) + _key(2, _FLOAT) + struct.pack("<f", score) + _number(3, kind)


def _trainer_spec(size: int) -> bytes:
    ids = {41: 0, 43: 1, 42: 2, 40: 3}  # field numbers of bos_id, pad_id, eos_id, unk_id
    names = {46: "<s>", 48: "<pad>", 47: "</s>", 45: "<unk>"}
    spec = _number(3, _UNIGRAM) + _number(4, size)
    spec += b"".join(_number(field, ids[field]) for field in sorted(ids))
    return spec + b"".join(_delimited(field, names[field].encode()) for field in sorted(names))


def _normalizer_spec() -> bytes:
    """Return the nmt_nfkc rules (with the compiled character map) that the trainer puts into any model."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g"] * 10),
        model_writer=out,
        vocab_size=12,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return next(value for field, value in _fields(out.getvalue()) if field == 3)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a message whose top level has no others."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        if key & 7 != _BYTES:
            raise ValueError(f"unexpected wire type {key & 7}")
        length, position = _read_varint(message, position)
        yield key >> 3, message[position : position + length]
        position += length


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _number(field: int, value: int) -> bytes:
    return _key(field, _VARINT) + _varint(value)


def _delimited(field: int, value: bytes) -> bytes:
    return _key(field, _BYTES) + _varint(len(value)) + value
