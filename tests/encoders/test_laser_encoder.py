from __future__ import annotations

import builtins
import hashlib
import shutil
import subprocess
import sys

import laser_checkpoints
import numpy as np
import pytest
from bilingual_pairs import PAIRS
from hypothesis import given, settings
from hypothesis import strategies as st
from laser_reference import Reference

from align.encoders import Encoder, load_encoder
from align.encoders.laser import encoder as module
from align.encoders.laser.checkpoint import read_checkpoint
from align.encoders.laser.convert import PRECISIONS, convert
from align.encoders.laser.encoder import LaserEncoder
from align.encoders.laser.tokeniser import LaserTokeniser
from align.errors import InputError, MissingExtraError, ModelError, OptionError

VI = [vi for vi, _ in PAIRS]
EN = [en for _, en in PAIRS]
DIM = 32
HEAD = """\
name = "laser2"
kind = "laser"
description = "made up"
dim = {dim}
max_tokens = 0
pooling = "max"
prefix = ""
licence = "none"
origin = "random numbers"
url = ""
spm = "laser2.spm"
cvocab = "laser2.cvocab"
"""


def write_manifest(folder, names, dim=DIM):
    text = HEAD.format(dim=dim)
    for name in names:
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        text += f'[files."{name}"]\nsize = {len(content)}\nsha256 = "{digest}"\n'
    (folder / "model.toml").write_text(text, "utf-8")


FILES = ("laser2.spm", "laser2.cvocab", "network-int8.onnx", "network-fp32.onnx")


@pytest.fixture(scope="session")
def pulled(tmp_path_factory):
    """A small model in a folder, as `align models pull` leaves it."""
    folder = tmp_path_factory.mktemp("models") / "laser2"
    folder.mkdir()
    checkpoint = read_checkpoint(laser_checkpoints.make_model(folder, pieces=600, **laser_checkpoints.SMALL))
    for precision in PRECISIONS:
        convert(checkpoint, folder / f"network-{precision}.onnx", precision)
    write_manifest(folder, FILES)
    return folder


@pytest.fixture
def copy(pulled, tmp_path):
    return shutil.copytree(pulled, tmp_path / "laser2")


@pytest.fixture(scope="session")
def encoders(pulled):
    return {precision: LaserEncoder(pulled, precision=precision, threads=1) for precision in PRECISIONS}


@pytest.fixture(params=PRECISIONS)
def encoder(request, encoders):
    return encoders[request.param]


def test_it_keeps_the_protocol_and_loads_by_name(pulled, monkeypatch):
    monkeypatch.setenv("ALIGN_MODELS", str(pulled.parent))
    loaded = load_encoder("laser2")
    assert isinstance(loaded, Encoder)
    assert isinstance(loaded, LaserEncoder)
    assert (loaded.name, loaded.dim, loaded.pooling, loaded.precision) == ("laser2", DIM, "max", "int8")
    assert loaded.centre("vi") is None
    with pytest.raises(OptionError, match="lang is 'fr'; allowed: vi, en"):
        loaded.centre("fr")


def test_rows_are_float32_unit_vectors_in_order(encoder):
    vectors = encoder.encode([*VI, *EN])
    assert vectors.dtype == np.float32
    assert vectors.shape == (2 * len(PAIRS), DIM)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert (encoder.encode([*EN, *VI]) == np.roll(vectors, len(PAIRS), axis=0)).all()


def test_nothing_in_nothing_out(encoder):
    assert encoder.encode([]).shape == encoder.encode_raw([]).shape == (0, DIM)


def test_raw_vectors_in_fp32_are_those_of_the_checkpoint(pulled, encoders):
    checkpoint = read_checkpoint(pulled / "laser2.pt")
    tokeniser = LaserTokeniser((pulled / "laser2.spm").read_bytes(), (pulled / "laser2.cvocab").read_bytes())
    texts = [*VI, *EN, "", "Trời mưa 🌧 ."]
    expected = Reference(checkpoint.params, checkpoint.tensors).encode(tokeniser.encode(texts))
    raw = encoders["fp32"].encode_raw(texts)
    np.testing.assert_allclose(raw, expected, atol=1e-5, rtol=0)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    filled = [i for i, text in enumerate(texts) if text]
    np.testing.assert_allclose(encoders["fp32"].encode(texts)[filled], unit[filled], atol=1e-6)


def test_int8_is_close_to_fp32(encoders):
    cosines = (encoders["int8"].encode([*VI, *EN]) * encoders["fp32"].encode([*VI, *EN])).sum(axis=1)
    assert 0.99 < cosines.min() < 1 - 1e-6


def test_a_vector_does_not_depend_on_its_company(encoder):
    together = encoder.encode([*VI, *EN])
    alone = np.concatenate([encoder.encode([text]) for text in [*VI, *EN]])
    assert (together == alone).all()


@pytest.mark.parametrize("options", [{"threads": 3}, {"batch_tokens": 1}, {"batch_tokens": 4096, "threads": 2}])
def test_options_of_speed_do_not_change_vectors(pulled, encoder, options):
    other = LaserEncoder(pulled, precision=encoder.precision, **options)
    texts = [*VI, *EN, " ".join(VI * 8)]
    assert (other.encode(texts) == encoder.encode(texts)).all()
    assert other.fingerprint == encoder.fingerprint


def test_more_texts_than_are_tokenised_at_once(encoder, monkeypatch):
    expected = encoder.encode([*VI, *EN])
    monkeypatch.setattr(module, "_CHUNK", 7)
    assert (encoder.encode([*VI, *EN]) == expected).all()


def test_repeated_texts_are_encoded_once_and_returned_in_place(pulled, encoders):
    calls = []
    counting = LaserEncoder(pulled, progress=lambda *call: calls.append(call))
    vectors = counting.encode([VI[0], EN[0], VI[0], VI[0]])
    assert (vectors == encoders["int8"].encode([VI[0], EN[0]])[[0, 1, 0, 0]]).all()
    assert calls == [("encode", 0, 2), ("encode", 2, 2)]


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\0", "\u200b", "\ud800", "\x01\x02"])
def test_texts_without_tokens_resemble_no_sentence_but_each_other(encoder, empty):
    vectors = encoder.encode([empty, "", *VI, *EN])
    np.testing.assert_allclose(np.linalg.norm(vectors[0]), 1, atol=1e-6)
    assert (vectors[0] == vectors[1]).all()
    assert np.abs(vectors[2:] @ vectors[0]).max() < 0.5
    # The original runs the network on the end of the sentence alone.
    assert (encoder.encode_raw([empty]) == encoder.encode_raw([""])).all()
    assert np.abs(encoder.encode_raw([""])).max() > 0


def test_lone_surrogates_are_spaces(encoder):
    assert (encoder.encode(["Trời\udc80mưa to."]) == encoder.encode(["Trời mưa to."])).all()


def test_long_texts_are_cut_where_it_is_said(encoder, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_ROW", 20)
    cut = encoder.encode([" ".join(VI)])
    assert (cut == encoder.encode([" ".join(VI) + " thêm chữ"])).all()
    monkeypatch.setattr(module, "LONGEST_TEXT", 11)
    assert (encoder.encode(["Trời mưa to quá"]) == encoder.encode(["Trời mưa to"])).all()


def test_one_endless_word_is_encoded(encoder):
    assert np.isfinite(encoder.encode(["ngoằnngoèo" * 20_000])).all()


@pytest.mark.parametrize(("texts", "complaint"), [(["a", None], r"texts\[1\] is None, a NoneType"), ([b"a"], "bytes")])
def test_members_that_are_no_text_are_named_by_index(encoder, texts, complaint):
    with pytest.raises(InputError, match=complaint):
        encoder.encode(texts)


def test_a_single_string_is_refused(encoder):
    with pytest.raises(InputError, match="put it into a list"):
        encoder.encode_raw("Xin chào")


@pytest.mark.parametrize("option", [{"threads": 0}, {"batch_tokens": 1.5}, {"precision": "fp16"}, {"precision": None}])
def test_impossible_options_are_refused(pulled, option):
    with pytest.raises(OptionError, match=f"{next(iter(option))} is .*; allowed: "):
        LaserEncoder(pulled, **option)


def test_the_fingerprint_tells_precisions_and_models_apart_and_nothing_else(pulled, copy, encoders):
    fingerprints = {encoder.fingerprint for encoder in encoders.values()}
    assert len(fingerprints) == 2
    assert {len(fingerprint) for fingerprint in fingerprints} == {16}
    write_manifest(copy, ("laser2.spm", "laser2.cvocab", "network-int8.onnx"))
    assert LaserEncoder(copy).fingerprint == encoders["int8"].fingerprint
    checkpoint = read_checkpoint(laser_checkpoints.make_model(copy, pieces=600, seed=3, **laser_checkpoints.SMALL))
    convert(checkpoint, copy / "network-int8.onnx", "int8")
    write_manifest(copy, FILES)
    assert LaserEncoder(copy).fingerprint not in fingerprints


def test_a_precision_that_was_not_pulled_is_refused_with_the_remedy(copy):
    write_manifest(copy, ("laser2.spm", "laser2.cvocab", "network-int8.onnx"))
    with pytest.raises(ModelError, match=r"no network-fp32.onnx; run: align models pull laser2 --precision fp32"):
        LaserEncoder(copy, precision="fp32")


@pytest.mark.parametrize("name", FILES[:3])
def test_changed_and_missing_files_are_refused(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name}: sha256 is .* the file is damaged"):
        LaserEncoder(copy)
    (copy / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: file of model laser2 is missing"):
        LaserEncoder(copy)


def test_files_that_do_not_go_together_are_refused(copy, tmp_path):
    (copy / "network-int8.onnx").write_bytes(b"no network")
    write_manifest(copy, FILES)
    with pytest.raises(ModelError, match=r"network-int8.onnx: ONNX Runtime cannot load it"):
        LaserEncoder(copy)
    laser_checkpoints.write_checkpoint(tmp_path / "few.pt", vocabulary=50, **laser_checkpoints.SMALL)
    convert(read_checkpoint(tmp_path / "few.pt"), copy / "network-int8.onnx", "int8")
    write_manifest(copy, FILES)
    with pytest.raises(ModelError, match=r"network-int8.onnx: does not run with the ids of the cvocab"):
        LaserEncoder(copy)
    write_manifest(copy, FILES, dim=1024)
    with pytest.raises(ModelError, match=r"gives float32 \(1, 32\), expected finite float32 \(1, 1024\)"):
        LaserEncoder(copy, precision="fp32")
    manifest = (copy / "model.toml").read_text("utf-8")
    (copy / "model.toml").write_text(manifest.replace('spm = "laser2.spm"\n', ""), "utf-8")
    with pytest.raises(ModelError, match="the entry 'spm' names no file"):
        LaserEncoder(copy)


def test_without_the_extra_the_remedy_is_one_line(pulled, monkeypatch):
    genuine = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "onnxruntime":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return genuine(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError) as caught:
        LaserEncoder(pulled)
    assert str(caught.value) == "the encoder laser2 needs the extra 'laser': pip install \"align-vi-en[laser]\""


def test_the_runtime_is_imported_on_use_only():
    code = "import align, align.encoders.laser.encoder, sys; print('onnxruntime' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_nothing_is_written_to_the_terminal(pulled):
    code = f"from align.encoders.laser.encoder import LaserEncoder; LaserEncoder({str(pulled)!r}).encode(['Xin chào.'])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout + found.stderr == ""


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6), st.sampled_from(PRECISIONS))
def test_any_text_gives_a_finite_unit_vector_of_its_own(encoders, texts, precision):
    vectors = encoders[precision].encode(texts)
    assert vectors.shape == (len(texts), DIM)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        assert (encoders[precision].encode([text])[0] == vector).all()
