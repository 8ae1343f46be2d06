"""What several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from align.encoders import Encoder, load_encoder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled encoder, loaded once."""
    return load_encoder()


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of example articles."""
    return ROOT / "examples"
