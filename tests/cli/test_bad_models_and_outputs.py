"""Models that are not whole and outputs that cannot be written: one clear line, nothing half-written."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from programs import EN, VI, align, align_here, names, refusal, write

from align.encoders.manifest import find_models
from align.errors import OutputError
from align.files import check_writable

MODEL = "e5-small-vien"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "vi" / "a.txt", VI)
    write(tmp_path / "en" / "a.txt", EN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shorten(model: Path) -> None:
    os.truncate(model / "model.bin", 1_000_000)


def flip_a_bit(model: Path) -> None:
    with (model / "model.bin").open("r+b") as stream:
        stream.seek(20_000_000)
        byte = stream.read(1)[0]
        stream.seek(20_000_000)
        stream.write(bytes([byte ^ 1]))


def change(before: str, after: str) -> Callable[[Path], None]:
    def edit(model: Path) -> None:
        text = (model / "model.toml").read_text("utf-8")
        changed = re.sub(before, after, text, flags=re.MULTILINE)
        assert changed != text
        (model / "model.toml").write_text(changed, "utf-8")

    return edit


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shorten, "model.bin: 1000000 bytes, expected 37959848: the file is damaged; install align-vi-en anew, or"),
        (flip_a_bit, "model.bin: sha256 is "),
        (
            lambda model: (model / "spm.model").unlink(),
            "spm.model: file of model e5-small-vien is missing (934894 bytes)",
        ),
        (
            change(r"\A", "name = \n"),
            "model.toml: cannot be read: Invalid value (at line 1, column 8); install align-vi-en",
        ),
        (
            change("^dim.*", ""),
            "model.toml: the entry 'dim' is missing; install align-vi-en anew, or restore the model's",
        ),
        (change("^dim.*", 'dim = "many"'), "model.toml: an entry has a value of the wrong kind ("),
        (change("^kind.*", 'kind = "bert"'), ": kind 'bert' is no encoder that can be run; allowed: e5-ctranslate2"),
        (change("^pieces.*", ""), ": spm.model has 40000 pieces, model.toml says None; restore both"),
        (
            change('"spm.model"', '"../spm.model"'),
            "model.toml: an entry has a value of the wrong kind ('../spm.model' is",
        ),
    ],
    ids=["shorter", "one bit", "file gone", "no TOML", "entry gone", "entry wrong", "kind", "pieces", "path"],
)
def test_a_damaged_model_is_refused(
    folder: Path,
    damage: Callable[[Path], None],
    message: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = folder / "models" / MODEL
    shutil.copytree(find_models()[MODEL], model)
    monkeypatch.setenv("ALIGN_MODELS", str(model.parent))
    damage(model)
    refused = refusal(align_here(capfd, "beads", "vi/a.txt", "en/a.txt", "-o", "out.beads"))
    assert refused.startswith(str(model) + ("" if message.startswith(":") else "/") + message)
    assert names(folder) == ["en", "models", "vi"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("beads", "vi/a.txt", "en/a.txt", "--encoder", "labse"),
            "no model 'labse' is installed; installed: e5-small-vien",
        ),
        (
            ("run", "vi", "en", "-o", "x.tsv", "--encoder", "labse"),
            "no model 'labse' is installed; installed: e5-small-vien",
        ),
        (("run", "vi", "en", "-o", "no/x.tsv"), "no/x.tsv: not written: there is no folder no; make it first"),
        (("run", "vi", "en", "-o", "vi"), "vi: not written: Is a directory"),
        (("run", "vi", "en", "-o", "x.docx"), "corpus file is 'x.docx'; allowed: the endings .tsv, .jsonl, .ndjson, "),
        (("run", "vi", "en", "-o", "x.tsv", "--format", "csv"), "format is 'csv'; allowed: tsv, jsonl, parquet, tmx, "),
        (
            ("run", "vi", "en", "-o", "x.tsv", "--encoding", "klingon"),
            "encoding is 'klingon'; allowed: any Python codec",
        ),
        (("split", "vi", "-o", "no/x.txt"), "no/x.txt: not written: No such file or directory"),
        (("beads", "vi/a.txt", "nowhere.en"), "nowhere.en: not read: No such file or directory"),
        (("beads", "vi/a.txt", "en/a.txt", "-o", "no/x"), "no/x: not written: there is no folder no; make it first"),
        (("mine", "vi/a.txt", "en/a.txt", "-o", "no/x"), "no/x: not written: there is no folder no; make it first"),
        (("pair", "vi", "en", "-o", "no/x"), "no/x: not written: there is no folder no; make it first"),
        (("embed", "vi/a.txt", "-o", "no/x"), "no/x: not written: there is no folder no; make it first"),
        (("embed", "nowhere.vi", "-o", "x.npy"), "nowhere.vi: not read: No such file or directory"),
        (("mine", "vi", "en/a.txt"), "vi: not read: Is a directory"),
    ],
)
def test_an_option_or_output_that_cannot_be(
    folder: Path, arguments: tuple[str, ...], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert refusal(align_here(capfd, *arguments)).startswith(message)
    assert names(folder) == ["en", "vi"]


def test_a_models_folder_that_is_none(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("ALIGN_MODELS", str(folder / "nowhere"))
    message = f"ALIGN_MODELS is '{folder / 'nowhere'}'; allowed: an existing folder"
    assert refusal(align_here(capfd, "beads", "vi/a.txt", "en/a.txt")) == message


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Let the superuser, who may write anywhere, be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_folder_that_may_not_be_written_is_found_before_the_work() -> None:
    # Not in tmp_path, whose folders nobody else may enter.
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o555)
        path = Path(name, "x.tsv")
        with without_privileges(), pytest.raises(OutputError, match=f"^{path}: not written: Permission denied$"):
            check_writable(path)


def limit(size: int) -> Callable[[], None]:
    """A disk that is full after `size` bytes of a file."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("out", ["x.tsv", "x.parquet", "x.tmx", "x.jsonl.gz"])
def test_a_full_disk_leaves_the_old_corpus(folder: Path, out: str) -> None:
    story = '{{"id": "1", "lang": "{}", "text": "{}"}}'  # a named language needs no model for languages
    write(folder / "v.jsonl", story.format("vi", VI.replace("\n", "\\n")))
    write(folder / "e.jsonl", story.format("en", EN.replace("\n", "\\n")))
    write(folder / out, "old")
    done = align("run", "v.jsonl", "e.jsonl", "-o", out, cwd=folder, preexec_fn=limit(50))
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [f"align: error: {out}: not written: File too large"]
    assert names(folder) == sorted(["e.jsonl", "en", out, "v.jsonl", "vi"])
    assert (folder / out).read_bytes() == b"old"


def test_no_room_for_temporary_files_is_said(folder: Path) -> None:
    (folder / "tmp").mkdir()
    # The classifier, which is unpacked there, is asked only where function words do not decide.
    (folder / "vi" / "b.txt").write_text("Les paysans du village coupent le riz.", encoding="utf-8")
    done = align(
        "run", "vi", "en", "-o", "x.tsv", cwd=folder, preexec_fn=limit(50), env={"TMPDIR": str(folder / "tmp")}
    )
    assert refusal(done) == (
        f"{folder / 'tmp'}: not written: File too large; free space there or set TMPDIR to another folder"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize(
    "arguments",
    [("beads", "vi/a.txt", "en/a.txt"), ("split", "vi/a.txt"), ("models", "list"), ("--help",)],
    ids=["beads", "split", "models", "help"],
)
def test_a_full_standard_output(folder: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = align(*arguments, cwd=folder, stdout=full)
    assert refusal(done) == "standard output: not written: No space left on device"
