"""Models in the format of sentence-transformers, from a folder or the hub, run by torch (extra `st`).

Nothing of a model is run as code: weights are read from safetensors only, and modules that are not part of
sentence-transformers itself are refused.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from align.encoders.base import Vectors
from align.encoders.settings import positive
from align.encoders.st_folders import (
    find_folder,
    fingerprint_of,
    first_line,
    full_name,
    pooling_of,
    read_modules,
)
from align.encoders.texts import number_texts, vector_of_nothing
from align.errors import MissingExtraError, ModelError, OptionError
from align.progress import Progress, silent

DEFAULT_BATCH_SIZE = 32

LONGEST_TEXT = 65_536
"""Characters of a text that are looked at: more than any model's tokens, and a line of 20 MB costs no minute."""

_CHUNK = 2048  # texts between two reports of progress; sorted by length inside
_UNSAFE = re.compile("[\0\ud800-\udfff]")  # what a tokeniser refuses or cannot see


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers runs.

    The same texts in the same order with the same options give the same vectors, bit for bit, on one machine. The
    vector of one text can differ in its last bits (1e-6) with the texts beside it and with `threads`, because torch
    adds up batches of different shapes in different orders; `batch_size=1` takes the first away, at a price. A text
    longer than the model's `max_seq_length` is cut off there, as sentence-transformers does.
    """

    def __init__(
        self,
        name_or_folder: str,
        *,
        device: str = "cpu",
        batch_size: int = DEFAULT_BATCH_SIZE,
        prompt: str = "",
        revision: str | None = None,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> None:
        """Load a model.

        Args:
            name_or_folder: a folder, if there is one of this name; else a name on the hub, "owner/model" or, of the
                owner sentence-transformers, "model" alone. What was downloaded once is found without a network.
            device: "cpu", "cuda", "cuda:1", "mps" ...
            batch_size: texts computed at once.
            prompt: put before every text, such as "query: "; a default prompt of the model's own is not used.
            revision: branch, tag or commit on the hub; None is the main branch.
            threads: cores for torch to use, in the whole process; None leaves torch's own choice.
            progress: called with the stage "encode" and counts of texts.

        Raises:
            MissingExtraError: sentence-transformers is not installed.
            ModelError: there is no such model, the hub cannot be reached, the folder is no model, has weights in
                another form than safetensors, or code of its own.
            OptionError: an option has a value that is not allowed; `device` is one that this machine does not have.
        """
        self._batch_size = positive("batch_size", batch_size)
        self._prompt = prompt
        self._progress = progress
        if importlib.util.find_spec("sentence_transformers") is None:
            raise MissingExtraError(f"the encoder st:{name_or_folder}", "st")
        folder = find_folder(name_or_folder, revision, quiet=progress is silent)
        local = Path(name_or_folder).is_dir()
        self.name = f"st:{Path(name_or_folder).resolve().name if local else full_name(name_or_folder)}"
        modules = read_modules(folder)
        self.pooling = pooling_of(folder, modules)
        checked_device = _check_device(device)
        self.fingerprint = fingerprint_of(folder, modules, [checked_device.partition(":")[0], prompt])
        self._model = _load(folder, checked_device)
        if threads is not None:
            import torch

            torch.set_num_threads(positive("threads", threads))
        self.dim = int(self._run(["a"]).shape[1])
        self._nothing = vector_of_nothing(self.dim)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim) with rows of length 1, in the order of `texts`.

        A text of white space only gets a fixed unit vector; leave these out before matching.

        Raises:
            InputError: `texts` is a single string, or one of its members is no string; the message has its index.
        """
        unique = number_texts(texts)
        originals = list(unique)
        rows = np.empty((len(unique), self.dim), np.float32)
        for start in range(0, len(originals), _CHUNK):
            self._progress("encode", start, len(originals))
            rows[start : start + _CHUNK] = self._unit_rows(originals[start : start + _CHUNK])
        self._progress("encode", len(originals), len(originals))
        return rows[[unique[text] for text in texts]] if len(unique) != len(texts) else rows

    def centre(self, lang: str) -> Vectors | None:
        """Return None: models of this format say nothing about where the sentences of "vi" or "en" lie.

        Raises:
            OptionError: `lang` is neither.
        """
        if lang not in ("vi", "en"):
            raise OptionError("lang", lang, "vi, en")
        return None

    def _unit_rows(self, texts: list[str]) -> Vectors:
        vectors = np.tile(self._nothing, (len(texts), 1))
        clean = [_UNSAFE.sub(" ", text[:LONGEST_TEXT]) for text in texts]
        full = [place for place, text in enumerate(clean) if text.strip()]
        if full:
            found = self._run([clean[place] for place in full]).astype(np.float64)
            lengths = np.linalg.norm(found, axis=1, keepdims=True)
            if not np.isfinite(lengths).all() or not lengths.all():
                raise ModelError(f"{self.name}: the model gives vectors without a direction; its weights are no good")
            vectors[full] = found / lengths
        return vectors

    def _run(self, texts: list[str]) -> Vectors:
        """Return the model's own vectors, float32 (len(texts), dim)."""
        found: Vectors = self._model.encode(
            texts,
            prompt=self._prompt,
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=False,
        )
        return np.asarray(found, np.float32)


def _check_device(device: str) -> str:
    import torch

    here = ["cpu", *(f"cuda:{n}" for n in range(torch.cuda.device_count()))]
    here += ["cuda"] if len(here) > 1 else []
    here += ["mps"] if torch.backends.mps.is_available() else []
    if device not in here:
        raise OptionError("device", device, ", ".join(here))
    return device


def _load(folder: Path, device: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            str(folder),
            device=device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        ).eval()
    except Exception as error:  # a damaged model can fail anywhere in torch, tokenizers or safetensors
        raise ModelError(f"{folder}: sentence-transformers cannot load the model: {first_line(error)}") from error
    finally:
        if bars:
            logging.enable_progress_bar()
