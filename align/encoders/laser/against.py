"""Is our LASER the original one? The same sentences through both, tokens and vectors side by side.

The original is laser-encoders where it can be imported (Python 3.10: its fairseq fails on 3.11 and later), else
nano-laser, which runs the same checkpoint with the same classes in plain torch. Both need the checkpoint itself, which
`align models pull laser2 --keep-checkpoint` leaves in the model's folder.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from align.encoders.base import Vectors
from align.encoders.manifest import Manifest, find_manifest, read_manifest
from align.errors import MissingExtraError, ModelError, OptionError

ORACLES = {"laser-encoders": "laser_encoders", "nano-laser": "nano_laser"}
"""Distributions that can be asked, and the packages that they install."""

EXACT = 1e-5
"""Largest difference of a component that fp32 may show: sums in another order differ by some 1e-6."""

CLOSE = 0.99
"""Smallest cosine that int8 may show."""


@dataclass(frozen=True)
class Comparison:
    """What the two encoders made of the same sentences; vectors are compared at length 1."""

    oracle: str
    """Name and version of the original, such as "laser-encoders 0.0.2"."""
    precision: str
    """Precision of our network, "fp32" or "int8"."""
    sentences: int
    """How many were compared."""
    differing: tuple[int, ...]
    """Indices of the sentences whose token ids are not the same."""
    max_difference: float
    """Largest absolute difference between components of two vectors of one sentence."""
    min_cosine: float
    """Cosine of the two vectors of the sentence at which they differ most."""

    @property
    def agrees(self) -> bool:
        """Whether all tokens are the same and the vectors as close as the precision allows."""
        close = self.max_difference < EXACT if self.precision == "fp32" else self.min_cosine > CLOSE
        return not self.differing and close

    def summary(self) -> dict[str, str]:
        """Return what a person wants to know, in the order to show it."""
        return {
            "against": self.oracle,
            "precision": self.precision,
            "sentences": str(self.sentences),
            "sentences with other tokens": str(len(self.differing)),
            "largest difference of a component": f"{self.max_difference:.1e}",
            "smallest cosine": f"{self.min_cosine:.6f}",
            "verdict": "agrees" if self.agrees else "DIFFERS",
        }


class Oracle:
    """The original, on a checkpoint and a sentencepiece model in files of their own; it downloads nothing."""

    def __init__(self, oracle: str, checkpoint: Path, spm: Path) -> None:
        """Load the weights; some 400 MB with torch.

        The checkpoint must have been read by `align.encoders.laser.checkpoint` before: torch before 2.6 runs whatever
        a hostile file tells it to.

        Raises:
            OptionError: no oracle is called `oracle`.
            MissingExtraError: it is not installed.
        """
        self.name, module = load_module(oracle)
        self._encoder = module.SentenceEncoder(model_path=str(checkpoint), spm_model=str(spm), cpu=True)

    def pieces(self, texts: Sequence[str]) -> list[str]:
        """Return the pieces of every text with spaces between."""
        return [self._encoder.tokenizer.tokenize(text) for text in texts]

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids that the original's network takes for every text."""
        return [self._encoder._tokenize(pieces).tolist() for pieces in self.pieces(texts)]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim), not scaled to length 1, each text encoded in a batch of its own."""
        return np.asarray(self._encoder.encode_sentences(self.pieces(texts)), np.float32)


def compare(
    model: Manifest | str | Path,
    oracle: str = "laser-encoders",
    *,
    checkpoint: str | Path | None = None,
    precision: str = "int8",
    texts: Sequence[str] | None = None,
) -> Comparison:
    """Compare a pulled LASER model with the original on `texts`, by default those of `fixed_sentences`.

    `model` is a manifest, the name of an installed model or a model's folder; `checkpoint` is the file from which the
    model was made, by default the one kept in its folder.

    Raises:
        OptionError: `oracle` or `precision` is not among the allowed, or `texts` is empty.
        ModelError: the model or the checkpoint is missing or damaged.
        MissingExtraError: the oracle or what runs the model is not installed.
    """
    from align.encoders.laser.checkpoint import read_checkpoint
    from align.encoders.laser.encoder import LaserEncoder
    from align.encoders.laser.tokeniser import LaserTokeniser

    manifest = _manifest(model)
    texts = fixed_sentences() if texts is None else texts
    if not texts:
        raise OptionError("texts", texts, "at least one text")
    _check_installed(oracle)
    path = _checkpoint(manifest, checkpoint)
    read_checkpoint(path)
    spm, cvocab = _named(manifest, "spm"), _named(manifest, "cvocab")
    ours = LaserTokeniser(manifest.read(spm), manifest.read(cvocab)).encode(texts)
    original = Oracle(oracle, path, manifest.folder / spm)
    differing = tuple(i for i, (a, b) in enumerate(zip(ours, original.ids(texts), strict=True)) if a != b)
    found = _unit(LaserEncoder(manifest, precision=precision).encode_raw(texts))
    expected = _unit(original.encode(texts))
    return Comparison(
        oracle=original.name,
        precision=precision,
        sentences=len(texts),
        differing=differing,
        max_difference=float(np.abs(found - expected).max()),
        min_cosine=float(np.einsum("ij,ij->i", found, expected, dtype=np.float64).min()),
    )


def fixed_sentences() -> list[str]:
    """Return the 118 Vietnamese and English sentences that models are compared on, some with hard punctuation."""
    text = resources.files("align.encoders.laser").joinpath("data/sentences.txt").read_text("utf-8")
    return text.removesuffix("\n").split("\n")


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _manifest(model: Manifest | str | Path) -> Manifest:
    if isinstance(model, Manifest):
        return model
    return read_manifest(model) if isinstance(model, Path) else find_manifest(model)


def _named(manifest: Manifest, entry: str) -> str:
    name = manifest.extra.get(entry)
    if not isinstance(name, str):
        raise ModelError(f"{manifest.folder}: model {manifest.name} of kind {manifest.kind!r} names no {entry}")
    return name


def _checkpoint(manifest: Manifest, given: str | Path | None) -> Path:
    path = Path(given) if given is not None else manifest.folder / _named(manifest, "checkpoint")
    if not path.is_file():
        remedy = f"run: align models pull {manifest.name} --keep-checkpoint, or name the file with --checkpoint"
        raise ModelError(f"{path}: the original can only run on the checkpoint, which is not there; {remedy}")
    return path


def _package(oracle: str) -> tuple[str, str]:
    """Return the distribution to ask, and its package."""
    if oracle not in ORACLES:
        raise OptionError("oracle", oracle, ", ".join(ORACLES))
    if oracle == "laser-encoders" and sys.version_info >= (3, 11):
        oracle = "nano-laser"
    return oracle, ORACLES[oracle]


def _check_installed(oracle: str) -> None:
    _, package = _package(oracle)
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(f"comparing with {oracle}", "laser-oracle")


def load_module(oracle: str, module: str = "models") -> tuple[str, Any]:
    """Import a module of the original's package; return the original's name and version, and the module.

    Raises:
        OptionError: no oracle is called `oracle`.
        MissingExtraError: it, or something that it imports, is not installed.
    """
    distribution, package = _package(oracle)
    _check_installed(oracle)
    with _logging_kept():
        try:
            found = importlib.import_module(f"{package}.{module}")
        except ImportError as error:  # laser-encoders does not declare all that it imports
            raise MissingExtraError(f"comparing with {oracle} ({error})", "laser-oracle") from error
    return f"{distribution} {importlib.metadata.version(distribution)}", found


@contextlib.contextmanager
def _logging_kept() -> Iterator[None]:
    """laser-encoders sends all logging of the process to the standard output when it is imported: take that back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
