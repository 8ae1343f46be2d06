"""Where folders of models are kept: what a user pulled, what came with the package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import align
from align.errors import OptionError

EXTRA_FOLDER_VARIABLE = "ALIGN_MODELS"
"""Environment variable that names one more folder of model folders; it is searched first and takes pulled models."""


def user_folder() -> Path | None:
    """Return the folder of the models that this user has pulled, which need not exist; None if there is no home.

    It is align/models in XDG_DATA_HOME or ~/.local/share; ~/Library/Application Support on macOS; LOCALAPPDATA on
    Windows.
    """
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        named = Path(os.environ.get("XDG_DATA_HOME", ""))
        # A relative path is to be ignored, says the XDG Base Directory Specification.
        base = named if named.is_absolute() else home / ".local" / "share"
    return base / "align" / "models"


def pull_folder() -> Path:
    """Return the folder that pulled models go to: `ALIGN_MODELS`, else `user_folder()`; it need not exist.

    Raises:
        OptionError: there is neither.
    """
    folder = os.environ.get(EXTRA_FOLDER_VARIABLE) or user_folder()
    if folder is None:
        raise OptionError(EXTRA_FOLDER_VARIABLE, "", "a folder to keep models in, as this user has no home folder")
    return Path(folder)


def model_roots(*, strict: bool = True) -> list[Path]:
    """Return the existing folders that hold model folders, the one that wins first.

    `ALIGN_MODELS` comes first; then the folder of what the user has pulled; then align/models, where a wheel has
    them; then models/ beside the package, where a checkout has them.

    Raises:
        OptionError: `ALIGN_MODELS` names no folder, and `strict` does not allow that.
    """
    package = Path(align.__file__).resolve().parent
    own = user_folder()
    named = os.environ.get(EXTRA_FOLDER_VARIABLE)
    if named and strict and not Path(named).is_dir():
        raise OptionError(EXTRA_FOLDER_VARIABLE, named, "an existing folder")
    roots = [*([Path(named)] if named else []), *([own] if own else []), package / "models", package.parent / "models"]
    return [root for root in roots if root.is_dir()]
