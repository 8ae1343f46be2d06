from __future__ import annotations

import hashlib
import shutil

import pytest

from align.encoders import load_encoder
from align.encoders.e5 import E5Encoder
from align.encoders.manifest import find_manifest, find_models, read_manifest
from align.errors import ModelError, OptionError

TOML = """\
name = "tiny"
kind = "{kind}"
description = "two files"
dim = 4
max_tokens = 8
pooling = "mean"
prefix = ""
licence = "MIT"
origin = "here"
url = ""
note = "kept"
[files."a.bin"]
size = 3
sha256 = "{sha}"
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of models with one tiny model in it."""
    model = tmp_path / "tiny"
    model.mkdir()
    (model / "a.bin").write_bytes(b"abc")
    text = TOML.format(kind="e5-ctranslate2", sha=hashlib.sha256(b"abc").hexdigest())
    (model / "model.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def copy(tmp_path):
    """A copy of the bundled model, to be damaged."""
    target = tmp_path / "copy"
    source = find_manifest("e5-small-vien")
    target.mkdir()
    for name in ["model.toml", *source.files]:
        shutil.copyfile(source.folder / name, target / name)
    return target


def test_the_bundled_model_is_whole():
    manifest = find_manifest("e5-small-vien")
    manifest.check()
    assert manifest.kind == "e5-ctranslate2"
    assert manifest.licence == "MIT"
    assert manifest.size < 45_000_000


def test_a_manifest_is_read_with_what_else_it_says(folder):
    manifest = read_manifest(folder / "tiny")
    manifest.check()
    assert (manifest.name, manifest.dim, manifest.size) == ("tiny", 4, 3)
    assert manifest.extra == {"note": "kept"}
    assert manifest.read("a.bin") == b"abc"


def test_the_fingerprint_follows_the_files(folder):
    before = read_manifest(folder / "tiny").fingerprint
    path = folder / "tiny" / "model.toml"
    path.write_text(path.read_text("utf-8").replace("two files", "other words"), encoding="utf-8")
    assert read_manifest(folder / "tiny").fingerprint == before
    path.write_text(path.read_text("utf-8").replace(hashlib.sha256(b"abc").hexdigest(), "0" * 64), encoding="utf-8")
    assert read_manifest(folder / "tiny").fingerprint != before


def test_an_extra_folder_is_searched_first(folder, monkeypatch):
    monkeypatch.setenv("ALIGN_MODELS", str(folder))
    assert set(find_models()) == {"e5-small-vien", "tiny"}
    shutil.move(folder / "tiny", folder / "e5-small-vien")
    assert find_models()["e5-small-vien"] == folder / "e5-small-vien"


def test_an_extra_folder_that_is_none_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "no"))
    with pytest.raises(OptionError, match=r"ALIGN_MODELS is .*; allowed: an existing folder"):
        find_models()


def test_an_unknown_model_is_answered_with_those_that_exist():
    with pytest.raises(ModelError, match="no model 'laser9' is installed; installed: e5-small-vien"):
        load_encoder("laser9")


def test_a_kind_that_is_no_encoder_is_refused(folder, monkeypatch):
    path = folder / "tiny" / "model.toml"
    path.write_text(path.read_text("utf-8").replace("e5-ctranslate2", "alchemy"), encoding="utf-8")
    monkeypatch.setenv("ALIGN_MODELS", str(folder))
    with pytest.raises(ModelError, match="kind 'alchemy' is no encoder that can be run; allowed: e5-ctranslate2"):
        load_encoder("tiny")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("dim = 4\n", "", "the entry 'dim' is missing"),
        ("dim = 4\n", 'dim = "four"\n', "an entry has a value of the wrong kind"),
        ('name = "tiny"', "name = ", "cannot be read"),
        ('"a.bin"', '"../a.bin"', "is no plain file name"),
    ],
)
def test_a_broken_manifest_is_named(folder, old, new, complaint):
    path = folder / "tiny" / "model.toml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match=complaint) as caught:
        read_manifest(folder / "tiny")
    assert str(path) in str(caught.value)


def test_a_folder_without_manifest_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"model\.toml: cannot be read: No such file"):
        read_manifest(tmp_path)


def test_a_truncated_file_is_found_by_its_size(copy):
    with (copy / "model.bin").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(ModelError, match=r"model\.bin: 1000 bytes, expected \d{8}: the file is damaged; install"):
        E5Encoder(copy)


@pytest.mark.parametrize("name", ["model.bin", "spm.model", "config.json", "centre.npy"])
def test_an_altered_file_is_found_by_its_hash(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    expected = find_manifest("e5-small-vien").files[name].sha256
    with pytest.raises(ModelError, match=rf"{name}: sha256 is [0-9a-f]{{64}}, expected {expected}"):
        E5Encoder(copy)


def test_a_missing_file_is_named_with_its_size(copy):
    (copy / "vocabulary.json").unlink()
    with pytest.raises(ModelError, match=r"vocabulary\.json: file of model e5-small-vien is missing \(3 bytes\)"):
        E5Encoder(copy)


def test_a_tokeniser_of_another_size_is_refused(copy):
    path = copy / "model.toml"
    path.write_text(path.read_text("utf-8").replace("pieces = 40000", "pieces = 39999"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"spm\.model has 40000 pieces, model\.toml says 39999"):
        E5Encoder(copy)


def test_a_file_that_is_not_listed_is_not_read(folder):
    (folder / "tiny" / "other").write_bytes(b"x")
    with pytest.raises(ModelError, match="no file 'other' is listed"):
        read_manifest(folder / "tiny").read("other")
