"""The encoder of sentence-transformers, run for real on a tiny seeded model: `make st` installs what that needs."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from bilingual_pairs import PAIRS
from st_models import make_model

from align.encoders import Encoder, load_encoder
from align.encoders.cache import CachedEncoder
from align.encoders.st import SentenceTransformerEncoder
from align.errors import InputError, ModelError, OptionError

if importlib.util.find_spec("sentence_transformers") is None:
    pytest.skip('pip install "align-vi-en[st]"', allow_module_level=True)

TEXTS = [text for pair in PAIRS for text in pair]
CLOSE = 2e-6  # of float32 sums in another order, in vectors of length 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("st") / "tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(folder))


def test_it_keeps_the_protocol(folder: Path, encoder: SentenceTransformerEncoder) -> None:
    loaded = load_encoder(f"st:{folder}", threads=1, batch_size=8)
    assert isinstance(loaded, Encoder)
    assert (loaded.name, loaded.dim, loaded.pooling, loaded.centre("vi")) == ("st:tiny", 16, "mean", None)
    assert loaded.fingerprint == encoder.fingerprint
    with pytest.raises(OptionError, match="lang is 'fr'"):
        loaded.centre("fr")


def test_rows_are_those_of_sentence_transformers_itself(folder: Path, encoder: SentenceTransformerEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    own = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    vectors = encoder.encode(TEXTS)
    assert (vectors.dtype, vectors.shape) == (np.float32, (len(TEXTS), 16))
    np.testing.assert_allclose(vectors, own, atol=CLOSE)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_the_same_call_gives_the_same_bits(folder: Path, encoder: SentenceTransformerEncoder) -> None:
    assert (encoder.encode(TEXTS) == encoder.encode(TEXTS)).all()
    assert (SentenceTransformerEncoder(str(folder)).encode(TEXTS) == encoder.encode(TEXTS)).all()


def test_a_vector_hardly_depends_on_its_company_and_alone_not_at_all(
    folder: Path, encoder: SentenceTransformerEncoder
) -> None:
    together = encoder.encode(TEXTS)
    np.testing.assert_allclose(together[::-1], encoder.encode(TEXTS[::-1]), atol=CLOSE)
    single = SentenceTransformerEncoder(str(folder), batch_size=1)
    alone = np.concatenate([single.encode([text]) for text in TEXTS])
    assert (single.encode(TEXTS[::-1])[::-1] == alone).all()
    np.testing.assert_allclose(together, alone, atol=CLOSE)


def test_a_cache_does_not_change_what_batches_of_one_give(folder: Path, tmp_path: Path) -> None:
    single = SentenceTransformerEncoder(str(folder), batch_size=1)
    CachedEncoder(single, tmp_path / "c").encode(TEXTS[::3])
    assert (CachedEncoder(single, tmp_path / "c").encode(TEXTS) == single.encode(TEXTS)).all()


def test_repeated_texts_come_back_in_place(encoder: SentenceTransformerEncoder) -> None:
    calls: list[tuple[str, int, int]] = []
    encoder._progress = lambda *call: calls.append(call)
    two = encoder.encode(TEXTS[:2])
    assert (encoder.encode([TEXTS[1], TEXTS[0], TEXTS[1]])[[1, 0]] - two < CLOSE).all()
    assert calls[:2] == [("encode", 0, 2), ("encode", 2, 2)]
    assert encoder.encode([]).shape == (0, 16)


@pytest.mark.parametrize("odd", ["", "  \n", "\0", "\ud800"])
def test_texts_without_content_get_one_fixed_vector(encoder: SentenceTransformerEncoder, odd: str) -> None:
    vectors = encoder.encode([odd, "", TEXTS[0]])
    assert (vectors[0] == vectors[1]).all()
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-6)
    assert not np.allclose(vectors[0], vectors[2], atol=0.1)


def test_surrogates_zero_bytes_and_endless_lines_are_encoded(encoder: SentenceTransformerEncoder) -> None:
    clean, odd = encoder.encode(["Trời mưa to ."]), encoder.encode(["Trời\0mưa to\udc80."])
    np.testing.assert_allclose(odd, clean, atol=CLOSE)
    assert np.isfinite(encoder.encode(["dài " * 1_000_000])).all()


@pytest.mark.parametrize(("texts", "complaint"), [("Xin chào", "put it into a list"), (["a", None], r"texts\[1\]")])
def test_what_is_no_text_is_refused(encoder: SentenceTransformerEncoder, texts: list[str], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        encoder.encode(texts)


def test_a_prompt_goes_before_every_text_and_into_the_fingerprint(
    folder: Path, encoder: SentenceTransformerEncoder
) -> None:
    prompted = SentenceTransformerEncoder(str(folder), prompt="query: ")
    expected = encoder.encode([f"query: {text}" for text in TEXTS])
    np.testing.assert_allclose(prompted.encode(TEXTS), expected, atol=CLOSE)
    assert prompted.fingerprint != encoder.fingerprint


def test_max_pooling_is_said(tmp_path: Path, folder: Path, encoder: SentenceTransformerEncoder) -> None:
    other = SentenceTransformerEncoder(str(make_model(tmp_path / "max", pooling="max")))
    assert other.pooling == "max"
    assert other.fingerprint != encoder.fingerprint
    assert not np.allclose(other.encode(TEXTS), encoder.encode(TEXTS), atol=0.01)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"device": "abacus"}, "device is 'abacus'; allowed: cpu"),
        ({"device": "cuda:99"}, "device is 'cuda:99'; allowed: cpu"),
        ({"batch_size": 0}, "batch_size is 0; allowed: an integer from 1"),
        ({"threads": 0}, "threads is 0; allowed: an integer from 1"),
        ({"colour": "red"}, "encoder option is 'colour'; allowed: device, batch_size, prompt, revision, threads"),
    ],
)
def test_options_that_cannot_be_are_refused(folder: Path, options: dict[str, object], complaint: str) -> None:
    with pytest.raises(OptionError, match=complaint):
        load_encoder(f"st:{folder}", **options)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    model = make_model(tmp_path / "m")
    (model / name).write_bytes((model / name).read_bytes()[:100])
    with pytest.raises(ModelError, match=f"^{model}: sentence-transformers cannot load the model: [A-Za-z]+") as caught:
        load_encoder(f"st:{model}")
    assert "\n" not in str(caught.value)


def test_pickled_weights_are_never_opened(tmp_path: Path) -> None:
    import torch

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trapped"),)

    model = make_model(tmp_path / "m")
    (model / "model.safetensors").unlink()
    torch.save({"x": Trap()}, model / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no weights in safetensors form"):
        load_encoder(f"st:{model}")
    assert not (tmp_path / "trapped").exists()


def test_code_in_a_model_s_folder_is_never_run(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m")
    (model / "trap.py").write_text(f"import os; os.mkdir({str(tmp_path / 'trapped')!r})", "utf-8")
    modules = json.loads((model / "modules.json").read_text("utf-8"))
    modules[0]["type"] = "trap.Transformer"
    (model / "modules.json").write_text(json.dumps(modules), "utf-8")
    with pytest.raises(ModelError, match=r"'trap.Transformer' is code of the model's own, which is not run"):
        load_encoder(f"st:{model}")
    modules[0]["type"] = "sentence_transformers.models.Transformer"
    (model / "modules.json").write_text(json.dumps(modules), "utf-8")
    config = json.loads((model / "config.json").read_text("utf-8"))
    config |= {"auto_map": {"AutoModel": "trap.Model", "AutoConfig": "trap.Config"}, "model_type": "trap"}
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match="cannot load the model"):
        load_encoder(f"st:{model}")
    assert not (tmp_path / "trapped").exists()


COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """As much of a hub as the download of one model needs."""

    model: Path

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        files = {each.relative_to(self.model).as_posix() for each in self.model.rglob("*") if each.is_file()}
        name = path.removeprefix(f"/ours/tiny/resolve/{COMMIT}/")
        if path.startswith("/api/models/ours/tiny/revision/"):
            about = {"id": "ours/tiny", "sha": COMMIT, "siblings": [{"rfilename": each} for each in sorted(files)]}
            self.reply(200, json.dumps(about).encode())
        elif path.startswith("/api/models/ours/tiny/tree/"):
            sizes = {each: (self.model / each).stat().st_size for each in sorted(files)}
            entries = [{"type": "file", "path": each, "size": size, "oid": "0" * 40} for each, size in sizes.items()]
            self.reply(200, json.dumps(entries).encode())
        elif name in files:
            self.reply(200, (self.model / name).read_bytes(), ETag=f'"{name}"')
        else:
            self.reply(404, b"", **{"X-Error-Code": "RepoNotFound" if "tiny" not in path else "EntryNotFound"})

    def reply(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", COMMIT)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Hub,), {"model": folder}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def embed(name: str, folder: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    """Run `align embed` in a process of its own: the hub's client reads its environment when it is imported."""
    (folder / "x.vi").write_text("Trời mưa.\nTrời nắng.\n", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "align", "embed", "x.vi", "-o", "x.npy", "--encoder", name],
        env={**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "0"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_of_the_hub_is_fetched_once_and_found_again_without_a_network(
    hub: str, tmp_path: Path, encoder: SentenceTransformerEncoder
) -> None:
    said = f"x.npy: 2 vectors of 16 numbers, st:ours/tiny {encoder.fingerprint}\n"
    first = embed("st:ours/tiny", tmp_path, hub)
    assert (first.returncode, first.stderr) == (0, said)
    again = embed("st:ours/tiny", tmp_path, "http://127.0.0.1:9")  # where nobody answers
    assert again.returncode == 0, again.stderr
    assert again.stderr.endswith(said)


def test_what_the_hub_does_not_have_or_is_not_reached(hub: str, tmp_path: Path) -> None:
    unknown = embed("st:ours/other", tmp_path, hub)
    message = "align: error: st:ours/other: there is no such folder, and the hub has no model 'ours/other'\n"
    assert (unknown.returncode, unknown.stderr) == (1, message)
    alone = embed("st:ours/tiny", tmp_path, "http://127.0.0.1:9")
    assert alone.returncode == 1
    assert alone.stderr.splitlines()[-1].startswith(
        "align: error: st:ours/tiny: there is no such folder, and the hub cannot be reached; check the connection, or"
    )
