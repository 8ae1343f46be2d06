"""`--config FILE.toml`: defaults for the options of every command."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from align.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_config(path: str, ctx: click.Context) -> dict[str, Any]:
    """Return click's default map from a file of one table per command, such as `[run]` or `[evaluate.beads]`.

    Keys are the long names of options, with - or _ between words. `ctx` is the context of the whole program.

    Raises:
        InputError: the file is not TOML, names a command or option that there is not, or has a value that the
            option does not take; the message names the table and the key.
    """
    try:
        with open(path, "rb") as stream:
            tables = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a TOML file: {error}") from error
    assert isinstance(ctx.command, click.Group)
    return _subcommands(ctx.command, ctx, tables, path, ())


def _subcommands(
    group: click.Group, ctx: click.Context, tables: Mapping[str, Any], path: str, above: tuple[str, ...]
) -> dict[str, Any]:
    found = {}
    for name, table in tables.items():
        where = ".".join((*above, name))
        # Looked up in the list first: a table that no command has must not import a module of its name.
        command = group.get_command(ctx, name) if name in group.list_commands(ctx) else None
        if command is None:
            raise InputError(f"{path}: [{where}]: {_unknown('command', group.list_commands(ctx), name)}")
        if not isinstance(table, dict):
            raise InputError(f"{path}: {where} is {table!r}; write a table [{where}] with the options of the command")
        if isinstance(command, click.Group):
            found[name] = _subcommands(command, ctx, table, path, (*above, name))
        else:
            found[name] = _options(command, table, f"{path}: [{where}]")
    return found


def _options(command: click.Command, table: Mapping[str, Any], place: str) -> dict[str, Any]:
    options = [option for option in command.params if isinstance(option, click.Option)]
    # An option with short names only, such as -k, goes by that.
    known = {max(option.opts, key=len).lstrip("-"): option for option in options}
    defaults = {}
    for key, value in table.items():
        option = known.get(key.replace("_", "-"))
        if option is None or option.name is None:
            raise InputError(f"{place}: {_unknown('option', known, key)}")
        defaults[option.name] = _checked(option, value, f"{place} {key}")
    return defaults


def _checked(option: click.Option, value: Any, place: str) -> Any:
    """Return the value as the option takes it; TOML knows kinds, so 1.5 is no integer and "yes" no truth value."""
    kind, allowed = _kind(option)
    listed = isinstance(value, list) and (option.multiple or len(value) == option.nargs > 1)
    values = value if listed else [value]
    if listed != (option.multiple or option.nargs > 1) or not all(type(each) in kind for each in values):
        many = "a list: " if option.multiple else f"a list of {option.nargs}: " if option.nargs > 1 else ""
        raise InputError(f"{place} is {value!r}; allowed: {many}{allowed}")
    try:
        for each in values:
            option.type.convert(each, option, None)
    except click.UsageError as error:
        raise InputError(f"{place} is {value!r}: {error.message}") from error
    return value


def _kind(option: click.Option) -> tuple[tuple[type, ...], str]:
    if option.is_flag:
        return (bool,), "true or false"
    if isinstance(option.type, click.types.IntParamType):
        return (int,), "an integer"
    if isinstance(option.type, click.types.FloatParamType):
        return (int, float), "a number"
    return (str,), "a string"


def _unknown(what: str, known: Iterable[str], name: str) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name.replace("_", "-"), names, n=1, cutoff=0.7)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"no {what} {name!r}{meant}; allowed: {', '.join(names)}"
