"""From the name of an encoder to the encoder."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from align.encoders.base import Encoder
from align.encoders.manifest import Manifest, find_models, names_in_words, read_manifest
from align.encoders.plugins import import_factory, make_encoder, plugin_names, plugin_path
from align.encoders.preparations import preparation
from align.encoders.settings import check_names, parse_settings, settings_of
from align.errors import ModelError
from align.progress import Progress, silent

DEFAULT_ENCODER = "e5-small-vien"

ST_PREFIX = "st:"
"""What follows it is a sentence-transformers model: a folder, or a name on the hub."""

_ENCODER_OF_KIND = {
    "e5-ctranslate2": "align.encoders.e5:E5Encoder",
    "laser": "align.encoders.laser.encoder:LaserEncoder",
}
"""Kind of a manifest -> class; imported on use, for the engines take longer than all the rest."""


@dataclass(frozen=True)
class _Found:
    """What a name stands for: a factory, and `foreign` if it must be looked at closely."""

    what: str
    factory: Callable[..., Any]
    foreign: bool = False


def load_encoder(
    name: str = DEFAULT_ENCODER, *, cache: str | Path | None = None, progress: Progress | None = None, **options: Any
) -> Encoder:
    """Load the encoder `name`.

    Args:
        name: a model that `align models list` shows; `st:` and a sentence-transformers model (folder, or name on the
            hub); the name of a plug-in; or "package.module:factory", the import path of one.
        cache: file to keep vectors in, see `align.encoders.cache.CachedEncoder`; None keeps none.
        progress: called as progress("encode", done, total).
        options: what the encoder takes, such as `threads` (int) and `batch_tokens` (int) of E5Encoder, `precision` of
            LaserEncoder, `device` of SentenceTransformerEncoder; None means the encoder's own default.

        >>> encoder = load_encoder("e5-small-vien", threads=2)
        >>> encoder.encode(["Trời đang mưa.", "It is raining."]).shape
        (2, 384)

    Raises:
        ModelError: there is no such model, a file of it is missing or damaged, or a plug-in is no encoder.
        OptionError: an option is unknown or has a value that is not allowed.
        MissingExtraError: the encoder needs an extra that is not installed.
        InputError, OutputError: `cache` is no cache, or cannot be written.
    """
    found = _find(name)
    given = {key: value for key, value in options.items() if value is not None}
    taken = settings_of(found.factory)
    check_names(list(given), None if taken is None else {key: kind for key, kind in taken.items() if key != "progress"})
    if cache is not None:
        from align.encoders.cache import CachedEncoder
        from align.encoders.store import VectorStore

        VectorStore(cache)  # before a model is loaded for nothing
        return CachedEncoder(_make(found, given), cache, progress=progress or silent)
    if progress is not None and (taken is None or "progress" in taken):
        given["progress"] = progress
    return _make(found, given)


def parse_options(name: str, pairs: Sequence[str]) -> dict[str, object]:
    """Return options of the encoder `name` from texts `KEY=VALUE`, as the command line has them.

        >>> parse_options("e5-small-vien", ["batch_tokens=512"])
        {'batch_tokens': 512}

    Raises:
        ModelError: there is no such encoder.
        OptionError: the encoder has no such option, or the value is not of its type.
    """
    if not pairs:
        return {}
    taken = settings_of(_find(name).factory)
    return parse_settings(pairs, None if taken is None else {k: v for k, v in taken.items() if k != "progress"})


def _make(found: _Found, options: dict[str, Any]) -> Encoder:
    if found.foreign:
        return make_encoder(found.factory, found.what, options)
    encoder: Encoder = found.factory(**options)
    return encoder


def _find(name: str) -> _Found:
    if name.startswith(ST_PREFIX):
        from align.encoders.st import SentenceTransformerEncoder

        return _Found(name, functools.partial(SentenceTransformerEncoder, name.removeprefix(ST_PREFIX)))
    models = find_models()
    if name in models:
        return _Found(name, _factory_of(read_manifest(models[name])))
    path = plugin_path(name)
    if path is not None:
        return _Found(f"plug-in {name!r} ({path})", import_factory(path), foreign=True)
    module, colon, factory = name.partition(":")
    if colon and all(part.isidentifier() for part in [*module.split("."), *factory.split(".")]):
        return _Found(f"encoder {name!r}", import_factory(name), foreign=True)
    plugins = plugin_names()
    raise ModelError(
        f"no model {name!r} is installed; {names_in_words(translators=False)}"
        + (f"; plug-ins: {', '.join(plugins)}" if plugins else "")
        + f"; sentence-transformers models: {ST_PREFIX}NAME or {ST_PREFIX}FOLDER"
    )


def _factory_of(manifest: Manifest) -> Callable[..., Any]:
    path = _ENCODER_OF_KIND.get(manifest.kind)
    if path is None:
        if manifest.is_translator:
            there = names_in_words(translators=False)
            raise ModelError(f"model {manifest.name!r} is a translator (kind {manifest.kind!r}), no encoder; {there}")
        allowed = ", ".join(_ENCODER_OF_KIND)
        raise ModelError(f"{manifest.folder}: kind {manifest.kind!r} is no encoder that can be run; allowed: {allowed}")
    preparation(manifest).check(manifest)  # what is not installed is said first: a pull would say it, too
    manifest.check_pulled()
    module, _, name = path.partition(":")
    return functools.partial(getattr(importlib.import_module(module), name), manifest)
