"""From the name of an encoder to the encoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from align.encoders.base import Encoder
from align.encoders.manifest import Manifest, find_manifest
from align.errors import ModelError, OptionError

DEFAULT_ENCODER = "e5-small-vien"


def load_encoder(name: str = DEFAULT_ENCODER, **options: Any) -> Encoder:
    """Load the encoder `name`; `align models list` shows the names.

    Options of kind "e5-ctranslate2": `threads` (int, 1: sentences are spread over that many), `batch_tokens` (int,
    padded tokens computed at once), `progress` (called as progress("encode", done, total)).

        >>> encoder = load_encoder("e5-small-vien", threads=2)
        >>> encoder.encode(["Trời đang mưa.", "It is raining."]).shape
        (2, 384)

    Raises:
        ModelError: there is no such model, or a file of it is missing or damaged.
        OptionError: an option is unknown or has a value that is not allowed.
    """
    manifest = find_manifest(name)
    if manifest.kind not in _LOADERS:
        allowed = ", ".join(_LOADERS)
        raise ModelError(f"{manifest.folder}: kind {manifest.kind!r} is no encoder that can be run; allowed: {allowed}")
    return _LOADERS[manifest.kind](manifest, options)


def _load_e5(manifest: Manifest, options: dict[str, Any]) -> Encoder:
    from align.encoders.e5 import E5Encoder  # imports CTranslate2, which takes longer than all the rest

    _check_names(options, ("threads", "batch_tokens", "progress"))
    return E5Encoder(manifest, **options)


def _check_names(options: dict[str, Any], allowed: tuple[str, ...]) -> None:
    for name in options:
        if name not in allowed:
            raise OptionError("encoder option", name, ", ".join(allowed))


_LOADERS: dict[str, Callable[[Manifest, dict[str, Any]], Encoder]] = {"e5-ctranslate2": _load_e5}
