from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from marian_files import marian_files, write_files, zip_of

from align.errors import ModelError
from align.translation.marian import CONVERTED, convert_archive, convert_folder


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return marian_files("vi-en")


def written(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "model.zip").write_bytes(content)
    return tmp_path / "model.zip"


def convert(tmp_path: Path, content: bytes) -> Path:
    """Convert an archive into a folder of its own, which is returned."""
    (tmp_path / "out").mkdir(exist_ok=True)
    convert_archive(written(tmp_path, content), tmp_path / "out")
    return tmp_path / "out"


def refusal(tmp_path: Path, content: bytes) -> str:
    """Return what is said about an archive that is refused, which has to leave nothing behind."""
    with pytest.raises(ModelError) as caught:
        convert(tmp_path, content)
    assert list((tmp_path / "out").iterdir()) == []
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path / 'model.zip'}: ")


def test_an_archive_becomes_the_files_of_a_translator(tmp_path: Path, files: dict[str, bytes]) -> None:
    out = convert(tmp_path, zip_of(files))
    assert sorted(path.name for path in out.iterdir()) == sorted(CONVERTED)
    assert (out / "source.spm").read_bytes() == files["source.spm"]
    vocabulary = json.loads((out / "shared_vocabulary.json").read_text("utf-8"))
    assert vocabulary[:2] == ["</s>", "<unk>"]
    assert len(vocabulary) == files["vocab.yml"].count(b"\n")
    assert json.loads((out / "config.json").read_text("utf-8"))["add_source_eos"] is True


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path, files: dict[str, bytes]) -> None:
    contents = []
    for name in "ab":
        (tmp_path / name).mkdir()
        out = convert(tmp_path / name, zip_of(files))
        contents.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert contents[0] == contents[1]


def test_a_folder_is_converted_like_its_archive(tmp_path: Path, files: dict[str, bytes]) -> None:
    out = convert(tmp_path, zip_of(files))
    (tmp_path / "other").mkdir()
    convert_folder(write_files(tmp_path / "folder", files), tmp_path / "other")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()
    }


def test_members_that_nobody_needs_are_not_unpacked(tmp_path: Path, files: dict[str, bytes]) -> None:
    out = convert(tmp_path, zip_of(files | {"../evil.txt": b"x", "/tmp/evil.txt": b"x", "sub/deep.txt": b"x"}))
    assert sorted(path.name for path in out.iterdir()) == sorted(CONVERTED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.zip", "out"]


@pytest.mark.parametrize("name", ["../model.npz", "/etc/model.npz", "a/b.npz", "..", ""])
def test_decoder_yml_cannot_lead_out_of_the_archive(tmp_path: Path, files: dict[str, bytes], name: str) -> None:
    decoder = f'models: ["{name}"]\nvocabs: [vocab.yml, vocab.yml]\n'.encode()
    said = refusal(tmp_path, zip_of(files | {"decoder.yml": decoder}))
    assert said == f"decoder.yml names {name!r}; allowed: plain names of files beside it"


@pytest.mark.parametrize(
    "decoder", [b"", b"models: []\n", b"- 1\n", b"a: [\n", b"\xff", b"!!python/object:os.system {}\n"]
)
def test_a_decoder_yml_that_says_nothing(tmp_path: Path, files: dict[str, bytes], decoder: bytes) -> None:
    said = refusal(tmp_path, zip_of(files | {"decoder.yml": decoder}))
    assert said.startswith("decoder.yml does not say the names of model and vocabulary (")


@pytest.mark.parametrize("name", ["decoder.yml", "model.npz", "vocab.yml", "source.spm", "target.spm"])
def test_a_member_that_is_missing_is_named(tmp_path: Path, files: dict[str, bytes], name: str) -> None:
    left = {each: content for each, content in files.items() if each != name}
    said = refusal(tmp_path, zip_of(left))
    assert said == f"0 members {name}, expected 1; allowed: an archive of OPUS-MT"


def test_a_member_that_stands_there_twice_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    content = io.BytesIO(zip_of(files))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("source.spm", b"other")
    assert refusal(tmp_path, content.getvalue()).startswith("2 members source.spm, expected 1")


def test_two_vocabularies_are_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    decoder = b"models: [model.npz]\nvocabs: [vocab.yml, other.yml]\n"
    said = refusal(tmp_path, zip_of(files | {"decoder.yml": decoder, "other.yml": files["vocab.yml"]}))
    assert said == "2 vocabularies; allowed: one for both sides, as OPUS-MT has"


def test_what_unpacks_to_too_much_is_refused_unread(tmp_path: Path, files: dict[str, bytes]) -> None:
    said = refusal(tmp_path, zip_of(files | {"source.spm": bytes((1 << 26) + 1)}))
    assert said == "source.spm has 67108865 bytes; allowed: at most 67108864"


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    content = zip_of(files | {"source.spm": bytes(5000)})
    lying = content.replace((5000).to_bytes(4, "little"), (4000).to_bytes(4, "little"))
    assert "is no zip archive that can be read" in refusal(tmp_path, lying)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", b"PK\3\4" + bytes(500)])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content).startswith("is no zip archive that can be read (")


def test_a_damaged_archive(tmp_path: Path, files: dict[str, bytes]) -> None:
    content = bytearray(zip_of(files))
    start = content.index(b"model.npz") + 5000
    content[start : start + 200] = bytes(200)
    assert refusal(tmp_path, bytes(content)).startswith("is no zip archive that can be read (")


def test_weights_that_hold_objects_are_not_unpickled(tmp_path: Path, files: dict[str, bytes]) -> None:
    out = io.BytesIO()
    np.savez(out, Wemb=np.array([{"a": 1}], dtype=object))
    assert refusal(tmp_path, zip_of(files | {"model.npz": out.getvalue()})).startswith("CTranslate2 cannot convert")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"type: transformer", b"type: amun_transf", "Option --type must be 'transformer'"),
        (b'preprocess: ""', b"preprocess: nn", "Unsupported pre-norm Transformer architecture"),
        (b"encoder_l2_self_Wq", b"encoder_l9_self_Wq", ""),
    ],
)
def test_what_the_converter_does_not_take_is_one_line(
    tmp_path: Path, files: dict[str, bytes], old: bytes, new: bytes, complaint: str
) -> None:
    arrays = dict(np.load(io.BytesIO(files["model.npz"])))
    arrays["special:model.yml"] = np.frombuffer(arrays["special:model.yml"].tobytes().replace(old, new), np.uint8)
    arrays = {name.replace(old.decode(), new.decode()): array for name, array in arrays.items()}
    out = io.BytesIO()
    np.savez(out, **arrays)
    said = refusal(tmp_path, zip_of(files | {"model.npz": out.getvalue()}))
    assert said.startswith("CTranslate2 cannot convert the model: ")
    assert complaint in said


def test_a_vocabulary_of_another_model(tmp_path: Path, files: dict[str, bytes]) -> None:
    lines = files["vocab.yml"].splitlines(keepends=True)
    said = refusal(tmp_path, zip_of(files | {"vocab.yml": b"".join(lines[:-5])}))
    assert said.startswith("CTranslate2 cannot convert the model: ")
    assert "vocabulary" in said


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "out").mkdir()
    path = written(tmp_path, zip_of(files))
    program = (
        "import sys\nfrom pathlib import Path\nfrom align.errors import OutputError\n"
        "from align.translation.marian import convert_archive\n"
        "try:\n    convert_archive(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except OutputError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.stdout.endswith(": not written: File too large\n")
    assert list((tmp_path / "out").iterdir()) == []
