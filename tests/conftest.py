"""What several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_models import small_models

from align.encoders import Encoder, load_encoder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_models(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the models that the developer has pulled out of the tests."""
    empty = str(tmp_path_factory.getbasetemp() / "user-data")
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, empty)
    monkeypatch.delenv("ALIGN_MODELS", raising=False)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled encoder, loaded once."""
    return load_encoder()


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of example articles."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def small_marian(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two real small translators, vi-en/ and en-vi/; the first run trains them, in about a minute."""
    cache = getattr(pytestconfig, "cache", None)  # None with -p no:cacheprovider
    return small_models(cache.mkdir("small-marian") if cache else tmp_path_factory.mktemp("small-marian"))
