"""LASER's network in plain numpy and float64, one row at a time, after `LaserLstmEncoder` of laser_encoders 0.0.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Reference:
    """Takes the params and tensors of a checkpoint."""

    def __init__(self, params: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        self._params = params
        self._tensors = {name: values.astype(np.float64) for name, values in tensors.items()}

    def encode(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the raw vectors of rows of ids, float64 (rows, dim)."""
        return np.stack([self._vector(list(row)) for row in rows])

    def _vector(self, ids: list[int]) -> np.ndarray:
        values = self._tensors["embed_tokens.weight"][ids]
        for layer in range(self._params["num_layers"]):
            sides = [self._direction(f"l{layer}", values)]
            if self._params["bidirectional"]:
                sides.append(self._direction(f"l{layer}_reverse", values[::-1])[::-1])
            values = np.concatenate(sides, axis=1)
        # A token that is padding in the middle of a row runs through the network but is left out of the maximum.
        return values[np.array(ids) != self._params["padding_idx"]].max(axis=0)

    def _direction(self, suffix: str, values: np.ndarray) -> np.ndarray:
        """Return the hidden states (T, hidden) of one direction of one layer (torch.nn.LSTM, gates i, f, g, o)."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights, recurrent, bias, more_bias = (self._tensors[f"lstm.{name}_{suffix}"] for name in names)
        hidden = cell = np.zeros(recurrent.shape[1])
        states = []
        for inputs in values @ weights.T + bias:
            i, f, g, o = np.split(inputs + recurrent @ hidden + more_bias, 4)
            cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
            hidden = _sigmoid(o) * np.tanh(cell)
            states.append(hidden)
        return np.array(states)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))
