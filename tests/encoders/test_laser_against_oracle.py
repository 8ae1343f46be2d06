"""The original LASER and ours on the same checkpoints: tokens and vectors.

Where the original is not installed, only the tests of what is said then run; `make oracle` installs it.
"""

from __future__ import annotations

import logging
import pickle
import shutil
import sys
from pathlib import Path

import laser_golden
import numpy as np
import pytest
from laser_checkpoints import SMALL, TRUE_SIZE, make_pulled, sentences, write_checkpoint
from laser_hard_strings import hard_strings

from align.encoders.laser import against
from align.encoders.laser.against import Comparison, Oracle, compare, fixed_sentences, load_module
from align.encoders.laser.checkpoint import read_checkpoint
from align.encoders.laser.tokeniser import LaserTokeniser
from align.errors import MissingExtraError, ModelError, OptionError


@pytest.fixture(scope="module")
def oracle() -> str:
    """The name to ask for; what cannot be had skips the test, with the command that helps."""
    try:
        load_module("laser-encoders")
    except MissingExtraError as error:
        pytest.skip(str(error))
    import torch

    torch.set_num_threads(1)  # threads that wait for each other are slower than one where the cores are taken
    return "laser-encoders"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A model's folder with a small network, a true tokeniser and the checkpoint."""
    return make_pulled(tmp_path_factory.mktemp("small"), [], **SMALL)


def test_the_golden_file_is_what_the_original_makes(oracle, small):
    normalise = laser_golden.normaliser_of(load_module(oracle, "laser_tokenizer")[1], small / "laser2.spm")
    assert [(text, normalise(text)) for text, _ in laser_golden.read()] == laser_golden.read()


def test_ids_and_pieces_are_identical_on_hard_strings(oracle, small):
    texts = [*hard_strings(10_000), *sentences(1000), *fixed_sentences()]
    ours = LaserTokeniser((small / "laser2.spm").read_bytes(), (small / "laser2.cvocab").read_bytes())
    original = Oracle(oracle, small / "laser2.pt", small / "laser2.spm")
    assert max(map(len, texts)) > 10_000
    assert [text for text, a, b in zip(texts, ours.pieces(texts), original.pieces(texts), strict=True) if a != b] == []
    assert [text for text, a, b in zip(texts, ours.encode(texts), original.ids(texts), strict=True) if a != b] == []


@pytest.mark.parametrize(("container", "precisions"), [("zip", ["fp32", "int8"]), ("legacy", ["fp32"])])
def test_vectors_of_the_true_architecture_agree(oracle, tmp_path, container, precisions):
    pytest.importorskip("onnxruntime")
    folder = make_pulled(tmp_path, precisions, container=container, **TRUE_SIZE)
    texts = fixed_sentences()[:: 1 if container == "zip" else 5]
    exact = compare(folder, oracle, precision="fp32", texts=texts)
    assert exact.agrees, exact
    assert (exact.sentences, exact.differing) == (len(texts), ())
    assert exact.max_difference < 1e-5
    if "int8" in precisions:
        rounded = compare(folder, oracle, precision="int8", texts=texts[::3])
        assert rounded.agrees, rounded
        assert 0.995 < rounded.min_cosine < 0.999999  # and int8 really ran
    shutil.rmtree(folder)


@pytest.mark.parametrize("change", [{}, {"bidirectional": False}, {"layers": 1}, {"layers": 3, "hidden": 40}])
def test_vectors_of_other_sizes_and_texts_agree(oracle, tmp_path, change):
    pytest.importorskip("onnxruntime")
    folder = make_pulled(tmp_path, ["fp32"], pieces=400, **(SMALL | change))
    texts = [*sentences(60), " ".join(sentences(40)), "", "a", "中文 👍", *hard_strings(60)]
    found = compare(folder, oracle, precision="fp32", texts=texts)
    assert found.agrees, found


def test_another_checkpoint_and_another_vocabulary_are_told(oracle, tmp_path):
    pytest.importorskip("onnxruntime")
    folder = make_pulled(tmp_path, ["fp32"], pieces=400, **SMALL)
    lines = (folder / "laser2.cvocab").read_text("utf-8").splitlines(keepends=True)
    pieces = [line.split(" ")[0] for line in lines]
    other = tmp_path / "other.pt"
    write_checkpoint(other, vocabulary=len(pieces) + 4, pieces=pieces, seed=3, **SMALL)
    found = compare(folder, oracle, checkpoint=other, precision="fp32")
    assert not found.agrees
    assert found.differing == ()
    assert found.min_cosine < 0.9
    write_checkpoint(other, vocabulary=len(pieces) + 4, pieces=[*pieces[1:], pieces[0]], **SMALL)
    assert len(compare(folder, oracle, checkpoint=other, precision="fp32").differing) > 100


def test_importing_the_original_leaves_logging_alone(oracle):
    """laser-encoders calls logging.basicConfig when it is imported."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    for name in [name for name in sys.modules if name.split(".")[0] in against.ORACLES.values()]:
        del sys.modules[name]
    load_module(oracle)
    assert (root.handlers, root.level) == before


def test_a_hostile_checkpoint_is_refused_before_the_original_opens_it(oracle, small, tmp_path):
    target = tmp_path / "touched"

    class Hostile:
        def __reduce__(self):
            return Path.touch, (target,)

    hostile = tmp_path / "hostile.pt"
    hostile.write_bytes(b"".join(pickle.dumps(each, 2) for each in (0x1950A86A20F9469CFC6C, 1001, {}, Hostile(), [])))
    with pytest.raises(ModelError, match="hostile"):
        compare(small, oracle, checkpoint=hostile)
    assert not target.exists()


def test_without_the_original_the_command_that_installs_it_is_named(small, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'pip install "align-vi-en\[laser-oracle\]"'):
        compare(small)


def test_an_original_that_cannot_be_imported_is_told_with_the_reason(tmp_path, monkeypatch):
    for package in against.ORACLES.values():
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "models.py").write_text("import a_module_that_nobody_has\n")
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    for oracle in against.ORACLES:
        with pytest.raises(MissingExtraError, match=r"a_module_that_nobody_has.*laser-oracle"):
            load_module(oracle)


def test_names_outside_the_allowed_are_refused(small):
    with pytest.raises(OptionError, match="laser-encoders, nano-laser"):
        compare(small, "fairseq")
    with pytest.raises(OptionError, match="at least one text"):
        compare(small, texts=[])


def test_without_the_checkpoint_it_is_said_how_to_get_it(small, tmp_path, monkeypatch):
    monkeypatch.setattr(against, "_check_installed", lambda oracle: None)
    with pytest.raises(ModelError, match="align models pull made --keep-checkpoint"):
        compare(small, checkpoint=tmp_path / "none.pt")
    with pytest.raises(ModelError, match="kind 'e5-ctranslate2' names no checkpoint"):
        compare("e5-small-vien")


@pytest.mark.parametrize(
    ("precision", "differing", "difference", "cosine", "agrees"),
    [
        ("fp32", (), 9e-6, 1.0, True),
        ("fp32", (), 2e-5, 1.0, False),
        ("fp32", (3,), 1e-7, 1.0, False),
        ("fp32", (), float("nan"), float("nan"), False),
        ("int8", (), 2e-2, 0.9995, True),
        ("int8", (), 2e-2, 0.98, False),
        ("int8", (0,), 2e-2, 0.9995, False),
        ("int8", (), float("nan"), float("nan"), False),
    ],
)
def test_what_counts_as_agreement(precision, differing, difference, cosine, agrees):
    found = Comparison("laser-encoders 0.0.2", precision, 118, differing, difference, cosine)
    assert found.agrees is agrees
    assert found.summary()["verdict"] == ("agrees" if agrees else "DIFFERS")
    assert found.summary()["sentences with other tokens"] == str(len(differing))


def test_the_fixed_sentences_are_of_both_languages_and_all_different():
    texts = fixed_sentences()
    assert len(set(texts)) == len(texts) == 118
    assert all(text.strip() == text != "" for text in texts)
    assert sum(any(c in "ạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ" for c in text) for text in texts) > 40


def test_equal_arguments_make_equal_checkpoints(tmp_path):
    """And the two containers hold the same arrays."""
    paths = []
    for container in ("zip", "legacy", "zip"):
        paths.append(tmp_path / f"{len(paths)}.pt")
        write_checkpoint(paths[-1], container=container, vocabulary=30, **SMALL)
    assert paths[0].read_bytes() == paths[2].read_bytes() != paths[1].read_bytes()
    first, second = (read_checkpoint(path) for path in paths[:2])
    assert first.params == second.params
    assert first.dictionary == second.dictionary
    assert first.tensors.keys() == second.tensors.keys()
    assert all(np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors)
