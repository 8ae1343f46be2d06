"""Round the matrices of a network to int8 so that what it computes on real text changes as little as possible.

Rounding to the nearest step treats every weight alike. Here the columns of a matrix are rounded one after the other,
and what each rounding adds to the output on sample text is made up for by the columns that are still to come (Frantar
et al. 2023, GPTQ, section 3). The steps are those of CTranslate2: a scale for each row, from its largest weight.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from network import Network
from numpy.typing import NDArray
from torch import Tensor
from weights import Rounded

STEPS = 127  # of an int8 on either side of 0
DAMPING = 0.01  # of the mean of the diagonal: columns whose inputs hardly vary keep their weights


def round_network(network: Network, batches: Iterable[tuple[Tensor, Tensor]]) -> Rounded:
    """Return all matrices of linear layers, rounded; `batches` are ids and lengths of sample text."""
    products = _inputs(network, batches)
    shared = {name: name.replace(".k", ".q").replace(".v", ".q") for name in network.linear_names()}
    return {f"{name}.w": round_matrix(network.matrix(name), products[shared[name]]) for name in shared}


def round_matrix(weights: Tensor, products: Tensor) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 (out, in) and float32 (out,) for float32 (out, in) and the sum of x x^T of its inputs (in, in)."""
    scale = STEPS / weights.abs().amax(dim=1).clamp_min(1e-12)
    left = weights.double() * scale[:, None]
    damped = products.double() + DAMPING * products.diagonal().mean() * torch.eye(len(products), dtype=torch.double)
    order = torch.argsort(damped.diagonal(), descending=True)  # what matters most while there is most to make up with
    factor = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(damped[order][:, order])), upper=True)
    left, rounded = left[:, order], torch.empty_like(left)
    for column in range(left.shape[1]):
        rounded[:, column] = left[:, column].round().clamp(-STEPS, STEPS)
        error = (left[:, column] - rounded[:, column]) / factor[column, column]
        left[:, column + 1 :] -= error[:, None] * factor[column, column + 1 :]
    back = torch.argsort(order)
    return rounded[:, back].to(torch.int8).numpy(), scale.float().numpy()


def _inputs(network: Network, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    """Return the sum of x x^T over all tokens for what goes into each linear layer; q, k and v share theirs."""
    products: dict[str, Tensor] = {}

    def look(name: str, states: Tensor, kept: Tensor) -> None:
        if name.endswith((".k", ".v")):
            return
        tokens = states[kept].float()
        products[name] = products.get(name, torch.zeros(tokens.shape[1], tokens.shape[1])) + tokens.T @ tokens

    with torch.no_grad():
        for ids, lengths in batches:
            network(ids, lengths, look)
    return products
