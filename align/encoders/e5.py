"""Models of the E5 family, run by CTranslate2 and tokenised by sentencepiece: no torch, no download.

E5 averages the last hidden states of all tokens, `<s>` and `</s>` included, and scales the mean to length 1 (Wang et
al. 2024, Multilingual E5 Text Embeddings, section 2). The prefixes that it was trained with ("query: ", "passage: ")
are not used unless the model's manifest says so: for pairing sentences none at all works best.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from align.encoders.base import Vectors
from align.encoders.batches import run_batches
from align.encoders.centres import centre_of, read_centres
from align.encoders.manifest import Manifest, read_manifest
from align.encoders.settings import cores, positive
from align.encoders.texts import number_texts, vector_of_nothing
from align.errors import ModelError
from align.progress import Progress, silent

DEFAULT_BATCH_TOKENS = 1024

_CHUNK = 8192
"""Texts tokenised at once: bounds memory, and is long enough for batches of equal length."""

LONGEST_TEXT = 32_768
"""Characters of a text that are looked at, some 8,000 tokens: the mean over more hardly moves, and a line of 20 MB that
is no sentence at all does not take an hour."""

_BOS, _PAD, _EOS = 0, 1, 2

_STEP = 8
"""Rows are padded to a multiple of this: fewer lengths than tokens, so that batches fill up."""

# Neither can be encoded as UTF-8 for sentencepiece in a way that means anything.
_UNSAFE = re.compile("[\0\ud800-\udfff]")


class E5Encoder:
    """An encoder of kind "e5-ctranslate2".

    On one machine the vector of a text is the same to the last bit whatever it is encoded together with, and however
    many threads there are: a batch holds only rows of one padded length, which depends on the row alone, so that the
    float32 sums of every row are formed in the same order. Between instruction sets (AVX2, AVX-512, SSE 4.1) the cosine
    of the two vectors of a sentence was at least 0.997.

        >>> encoder = E5Encoder("models/e5-small-vien")
        >>> vectors = encoder.encode(["Hà Nội là thủ đô của Việt Nam.", "Hanoi is the capital of Vietnam."])
        >>> vectors.shape, vectors.dtype
        ((2, 384), dtype('float32'))
    """

    def __init__(
        self,
        model: Manifest | str | Path,
        *,
        threads: int | None = None,
        batch_tokens: int = DEFAULT_BATCH_TOKENS,
        progress: Progress = silent,
    ) -> None:
        """Load the model of a manifest, or of a folder with a model.toml, after checking sizes and hashes.

        Args:
            model: the manifest, or the folder.
            threads: batches computed at the same time, one core each; None takes every core that the process may
                use. Vectors do not depend on it.
            batch_tokens: tokens computed at once, padding included; larger is hungrier and not faster.
            progress: called with the stage "encode" and counts of texts.

        Raises:
            ModelError: a file is missing, damaged or cannot be run on this machine.
            OptionError: `threads` or `batch_tokens` is no positive integer.
        """
        self._threads = positive("threads", cores() if threads is None else threads)
        self._batch_tokens = positive("batch_tokens", batch_tokens)
        self._progress = progress
        self._manifest = model if isinstance(model, Manifest) else read_manifest(model)
        self._manifest.check_sizes()
        self.name, self.dim, self.pooling = self._manifest.name, self._manifest.dim, self._manifest.pooling
        self.fingerprint = self._manifest.fingerprint
        self._tokeniser = _load_tokeniser(self._manifest)
        self._network = _load_network(self._manifest, self._threads)
        self._centres = read_centres(self._manifest)
        self._nothing = vector_of_nothing(self.dim, self._centres)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim) with rows of length 1, in the order of `texts`.

        Text is put into NFC first. More tokens than the model takes at once are cut into windows of about equal
        length, and the token vectors of all windows averaged; what follows the first 32,768 characters is not looked
        at. A text without any token (empty, only white space or
        control characters) gets a fixed unit vector that is orthogonal to the centres of both languages and so
        unlike every sentence, but equal to that of any other such text: leave these out before matching.

        Raises:
            InputError: `texts` is a single string, or one of its members is no string; the message has its index.
        """
        unique = number_texts(texts)
        rows = np.empty((len(unique), self.dim), np.float32)
        originals = list(unique)
        for start in range(0, len(originals), _CHUNK):
            self._progress("encode", start, len(originals))
            rows[start : start + _CHUNK] = self._encode_chunk(originals[start : start + _CHUNK])
        self._progress("encode", len(originals), len(originals))
        return rows[[unique[text] for text in texts]] if len(unique) != len(texts) else rows

    def centre(self, lang: str) -> Vectors | None:
        """Return the mean unit vector of general text in "vi" or "en", float32 (dim,); None if the model has none.

        Raises:
            OptionError: `lang` is neither.
        """
        return centre_of(lang, self._centres)

    def _encode_chunk(self, texts: list[str]) -> Vectors:
        """Return unit rows for texts that are all different."""
        ids: list[list[int]] = self._tokeniser.encode([self._manifest.prefix + _fold(text) for text in texts])
        empty = [i for i, text in enumerate(texts) if not ids[i] or not text.strip()]
        for i in empty:
            ids[i] = []
        owners, windows = self._windows(ids)
        sums = np.zeros((len(texts), self.dim), np.float32)
        np.add.at(sums, owners, self._sum_tokens(windows))
        sums[empty] = self._nothing
        unit: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit

    def _windows(self, ids: list[list[int]]) -> tuple[list[int], list[list[int]]]:
        """Cut token ids into what the network can take; return the index of the text and the ids of each window."""
        room = self._manifest.max_tokens - 2
        owners, windows = [], []
        for i, row in enumerate(ids):
            count = -(-len(row) // room)
            for part in range(count):
                owners.append(i)
                windows.append([_BOS, *row[len(row) * part // count : len(row) * (part + 1) // count], _EOS])
        return owners, windows

    def _sum_tokens(self, windows: list[list[int]]) -> Vectors:
        """Return the sums of the token vectors of every window, float32 (windows, dim)."""
        out = np.zeros((len(windows), self.dim), np.float32)
        batches = list(_batches([len(window) for window in windows], self._batch_tokens))

        def run(batch: list[int]) -> None:
            out[batch] = self._sum_batch([windows[i] for i in batch])

        run_batches(run, batches, self._threads)
        return out

    def _sum_batch(self, windows: list[list[int]]) -> Vectors:
        import ctranslate2

        lengths = np.array([len(window) for window in windows], np.int32)
        ids = np.full((len(windows), _padded(max(lengths))), _PAD, np.int32)
        for row, window in zip(ids, windows, strict=True):
            row[: len(window)] = window
        view = ctranslate2.StorageView.from_array
        states = np.asarray(self._network.forward_batch(view(ids), view(lengths)).last_hidden_state)
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.float32)
        summed: Vectors = np.matmul(mask[:, None, :], states)[:, 0, :]
        return summed


def _fold(text: str) -> str:
    """Compose first: the tokeniser's own rules leave partly composed Vietnamese letters apart."""
    return unicodedata.normalize("NFC", _UNSAFE.sub(" ", text[:LONGEST_TEXT]))


def _padded(length: int) -> int:
    return -(-length // _STEP) * _STEP


def _batches(lengths: list[int], budget: int) -> Iterator[list[int]]:
    """Yield indices of rows of one padded length, longest first, at most `budget` tokens (but one row) together."""
    for padded, group in groupby(sorted(range(len(lengths)), key=lambda i: -lengths[i]), lambda i: _padded(lengths[i])):
        rows, size = list(group), max(1, budget // padded)
        yield from (rows[start : start + size] for start in range(0, len(rows), size))


def _load_tokeniser(manifest: Manifest) -> Any:
    import sentencepiece

    tokeniser = sentencepiece.SentencePieceProcessor(model_proto=manifest.read("spm.model"))
    expected = manifest.extra.get("pieces")
    # CTranslate2 does not check ids: one beyond its table would read foreign memory.
    if tokeniser.get_piece_size() != expected:
        found = tokeniser.get_piece_size()
        raise ModelError(f"{manifest.folder}: spm.model has {found} pieces, model.toml says {expected}; restore both")
    return tokeniser


def _load_network(manifest: Manifest, threads: int) -> Any:
    import ctranslate2  # slow to import, and not needed by a command that only reads manifests

    # The very bytes that were hashed are handed over: nobody can change the files in between.
    files = {name: manifest.read(name) for name in ("model.bin", "config.json", "vocabulary.json")}
    try:
        # One core a worker: threads that share one batch wait for each other at every layer.
        return ctranslate2.Encoder(
            str(manifest.folder), device="cpu", inter_threads=threads, intra_threads=1, files=files
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{manifest.folder}: CTranslate2 cannot load the model: {error}") from error
