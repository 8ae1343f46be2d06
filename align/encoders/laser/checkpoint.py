"""LASER checkpoints of the LSTM kind (LASER1, LASER2, some of LASER3), read without torch and without trust.

The layout is that of laser_encoders 0.0.2 (models.py, `SentenceEncoder`): a dictionary with the entries "params", the
arguments of `LaserLstmEncoder`, "model", its state, and "dictionary", the id of every piece. A checkpoint without
"params" is of the transformer kind.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoders.laser.containers import Saved, load
from align.encoders.laser.pickled import NamespaceRecord, RefusedError, TensorRecord
from align.errors import ModelError

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The original gives them the ids 0, 1, 2, 3 whatever the checkpoint's dictionary says."""

_DEFAULTS: dict[str, Any] = {
    "embed_dim": 320,
    "hidden_size": 512,
    "num_layers": 1,
    "bidirectional": False,
    "left_pad": True,
    "padding_value": 0.0,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "num_embeddings": (int,),
    "padding_idx": (int,),
    "embed_dim": (int,),
    "hidden_size": (int,),
    "num_layers": (int,),
    "bidirectional": (bool,),
    "left_pad": (bool,),
    "padding_value": (int, float),
}
_LARGEST = {"num_embeddings": 10_000_000, "embed_dim": 65_536, "hidden_size": 65_536, "num_layers": 64}
"""More than any network of this kind has: what is beyond is damage."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds, checked.

    `params` are the arguments of the original's `LaserLstmEncoder`, all of them. `left_pad` changes nothing there, and
    `padding_value` stands only where the maximum is not taken; both are kept for completeness. `dictionary` has the ids
    of the pieces. `tensors` are named as torch names them: "embed_tokens.weight", float32 (num_embeddings, embed_dim);
    for layer N and direction D, "" or "_reverse", "lstm.weight_ih_lND" (4 hidden, inputs), "lstm.weight_hh_lND"
    (4 hidden, hidden), "lstm.bias_ih_lND" and "lstm.bias_hh_lND" (4 hidden), the gates in the order i, f, g, o.
    """

    path: Path
    params: dict[str, Any]
    dictionary: dict[str, int]
    tensors: dict[str, NDArray[np.float32]]

    @property
    def dim(self) -> int:
        """Columns of a sentence vector."""
        return int(self.params["hidden_size"]) * len(self.directions)

    @property
    def directions(self) -> tuple[str, ...]:
        """What the names of the tensors of each direction end in."""
        return ("", "_reverse") if self.params["bidirectional"] else ("",)

    def check_dictionary(self, ids: Mapping[str, int]) -> None:
        """Prove that `ids`, the pieces that a tokeniser knows, are those that the network was trained with.

        The original takes ids from the checkpoint and never opens the cvocab of an LSTM model; this package does the
        reverse, which is the same only if the two agree. Words that only the checkpoint has are no harm.

        Raises:
            ModelError: a piece has another id in the checkpoint, or none; the message names the first.
        """
        for piece, number in ids.items():
            if self.dictionary.get(piece) != number:
                found = self.dictionary.get(piece, "none")
                raise ModelError(
                    f"{self.path}: the piece {piece!r} has the id {found} in the checkpoint, {number} in the cvocab; "
                    "fetch both from one place"
                )


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read NAME.pt, in the zip container or the older stream.

    Nothing that the file names is imported or called, and no memory is taken for what the file only claims to have:
    see `align.encoders.laser.pickled`. Half and double precision become float32.

        checkpoint = read_checkpoint("laser2.pt")
        checkpoint.dim                                    # 1024
        checkpoint.params["num_layers"]                   # 5
        checkpoint.tensors["lstm.weight_hh_l0"].shape     # (2048, 512)

    Raises:
        ModelError: the file cannot be read, is damaged, has content that weights do not need, is of the transformer
            kind, or its parts do not fit together; the message has the file and the reason.
    """
    path = Path(path)
    try:
        return _checkpoint(path, load(path))
    except RefusedError as error:
        raise ModelError(f"{path}: is no LASER checkpoint that can be used: {error}") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise ModelError(f"{path}: does not fit into memory") from error


def _checkpoint(path: Path, saved: Saved) -> Checkpoint:
    content = saved.content
    if type(content) is not dict:
        raise RefusedError(f"it holds a {type(content).__name__}, not a dict")
    if "params" not in content:
        raise RefusedError(_other_kind(content))
    params = _params(content["params"])
    dictionary = _dictionary(content.get("dictionary"), params["num_embeddings"])
    return Checkpoint(path, params, dictionary, _tensors(saved, content.get("model"), params))


def _other_kind(content: dict[Any, Any]) -> str:
    """Name what a checkpoint without params is, from its configuration."""
    config = content.get("cfg")
    model = config.get("model") if type(config) is dict else None
    if type(model) is not NamespaceRecord:
        entries = ", ".join(str(name)[:40] for name in list(content)[:8])
        return f"it has no entry 'params'; it has: {entries or 'nothing'}"
    names = [model.attributes.get(key) for key in ("_name", "arch")]
    named = next((f" ({name[:40]})" for name in names if type(name) is str), "")
    return f"it is a transformer{named}, and only the LSTM kind is run here, such as LASER2"


def _params(found: object) -> dict[str, Any]:
    if type(found) is not dict:
        raise RefusedError(f"params is a {type(found).__name__}, not a dict")
    unknown = [str(name)[:40] for name in found if name not in _TYPES]
    if unknown:
        raise RefusedError(f"params has {unknown[0]!r}; allowed: {', '.join(_TYPES)}")
    params = _DEFAULTS | found
    for name, types in _TYPES.items():
        if type(params.get(name)) not in types:
            wanted = " or ".join(kind.__name__ for kind in types)
            raise RefusedError(f"params has a {type(params.get(name)).__name__} as {name!r}; allowed: {wanted}")
    for name, largest in _LARGEST.items():
        if not 1 <= params[name] <= largest:
            raise RefusedError(f"params has {name} {params[name]!r:.40}; allowed: 1 to {largest}")
    if not 0 <= params["padding_idx"] < params["num_embeddings"]:
        most = params["num_embeddings"] - 1
        raise RefusedError(f"params has padding_idx {params['padding_idx']!r:.40}; allowed: 0 to {most}")
    return params


def _dictionary(found: object, count: int) -> dict[str, int]:
    if type(found) is not dict:
        raise RefusedError(f"dictionary is a {type(found).__name__}, not a dict")
    for piece, number in found.items():
        if type(piece) is not str or type(number) is not int or not 0 <= number < count:
            raise RefusedError(f"dictionary has {piece!r:.40}: {number!r:.40}; allowed: str: int from 0, below {count}")
    return found | {piece: number for number, piece in enumerate(SPECIAL)}


def _tensors(saved: Saved, found: object, params: dict[str, Any]) -> dict[str, NDArray[np.float32]]:
    if type(found) is not dict:
        raise RefusedError(f"model is a {type(found).__name__}, not a dict")
    shapes = _shapes(params)
    odd = [str(name)[:40] for name in found if name not in shapes] + [name for name in shapes if name not in found]
    if odd:
        raise RefusedError(f"params and the names of the tensors do not agree: {odd[0]!r} is in one only")
    return {name: _tensor(saved, name, found[name], shape) for name, shape in shapes.items()}


def _tensor(saved: Saved, name: str, record: object, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if type(record) is not TensorRecord:
        raise RefusedError(f"{name} is a {type(record).__name__}, not a tensor")
    if record.shape != shape:
        raise RefusedError(f"{name} has the shape {record.shape}, but params say {shape}")
    if record.storage.dtype.kind != "f":
        raise RefusedError(f"{name} holds {record.storage.dtype.name}, not floating point numbers")
    values = saved.array(record).astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise RefusedError(f"{name} has values that are not finite")
    return values


def _shapes(params: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every tensor of the network."""
    hidden, directions = params["hidden_size"], ("", "_reverse") if params["bidirectional"] else ("",)
    shapes: dict[str, tuple[int, ...]] = {"embed_tokens.weight": (params["num_embeddings"], params["embed_dim"])}
    for layer, direction in itertools.product(range(params["num_layers"]), directions):
        inputs = params["embed_dim"] if layer == 0 else hidden * len(directions)
        shapes[f"lstm.weight_ih_l{layer}{direction}"] = (4 * hidden, inputs)
        shapes[f"lstm.weight_hh_l{layer}{direction}"] = (4 * hidden, hidden)
        shapes[f"lstm.bias_ih_l{layer}{direction}"] = (4 * hidden,)
        shapes[f"lstm.bias_hh_l{layer}{direction}"] = (4 * hidden,)
    return shapes
