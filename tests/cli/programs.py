"""Run the program as users do: a process of its own, real files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from align.cli import main

COMMAND = (sys.executable, "-m", "align")

VI = """\
Hội đồng thành phố đã thông qua ngân sách năm tới. Ngân sách tăng bốn phần trăm so với năm nay.
Một thư viện mới sẽ được xây cạnh chợ.
"""
EN = """\
The city council has passed the budget for next year. The budget grows by four percent over this year.
A new library will be built next to the market.
"""


def align(*arguments: object, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `align` and return its exit code, stdout and stderr."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | options
    if "input" in options:
        del options["stdin"]
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        encoding="utf-8",
        env={**os.environ, **(env or {})},
        timeout=120,
        check=False,
        **options,
    )


def align_here(capfd: pytest.CaptureFixture[str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """Do the same inside this process, which saves the imports where many small cases are tried."""
    with pytest.raises(SystemExit) as leave:
        main([*map(str, arguments)])
    output = capfd.readouterr()
    return subprocess.CompletedProcess(arguments, int(leave.value.code or 0), output.out, output.err)


def refusal(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Return the one line that the program ended with, without its head."""
    assert done.returncode == code, done.stderr
    assert done.stdout in ("", None)
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("align: error: ")
    return done.stderr.removeprefix("align: error: ").rstrip("\n")


def names(folder: Path) -> list[str]:
    """Return what is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
