"""Translators run by CTranslate2 and tokenised by sentencepiece: no torch."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import numpy as np

from align.encoders.batches import run_batches
from align.encoders.settings import cores, positive
from align.encoders.texts import number_texts
from align.errors import InputError, ModelError, OptionError, TruncatedTextWarning
from align.progress import Progress, silent
from align.translation.base import DIRECTIONS, Direction, Entropies, check_direction
from align.translation.folders import Layout
from align.translation.tokenisers import Tokeniser, windows

DEFAULT_BEAM = 4
DEFAULT_BATCH_TOKENS = 2048
DEFAULT_MAX_TOKENS = 512
"""Tokens that a model takes at once if nothing else is known of it: OPUS-MT and NLLB were trained on no longer ones."""

LONGEST_TEXT = 32_768
"""Characters of a text that are looked at: a line of 20 MB that is no sentence at all does not take an hour."""

DEVICES = ("auto", "cpu", "cuda")

_CHUNK = 4096
"""Texts tokenised at once: bounds memory, and is long enough for batches of equal length."""


class CTranslate2Translator:
    """A translator in the form of CTranslate2.

    On a CPU the translation of a text is the same whatever it is translated together with, however many threads there
    are and however large batches are: sums of int8 products are exact, and a batch holds only rows of equal length, so
    that the rest is summed in the same order, too. This holds for `cross_entropy` to the last bit. With
    `compute_type="float32"`, or on a GPU, last bits can differ with the company, and a tie between two translations
    with them.
    """

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        hashes: Mapping[str, str],
        *,
        name: str,
        directions: Sequence[Direction] = (),
        threads: int | None = None,
        device: str = "auto",
        beam: int = DEFAULT_BEAM,
        batch_tokens: int = DEFAULT_BATCH_TOKENS,
        compute_type: str | None = None,
        max_tokens: int | None = None,
        progress: Progress = silent,
    ) -> None:
        """Load the translator of a folder whose files were looked at.

        Args:
            folder: where the files are.
            layout: what `align.translation.folders.inspect` told of them.
            hashes: SHA-256 of each file of the layout, for the fingerprint.
            name: what to call it.
            directions: what it is to do; () is for what the files say.
            threads: batches computed at the same time, one core each; None takes every core that the process may use.
            device: "cpu", "cuda", or "auto": a GPU if CTranslate2 finds one.
            beam: hypotheses kept; 1 is greedy search.
            batch_tokens: source tokens translated at once; larger is hungrier.
            compute_type: one that CTranslate2 has for the device; None is int8 on a CPU, with float16 on a GPU.
            max_tokens: longest row that the model takes, at least 8.
            progress: called with the stage "translate" or "score" and counts of texts.

        Raises:
            ModelError: the files do not belong together, or cannot be run by this CTranslate2 on this machine.
            OptionError: an option is outside the allowed set, or the direction cannot be told.
        """
        self.name = name
        self._beam, self._batch_tokens = positive("beam", beam), positive("batch_tokens", batch_tokens)
        self._room = positive("max_tokens", DEFAULT_MAX_TOKENS if max_tokens is None else max_tokens)
        if self._room < 8:
            raise OptionError("max_tokens", max_tokens, "an integer from 8")
        self._progress = progress
        self._device = _device(device)
        # A GPU computes one batch at a time.
        self._threads = 1 if self._device == "cuda" else positive("threads", cores() if threads is None else threads)
        self._compute_type = _compute_type(self._device, compute_type)
        self._tokeniser = Tokeniser(folder, layout)
        self.directions = _directions(folder, directions, self._tokeniser.directions)
        for direction in self.directions:
            layout.target_token(direction)
        self.fingerprint = self._hash(layout, hashes)
        self._network = _load_network(folder, self._device, self._compute_type, self._threads)

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        """Return the translation of every text, in their order.

        A text without a word (empty, only white space or control characters) becomes "". More tokens than the model
        takes at once are cut behind a sentence or a word, and the translations of the parts joined; what follows the
        first 32,768 characters is left out, with a `TruncatedTextWarning`.

        Raises:
            InputError: `texts` is a single string, or one of its members is no string.
            OptionError: the model does not do this direction.
            ModelError: CTranslate2 failed, for instance for want of memory; the message says what to do.
        """
        check_direction(direction, self.directions)
        unique = number_texts(texts)
        originals = list(unique)
        report = _Report("translate", len(originals), self._progress)
        done: list[str] = []
        for start in range(0, len(originals), _CHUNK):
            done += self._translate_chunk(originals[start : start + _CHUNK], direction, report)
        report.finish()
        return [done[unique[text]] for text in texts]

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        """Return float64 (n,): what the model thinks of every target as a translation of its source.

        It is the mean over the target's tokens, `</s>` included, of -log P(token | tokens before it, source), in nats,
        found by forced decoding (Junczys-Dowmunt 2018, section 2.1); a token for the language counts nothing. The
        lower, the better a translation. It is NaN where source or target has no word. What is longer than the model
        takes is cut off, with a `TruncatedTextWarning`.

        Raises:
            InputError: there are not as many targets as sources, one of the two is a single string, or a member of
                them is no string.
            OptionError, ModelError: as for `translate`.
        """
        check_direction(direction, self.directions)
        number_texts(sources), number_texts(targets)
        if len(sources) != len(targets):
            raise InputError(f"{len(sources)} sources and {len(targets)} targets; give a target for every source")
        report = _Report("score", len(sources), self._progress)
        out = np.full(len(sources), np.nan)
        for start in range(0, len(sources), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            out[chunk] = self._score_chunk(sources[chunk], targets[chunk], direction, report)
        report.finish()
        return out

    def _translate_chunk(self, texts: list[str], direction: Direction, report: _Report) -> list[str]:
        # Two places are for special tokens.
        cut = [windows(row, self._room - 2) for row in self._tokeniser.source_pieces(_bounded(texts))]
        owners = [i for i, windows_of_text in enumerate(cut) for _ in windows_of_text]
        parts = list(chain.from_iterable(cut))
        rows = [self._tokeniser.source_row(part, direction) for part in parts]
        prefix = self._tokeniser.target_prefix(direction)
        done = [""] * len(rows)

        def run(batch: list[int]) -> None:
            # A limit for a loop that never ends, which must not depend on the company of a text.
            longest = min(3 * len(parts[batch[0]]) + 32, 2 * self._room)
            with self._advised():
                results = self._network.translate_batch(
                    [rows[i] for i in batch],
                    target_prefix=[prefix] * len(batch) if prefix else None,
                    beam_size=self._beam,
                    max_decoding_length=longest,
                    max_input_length=0,
                    disable_unk=True,
                )
            for i, result in zip(batch, results, strict=True):
                done[i] = self._tokeniser.text(result.hypotheses[0])
            report.add(sum(1 for i in batch if i == 0 or owners[i] != owners[i - 1]))

        run_batches(run, list(_batches([(len(row),) for row in rows], self._batch_tokens)), self._threads)
        joined: list[list[str]] = [[] for _ in texts]
        for owner, text in zip(owners, done, strict=True):
            joined[owner].append(text)
        return [" ".join(filter(None, translated)) for translated in joined]

    def _score_chunk(
        self, sources: Sequence[str], targets: Sequence[str], direction: Direction, report: _Report
    ) -> Entropies:
        room = self._room - 2
        left = self._tokeniser.source_pieces(_bounded(sources))
        right = self._tokeniser.target_pieces(_bounded(targets))
        if any(len(row) > room for row in (*left, *right)):
            longest = max(len(row) for row in (*left, *right))
            warnings.warn(TruncatedTextWarning(longest, "tokens", room), stacklevel=2)
        out = np.full(len(sources), np.nan)
        filled = [i for i in range(len(sources)) if left[i] and right[i]]
        prefix = self._tokeniser.target_prefix(direction)
        rows = [self._tokeniser.source_row(left[i][:room], direction) for i in filled]
        wanted = [[*prefix, *right[i][:room]] for i in filled]

        def run(batch: list[int]) -> None:
            with self._advised():
                results = self._network.score_batch(
                    [rows[i] for i in batch], [wanted[i] for i in batch], max_input_length=0, offset=len(prefix)
                )
            for i, result in zip(batch, results, strict=True):
                out[filled[i]] = -np.mean(np.asarray(result.log_probs, np.float64))
            report.add(len(batch))

        lengths = [(len(row), len(target)) for row, target in zip(rows, wanted, strict=True)]
        run_batches(run, list(_batches(lengths, self._batch_tokens)), self._threads)
        return out

    @contextlib.contextmanager
    def _advised(self) -> Iterator[None]:
        """Turn what CTranslate2 raises into an error that says what to do."""
        try:
            yield
        except (MemoryError, RuntimeError, ValueError) as error:
            said = " ".join(str(error).split())
            if isinstance(error, MemoryError) or any(word in said for word in ("memory", "alloc")):
                advice = f"out of memory; use a smaller batch_tokens (--batch-tokens, now {self._batch_tokens})"
                raise ModelError(f"{self.name}: {advice} or fewer threads ({self._threads})") from error
            advice = "give it as max_tokens" if "position" in said else "try compute_type='float32' or convert it anew"
            raise ModelError(f"{self.name}: CTranslate2 cannot run the model: {said}; {advice}") from error

    def _hash(self, layout: Layout, hashes: Mapping[str, str]) -> str:
        lines = [f"{name} {hashes[name]}" for name in sorted(layout.files)]
        lines += [layout.kind, *self.directions, self._device, self._compute_type, str(self._beam), str(self._room)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class _Report:
    """Counts what several threads have done."""

    def __init__(self, stage: str, total: int, progress: Progress) -> None:
        self._stage, self._total, self._progress = stage, total, progress
        self._done, self._lock = 0, threading.Lock()
        progress(stage, 0, max(total, 1))

    def add(self, count: int) -> None:
        with self._lock:
            # The last step is left to `finish`: empty texts are in no batch, and only one call may end the stage.
            self._done = min(self._done + count, self._total - 1)
            self._progress(self._stage, self._done, self._total)

    def finish(self) -> None:
        self._progress(self._stage, max(self._total, 1), max(self._total, 1))


def _batches(lengths: Sequence[tuple[int, ...]], budget: int) -> Iterator[list[int]]:
    """Yield indices of rows of equal lengths, longest first, at most `budget` tokens (but one row) together."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
    for key, group in groupby(order, key=lambda i: lengths[i]):
        same, size = list(group), max(1, budget // max(key))
        yield from (same[start : start + size] for start in range(0, len(same), size))


def _bounded(texts: Sequence[str]) -> list[str]:
    longest = max(map(len, texts), default=0)
    if longest > LONGEST_TEXT:
        warnings.warn(TruncatedTextWarning(longest, "characters", LONGEST_TEXT), stacklevel=2)
    return [text[:LONGEST_TEXT] for text in texts]


def _device(wanted: str) -> str:
    import ctranslate2

    if wanted not in DEVICES:
        raise OptionError("device", wanted, ", ".join(DEVICES))
    there = ctranslate2.get_cuda_device_count() > 0
    if wanted == "cuda" and not there:
        raise OptionError("device", wanted, "auto, cpu: CTranslate2 finds no GPU here")
    return "cuda" if there and wanted != "cpu" else "cpu"


def _compute_type(device: str, wanted: str | None) -> str:
    import ctranslate2

    allowed = sorted(ctranslate2.get_supported_compute_types(device))
    if wanted is not None:
        if wanted not in allowed:
            raise OptionError("compute_type", wanted, ", ".join(allowed))
        return wanted
    preferred = ("int8_float32",) if device == "cpu" else ("int8_float16", "int8_float32")
    return next((each for each in preferred if each in allowed), "float32")


def _directions(folder: Path, wanted: Sequence[Direction], found: tuple[Direction, ...]) -> tuple[Direction, ...]:
    """Return what was asked for, else what the files say."""
    directions = tuple(check_direction(each, found or DIRECTIONS) for each in wanted) or found
    if not directions:
        raise OptionError("direction", None, f"vi-en, en-vi: the files of {folder} do not say which")
    return directions


def _load_network(folder: Path, device: str, compute_type: str, threads: int) -> Any:
    import ctranslate2

    try:
        # One core a worker: threads that share one batch wait for each other at every layer.
        return ctranslate2.Translator(
            str(folder), device=device, compute_type=compute_type, inter_threads=threads, intra_threads=1
        )
    except MemoryError as error:
        raise ModelError(f"{folder}: out of memory while the model was loaded; use a smaller one") from error
    except (RuntimeError, ValueError) as error:
        said, version = " ".join(str(error).split()), ctranslate2.__version__
        advice = "update it: pip install --upgrade ctranslate2" if "version" in said else "convert or fetch it anew"
        raise ModelError(f"{folder}: CTranslate2 {version} cannot load the model: {said}; {advice}") from error
