from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import align

ROOT = Path(__file__).resolve().parents[1]
MODULES = [module.name for module in pkgutil.walk_packages(align.__path__, "align.") if "__main__" not in module.name]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_print_what_they_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # examples name files of the repository
    module, lenient = importlib.import_module(name), doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    outcome = doctest.testmod(module, optionflags=lenient)
    assert outcome.failed == 0
