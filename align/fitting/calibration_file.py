"""Write a calibration file, and compare a fit with one."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from align.matching.calibration import Calibration, parse_calibration, read_calibration

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEAD = "Written by `align fit`; never edit by hand."
DECIMALS, SCALE_DECIMALS = 4, 6


def to_toml(calibration: Calibration, remarks: Sequence[str] = ()) -> str:
    """Return the text of a calibration file, the remarks as comments at its head."""
    out = [f"# {remark}".rstrip() for remark in (HEAD, *remarks)] + [""]
    constants = asdict(calibration)
    del constants["rescaled_for"]  # of what was fitted there is nothing to say
    out += [f"{key} = {_value(value)}" for key, value in constants.items() if not isinstance(value, dict)]
    for key, table in constants.items():
        if isinstance(table, dict):
            decimals = SCALE_DECIMALS if key == "scales" else DECIMALS
            out += ["", f"[{key}]", *(f"{name} = {_value(value, decimals)}" for name, value in table.items())]
    return "\n".join(out) + "\n"


def differences(path: Path, calibration: Calibration) -> list[str]:
    """Return the tables of a calibration file whose constants are others than those of a fit, to the digits it has.

    Raises:
        ModelError: the file is no calibration of this version.
    """
    known = asdict(read_calibration(path))
    found = asdict(parse_calibration(tomllib.loads(to_toml(calibration))))
    return [name for name, value in found.items() if value != known[name]]


def _value(value: object, decimals: int = DECIMALS) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = {_value(inner, decimals)}' for name, inner in value.items()) + " }"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, (int, float)):
        return f"{round(float(value), decimals) + 0.0:.{decimals}f}"  # no -0.0000
    # json writes a string as TOML does, a name with quotation marks or backslashes in it, too
    return json.dumps(value, ensure_ascii=False)
