"""Encoders from elsewhere: found by entry point or import path, and looked at closely before anything relies on them.

A distribution offers an encoder under a name of its own by an entry point of the group "align.encoders":

    [options.entry_points]
    align.encoders =
        my-encoder = my_package.encoders:MyEncoder

`MyEncoder` is a class or function that takes the encoder's options by keyword and returns an `Encoder`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from align.encoders.base import Encoder
from align.errors import AlignError, ModelError

GROUP = "align.encoders"
"""Name of the group of entry points."""

POOLINGS = ("mean", "max")

_MEMBERS = ("name", "dim", "pooling", "fingerprint", "encode", "centre")
_PROBE = ("Trời mưa suốt đêm.", "It rained all night.")
_NEAR_ONE = 1e-3  # allowed error of a row's length: vectors computed in half precision pass


def plugin_names() -> list[str]:
    """Return the names of the encoders that installed distributions offer, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def plugin_path(name: str) -> str | None:
    """Return the import path "package.module:factory" of a plug-in, or None if there is none of that name.

    Raises:
        ModelError: two distributions offer different encoders of that name.
    """
    paths = sorted({point.value for point in entry_points(group=GROUP, name=name)})
    if len(paths) > 1:
        raise ModelError(f"encoder {name!r} is offered twice: {', '.join(paths)}; uninstall one or name its path")
    return paths[0] if paths else None


def import_factory(path: str) -> Callable[..., Any]:
    """Return the factory that "package.module:factory" names.

    Raises:
        ModelError: the module cannot be imported, or has no such callable.
    """
    module_name, _, name = path.partition(":")
    try:
        value: Any = importlib.import_module(module_name)
        for part in name.split("."):
            value = getattr(value, part)
    except Exception as error:  # a module may raise anything while it is imported
        raise ModelError(f"encoder {path!r}: cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(value):
        raise ModelError(f"encoder {path!r}: is of type {type(value).__name__}; allowed: a class or function")
    factory: Callable[..., Any] = value
    return factory


def make_encoder(factory: Callable[..., Any], what: str, options: dict[str, Any]) -> Encoder:
    """Return `factory(**options)` after `check_encoder`; `what` names it in messages.

    Raises:
        ModelError: the factory fails, or what it returns is no encoder. Errors of its own that derive from
            `AlignError` come through as they are.
    """
    try:
        encoder = factory(**options)
    except AlignError:
        raise
    except Exception as error:
        raise ModelError(f"{what}: cannot be made: {type(error).__name__}: {error}") from error
    check_encoder(encoder, what)
    made: Encoder = encoder
    return made


def check_encoder(encoder: Any, what: str) -> None:
    """Try an encoder on two sentences; whether it always gives the same vectors is not checked.

    Args:
        encoder: the object.
        what: names it in messages.

    Raises:
        ModelError: it lacks a member of `Encoder`, one has a value that is not allowed, `encode` does not return
            float32 (texts, dim) with rows of length 1, or `centre` neither None nor float32 (dim,).
    """
    for member in _MEMBERS:
        if not hasattr(encoder, member):
            raise ModelError(f"{what}: is no encoder, it has no {member!r}; needed: {', '.join(_MEMBERS)}")
    for member in ("name", "fingerprint"):
        value = getattr(encoder, member)
        if not isinstance(value, str) or not value:
            raise ModelError(f"{what}: {member} is {value!r}; allowed: a str, not empty")
    if isinstance(encoder.dim, bool) or not isinstance(encoder.dim, int) or encoder.dim < 1:
        raise ModelError(f"{what}: dim is {encoder.dim!r}; allowed: an int from 1")
    if encoder.pooling not in POOLINGS:
        raise ModelError(f"{what}: pooling is {encoder.pooling!r}; allowed: {', '.join(POOLINGS)}")
    try:
        vectors, none = encoder.encode(list(_PROBE)), encoder.encode([])
        centres = [encoder.centre(lang) for lang in ("vi", "en")]
    except Exception as error:
        raise ModelError(f"{what}: fails on two sentences: {type(error).__name__}: {error}") from error
    _check_array(vectors, (len(_PROBE), encoder.dim), f"{what}: encode of two texts")
    _check_array(none, (0, encoder.dim), f"{what}: encode of no text")
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1) < _NEAR_ONE):  # also where a length is not a number
        raise ModelError(f"{what}: encode gave rows of length {lengths.round(4).tolist()}; allowed: length 1")
    for centre in centres:
        if centre is not None:
            _check_array(centre, (encoder.dim,), f"{what}: centre")


def _check_array(found: object, shape: tuple[int, ...], what: str) -> None:
    if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype != np.float32:
        kind = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
        raise ModelError(f"{what} gave {kind}; allowed: numpy float32 {shape}")
