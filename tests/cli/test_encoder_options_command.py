"""`--encoder`, `--encoder-option` and `--cache` of the commands that encode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from programs import EN, VI, align, align_here, names, refusal, write

from align.encoders.e5 import E5Encoder
from align.encoders.store import VectorStore

PLUGIN = """
import numpy as np

class Lengths:
    name, dim, pooling, fingerprint = "lengths", 2, "mean", "v1"

    def __init__(self, scale: float = 1.0):
        self.scale = scale

    def encode(self, texts):
        angles = np.array([len(text) * self.scale for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def centre(self, lang):
        return None
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "vi" / "a.txt", VI)
    write(tmp_path / "en" / "a.txt", EN)
    write(tmp_path / "x.vi", VI)
    write(tmp_path / "x.en", EN)
    write(tmp_path / "own" / "lengths.py", PLUGIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts the bundled encoder was given, call by call; it does its work as ever."""
    counts: list[int] = []
    original = E5Encoder.encode

    def counting(self: E5Encoder, texts):
        counts.append(len(texts))
        return original(self, texts)

    monkeypatch.setattr(E5Encoder, "encode", counting)
    return counts


COMMANDS = {
    "run": ("run", "vi", "en", "-o"),
    "pair": ("pair", "vi", "en", "-o"),
    "beads": ("beads", "x.vi", "x.en", "-o"),
    "mine": ("mine", "x.vi", "x.en", "-o"),
    "embed": ("embed", "x.vi", "-o"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_second_run_with_a_cache_writes_the_same_bytes_and_encodes_nothing(
    folder: Path, command: tuple[str, ...], encoded: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    outputs = []
    for options in ((), ("--cache", "v.cache"), ("--cache", "v.cache")):
        encoded.clear()
        done = align_here(capfd, *command, "out.tsv", *options)
        assert done.returncode == 0, done.stderr
        outputs.append((folder / "out.tsv").read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]
    assert encoded == []
    assert len(VectorStore("v.cache")) >= 2
    assert names(folder) == ["en", "out.tsv", "own", "v.cache", "vi", "x.en", "x.vi"]


def test_the_examples_cached(
    examples: Path, tmp_path: Path, encoded: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "v.cache"
    first = align_here(capfd, "run", examples / "vi", examples / "en", "-o", tmp_path / "1.jsonl", "--cache", cache)
    assert sum(encoded) > 100
    encoded.clear()
    second = align_here(capfd, "run", examples / "vi", examples / "en", "-o", tmp_path / "2.jsonl", "--cache", cache)
    assert (first.returncode, second.returncode, encoded) == (0, 0, [])
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()


def test_a_plug_in_with_options_in_a_process_of_its_own(folder: Path) -> None:
    done = align(
        *("embed", "x.vi", "-o", "x.npy", "--encoder", "lengths:Lengths", "--encoder-option", "scale=0.5"),
        cwd=folder,
        env={"PYTHONPATH": str(folder / "own")},
    )
    assert (done.returncode, done.stderr) == (0, "x.npy: 2 vectors of 2 numbers, lengths v1\n")
    lengths = [len(line) for line in VI.splitlines()]
    np.testing.assert_allclose(np.load(folder / "x.npy")[:, 0], np.cos(np.array(lengths) * 0.5), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--encoder-option", "device=cuda"), "encoder option is 'device'; allowed: threads, batch_tokens"),
        (("--encoder-option", "batch_tokens=many"), "encoder option batch_tokens is 'many'; allowed: an integer"),
        (("--encoder-option", "batch_tokens"), "encoder option is 'batch_tokens'; allowed: KEY=VALUE"),
        (("--encoder-option", "batch_tokens=0"), "batch_tokens is 0; allowed: an integer from 1"),
        (("--encoder", "nowhere:Encoder"), "encoder 'nowhere:Encoder': cannot be imported: ModuleNotFoundError: "),
        (("--encoder", "laser2"), "model laser2 is not pulled yet; run: align models pull laser2"),
        (("--cache", "no/v.cache"), "no/v.cache: not written: there is no folder no; make it first"),
        (("--cache", "x.vi"), "x.vi: no embedding cache, or a damaged one (file is not a database); give another file"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    folder: Path, options: tuple[str, ...], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "x.vi").read_bytes()
    assert refusal(align_here(capfd, "embed", "x.vi", "-o", "x.npy", *options)).startswith(message)
    assert (folder / "x.vi").read_bytes() == before
    assert names(folder) == ["en", "own", "vi", "x.en", "x.vi"]


def test_a_config_file_gives_encoder_options_as_a_list(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder / "c.toml", "[embed]\nencoder-option = ['batch_tokens=64', 'threads=1']\ncache = 'v.cache'\n")
    assert align_here(capfd, "--config", "c.toml", "embed", "x.vi", "-o", "x.npy").returncode == 0
    assert len(VectorStore("v.cache")) == 2
    write(folder / "c.toml", "[embed]\nencoder-option = 'batch_tokens=64'\n")
    refused = refusal(align_here(capfd, "--config", "c.toml", "embed", "x.vi", "-o", "x.npy"))
    assert refused == "c.toml: [embed] encoder-option is 'batch_tokens=64'; allowed: a list: a string"
