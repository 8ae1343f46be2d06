from __future__ import annotations

import configparser
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

import align
from align._version import __version__
from align.encoders.manifest import read_manifest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("numpy", "polars", "ctranslate2", "sentencepiece", "click", "rich", "py3langid", "ftfy", "trafilatura")


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, align; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.split() == []


@pytest.mark.parametrize("name", align.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(align, name)
    assert name in dir(align)
    if name != "__version__":
        assert value.__name__ == name
        assert value.__doc__


def test_the_public_names_are_sorted_and_each_listed_once() -> None:
    assert list(align.__all__) == sorted(set(align.__all__))
    assert set(align.__all__) == {*align._HOMES, "__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'align' has no attribute 'allign'"):
        _ = align.allign


def test_all_packages_are_shipped() -> None:
    listed = set(setup()["options"]["packages"].split())
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "align").rglob("__init__.py")
        if "__pycache__" not in path.parts
    }
    assert listed == {*folders, "align.models"}


def test_all_data_files_are_shipped() -> None:
    patterns = {name: value.split() for name, value in setup()["options.package_data"].items()}
    places = {**{name: ROOT.joinpath(*name.split(".")) for name in patterns}, "align.models": ROOT / "models"}
    shipped = {path for name, globs in patterns.items() for glob in globs for path in places[name].glob(glob)}
    data = {path for path in (ROOT / "align").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert data <= shipped
    for manifest in (ROOT / "models").glob("*/model.toml"):
        weights = {manifest.parent / name for name in read_manifest(manifest.parent).files}
        assert {path for path in {manifest, *weights} if path.exists()} <= shipped


def test_the_version_has_one_source() -> None:
    assert setup()["metadata"]["version"] == "attr: align._version.__version__"
    assert align.__version__ == __version__ == importlib.metadata.version("align-vi-en")
    holders = [
        path
        for path in (ROOT / "align").rglob("*.py")
        if re.search(rf"[\"']{re.escape(__version__)}[\"']", path.read_text(encoding="utf-8"))
    ]
    assert holders == [ROOT / "align" / "_version.py"]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "align" / "py.typed").exists()
