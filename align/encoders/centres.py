"""The mean vectors of general text that some models come with."""

from __future__ import annotations

import io

import numpy as np

from align.encoders.base import Vectors
from align.encoders.manifest import Manifest
from align.errors import ModelError, OptionError

CENTRES = "centre.npy"
"""File of a model: float32 (2, dim), the mean unit vectors of Vietnamese and of English."""

_LANGS = ("vi", "en")


def read_centres(manifest: Manifest) -> Vectors | None:
    """Return float32 (2, dim), Vietnamese first, or None if the model comes without.

    Raises:
        ModelError: the file is damaged or has another shape or type.
    """
    if CENTRES not in manifest.files:
        return None
    content = io.BytesIO(manifest.read(CENTRES))
    try:
        centres = np.asarray(np.load(content, allow_pickle=False))
    except (ValueError, EOFError) as error:
        raise ModelError(f"{manifest.folder / CENTRES}: is no array of numpy: {error}") from error
    if centres.shape != (2, manifest.dim) or centres.dtype != np.float32:
        found = f"{centres.dtype} {centres.shape}"
        raise ModelError(f"{manifest.folder / CENTRES}: is {found}, expected float32 (2, {manifest.dim})")
    return centres


def centre_of(lang: str, centres: Vectors | None) -> Vectors | None:
    """Return the row of `centres` for "vi" or "en", float32 (dim,), or None without centres.

    Raises:
        OptionError: `lang` is neither.
    """
    if lang not in _LANGS:
        raise OptionError("lang", lang, ", ".join(_LANGS))
    return None if centres is None else centres[_LANGS.index(lang)].copy()
