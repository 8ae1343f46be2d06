"""Options of encoders: which ones a factory takes, of what type, and their values from text."""

from __future__ import annotations

import functools
import inspect
import os
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any

from align.errors import OptionError

_WORDS = {"true": True, "false": False}


def positive(name: str, value: object) -> int:
    """Return `value` if it is an integer from 1.

    Raises:
        OptionError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise OptionError(name, value, "an integer from 1")
    return value


def cores() -> int:
    """Return how many cores the process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def settings_of(factory: Callable[..., object]) -> dict[str, Any] | None:
    """Return the type of every option that a factory (function, class or `functools.partial`) takes, by name.

    The type is the annotation or, where there is none, that of the default. None instead of a table means that the
    factory has `**options` and takes any.
    """
    try:
        parameters = inspect.signature(factory).parameters.values()
    except ValueError:  # written in C, without a signature
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    hints = _hints(factory)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {each.name: hints.get(each.name, type(each.default)) for each in parameters if each.kind in named}


def _hints(factory: Any) -> dict[str, Any]:
    while isinstance(factory, functools.partial):
        factory = factory.func
    try:
        return typing.get_type_hints(
            inspect.getattr_static(factory, "__init__") if isinstance(factory, type) else factory
        )
    except (NameError, TypeError):  # names that only a type checker sees; an object with __call__
        return {}


def parse_settings(pairs: Sequence[str], allowed: dict[str, Any] | None) -> dict[str, object]:
    """Return options from texts `KEY=VALUE`, each of the type that `allowed` has for its key, the last one winning.

    With None for `allowed` any key goes and values stay text.

        >>> parse_settings(["precision=fp32", "batch_tokens=512"], {"precision": str, "batch_tokens": int | None})
        {'precision': 'fp32', 'batch_tokens': 512}

    Raises:
        OptionError: a text is not of that form, its key is none of the allowed ones or its value not of the type.
    """
    options: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip().replace("-", "_")
        if not equals or not key:
            raise OptionError("encoder option", pair, "KEY=VALUE")
        check_names([key], allowed)
        options[key] = value if allowed is None else _value(key, value, allowed[key])
    return options


def check_names(names: Sequence[str], allowed: dict[str, Any] | None) -> None:
    """Raise `OptionError` if one of `names` is not in `allowed`; None allows all."""
    for name in names:
        if allowed is not None and name not in allowed:
            raise OptionError("encoder option", name, ", ".join(allowed) or "none, this encoder has no options")


def _value(key: str, text: str, kind: Any) -> object:
    """Read a text as the first of the types of `kind` that takes it."""
    kinds = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    wanted = [each for each in kinds if each is not type(None)]
    for each in wanted:
        try:
            return _read(text, each)
        except (ValueError, KeyError):
            continue
    raise OptionError(f"encoder option {key}", text, " or ".join(map(_describe, wanted)))


def _read(text: str, kind: Any) -> object:
    if typing.get_origin(kind) is typing.Literal:
        return {str(choice): choice for choice in typing.get_args(kind)}[text]
    if kind is bool:
        return _WORDS[text.lower()]
    return kind(text) if kind in (int, float) else text


def _describe(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(map(str, typing.get_args(kind)))
    return {int: "an integer", float: "a number", bool: "true, false"}.get(kind, "a text")
