"""Train a real small Vietnamese-English translator and write it as Marian does, then as CTranslate2 wants it.

    python tests/translation/small_marian.py OUT --direction vi-en

The program writes OUT/marian (model.npz, vocab.yml, source.spm, target.spm, decoder.yml: the form of the OPUS-MT
models) and OUT/ctranslate2, made from it by CTranslate2's own converter, and OUT/held_out.tsv: pairs (vi, en) that the
training has not seen, with an English sentence that says something else in one place (changed). A transformer trained
in numpy on sentences of our own grammar: about a minute on one core. The same seed gives the same sentences
everywhere, and the same weights on the same machine and libraries.
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2.converters
import numpy as np
import sentencepiece
import yaml
from numpy.typing import NDArray
from small_gradients import Array, Tape
from small_language import Grammar, Pair
from small_transformer import Shape, Transformer, new_weights, pad

EOS, UNKNOWN, PAD = "</s>", "<unk>", "<pad>"
HELD_OUT = 300
WARM_UP = 100  # steps

Row = tuple[list[int], list[int]]
"""Ids of a source and of a target sentence, both with the end mark."""


@dataclass(frozen=True)
class Recipe:
    """How to train."""

    pairs: int = 6000
    steps: int = 2000
    batch: int = 40  # sentences
    rate: float = 4e-3
    smoothing: float = 0.05
    dropout: float = 0.0
    pieces: int = 500  # of each side
    seed: int = 1
    dim: int = 64
    inner: int = 128


class Vocabulary:
    """The pieces of two sentencepiece models in one list, as Marian's vocab.yml."""

    def __init__(self, source: bytes, target: bytes) -> None:
        self.models = (source, target)
        self._splitters = [sentencepiece.SentencePieceProcessor(model_proto=model) for model in self.models]
        own = {splitter.id_to_piece(i) for splitter in self._splitters for i in range(3, splitter.get_piece_size())}
        self.pieces = [EOS, UNKNOWN, *sorted(own), PAD]
        self._ids = {piece: number for number, piece in enumerate(self.pieces)}

    def __len__(self) -> int:
        return len(self.pieces)

    def row(self, source: str, target: str) -> Row:
        """Return the ids of a pair."""
        return self._encode(0, source), self._encode(1, target)

    def _encode(self, side: int, text: str) -> list[int]:
        pieces = self._splitters[side].encode(text, out_type=str)
        return [*(self._ids.get(piece, 1) for piece in pieces), 0]


def train_pieces(texts: Sequence[str], count: int) -> bytes:
    """Return a sentencepiece model (unigram, Kudo 2018) of these texts."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        vocab_size=count,
        hard_vocab_limit=False,
        character_coverage=1.0,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def batches(rows: Sequence[Row], size: int, seed: int) -> Iterator[list[Row]]:
    """Yield batches for ever, of sentences of like lengths, every epoch in another order."""
    chance = np.random.default_rng(seed)
    lengths = np.array([len(target) + len(source) for source, target in rows], np.float64)
    while True:
        order = np.argsort(lengths + chance.uniform(0, 3, len(rows)), kind="stable")
        groups = [order[start : start + size] for start in range(0, len(rows), size)]
        for number in chance.permutation(len(groups)):
            yield [rows[place] for place in groups[number]]


class Adam:
    """Adam (Kingma & Ba 2015) with a linear warm-up and a linear way down to zero; gradients cut at norm 1."""

    def __init__(self, model: Transformer, rate: float, steps: int) -> None:
        self._variables = list(model.variables.values())
        self._first = [np.zeros_like(variable.value) for variable in self._variables]
        self._second = [np.zeros_like(variable.value) for variable in self._variables]
        self._rate, self._steps, self._step = rate, steps, 0

    def step(self) -> None:
        """Change the weights by their gradients and forget these."""
        self._step += 1
        gradients = [np.asarray(variable.gradient) for variable in self._variables]
        norm = float(np.sqrt(sum(float(np.vdot(gradient, gradient)) for gradient in gradients)))
        cut = min(1.0, 1 / norm)
        down = (self._steps - self._step) / max(self._steps - WARM_UP, 1)
        rate = self._rate * min(self._step / WARM_UP, max(down, 0.0))
        rate *= (1 - 0.98**self._step) ** 0.5 / (1 - 0.9**self._step)
        for variable, gradient, first, second in zip(
            self._variables, gradients, self._first, self._second, strict=True
        ):
            first += 0.1 * (cut * gradient - first)
            second += 0.02 * (np.square(cut * gradient) - second)
            variable.value -= np.float32(rate) * first / (np.sqrt(second) + np.float32(1e-8))
            variable.gradient = None


def loss_of(model: Transformer, tape: Tape, rows: Sequence[Row], filler: int, smoothing: float) -> Array:
    """Return the mean cross-entropy of a batch, nats per target token, and leave the gradients in the model."""
    source, source_real = pad([row[0] for row in rows], filler)
    target, target_real = pad([row[1] for row in rows], filler)
    logits = model.logits(tape, source, source_real, target)
    loss = tape.cross_entropy(logits, target, target_real.astype(logits.value.dtype), smoothing)
    tape.backward(loss)
    return loss.value


def token_scores(model: Transformer, row: Row) -> NDArray[np.float64]:
    """Return the log-probability of each target token of one pair, the end mark included."""
    source, real = pad([row[0]], 0)
    logits = model.logits(Tape(), source, real, np.array([row[1]])).value[0].astype(np.float64)
    logs = logits - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True))
    logs -= logits.max(-1, keepdims=True)
    return np.asarray(np.take_along_axis(logs, np.array(row[1])[:, None], -1)[:, 0])


def train(pairs: Sequence[Pair], recipe: Recipe) -> tuple[Transformer, Vocabulary]:
    """Train on (source, target) pairs."""
    vocabulary = Vocabulary(*(train_pieces([pair[side] for pair in pairs], recipe.pieces) for side in (0, 1)))
    shape = Shape(len(vocabulary), recipe.dim, recipe.inner)
    model = Transformer(new_weights(shape, recipe.seed), shape)
    model.drop_out(recipe.dropout, recipe.seed)
    adam = Adam(model, recipe.rate, recipe.steps)
    rows = [vocabulary.row(*pair) for pair in pairs]
    for number, batch in enumerate(batches(rows, recipe.batch, recipe.seed)):
        if number == recipe.steps:
            break
        loss_of(model, Tape(), batch, len(vocabulary) - 1, recipe.smoothing)
        adam.step()
    model.drop_out(0.0, 0)
    return model, vocabulary


def write_marian(folder: Path, model: Transformer, vocabulary: Vocabulary) -> None:
    """Write the five files of an OPUS-MT model."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = model.shape
    config = {
        "type": "transformer",
        "dim-emb": shape.dim,
        "dim-vocabs": [shape.vocabulary, shape.vocabulary],
        "enc-depth": shape.encoder_layers,
        "dec-depth": shape.decoder_layers,
        "transformer-heads": shape.heads,
        "transformer-dim-ffn": shape.inner,
        "transformer-ffn-depth": 2,
        "transformer-ffn-activation": "relu",
        "transformer-preprocess": "",
        "transformer-postprocess": "dan",
        "transformer-postprocess-emb": "d",
        "transformer-decoder-autoreg": "self-attention",
        "transformer-no-projection": False,
        "transformer-guided-alignment-layer": "last",
        "tied-embeddings-all": True,
    }
    weights = {name: variable.value for name, variable in model.variables.items()}
    # Marian ends the text of the configuration with a zero byte, as C does.
    weights["special:model.yml"] = np.frombuffer(yaml.safe_dump(config).encode() + b"\0", np.int8)
    np.savez(folder / "model.npz", **weights)  # type: ignore[arg-type]
    lines = [f"{_quoted(piece)}: {number}\n" for number, piece in enumerate(vocabulary.pieces)]
    (folder / "vocab.yml").write_text("".join(lines), "utf-8")
    for name, data in zip(("source.spm", "target.spm"), vocabulary.models, strict=True):
        (folder / name).write_bytes(data)
    decoder = {"models": ["model.npz"], "vocabs": ["vocab.yml", "vocab.yml"], "beam-size": 4, "normalize": 1}
    (folder / "decoder.yml").write_text(yaml.safe_dump(decoder), "utf-8")


def _quoted(piece: str) -> str:
    return '"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"'


def convert(marian: Path, folder: Path) -> None:
    """Convert to CTranslate2's form, the sentencepiece models beside it."""
    ctranslate2.converters.OpusMTConverter(str(marian)).convert(str(folder), force=True)
    for name in ("source.spm", "target.spm"):
        shutil.copy(marian / name, folder / name)


def build(folder: Path, direction: str, recipe: Recipe) -> tuple[Transformer, Vocabulary]:
    """Train one direction and write everything into `folder`."""
    triples = list(Grammar().pairs(recipe.pairs + HELD_OUT, recipe.seed))
    held_out, seen = triples[:HELD_OUT], triples[HELD_OUT:]
    order = (0, 1) if direction == "vi-en" else (1, 0)
    model, vocabulary = train([(triple[order[0]], triple[order[1]]) for triple in seen], recipe)
    write_marian(folder / "marian", model, vocabulary)
    convert(folder / "marian", folder / "ctranslate2")
    rows = [("vi", "en", "changed"), *held_out]
    (folder / "held_out.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return model, vocabulary


def main() -> None:
    """Run the program."""
    own = Recipe()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--direction", choices=("vi-en", "en-vi"), required=True)
    parser.add_argument("--steps", type=int, default=own.steps, help="0: random weights (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=own.pairs)
    parser.add_argument("--batch", type=int, default=own.batch)
    parser.add_argument("--rate", type=float, default=own.rate)
    parser.add_argument("--seed", type=int, default=own.seed)
    options = parser.parse_args()
    recipe = Recipe(pairs=options.pairs, steps=options.steps, batch=options.batch, rate=options.rate, seed=options.seed)
    build(options.output, options.direction, recipe)


if __name__ == "__main__":
    main()
