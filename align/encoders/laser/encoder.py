"""LASER by ONNX Runtime and sentencepiece: the vectors of laser_encoders without torch, in a fraction of the time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from align.encoders.base import Vectors
from align.encoders.batches import run_batches
from align.encoders.centres import centre_of, read_centres
from align.encoders.laser.convert import PRECISIONS
from align.encoders.laser.tokeniser import LaserTokeniser
from align.encoders.manifest import MANIFEST_NAME, Manifest, read_manifest
from align.encoders.settings import cores, positive
from align.encoders.texts import number_texts, vector_of_nothing
from align.errors import MissingExtraError, ModelError, OptionError
from align.progress import Progress, silent

DEFAULT_BATCH_TOKENS = 512

LONGEST_TEXT = 65_536
"""Characters of a text that are looked at."""

LONGEST_ROW = 4096
"""Tokens of a text that are encoded: some 40 kB of memory each, and no sentence has as many."""

_CHUNK = 8192
"""Texts tokenised at once: bounds memory, and is long enough for batches of about equal length."""

_PAD, _EOS = 1, 2


class LaserEncoder:
    """An encoder of kind "laser": a model that `align models pull` made of a LASER checkpoint of the LSTM kind.

    The tokens are those of laser_encoders 0.0.2, and so are the vectors: with `precision="fp32"` no component differs
    by more than 1e-5 from the original's, with "int8" the vectors are slightly other ones.

    On one machine the vector of a text is the same to the last bit whatever it is encoded together with, and however
    many threads there are. In int8 that is so by construction (see `align.encoders.laser.convert`); in fp32 it rests
    on ONNX Runtime forming the sums of every row in one order, whatever the number of rows, as it does.

        encoder = load_encoder("laser2", precision="fp32")     # after: align models pull laser2 --precision fp32
        vectors = encoder.encode(["Hà Nội là thủ đô của Việt Nam.", "Hanoi is the capital of Vietnam."])
        vectors.shape, vectors.dtype                           # (2, 1024), float32
    """

    def __init__(
        self,
        model: Manifest | str | Path,
        *,
        precision: str = "int8",
        threads: int | None = None,
        batch_tokens: int = DEFAULT_BATCH_TOKENS,
        progress: Progress = silent,
    ) -> None:
        """Load the model of a manifest, or of a folder with a model.toml, after checking sizes and hashes.

        Args:
            model: the manifest, or the folder.
            precision: "int8", more than twice as fast and a quarter of the size, or "fp32", exact.
            threads: batches computed at the same time, one core each; None takes every core that the process may
                use. Vectors do not depend on it.
            batch_tokens: tokens computed at once, padding included; larger is hungrier and not faster. Vectors do not
                depend on it.
            progress: called with the stage "encode" and counts of texts.

        Raises:
            MissingExtraError: ONNX Runtime is not installed.
            ModelError: the model is not pulled yet or not in this precision, or a file is missing, damaged or does
                not go with the others.
            OptionError: `precision` is unknown, or `threads` or `batch_tokens` no positive integer.
        """
        if precision not in PRECISIONS:
            raise OptionError("precision", precision, ", ".join(PRECISIONS))
        self._threads = positive("threads", cores() if threads is None else threads)
        self._batch_tokens = positive("batch_tokens", batch_tokens)
        self._progress = progress
        manifest = model if isinstance(model, Manifest) else read_manifest(model)
        network, spm, cvocab = _files(manifest, precision)
        self.name, self.dim, self.pooling = manifest.name, manifest.dim, manifest.pooling
        self.precision = precision
        self.fingerprint = _fingerprint(manifest, (network, spm, cvocab), precision)
        # First what may be missing, then what takes time.
        self._session = _load_network(manifest, network)
        self._tokeniser = LaserTokeniser(manifest.read(spm), manifest.read(cvocab), threads=self._threads)
        self._centres = read_centres(manifest)
        self._nothing = vector_of_nothing(self.dim, self._centres)
        self._check_network(manifest.folder / network)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim) with rows of length 1, in the order of `texts`.

        A text without any token (empty, only white space or control characters) gets a fixed unit vector that is
        unlike every sentence, but equal to that of any other such text: leave these out before matching. `encode_raw`
        says what else is done to texts.

        Raises:
            InputError: `texts` is a single string, or one of its members is no string; the message has its index.
        """
        rows, empty = self._encode(texts)
        unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        unit[empty] = self._nothing
        return unit

    def encode_raw(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim), the vectors as they leave the network, not scaled to length 1.

        This is what `LaserEncoderPipeline.encode_sentences` of laser_encoders returns, for empty texts as well. Other
        than there, what follows the first 65,536 characters or 4,095 tokens of a text is not looked at.

        Raises:
            InputError: `texts` is a single string, or one of its members is no string; the message has its index.
        """
        return self._encode(texts)[0]

    def centre(self, lang: str) -> Vectors | None:
        """Return the mean unit vector of general text in "vi" or "en", float32 (dim,); None if the model has none.

        Raises:
            OptionError: `lang` is neither.
        """
        return centre_of(lang, self._centres)

    def _encode(self, texts: Sequence[str]) -> tuple[Vectors, list[int]]:
        """Return the raw vectors, and the indices of the texts without a token."""
        unique = number_texts(texts)
        originals = list(unique)
        rows = np.empty((len(unique), self.dim), np.float32)
        is_empty = np.zeros(len(unique), bool)
        for start in range(0, len(originals), _CHUNK):
            self._progress("encode", start, len(originals))
            ids = self._tokens(originals[start : start + _CHUNK])
            rows[start : start + _CHUNK] = self._run_all(ids)
            is_empty[start : start + _CHUNK] = [len(row) == 1 for row in ids]
        self._progress("encode", len(originals), len(originals))
        if len(unique) != len(texts):
            places = [unique[text] for text in texts]
            rows, is_empty = rows[places], is_empty[places]
        return rows, np.flatnonzero(is_empty).tolist()

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        rows = self._tokeniser.encode([text[:LONGEST_TEXT] for text in texts])
        return [row if len(row) <= LONGEST_ROW else [*row[: LONGEST_ROW - 1], _EOS] for row in rows]

    def _run_all(self, ids: list[list[int]]) -> Vectors:
        """Return the vectors of rows of ids, computed in batches."""
        out = np.empty((len(ids), self.dim), np.float32)
        batches = list(_batches([len(row) for row in ids], self._batch_tokens))

        def run(batch: list[int]) -> None:
            out[batch] = self._run([ids[i] for i in batch])

        run_batches(run, batches, self._threads)
        return out

    def _run(self, rows: list[list[int]]) -> Vectors:
        """Return the vectors of one batch, whose longest row comes first."""
        tokens = np.full((len(rows[0]), len(rows)), _PAD, np.int32)
        for column, row in enumerate(rows):
            tokens[: len(row), column] = row
        lengths = np.array([len(row) for row in rows], np.int64)
        vectors: Vectors = self._session.run(None, {"tokens": tokens, "lengths": lengths})[0]
        return vectors

    def _check_network(self, path: Path) -> None:
        """Prove that the network takes the tokeniser's largest id and gives vectors of the width that is promised."""
        try:
            vectors = self._run([[self._tokeniser.size - 1, _EOS]])
        except Exception as error:  # the errors of ONNX Runtime have no base of their own
            raise ModelError(f"{path}: does not run with the ids of the cvocab: {error!s:.200}") from error
        if vectors.shape != (1, self.dim) or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
            found = f"{vectors.dtype} {vectors.shape}"
            raise ModelError(f"{path}: gives {found}, expected finite float32 (1, {self.dim}) as in {MANIFEST_NAME}")


def _batches(lengths: list[int], budget: int) -> Iterator[list[int]]:
    """Yield indices, longest row first, at most `budget` tokens (but one row) together with the padding."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, budget // lengths[order[start]])
        yield order[start : start + size]
        start += size


def _files(manifest: Manifest, precision: str) -> tuple[str, str, str]:
    """Return the names of the network, the sentencepiece model and the cvocab."""
    manifest.check_sizes()
    network = f"network-{precision}.onnx"
    if network not in manifest.files:
        raise ModelError(
            f"{manifest.folder}: model {manifest.name} has no {network}; "
            f"run: align models pull {manifest.name} --precision {precision}"
        )
    names = [manifest.extra.get(key) for key in ("spm", "cvocab")]
    for key, name in zip(("spm", "cvocab"), names, strict=True):
        if not isinstance(name, str):
            raise ModelError(f"{manifest.folder / MANIFEST_NAME}: the entry {key!r} names no file; pull the model anew")
    return network, str(names[0]), str(names[1])


def _fingerprint(manifest: Manifest, names: Sequence[str], precision: str) -> str:
    """Hash what the vectors depend on, which a checkpoint or a network of the other precision beside it is not."""
    lines = "".join(f"{name} {manifest.files[name].sha256}\n" for name in names if name in manifest.files)
    return hashlib.sha256(f"{precision}\n{lines}".encode()).hexdigest()[:16]


def _load_network(manifest: Manifest, name: str) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(f"the encoder {manifest.name}", "laser") from error
    options = onnxruntime.SessionOptions()
    # One core a batch: threads that share one wait for each other at every step of the recurrence.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # errors are raised as well: a library does not write to the terminal
    try:
        # The very bytes that were hashed are handed over: nobody can change the file in between.
        return onnxruntime.InferenceSession(manifest.read(name), options, providers=["CPUExecutionProvider"])
    except ModelError:
        raise
    except Exception as error:  # the errors of ONNX Runtime have no base of their own
        raise ModelError(f"{manifest.folder / name}: ONNX Runtime cannot load it: {error!s:.200}") from error
