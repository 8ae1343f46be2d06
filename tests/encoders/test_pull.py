from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Answer, Site, serve

from align.encoders.manifest import find_manifest, find_models, read_manifest, user_folder
from align.encoders.pull import find_recipe, is_whole, pull
from align.errors import MissingExtraError, ModelError, OptionError, OutputError

FILES = {"large.bin": random.Random(5).randbytes(2_400_000), "small.txt": "Một tệp nhỏ.\n".encode()}
HEAD = """\
# A comment, which stays with the recipe.
name = "tiny"
kind = "{kind}"
description = "hai tệp, \\"two\\" files"
dim = 4
max_tokens = 0
pooling = "max"
prefix = ""
licence = "MIT"
origin = "here"
url = ""
note = "kept"
"""


def recipe_text(url: str, files: dict[str, bytes], head: str) -> str:
    return head + "".join(
        f'[sources."{name}"]\nurl = "{url}/models/{name}"\nsize = {len(content)}\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        for name, content in files.items()
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, without a proxy, where ALIGN_MODELS is a folder that does not exist yet."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    return tmp_path / "home"


@pytest.fixture
def site(home: Path) -> Iterator[Site]:
    """A server with the files of `tiny`, whose recipe stands in the user's own folder."""
    with serve() as site:
        site.files |= {f"/models/{name}": content for name, content in FILES.items()}
        write_recipe(site)
        yield site


def write_recipe(site: Site, files: dict[str, bytes] = FILES, head: str = HEAD.format(kind="plain")) -> None:
    folder = user_folder() / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.toml").write_text(recipe_text(site.url, files, head), "utf-8")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "model.toml"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def paths(site: Site) -> list[str]:
    return [path.removeprefix("/models/") for path, _ in site.asked]


def test_a_pulled_model_is_whole_and_alone_in_its_folder(site: Site, models: Path) -> None:
    manifest = pull("tiny")
    assert names(models) == ["tiny"]
    assert content(models / "tiny") == FILES
    assert manifest == find_manifest("tiny") == read_manifest(models / "tiny")
    assert not manifest.is_recipe
    manifest.check()
    recipe = read_manifest(user_folder() / "tiny")
    assert manifest.sources == recipe.sources
    assert manifest.extra == {"note": "kept"}
    assert manifest.description == 'hai tệp, "two" files'
    assert {name: file.size for name, file in manifest.files.items()} == {k: len(v) for k, v in FILES.items()}


def test_its_bytes_depend_on_nothing_else(site: Site, models: Path) -> None:
    pull("tiny")
    first = {**content(models / "tiny"), "model.toml": (models / "tiny" / "model.toml").read_bytes()}
    shutil.rmtree(models)
    with pytest.raises(ModelError):
        pull("tiny", base_url=f"{site.url}/none")
    site.answers = [Answer(cut=1000)]
    pull("tiny")
    assert {**content(models / "tiny"), "model.toml": (models / "tiny" / "model.toml").read_bytes()} == first


def test_without_the_variable_it_goes_to_the_users_folder(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALIGN_MODELS")
    (user_folder() / "tiny" / "README.md").write_text("my notes")
    manifest = pull("tiny")
    assert manifest.folder == user_folder() / "tiny"
    assert names(user_folder()) == ["tiny"]
    assert content(manifest.folder) == {**FILES, "README.md": b"my notes"}
    assert find_manifest("tiny") == manifest


def test_a_model_that_is_whole_is_left_as_it_is(site: Site, models: Path) -> None:
    pull("tiny")
    assert is_whole("tiny")
    before = {path: path.stat().st_mtime_ns for path in [models, *models.rglob("*")]}
    site.asked.clear()
    pull("tiny")
    assert site.asked == []
    assert {path: path.stat().st_mtime_ns for path in [models, *models.rglob("*")]} == before


@pytest.mark.parametrize("damage", ["gone", "shorter", "altered"])
def test_only_what_is_damaged_is_fetched_again(site: Site, models: Path, damage: str) -> None:
    pull("tiny")
    path = models / "tiny" / "small.txt"
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + (b"!" if damage == "altered" else b""))
    with pytest.raises(ModelError, match=r"; run: align models pull tiny$"):
        find_manifest("tiny").check()
    assert not is_whole("tiny")
    site.asked.clear()
    pull("tiny").check()
    assert paths(site) == ["small.txt"]
    assert content(models / "tiny") == FILES


def test_a_manifest_that_cannot_be_read_is_made_anew(site: Site, models: Path) -> None:
    pull("tiny")
    (models / "tiny" / "model.toml").write_text("name =")
    site.asked.clear()
    pull("tiny").check()
    assert site.asked == []  # the files are still there


def test_a_pull_that_failed_goes_on_where_it_ended(site: Site, models: Path) -> None:
    kept = site.files.pop("/models/small.txt")
    with pytest.raises(ModelError, match="404 Not Found"):
        pull("tiny")
    assert "tiny" not in names(models)
    assert find_manifest("tiny").is_recipe
    site.files["/models/small.txt"] = kept
    site.asked.clear()
    pull("tiny").check()
    assert paths(site) == ["small.txt"]
    assert names(models) == ["tiny"]


def test_an_unfinished_pull_is_no_model(site: Site, models: Path) -> None:
    pull("tiny")
    shutil.move(models / "tiny", models / ".tiny.pull")
    assert find_models()["tiny"].parent == user_folder()
    assert not any(name.startswith(".") for name in find_models())
    pull("tiny").check()


def test_a_pull_that_was_killed_goes_on_where_it_ended(site: Site, models: Path) -> None:
    site.answers = [Answer(cut=1_000_000, length=len(FILES["large.bin"]), stall=True)]
    process = subprocess.Popen([sys.executable, "-m", "align", "models", "pull", "tiny"])
    part = models / ".tiny.pull" / "large.bin.part"
    for _ in range(500):
        if part.exists() and part.stat().st_size == 1_000_000:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    pull("tiny").check()
    assert site.asked[1] == ("/models/large.bin", "bytes=1000000-")
    assert names(models) == ["tiny"]


def test_a_wrong_file_never_gets_in(site: Site, models: Path) -> None:
    site.files["/models/small.txt"] = b"?" * len(FILES["small.txt"])
    with pytest.raises(ModelError, match=r"small\.txt: sha256 is \w{64}, expected \w{64}: it is another file"):
        pull("tiny")
    assert not (models / "tiny").exists()
    assert content(models / ".tiny.pull") == {"large.bin": FILES["large.bin"]}


def test_nothing_is_left_when_nothing_could_be_fetched(site: Site, models: Path) -> None:
    site.files.clear()
    with pytest.raises(ModelError, match="404 Not Found"):
        pull("tiny")
    assert names(models) == []


def test_a_mirror_is_asked_by_the_names_of_the_files(site: Site, models: Path) -> None:
    site.files = {f"/mirror/a b/{name}": content for name, content in FILES.items()}
    pull("tiny", base_url=f"{site.url}/mirror/a%20b/")
    assert [path for path, _ in site.asked] == ["/mirror/a b/large.bin", "/mirror/a b/small.txt"]
    assert content(models / "tiny") == FILES


def test_a_mirror_that_is_no_address(site: Site) -> None:
    with pytest.raises(OptionError, match=r"url is 'file:///srv/large\.bin'; allowed: an address http"):
        pull("tiny", base_url="file:///srv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files, carried there by hand."""
    (tmp_path / "stick").mkdir()
    for name, data in FILES.items():
        (tmp_path / "stick" / name).write_bytes(data)
    return tmp_path / "stick"


def test_a_folder_replaces_the_network(site: Site, models: Path, folder: Path) -> None:
    pull("tiny", source=folder).check()
    assert site.asked == []
    assert names(models) == ["tiny"]
    assert content(folder) == FILES


def test_a_folder_that_lacks_files_names_all_of_them(site: Site, models: Path, folder: Path) -> None:
    (folder / "large.bin").unlink()
    (folder / "small.txt").write_bytes(b"?" * len(FILES["small.txt"]))
    with pytest.raises(ModelError) as caught:
        pull("tiny", source=folder)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    assert str(caught.value) == (
        f"{folder}/large.bin: no such file, expected 2400000 bytes with sha256 {digests['large.bin']}; "
        f"{folder}/small.txt: sha256 is {hashlib.sha256(b'?' * 19).hexdigest()}, "
        f"expected 19 bytes with sha256 {digests['small.txt']}; "
        f"fetch there: {site.url}/models/large.bin {site.url}/models/small.txt"
    )
    assert site.asked == []
    assert names(models) == []


def test_a_folder_with_a_shorter_file(site: Site, folder: Path) -> None:
    (folder / "small.txt").write_bytes(b"?")
    with pytest.raises(ModelError, match=r"^\S+/small\.txt: 1 bytes, expected 19 bytes"):
        pull("tiny", source=folder)


def test_pulls_at_the_same_time_fetch_once(site: Site, models: Path) -> None:
    command = [sys.executable, "-m", "align", "models", "pull", "tiny"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    rows = [process.communicate(timeout=60)[0].split("\t") for process in processes]
    assert {process.returncode for process in processes} == {0}
    assert {row[3] for row in rows} == {find_manifest("tiny").fingerprint}
    assert sorted(paths(site)) == ["large.bin", "small.txt"]
    assert content(models / "tiny") == FILES
    assert names(models) == ["tiny"]


def test_waiting_for_another_pull_is_reported(site: Site) -> None:
    seen: list[tuple[str, int, int]] = []
    site.answers = [Answer(cut=10, length=len(FILES["large.bin"]), stall=True)]
    first = threading.Thread(target=pull, args=("tiny",), daemon=True)
    first.start()
    while not site.asked:
        time.sleep(0.01)
    second = threading.Thread(target=pull, args=("tiny",), kwargs={"progress": lambda *a: seen.append(a)}, daemon=True)
    second.start()
    while not seen:
        time.sleep(0.01)
    site.closing.set()
    first.join(30)
    second.join(30)
    assert seen[0] == ("wait for another pull of tiny", 0, 1)
    assert seen[-1] == ("wait for another pull of tiny", 1, 1)
    assert sorted(set(paths(site))) == ["large.bin", "small.txt"]
    find_manifest("tiny").check()


def test_a_model_that_came_with_the_package_has_nothing_to_pull(home: Path, models: Path) -> None:
    models.mkdir()
    with pytest.raises(ModelError, match="model 'e5-small-vien' has nothing to pull: its files come with the package"):
        pull("e5-small-vien")
    assert names(models) == []


@pytest.mark.parametrize("name", ["laser9", "../tiny", "tiny/", ""])
def test_a_model_that_nobody_knows(site: Site, models: Path, name: str) -> None:
    models.mkdir()
    with pytest.raises(
        ModelError, match=r"no model .* is installed; installed: e5-small-vien; to pull: laser2, .*, tiny"
    ):
        pull(name)


def test_a_precision_that_there_is_not(site: Site) -> None:
    with pytest.raises(OptionError, match="precision is 'int4'; allowed: int8, fp32, both"):
        pull("tiny", precision="int4")


def test_a_place_that_cannot_be_written(site: Site, models: Path) -> None:
    models.write_bytes(b"")
    with pytest.raises(OutputError, match=f"^{models}: not written: File exists"):
        pull("tiny")
    assert site.asked == []


def test_the_recipe_of_the_package_names_the_published_files(home: Path) -> None:
    recipe = find_recipe("laser2")
    assert (recipe.kind, recipe.dim, recipe.pooling) == ("laser", 1024, "max")
    assert recipe.is_recipe
    assert {name: source.url for name, source in recipe.sources.items()} == {
        name: f"https://dl.fbaipublicfiles.com/nllb/laser/{name}"
        for name in ("laser2.pt", "laser2.spm", "laser2.cvocab")
    }
    assert recipe.size == 179_440_027 + 1_008_139 + 470_453


def test_what_runs_the_model_is_asked_for_before_anything_is_fetched(
    home: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r'the model laser2 needs the extra .*"align-vi-en\[laser\]"'):
        pull("laser2", base_url="http://127.0.0.1:9")
    assert not models.exists()
