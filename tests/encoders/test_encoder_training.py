"""The programs that tune the bundled encoder: sentences made from templates, batches, and a short training."""

from __future__ import annotations

import gzip
import importlib.util
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "models"
FOLDER = MODELS / "e5-small-vien"


@pytest.fixture
def made(monkeypatch):
    """The program that fills templates, which is no package."""
    monkeypatch.syspath_prepend(str(MODELS / "data"))
    import made

    yield made
    sys.modules.pop("made", None)


@pytest.fixture
def pairs(monkeypatch):
    """The program that draws batches, which is no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import pairs

    yield pairs
    sys.modules.pop("pairs", None)


def test_made_pairs_are_whole_and_different(made) -> None:
    rows = list(made.make_pairs(3000, seed=1))
    assert len({en for _, en, _, _ in rows}) == 3000
    assert not [row for row in rows if "{" in row[0] + row[1] or "  " in row[0] + row[1]]
    assert [position for *_, position in rows] == list(range(3000))
    assert rows == list(made.make_pairs(3000, seed=1))


def test_the_fillings_of_a_template_agree_in_both_languages(made) -> None:
    for vi, en, document, _ in made.make_pairs(2000, seed=2):
        for year in ("1900", "1950", "1975", "2000", "2020"):
            assert (year in vi) == (year in en), (vi, en, document)


def test_questions_about_one_thing_share_their_filling(made) -> None:
    documents = Counter(document for *_, document, _ in made.make_pairs(1000, seed=3) if document.startswith("person"))
    assert documents
    assert min(documents.values()) >= 1
    assert max(documents.values()) > 3


def test_batches_draw_on_every_register_and_keep_neighbours_together(pairs) -> None:
    members = [pairs.Pair([0, n, 2], [0, n, 2], "news", ("a", n)) for n in range(40)]
    members += [pairs.Pair([0, 100 + n, 2], [0, 100 + n, 2], "talk", None) for n in range(40)]
    batches = list(islice(iter(pairs.Batches(members, 16, {"news": 1.0, "*": 4.0}, run=4, seed=0)), 8))
    drawn = [pair for batch in batches for pair in batch]
    assert {pair.register for pair in drawn} == {"news", "talk"}
    news = [pair.place[1] for pair in batches[0] if pair.register == "news"]
    assert all(number % 4 == 0 or number - 1 in news for number in news)
    again = list(islice(iter(pairs.Batches(members, 16, {"news": 1.0, "*": 4.0}, run=4, seed=0)), 8))
    assert batches == again


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Trời mưa to suốt đêm qua.\tIt rained hard all last night.\tx\ttalk", "kept"),
        ("Mưa\tIt rained.\tx\ttalk", "short"),
        ("%s %d {x} đã mở\t%s %d {x} were opened\tx\ttalk", "placeholders"),
        ("Mưa.\tIt rained hard all last night, and the wind blew until the morning came.\tx\ttalk", "lengths differ"),
    ],
)
def test_pairs_that_teach_nothing_are_left_out(pairs, tmp_path: Path, line: str, reason: str) -> None:
    import sentencepiece

    path = tmp_path / "pairs.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(line + "\n")
    tokeniser = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / "spm.model"))
    assert pairs.read_pairs([path], tokeniser, 3)[1] == {reason: 1}


torch_only = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason='pip install "align-vi-en[train]"')


@pytest.mark.slow
@torch_only
def test_gradients_carried_chunk_by_chunk_are_those_of_the_whole_batch(made, pairs, monkeypatch, tmp_path) -> None:
    import sentencepiece
    import torch
    import train

    monkeypatch.setattr(train, "CHUNK_TOKENS", 64)  # several chunks
    tokeniser = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / "spm.model"))
    path = tmp_path / "pairs.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{vi}\t{en}\tmade\tmade\n" for vi, en, *_ in made.make_pairs(24, seed=3))
    batch, _ = pairs.read_pairs([path], tokeniser, 3)
    options = train._options(["--pairs", str(path), "--out", str(tmp_path / "out.npz"), "--float32", "--threads", "1"])
    trainer = train.Trainer(train._start(options), options)

    trainer._backward(batch)
    found = [tensor.grad.clone() for tensor in trainer.network.trained()]
    trainer.optimiser.zero_grad()
    vi, en = (trainer._encode([getattr(pair, side) for pair in batch]) for side in ("vi", "en"))
    trainer._loss(vi, en, batch)[0].backward()
    for ours, whole in zip(found, trainer.network.trained(), strict=True):
        torch.testing.assert_close(ours, whole.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@torch_only
def test_a_short_training_resumes_and_becomes_a_model(made, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for vi, en, document, position in made.make_pairs(600, seed=1):
            file.write(f"{vi}\t{en}\tmade\tmade\t{document}\t{position}\n")

    def run(program: str, *arguments: str) -> str:
        command = [sys.executable, str(FOLDER / program), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    tuned, rounded, model = tmp_path / "tuned.npz", tmp_path / "rounded.npz", tmp_path / "model"
    options = ["--pairs", str(path), "--out", str(tuned), "--steps", "10", "--batch", "32", "--save-every", "4"]
    printed = run("train.py", *options, "--stop-after", "6") + run("train.py", *options)
    assert "step 5 " in printed
    assert "step 10 " in printed
    assert printed.count("step 5 ") == 1
    run("finish.py", str(tuned), "--pairs", str(path), "--out", str(rounded))
    run("build.py", "--weights", str(rounded), "--out", str(model))

    from align.encoders.e5 import E5Encoder

    rows = list(made.make_pairs(40, seed=9))
    vi, en = (E5Encoder(model).encode([row[side] for row in rows]) for side in (0, 1))
    assert ((vi @ en.T).argmax(axis=1) == range(40)).mean() > 0.8
