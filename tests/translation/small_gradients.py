"""Reverse-mode gradients in plain numpy: the handful of operations that a transformer is made of.

A `Tape` records how each value came about; `backward` walks the record in reverse and adds up the gradients. The
operations are coarse (a whole attention, a whole loss), so that the time goes into matrix products, not into Python.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Ids = NDArray[np.int64]

NORM_EPSILON = 1e-5  # what CTranslate2 adds to the variance
MASKED = -1e9


class Variable:
    """A value and, after `Tape.backward`, the gradient of the loss by it (same shape)."""

    __slots__ = ("gradient", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self.gradient: Array | None = None

    def add(self, gradient: Array) -> None:
        """Add one use's share of the gradient."""
        self.gradient = gradient if self.gradient is None else self.gradient + gradient


class Tape:
    """Operations on variables, remembered in order."""

    def __init__(self) -> None:
        self._steps: list[tuple[Variable, Callable[[Array], None]]] = []

    def backward(self, loss: Variable) -> None:
        """Fill the gradients of everything that the scalar `loss` depends on."""
        loss.gradient = np.ones_like(loss.value)
        for result, pull in reversed(self._steps):
            if result.gradient is not None:
                pull(result.gradient)

    def _record(self, value: Array, pull: Callable[[Array], None]) -> Variable:
        result = Variable(value)
        self._steps.append((result, pull))
        return result

    def add(self, left: Variable, right: Variable) -> Variable:
        """Return the sum of two variables of one shape."""

        def pull(gradient: Array) -> None:
            left.add(gradient)
            right.add(gradient)

        return self._record(left.value + right.value, pull)

    def embed(self, table: Variable, ids: Ids, scale: float, offset: Array, *, shift: bool = False) -> Variable:
        """Return rows of (size, dim) by ids (batch, length) times `scale` plus `offset`: (batch, length, dim).

        With `shift` each place sees the id before it, and the first one a zero row: the decoder's input.
        """
        rows = table.value[ids] * np.asarray(scale, table.value.dtype)
        if shift:
            rows = np.concatenate([np.zeros_like(rows[:, :1]), rows[:, :-1]], axis=1)

        def pull(gradient: Array) -> None:
            used = ids[:, :-1] if shift else ids
            flat = (gradient[:, 1:] if shift else gradient).reshape(-1, gradient.shape[-1]) * scale
            total = np.zeros_like(table.value)
            np.add.at(total, used.ravel(), flat.astype(total.dtype))
            table.add(total)

        return self._record(rows + offset, pull)

    def linear(self, x: Variable, weight: Variable, bias: Variable, *, transposed: bool = False) -> Variable:
        """Return x @ weight + bias, or, `transposed`, x @ weight.T + bias: the output layer tied to the embeddings."""
        matrix = weight.value.T if transposed else weight.value
        inputs = x.value.reshape(-1, x.value.shape[-1])  # one product of matrices instead of one a sentence
        rows = inputs @ matrix
        rows += bias.value

        def pull(gradient: Array) -> None:
            flat = gradient.reshape(-1, gradient.shape[-1])
            weight.add(flat.T @ inputs if transposed else inputs.T @ flat)
            bias.add(flat.sum(0, keepdims=True))
            x.add((flat @ matrix.T).reshape(x.value.shape))

        return self._record(rows.reshape(*x.value.shape[:-1], -1), pull)

    def relu(self, x: Variable) -> Variable:
        """Return max(x, 0)."""
        return self._record(np.maximum(x.value, 0), lambda gradient: x.add(gradient * (x.value > 0)))

    def drop(self, x: Variable, kept: Array) -> Variable:
        """Return x times `kept`, the mask of a dropout."""
        return self._record(x.value * kept, lambda gradient: x.add(gradient * kept))

    def normalise(self, x: Variable, scale: Variable, bias: Variable) -> Variable:
        """Return layer normalisation over the last axis (Ba et al. 2016)."""
        centred = x.value - x.value.mean(-1, keepdims=True)
        inverse = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + NORM_EPSILON)
        unit = centred * inverse

        def pull(gradient: Array) -> None:
            flat, units = gradient.reshape(-1, gradient.shape[-1]), unit.reshape(-1, unit.shape[-1])
            scale.add((flat * units).sum(0, keepdims=True))
            bias.add(flat.sum(0, keepdims=True))
            inner = gradient * scale.value[0]
            across = (inner * unit).mean(-1, keepdims=True)
            x.add((inner - inner.mean(-1, keepdims=True) - unit * across) * inverse)

        return self._record(unit * scale.value[0] + bias.value[0], pull)

    def attend(
        self, query: Variable, key: Variable, value: Variable, allowed: NDArray[np.bool_], heads: int
    ) -> Variable:
        """Return scaled dot-product attention (Vaswani et al. 2017, section 3.2).

        Args:
            query: (batch, n, dim).
            key: (batch, m, dim).
            value: (batch, m, dim).
            allowed: which keys a query may look at; broadcast to (batch, 1, n, m).
            heads: how many equal parts `dim` falls into.
        """
        q, k, v = (_split(part.value, heads) for part in (query, key, value))
        factor = np.asarray(q.shape[-1] ** -0.5, q.dtype)
        scores = np.where(allowed, (q @ k.swapaxes(2, 3)) * factor, np.asarray(MASKED, q.dtype))
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)

        def pull(gradient: Array) -> None:
            out = _split(gradient, heads)
            value.add(_join(weights.swapaxes(2, 3) @ out))
            inner = out @ v.swapaxes(2, 3)
            inner = weights * (inner - (inner * weights).sum(-1, keepdims=True)) * factor
            query.add(_join(inner @ k))
            key.add(_join(inner.swapaxes(2, 3) @ q))

        return self._record(_join(weights @ v), pull)

    def cross_entropy(self, logits: Variable, ids: Ids, counted: Array, smoothing: float = 0.0) -> Variable:
        """Return the mean cross-entropy in nats over the places where `counted` (batch, length) is 1.

        With smoothing s the target is 1 - s on the right id and s spread evenly (Szegedy et al. 2016, section 7).
        """
        shifted = logits.value - logits.value.max(-1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        right = np.take_along_axis(logs, ids[..., None], -1)[..., 0]
        losses = -(1 - smoothing) * right - smoothing * logs.mean(-1)
        total = counted.sum()

        def pull(gradient: Array) -> None:
            inner = np.exp(logs) - np.asarray(smoothing / logs.shape[-1], logs.dtype)
            rows = np.take_along_axis(inner, ids[..., None], -1) - (1 - smoothing)
            np.put_along_axis(inner, ids[..., None], rows, -1)
            logits.add((inner * (counted * (gradient / total))[..., None]).astype(logs.dtype))

        return self._record(np.asarray((losses * counted).sum() / total), pull)


def _split(x: Array, heads: int) -> Array:
    batch, length, dim = x.shape
    return x.reshape(batch, length, heads, dim // heads).transpose(0, 2, 1, 3)


def _join(x: Array) -> Array:
    batch, heads, length, dim = x.shape
    return x.transpose(0, 2, 1, 3).reshape(batch, length, heads * dim)
