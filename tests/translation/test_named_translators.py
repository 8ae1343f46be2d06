from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Answer, Site, serve
from marian_files import EN, VI, converted, many_languages, marian_files, write_files, zip_of

from align.download import remote_size
from align.encoders import load_encoder
from align.encoders.manifest import find_manifest, find_models, names_in_words, read_manifest
from align.encoders.pull import find_recipe, is_whole, pull
from align.errors import ModelError, OptionError, OutputError
from align.translation import Translator, load_translator
from align.translation.adding import add_translator

ARCHIVE = "opus+bt-2021-04-30.zip"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models, and no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def archive() -> bytes:
    return zip_of(marian_files("vi-en"))


@pytest.fixture
def site(models: Path, archive: bytes) -> Iterator[Site]:
    """A server that has an archive where the recipe of the package, apart from the host, says that it is."""
    with serve() as site:
        recipe = (find_manifest("opus-mt-vi-en").folder / "model.toml").read_text("utf-8")
        recipe = recipe.replace("https://object.pouta.csc.fi", site.url)
        known = find_recipe("opus-mt-vi-en").sources[ARCHIVE].sha256
        (models / "opus-mt-vi-en").mkdir()
        text = recipe.replace(known, hashlib.sha256(archive).hexdigest())
        (models / "opus-mt-vi-en" / "model.toml").write_text(text, "utf-8")
        site.files["/Tatoeba-MT-models/vie-eng/" + ARCHIVE] = archive
        yield site


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_pulled_model_translates(site: Site, models: Path, tmp_path: Path) -> None:
    manifest = pull("opus-mt-vi-en")
    assert names(models) == ["opus-mt-vi-en"]
    made = ["config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm"]
    assert names(models / "opus-mt-vi-en") == sorted([*made, "model.toml"])
    assert sorted(manifest.files) == made
    manifest.check()
    translator = load_translator("opus-mt-vi-en")
    assert (translator.name, translator.directions) == ("opus-mt-vi-en", ("vi-en",))
    same = load_translator(converted(tmp_path / "same", marian_files("vi-en")))
    assert translator.translate(VI, "vi-en") == same.translate(VI, "vi-en")
    assert translator.fingerprint == same.fingerprint
    assert is_whole("opus-mt-vi-en")


def test_the_archive_stays_if_it_is_wanted_and_serves_again(site: Site, models: Path) -> None:
    first = pull("opus-mt-vi-en", keep_checkpoint=True)
    assert ARCHIVE in first.files
    (models / "opus-mt-vi-en" / "model.bin").write_bytes(b"")
    site.asked.clear()
    again = pull("opus-mt-vi-en")
    assert site.asked == []
    assert again.files == first.files


def test_another_archive_never_gets_in(site: Site, models: Path, archive: bytes) -> None:
    site.files["/Tatoeba-MT-models/vie-eng/" + ARCHIVE] = archive + b"\0"
    with pytest.raises(ModelError, match=r"\.zip: sha256 is \w{64}, expected \w{64}: it is another file, deleted"):
        pull("opus-mt-vi-en")
    assert find_manifest("opus-mt-vi-en").is_recipe


def test_an_archive_that_is_none_leaves_a_recipe(site: Site, models: Path) -> None:
    path = models / "opus-mt-vi-en" / "model.toml"
    known = read_manifest(path.parent).sources[ARCHIVE].sha256
    site.files["/Tatoeba-MT-models/vie-eng/" + ARCHIVE] = b"<html>"
    path.write_text(path.read_text("utf-8").replace(known, hashlib.sha256(b"<html>").hexdigest()), "utf-8")
    with pytest.raises(ModelError, match="is no zip archive that can be read"):
        pull("opus-mt-vi-en")
    assert find_manifest("opus-mt-vi-en").is_recipe


def test_an_archive_from_a_folder_needs_no_network(site: Site, archive: bytes, tmp_path: Path) -> None:
    write_files(tmp_path / "stick", {ARCHIVE: archive})
    pull("opus-mt-vi-en", source=tmp_path / "stick").check()
    assert site.asked == []
    shutil.rmtree(tmp_path / "models" / "opus-mt-vi-en")
    with pytest.raises(ModelError, match=r"\.zip: no such file, expected a number of bytes with sha256 \w{64};"):
        pull("opus-mt-vi-en", source=tmp_path / "models")


def test_what_a_killed_pull_left_is_in_nobodys_way(site: Site, models: Path) -> None:
    write_files(models / ".opus-mt-vi-en.pull" / ".unpacked-x", {"model.npz": b"half"})
    pull("opus-mt-vi-en").check()
    assert names(models) == ["opus-mt-vi-en"]


def test_a_changed_file_is_noticed_before_it_is_loaded(site: Site, models: Path) -> None:
    pull("opus-mt-vi-en")
    path = models / "opus-mt-vi-en" / "model.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match=r"model\.bin: sha256 is .*the file is damaged; run: align models pull opus"):
        load_translator("opus-mt-vi-en")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(length=None), "the server does not say how many bytes it has"),
        (Answer(length=5_000_000_000), "the server has 5000000000 bytes; allowed: 1 to 4294967296: it is another file"),
        (Answer(length=0), "the server has 0 bytes; allowed: 1 to"),
        (Answer(status=404), "the server answers 404 Not Found"),
    ],
)
def test_a_size_that_is_unknown_is_asked_for(site: Site, answer: Answer, message: str) -> None:
    site.answers = [answer]
    with pytest.raises(ModelError, match=message):
        pull("opus-mt-vi-en")


def test_a_size_is_asked_for_again_after_a_failure(site: Site) -> None:
    url = f"{site.url}/Tatoeba-MT-models/vie-eng/{ARCHIVE}"
    pauses: list[float] = []
    site.answers = [Answer(status=503), Answer(status=503)]
    assert remote_size(url, sleep=pauses.append) == len(site.files[url.removeprefix(site.url)])
    assert pauses == [1.0, 2.0]
    site.answers = [Answer(status=503)] * 2
    with pytest.raises(ModelError, match="not fetched in 2 tries: the server answers 503"):
        remote_size(url, tries=2, sleep=pauses.append)


def test_nllb_is_pulled_as_it_is(models: Path, tmp_path: Path) -> None:
    folder = many_languages(tmp_path / "nllb")
    files = {name: (folder / name).read_bytes() for name in names(folder)}
    recipe = find_manifest("nllb-200-distilled-600M")
    assert set(recipe.sources) == set(files)
    with serve() as site:
        lines = (recipe.folder / "model.toml").read_text("utf-8")
        for name, source in recipe.sources.items():
            lines = lines.replace(source.url, f"{site.url}/{name}").replace(f"size = {source.size}", "size = 0")
            lines = lines.replace(source.sha256, hashlib.sha256(files[name]).hexdigest())
            site.files[f"/{name}"] = files[name]
        write_files(models / "nllb-200-distilled-600M", {"model.toml": lines.encode()})
        pull("nllb-200-distilled-600M").check()
    translator = load_translator("nllb-200-distilled-600M")
    assert translator.directions == ("vi-en", "en-vi")
    assert translator.translate(VI, "vi-en") == load_translator(folder).translate(VI, "vi-en")
    assert load_translator("nllb-200-distilled-600M", direction="en-vi").directions == ("en-vi",)


def test_the_recipes_of_the_package_name_the_published_files() -> None:
    vi_en, en_vi = find_recipe("opus-mt-vi-en"), find_recipe("opus-mt-en-vi")
    assert (vi_en.kind, vi_en.directions, en_vi.directions) == ("marian", ("vi-en",), ("en-vi",))
    root = "https://object.pouta.csc.fi/Tatoeba-MT-models"
    assert [source.url for source in vi_en.sources.values()] == [f"{root}/vie-eng/opus+bt-2021-04-30.zip"]
    assert [source.url for source in en_vi.sources.values()] == [f"{root}/eng-vie/opus+bt-2021-04-10.zip"]
    nllb = find_recipe("nllb-200-distilled-600M")
    assert (nllb.kind, nllb.directions) == ("nllb", ("vi-en", "en-vi"))
    assert "NOT for commercial use" in nllb.licence
    assert all("/resolve/46858753dbaf8eb5e21bb6f0037c3b90851e090a/" in each.url for each in nllb.sources.values())
    for recipe in (vi_en, en_vi, nllb):
        assert recipe.is_recipe
        assert all(len(source.sha256) == 64 for source in recipe.sources.values())
        assert "dim" not in recipe.summary()


def test_a_model_that_is_not_pulled_says_how() -> None:
    with pytest.raises(ModelError, match="model opus-mt-vi-en is not pulled yet; run: align models pull opus-mt-vi-en"):
        load_translator("opus-mt-vi-en")


def test_an_encoder_is_no_translator_and_the_other_way_round(models: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"model 'e5-small-vien' is an encoder .*, no translator; installed: none; to pull"
    ):
        load_translator("e5-small-vien")
    add_translator("mine", converted(tmp_path / "mt", marian_files("vi-en")))
    with pytest.raises(
        ModelError, match=r"model 'mine' is a translator .*, no encoder; installed: e5-small-vien; to pull"
    ):
        load_encoder("mine")
    with pytest.raises(ModelError, match="model 'opus-mt-vi-en' is a translator"):
        load_encoder("opus-mt-vi-en")
    assert names_in_words(translators=True) == (
        "installed: mine; to pull: nllb-200-distilled-600M, opus-mt-en-vi, opus-mt-vi-en"
    )
    assert names_in_words(translators=False) == "installed: e5-small-vien; to pull: laser2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return converted(tmp_path / "mt", marian_files("vi-en"))


def test_a_folder_gets_a_name(models: Path, folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    manifest = add_translator("mine", folder, licence="MIT")
    assert names(models) == ["mine"]
    assert names(models / "mine") == sorted([*manifest.files, "model.toml"])
    assert manifest == find_manifest("mine")
    assert (manifest.kind, manifest.directions, manifest.licence) == ("marian", ("vi-en",), "MIT")
    named, direct = load_translator("mine"), load_translator(folder)
    assert named.fingerprint == direct.fingerprint == load_translator(models / "mine").fingerprint
    shutil.rmtree(folder)
    assert named.translate(VI[:1], "vi-en") == load_translator("mine").translate(VI[:1], "vi-en")
    (models / "mine" / "source.spm").write_bytes((models / "mine" / "target.spm").read_bytes())
    with pytest.raises(ModelError, match=r"source\.spm: .*the file is damaged; delete .* and run: align models add$"):
        load_translator("mine")


def test_marian_folders_and_archives_are_converted_on_the_way(models: Path, archive: bytes, tmp_path: Path) -> None:
    write_files(tmp_path, {"a.zip": archive})
    one = add_translator("one", tmp_path / "a.zip")
    two = add_translator("two", write_files(tmp_path / "marian", marian_files("vi-en")))
    assert one.files == two.files
    assert names(models) == ["one", "two"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "/a", ".hidden", "-x", "a b", "tên"])
def test_a_name_that_is_none(folder: Path, name: str) -> None:
    with pytest.raises(OptionError, match="allowed: letters, digits, and"):
        add_translator(name, folder)


def test_what_cannot_be_added_leaves_nothing(models: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is a model 'e5-small-vien' in .*; choose another name"):
        add_translator("e5-small-vien", folder)
    with pytest.raises(ModelError, match="no such folder or archive"):
        add_translator("mine", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no model\.bin in it"):
        add_translator("mine", tmp_path / "empty")
    with pytest.raises(OptionError, match="direction is 'en-vi'; allowed: vi-en"):
        add_translator("mine", folder, direction="en-vi")
    shutil.copyfile(folder / "target.spm", folder / "source.spm")
    with pytest.raises(OptionError, match="do not say which; give --direction"):
        add_translator("mine", folder)
    assert names(models) == []
    assert add_translator("mine", folder, direction="vi-en").directions == ("vi-en",)


def test_a_place_that_cannot_be_written(models: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (models / "file").write_bytes(b"")
    monkeypatch.setenv("ALIGN_MODELS", str(models))
    target = models / "file" / "deeper"
    monkeypatch.setattr("align.translation.adding.pull_folder", lambda: target)
    with pytest.raises(OutputError, match=r"Not a directory|File exists"):
        add_translator("mine", folder)


def test_two_translators_are_one_for_both_directions(models: Path, folder: Path, tmp_path: Path) -> None:
    add_translator("there", folder)
    back = converted(tmp_path / "back", marian_files("en-vi"))
    both = load_translator(f"there, {back}")
    assert isinstance(both, Translator)
    assert both.directions == ("vi-en", "en-vi")
    assert both.name == "there,back"
    assert both.translate(VI, "vi-en") == load_translator("there").translate(VI, "vi-en")
    assert both.translate(EN, "en-vi") == load_translator(back).translate(EN, "en-vi")
    assert both.cross_entropy(EN, VI, "en-vi").tolist() == load_translator(back).cross_entropy(EN, VI, "en-vi").tolist()
    assert len(both.fingerprint) == 33
    with pytest.raises(OptionError, match="translator is 'there'; allowed: one for the other direction"):
        load_translator("there,there")


def test_a_manifest_without_directions_is_broken(models: Path, folder: Path) -> None:
    add_translator("mine", folder)
    path = models / "mine" / "model.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"directions" = ["vi-en"]\n', ""), "utf-8")
    with pytest.raises(ModelError, match="the entry 'directions' is missing"):
        load_translator("mine")
    path.write_text(text.replace('["vi-en"]', '"vi-en"'), "utf-8")
    with pytest.raises(ModelError, match="an entry has a value of the wrong kind"):
        load_translator("mine")
    path.write_text(text.replace('"marian"', '"nllb"'), "utf-8")
    with pytest.raises(ModelError, match=r"the files are of kind 'marian', model\.toml says 'nllb'"):
        load_translator("mine")
    assert "mine" in find_models()
