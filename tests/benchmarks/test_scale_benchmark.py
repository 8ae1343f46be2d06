"""benchmarks/scale.py at small sizes, and the made vectors that it measures with."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def programs() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The modules of the program, which is no package."""
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("scale"), importlib.import_module("synthetic")
    sys.path.remove(str(FOLDER))
    for name in ("scale", "synthetic"):
        sys.modules.pop(name, None)


def test_every_size_is_measured_in_its_own_process(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    sizes = ["--documents", "40", "80", "--rival", "0", "--pools", "0", "--articles", "0"]
    command = [sys.executable, str(FOLDER / "scale.py"), *sizes, "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    report = json.loads(out.read_text())
    found = report["measured"]["documents"]
    assert list(report["measured"]) == ["documents"]
    assert [one["size"] for one in found] == [40, 80]
    assert all(one["seconds"] > 0 and one["peak_mb"] >= one["inputs_mb"] >= one["idle_mb"] > 10 for one in found)
    assert all(one["f1"] > 0.8 and one["further_encodings"] > 0 for one in found)
    assert isinstance(report["exponents"]["documents"]["time"], float)


@pytest.mark.parametrize(("kind", "size"), [("vecalign", 50), ("pools", 60), ("articles", 6)])
def test_every_kind_finds_what_is_there(
    programs: tuple[ModuleType, ModuleType], tmp_path: Path, kind: str, size: int
) -> None:
    if kind == "vecalign":
        pytest.importorskip("sentweave")
    programs[0].make(kind, size, tmp_path, seed=0)
    found = programs[0].measure(kind, tmp_path)
    assert found["f1"] > 0.7
    assert found["seconds"] > 0


def test_the_exponent_of_one_size_is_not_known(programs: tuple[ModuleType, ModuleType]) -> None:
    assert programs[0].exponent([10], [1.0]) is None


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_is_that_of_the_power(programs: tuple[ModuleType, ModuleType], power: float) -> None:
    sizes = [100, 300, 1000, 5000]
    assert programs[0].exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_made_documents_have_the_statistics_that_they_state(programs: tuple[ModuleType, ModuleType]) -> None:
    synthetic = programs[1]
    made = synthetic.made_document(1500, seed=3)
    for rows, lengths in ((made.vi, made.vi_lengths), (made.en, made.en_lengths)):
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
        assert len(rows) == len(lengths)
    for axis, count in ((0, len(made.vi)), (1, len(made.en))):
        covered = [index for bead in made.gold for index in (bead.vi, bead.en)[axis]]
        assert covered == list(range(count))
    pairs = np.array([(b.vi[0], b.en[0]) for b in made.gold if len(b.vi) == len(b.en) == 1])
    vi, en = made.vi[pairs[:, 0]], made.en[pairs[:, 1]]
    assert np.einsum("nd,nd->n", vi, en).mean() == pytest.approx(0.918, abs=0.01)
    apart = np.roll(en, synthetic.ARTICLE * 20, axis=0)
    assert np.einsum("nd,nd->n", vi, apart).mean() == pytest.approx(0.647, abs=0.02)
    vi, en = (rows - rows.mean(axis=0) for rows in (vi, en))
    vi, en = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (vi, en))
    assert np.einsum("nd,nd->n", vi, en).mean() == pytest.approx(synthetic.SAME[0], abs=0.02)
    assert np.einsum("nd,nd->n", vi, np.roll(en, 320, axis=0)).std() == pytest.approx(0.1, abs=0.02)


def test_made_pools_and_articles_know_their_pairs(programs: tuple[ModuleType, ModuleType]) -> None:
    made = programs[1].made_pool(200, seed=1)
    assert len(made.gold) == 100
    cosines = made.vi @ made.en.T
    true = [cosines[bead.vi[0], bead.en[0]] for bead in made.gold]
    assert np.mean(true) > np.quantile(cosines, 0.99)
    again = programs[1].made_pool(200, seed=1)
    assert (again.vi == made.vi).all()
    assert again.gold == made.gold
    whole, cuts = programs[1].made_articles(5, seed=1)
    assert cuts.shape == (2, 5, 2)
    assert (cuts[..., 0] < cuts[..., 1]).all()
    for bead in whole.gold:
        vi, en = (rows[slice(*cuts[side, i])] for side, rows, (i,) in ((0, whole.vi, bead.vi), (1, whole.en, bead.en)))
        others = [whole.en[slice(*cuts[1, j])] for j in range(5) if (j,) != bead.en]
        assert (vi @ en.T).max() > max((vi @ other.T).max() for other in others)
