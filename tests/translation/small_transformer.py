"""A transformer as Marian builds it: post-norm ("dan"), relu, one embedding for source, target and output.

The weights carry Marian's names and shapes, so that the dictionary is the model file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from small_gradients import Array, Ids, Tape, Variable


@dataclass(frozen=True)
class Shape:
    """Sizes of a transformer."""

    vocabulary: int
    dim: int = 64
    inner: int = 128
    heads: int = 4
    encoder_layers: int = 1
    decoder_layers: int = 1


def new_weights(shape: Shape, seed: int) -> dict[str, Array]:
    """Return freshly drawn float32 weights (Glorot & Bengio 2010) under Marian's names."""
    chance = np.random.default_rng(seed)
    weights: dict[str, Array] = {}

    def matrix(name: str, rows: int, columns: int) -> None:
        limit = (6 / (rows + columns)) ** 0.5
        weights[name] = chance.uniform(-limit, limit, (rows, columns)).astype(np.float32)

    def row(name: str, size: int, value: float) -> None:
        weights[name] = np.full((1, size), value, np.float32)

    def norm(name: str) -> None:
        row(f"{name}_ln_scale", shape.dim, 1)
        row(f"{name}_ln_bias", shape.dim, 0)

    matrix("Wemb", shape.vocabulary, shape.dim)
    row("decoder_ff_logit_out_b", shape.vocabulary, 0)
    for layer, attentions in _layers(shape):
        for attention in attentions:
            for part in "qkvo":
                matrix(f"{layer}_{attention}_W{part}", shape.dim, shape.dim)
                row(f"{layer}_{attention}_b{part}", shape.dim, 0)
            norm(f"{layer}_{attention}_Wo")
        matrix(f"{layer}_ffn_W1", shape.dim, shape.inner)
        row(f"{layer}_ffn_b1", shape.inner, 0)
        matrix(f"{layer}_ffn_W2", shape.inner, shape.dim)
        row(f"{layer}_ffn_b2", shape.dim, 0)
        norm(f"{layer}_ffn_ffn")
    return weights


def _layers(shape: Shape) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number in range(shape.encoder_layers):
        yield f"encoder_l{number + 1}", ("self",)
    for number in range(shape.decoder_layers):
        yield f"decoder_l{number + 1}", ("self", "context")


def positions(length: int, dim: int) -> Array:
    """Return sinusoidal position encodings, float32 (length, dim), in the form that Marian models are run with.

    The sines stand in the first half, the cosines in the second.
    """
    scales = np.power(10000, 2 * (np.arange(dim) // 2) / dim)
    angles = np.arange(length)[:, None] / scales
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)


def pad(rows: Sequence[Sequence[int]], filler: int) -> tuple[Ids, NDArray[np.bool_]]:
    """Return ids as int64 (n, longest) and where they are real."""
    longest = max(map(len, rows))
    ids = np.full((len(rows), longest), filler, np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    lengths = np.array([len(row) for row in rows])
    return ids, np.arange(longest) < lengths[:, None]


class Transformer:
    """Forward pass of weights on padded ids; the gradients are the tape's affair."""

    def __init__(self, weights: Mapping[str, Array], shape: Shape) -> None:
        self.shape = shape
        self.variables = {name: Variable(value) for name, value in weights.items()}
        self._positions = positions(512, shape.dim).astype(weights["Wemb"].dtype)
        self._dropout, self._chance = 0.0, np.random.default_rng(0)

    def drop_out(self, share: float, seed: int) -> None:
        """Drop this share of each sublayer's output in training (Srivastava et al. 2014)."""
        self._dropout, self._chance = share, np.random.default_rng(seed)

    def logits(self, tape: Tape, source: Ids, source_real: NDArray[np.bool_], target: Ids) -> Variable:
        """Return scores of every target place, (batch, target length, vocabulary), each seeing the ids before it."""
        seen = source_real[:, None, None, :]
        memory = self._embed(tape, source, shift=False)
        for number in range(self.shape.encoder_layers):
            layer = f"encoder_l{number + 1}"
            memory = self._attend(tape, f"{layer}_self", memory, memory, seen)
            memory = self._feed(tape, layer, memory)
        length = target.shape[1]
        before = np.tril(np.ones((length, length), bool))[None, None]
        state = self._embed(tape, target, shift=True)
        for number in range(self.shape.decoder_layers):
            layer = f"decoder_l{number + 1}"
            state = self._attend(tape, f"{layer}_self", state, state, before)
            state = self._attend(tape, f"{layer}_context", state, memory, seen)
            state = self._feed(tape, layer, state)
        embeddings, bias = self.variables["Wemb"], self.variables["decoder_ff_logit_out_b"]
        return tape.linear(state, embeddings, bias, transposed=True)

    def _embed(self, tape: Tape, ids: Ids, *, shift: bool) -> Variable:
        places = self._positions[: ids.shape[1]]
        return tape.embed(self.variables["Wemb"], ids, self.shape.dim**0.5, places, shift=shift)

    def _attend(self, tape: Tape, name: str, state: Variable, memory: Variable, allowed: NDArray[np.bool_]) -> Variable:
        query, key, value = (
            self._linear(tape, f"{name}_", part, of) for part, of in (("q", state), ("k", memory), ("v", memory))
        )
        mixed = self._linear(tape, f"{name}_", "o", tape.attend(query, key, value, allowed, self.shape.heads))
        return self._add_and_norm(tape, f"{name}_Wo", state, mixed)

    def _feed(self, tape: Tape, layer: str, state: Variable) -> Variable:
        inner = tape.relu(self._linear(tape, f"{layer}_ffn_", "1", state))
        return self._add_and_norm(tape, f"{layer}_ffn_ffn", state, self._linear(tape, f"{layer}_ffn_", "2", inner))

    def _linear(self, tape: Tape, scope: str, part: str, x: Variable) -> Variable:
        return tape.linear(x, self.variables[f"{scope}W{part}"], self.variables[f"{scope}b{part}"])

    def _add_and_norm(self, tape: Tape, name: str, state: Variable, change: Variable) -> Variable:
        if self._dropout:
            kept = self._chance.random(change.value.shape, np.float32) >= self._dropout
            change = tape.drop(change, kept.astype(np.float32) / np.float32(1 - self._dropout))
        scale, bias = self.variables[f"{name}_ln_scale"], self.variables[f"{name}_ln_bias"]
        return tape.normalise(tape.add(state, change), scale, bias)
