"""`--config FILE.toml`: defaults for the options of every command."""

from __future__ import annotations

import sys
from typing import Any

from align.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_config(path: str) -> dict[str, Any]:
    """Return click's default map: one table per command, keys are option names with - or _.

    Raises:
        InputError: the file is not TOML.
    """
    try:
        with open(path, "rb") as stream:
            tables = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a TOML file: {error}") from error
    return {command: _with_underscores(table) for command, table in tables.items()}


def _with_underscores(table: Any) -> Any:
    return {key.replace("-", "_"): value for key, value in table.items()} if isinstance(table, dict) else table
