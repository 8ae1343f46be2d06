"""From a published LASER checkpoint to sentence vectors, by way of a server: everything but the real weights."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from laser_checkpoints import SMALL, make_model
from loopback import Site, serve

from align.cli import group
from align.encoders import load_encoder
from align.encoders.manifest import Manifest, find_manifest
from align.encoders.pull import pull
from align.errors import MissingExtraError, ModelError

pytest.importorskip("onnxruntime", reason='pip install "align-vi-en[laser]"')

NAMES = ("laser2.pt", "laser2.spm", "laser2.cvocab")
TOKENISER = ("laser2.spm", "laser2.cvocab")
DIM = 32
SENTENCES = ["Hội đồng thành phố đã thông qua ngân sách.", "The city council has passed the budget.", ""]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three files of a LASER model, small and with seeded weights."""
    folder = tmp_path_factory.mktemp("published")
    make_model(folder, pieces=300, **SMALL)
    return folder


@pytest.fixture
def site(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server that has these files, and a home and a folder of models that know where."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    with serve() as site:
        site.files |= {f"/{name}": (published / name).read_bytes() for name in NAMES}
        write_recipe(site, tmp_path / "models")
        yield site


def write_recipe(site: Site, models: Path, dim: int = DIM) -> None:
    """Write what models/laser2/model.toml says of the real files."""
    lines = [
        f'name = "laser2"\nkind = "laser"\ndescription = "seeded"\ndim = {dim}\nmax_tokens = 0\npooling = "max"',
        'prefix = ""\nlicence = "MIT"\norigin = "seeded"\nurl = ""',
        'checkpoint = "laser2.pt"\nspm = "laser2.spm"\ncvocab = "laser2.cvocab"',
    ]
    for name in NAMES:
        content = site.files[f"/{name}"]
        lines.append(f'[sources."{name}"]\nurl = "{site.url}/{name}"\nsize = {len(content)}')
        lines.append(f'sha256 = "{hashlib.sha256(content).hexdigest()}"')
    (models / "laser2").mkdir(parents=True, exist_ok=True)
    (models / "laser2" / "model.toml").write_text("\n".join(lines), "utf-8")


def names(manifest: Manifest) -> set[str]:
    """Return what is in the folder, which has to be what the manifest lists."""
    found = {path.name for path in manifest.folder.iterdir()} - {"model.toml"}
    assert found == set(manifest.files)
    return found


def asked(site: Site) -> list[str]:
    return [path[1:] for path, _ in site.asked]


def test_from_the_network_to_vectors(site: Site, tmp_path: Path) -> None:
    run = CliRunner().invoke(group, ["models", "pull", "laser2"])
    assert run.exit_code == 0, run.output
    assert names(find_manifest("laser2")) == {*TOKENISER, "network-int8.onnx"}
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["laser2"]
    run = CliRunner().invoke(group, ["models", "verify", "laser2"])
    assert run.stdout.startswith("laser2\tok\t3 files\t")
    encoder = load_encoder("laser2")
    vectors = encoder.encode(SENTENCES)
    assert (encoder.dim, encoder.pooling, vectors.shape, vectors.dtype) == (DIM, "max", (3, DIM), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_the_original_agrees_or_is_asked_for(site: Site) -> None:
    pull("laser2", precision="both", keep_checkpoint=True)
    run = CliRunner().invoke(group, ["models", "verify", "laser2", "--against", "laser-encoders"])
    if isinstance(run.exception, MissingExtraError):
        pytest.skip('pip install "align-vi-en[laser-oracle]"')
    assert run.exit_code == 0, run.output
    rows = [row.split("\t") for row in run.stdout.splitlines()[1:]]
    assert [row[2] for row in rows] == ["precision: int8", "precision: fp32"]
    assert {row[-1] for row in rows} == {"verdict: agrees"}


def test_the_same_files_make_the_same_model(site: Site, tmp_path: Path) -> None:
    first = pull("laser2", precision="both")
    shutil.rmtree(first.folder)
    write_recipe(site, tmp_path / "models")
    assert pull("laser2", precision="both") == first


def test_fp32_is_added_and_needs_the_checkpoint_once_more(site: Site) -> None:
    int8 = pull("laser2")
    site.asked.clear()
    both = pull("laser2", precision="fp32")
    assert asked(site) == ["laser2.pt"]
    assert names(both) == {*TOKENISER, "network-int8.onnx", "network-fp32.onnx"}
    assert both.files.items() >= int8.files.items()
    both.check()
    exact, rounded = (load_encoder("laser2", precision=each).encode(SENTENCES[:2]) for each in ("fp32", "int8"))
    assert 0.95 < np.einsum("ij,ij->i", exact, rounded).min() < 1


def test_a_checkpoint_that_was_kept_serves_again(site: Site) -> None:
    assert names(pull("laser2", keep_checkpoint=True)) == {*NAMES, "network-int8.onnx"}
    site.asked.clear()
    assert names(pull("laser2", precision="both")) == {*NAMES, "network-int8.onnx", "network-fp32.onnx"}
    assert site.asked == []


def test_a_network_that_was_damaged_is_made_again(site: Site) -> None:
    before = pull("laser2", keep_checkpoint=True)
    (before.folder / "network-int8.onnx").write_bytes(b"")
    site.asked.clear()
    assert pull("laser2") == before
    before.check()
    assert site.asked == []


def test_what_laser_encoders_has_downloaded_is_used(site: Site, published: Path, tmp_path: Path) -> None:
    cache = tmp_path / "home" / ".cache" / "laser_encoders"
    cache.mkdir(parents=True)
    for name in NAMES:
        shutil.copy(published / name, cache / name)
    spoilt = (cache / "laser2.spm").read_bytes()[:-1] + b"?"
    (cache / "laser2.spm").write_bytes(spoilt)  # laser_encoders checks nothing
    pull("laser2").check()
    assert asked(site) == ["laser2.spm"]
    assert sorted(path.name for path in cache.iterdir()) == sorted(NAMES)
    assert (cache / "laser2.spm").read_bytes() == spoilt


def test_without_a_network_the_cache_is_enough(site: Site, published: Path, tmp_path: Path) -> None:
    cache = tmp_path / "home" / ".cache" / "laser_encoders"
    shutil.copytree(published, cache)
    site.files.clear()
    pull("laser2").check()
    assert site.asked == []


def test_a_folder_is_taken_instead_of_any_cache(site: Site, published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "home" / ".cache" / "laser_encoders")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"laser2\.pt: no such file, expected \d+ bytes with sha256"):
        pull("laser2", source=tmp_path / "empty")
    pull("laser2", source=published).check()
    assert site.asked == []


def publish(site: Site, tmp_path: Path, name: str, content: bytes, **changes: int) -> None:
    """Give the recipe another file, with the right hash."""
    site.files[f"/{name}"] = content
    write_recipe(site, tmp_path / "models", **changes)


def test_what_is_no_checkpoint_makes_no_model(site: Site, tmp_path: Path) -> None:
    publish(site, tmp_path, "laser2.pt", b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(ModelError, match=r"laser2\.pt: is no LASER checkpoint that can be used"):
        pull("laser2")
    assert find_manifest("laser2").is_recipe


def test_ids_come_from_the_checkpoint_as_in_the_original(site: Site, tmp_path: Path) -> None:
    pull("laser2")
    expected = load_encoder("laser2").encode(SENTENCES)
    shutil.rmtree(tmp_path / "models" / "laser2")
    lines = site.files["/laser2.cvocab"].splitlines(keepends=True)
    publish(site, tmp_path, "laser2.cvocab", b"".join(lines[::-1]))
    pull("laser2")
    pull("laser2", precision="both")
    assert np.array_equal(load_encoder("laser2").encode(SENTENCES), expected)


def test_vectors_of_another_length_make_none(site: Site, tmp_path: Path) -> None:
    write_recipe(site, tmp_path / "models", dim=1024)
    with pytest.raises(ModelError, match=r"laser2\.pt: its vectors have 32 numbers, the recipe says 1024"):
        pull("laser2")


def test_a_recipe_that_names_no_checkpoint(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "models" / "laser2" / "model.toml"
    path.write_text(path.read_text("utf-8").replace('checkpoint = "laser2.pt"', 'checkpoint = "x"'), "utf-8")
    with pytest.raises(ModelError, match=r"model\.toml: checkpoint is 'x'; allowed: a source \(laser2\.pt, laser2\.s"):
        pull("laser2")
    assert site.asked == []
