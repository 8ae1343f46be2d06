from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.encoders import load_encoder
from align.encoders.e5 import E5Encoder
from align.encoders.manifest import (
    Manifest,
    ModelFile,
    Source,
    find_manifest,
    find_models,
    manifest_text,
    model_roots,
    pull_folder,
    read_manifest,
    user_folder,
)
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


RECIPE = (
    TOML.partition("[files")[0]
    + """\
[sources."a.bin"]
url = "https://models.invalid/a.bin"
size = 3000000
sha256 = "{sha}"
"""
)


@pytest.fixture(autouse=True)
def no_models_of_the_user(tmp_path_factory, monkeypatch):
    """What somebody has pulled on this machine is none of these tests' business."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    monkeypatch.delenv("ALIGN_MODELS", raising=False)


@pytest.fixture
def recipe(tmp_path):
    """The folder of a model that has to be pulled."""
    (tmp_path / "far").mkdir()
    text = RECIPE.format(kind="e5-ctranslate2", sha="0" * 64).replace('"tiny"', '"far"')
    (tmp_path / "far" / "model.toml").write_text(text, encoding="utf-8")
    return tmp_path / "far"


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
    assert {"e5-small-vien", "tiny"} <= set(find_models())
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


def test_a_recipe_has_no_files_yet(recipe):
    manifest = read_manifest(recipe)
    assert manifest.is_recipe
    assert manifest.sources == {"a.bin": Source("https://models.invalid/a.bin", 3_000_000, "0" * 64)}
    assert manifest.size == 3_000_000
    facts = manifest.summary()
    assert facts["state"] == "to pull: align models pull far"
    assert facts["made from a.bin"] == f"3000000 bytes, sha256 {'0' * 64}, https://models.invalid/a.bin"
    assert "fingerprint" not in facts


@pytest.mark.parametrize(
    "use",
    [Manifest.check_pulled, Manifest.check_sizes, Manifest.check, lambda recipe: recipe.read("a.bin"), E5Encoder],
    ids=["check_pulled", "check_sizes", "check", "read", "load"],
)
def test_a_recipe_that_is_used_says_how_to_pull_it(recipe, use):
    with pytest.raises(ModelError, match=r"^model far is not pulled yet; run: align models pull far$"):
        use(read_manifest(recipe))


def test_a_recipe_is_no_installed_model(recipe, folder, monkeypatch):
    monkeypatch.setenv("ALIGN_MODELS", str(folder))
    with pytest.raises(ModelError, match=r"installed: e5-small-vien, tiny; to pull: far, laser2, .*opus-mt-vi-en$"):
        find_manifest("laser9")


def test_a_damaged_model_that_was_pulled_can_be_pulled_again(recipe):
    path = recipe / "model.toml"
    path.write_text(path.read_text("utf-8") + '[files."a.bin"]\nsize = 3\nsha256 = "0"\n', encoding="utf-8")
    with pytest.raises(ModelError, match=r"file of model far is missing \(3 bytes\); run: align models pull far$"):
        read_manifest(recipe).check()


def test_a_manifest_has_files_or_sources(recipe):
    path = recipe / "model.toml"
    path.write_text(path.read_text("utf-8").partition("[sources")[0], encoding="utf-8")
    with pytest.raises(ModelError, match="the entry 'files' is missing"):
        read_manifest(recipe)


@pytest.mark.parametrize("name", ["../a.bin", "b/a.bin", "/a.bin", "..", ".", "", "model.toml"])
def test_a_source_cannot_lead_out_of_its_folder(recipe, name):
    path = recipe / "model.toml"
    path.write_text(path.read_text("utf-8").replace('."a.bin"]', f'."{name}"]'), encoding="utf-8")
    with pytest.raises(ModelError, match="is no plain file name"):
        read_manifest(recipe)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
SCALARS = st.one_of(TEXTS, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False))
VALUES = st.recursive(
    SCALARS, lambda item: st.one_of(st.lists(item, max_size=3), st.dictionaries(TEXTS, item, max_size=3)), max_leaves=6
)
RESERVED = {*Manifest.__dataclass_fields__}
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1).filter(
    lambda name: name not in (".", "..", "model.toml")
)


@given(
    texts=st.lists(TEXTS, min_size=8, max_size=8),
    numbers=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    extra=st.dictionaries(TEXTS.filter(lambda key: key not in RESERVED), VALUES, max_size=4),
    files=st.dictionaries(NAMES, st.builds(ModelFile, st.integers(0, 10**12), TEXTS), min_size=1, max_size=3),
    sources=st.dictionaries(NAMES, st.builds(Source, TEXTS, st.integers(0, 10**12), TEXTS), max_size=3),
)
def test_a_manifest_that_is_written_reads_as_it_was(tmp_path_factory, texts, numbers, extra, files, sources):
    folder = tmp_path_factory.mktemp("model")
    name, kind, pooling, prefix, licence, origin, url, description = texts
    before = Manifest(
        name, kind, folder, files, *numbers, pooling, prefix, licence, origin, url, description, extra, sources
    )
    (folder / "model.toml").write_bytes(manifest_text(before).encode())
    assert read_manifest(folder) == before


def test_what_has_no_form_in_a_manifest_is_refused(folder):
    manifest = read_manifest(folder / "tiny")
    manifest.extra["note"] = None
    with pytest.raises(TypeError, match="None of type NoneType has no form in a model"):
        manifest_text(manifest)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "HOME/.local/share/align/models"),
        ("linux", {"XDG_DATA_HOME": "/srv/data"}, "/srv/data/align/models"),
        ("linux", {"XDG_DATA_HOME": "data"}, "HOME/.local/share/align/models"),
        ("darwin", {"XDG_DATA_HOME": "/srv/data"}, "HOME/Library/Application Support/align/models"),
        ("win32", {"LOCALAPPDATA": "/srv/local"}, "/srv/local/align/models"),
        ("win32", {}, "HOME/AppData/Local/align/models"),
    ],
)
def test_the_users_folder_is_where_the_system_keeps_such_things(tmp_path, monkeypatch, platform, variables, expected):
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert user_folder() == Path(expected.replace("HOME", str(tmp_path)))


def test_a_user_without_a_home_needs_the_variable(tmp_path, monkeypatch):
    def homeless(cls=Path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert user_folder() is None
    assert "e5-small-vien" in find_models()
    with pytest.raises(OptionError, match="ALIGN_MODELS is ''; allowed: a folder to keep models in"):
        pull_folder()
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path))
    assert pull_folder() == tmp_path


def test_the_users_folder_comes_between_the_variable_and_the_package(folder, monkeypatch):
    own = user_folder() / "e5-small-vien"
    shutil.copytree(folder / "tiny", own)
    assert model_roots()[0] == user_folder()
    assert find_models()["e5-small-vien"] == own
    monkeypatch.setenv("ALIGN_MODELS", str(folder))
    assert model_roots()[:2] == [folder, user_folder()]
    shutil.copytree(folder / "tiny", folder / "e5-small-vien")
    assert find_models()["e5-small-vien"] == folder / "e5-small-vien"
