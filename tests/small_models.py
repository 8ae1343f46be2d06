"""The small translators of tests/translation/small_marian.py, trained once and kept from run to run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "translation" / "small_marian.py"
DIRECTIONS = ("vi-en", "en-vi")
# One thread: the two trainings run side by side, and sums do not depend on how the work is shared out. The C library
# otherwise gives large arrays back to the system after each step and asks for them again: a third of the time.
_SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 31),
}


def small_models(cache: Path) -> Path:
    """Return a folder with vi-en/ and en-vi/, each with marian/, ctranslate2/ and held_out.tsv.

    They are trained, in about a minute, unless `cache` holds those of this program, these data and these libraries.
    """
    folder = cache / _key()
    if folder.is_dir():
        return folder
    with tempfile.TemporaryDirectory(dir=cache) as place:
        built = Path(place) / "models"
        train(built, DIRECTIONS)
        try:
            built.rename(folder)
        except OSError:  # another run was faster; its models are the same
            if not folder.is_dir():
                raise
    for old in cache.iterdir():
        # Those of earlier versions; a run that is still training has a fresh folder of another form of name.
        if old.name.startswith("models-") and old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def train(folder: Path, directions: tuple[str, ...], *options: str) -> None:
    """Run the program for each direction at the same time, into folder/DIRECTION."""
    runs = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder / direction), "--direction", direction, *options],
            env={**os.environ, **_SETTINGS},
            stderr=subprocess.PIPE,
            text=True,
        )
        for direction in directions
    ]
    messages = [run.communicate()[1] for run in runs]
    for run, message in zip(runs, messages, strict=True):
        if run.returncode:
            pytest.fail(f"the small translator was not trained: {message}")


def _key() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted([*PROGRAM.parent.glob("small_*.py"), *(HERE / "data" / "small_mt").glob("*.tsv")]):
        digest.update(path.read_bytes())
    for name in ("numpy", "sentencepiece", "ctranslate2"):
        digest.update(f"{name} {version(name)};".encode())
    return f"models-{digest.hexdigest()}"
