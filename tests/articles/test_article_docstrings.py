"""The examples in the docstrings print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["detection", "encodings", "read", "repair"])
def test_docstring_examples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    results = doctest.testmod(importlib.import_module(f"align.articles.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
