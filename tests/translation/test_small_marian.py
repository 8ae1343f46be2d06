"""The small translator is a real one: right gradients, Marian's form, and it translates what it has not seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import sentencepiece
import small_marian as program
from ctranslate2.converters.marian import load_vocab
from sacrebleu import sentence_chrf
from small_gradients import Tape, Variable
from small_language import Grammar, hand_written
from small_transformer import Shape, Transformer, new_weights, pad, positions

DIRECTIONS = ("vi-en", "en-vi")
TINY = Shape(vocabulary=11, dim=8, inner=12, heads=2, encoder_layers=2, decoder_layers=2)


def rows_of(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]


def translate(folder: Path, sources: Sequence[str]) -> list[str]:
    model = ctranslate2.Translator(str(folder), intra_threads=1)
    before, after = (sentencepiece.SentencePieceProcessor(str(folder / name)) for name in ("source.spm", "target.spm"))
    results = model.translate_batch([before.encode(text, out_type=str) for text in sources], beam_size=2)
    return [after.decode(result.hypotheses[0]) for result in results]


def numeric_gradient(function: Callable[[], float], array: np.ndarray, place: tuple[int, ...]) -> float:
    step, kept = 1e-6, array[place]
    values = []
    for sign in (1, -1):
        array[place] = kept + sign * step
        values.append(function())
    array[place] = kept
    return (values[0] - values[1]) / (2 * step)


def test_every_gradient_is_what_finite_differences_say() -> None:
    chance = random.Random(3)
    weights = {name: value.astype(np.float64) for name, value in new_weights(TINY, 5).items()}
    model = Transformer(weights, TINY)
    rows = [([4, 5, 6, 0], [7, 8, 0]), ([9, 0], [4, 4, 6, 3, 0])]

    def loss() -> float:
        return float(program.loss_of(model, Tape(), rows, 10, 0.1))

    loss()
    gradients = {name: np.array(variable.gradient) for name, variable in model.variables.items()}
    for name, variable in model.variables.items():
        for _ in range(4):
            place = tuple(chance.randrange(size) for size in variable.value.shape)
            expected = numeric_gradient(loss, variable.value, place)
            assert gradients[name][place] == pytest.approx(expected, rel=1e-4, abs=1e-7), (name, place)
            for other in model.variables.values():
                other.gradient = None


def test_dropout_has_the_right_gradient_too() -> None:
    x, kept = Variable(np.array([[1.0, -2.0, 3.0]])), np.array([[2.0, 0.0, 2.0]])
    tape = Tape()
    tape.backward(tape.linear(tape.drop(x, kept), Variable(np.ones((3, 1))), Variable(np.zeros((1, 1)))))
    assert np.array_equal(np.asarray(x.gradient), kept)


def test_padding_changes_nothing() -> None:
    model = Transformer({name: value.astype(np.float64) for name, value in new_weights(TINY, 5).items()}, TINY)
    rows = [([4, 5, 6, 7, 8, 0], [7, 0]), ([9, 0], [4, 4, 6, 3, 0])]
    source, real = pad([row[0] for row in rows], 10)
    target, _ = pad([row[1] for row in rows], 10)
    together = model.logits(Tape(), source, real, target).value
    for number, row in enumerate(rows):
        alone_source, alone_real = pad([row[0]], 10)
        alone = model.logits(Tape(), alone_source, alone_real, np.array([row[1]])).value[0]
        np.testing.assert_allclose(together[number, : len(row[1])], alone, atol=1e-12)


def test_positions_are_those_of_the_converter() -> None:
    from ctranslate2.converters.marian import _make_sinusoidal_position_encodings

    np.testing.assert_allclose(positions(40, 16), _make_sinusoidal_position_encodings(16)[:40], atol=1e-6)


def test_the_grammar_gives_different_sentences_and_changes_one_thing() -> None:
    triples = list(Grammar().pairs(500, seed=2))
    assert triples == list(Grammar().pairs(500, seed=2))
    assert len({vi for vi, _, _ in triples}) == len({en for _, en, _ in triples}) == 500
    for vi, en, changed in triples:
        assert vi[0] == vi[0].upper()
        assert "{" not in vi + en + changed
        assert changed != en
    assert 10 <= np.mean([len(en.split()) for _, en, _ in triples]) <= 16


def test_held_out_sentences_are_not_among_the_training_ones(small_marian: Path) -> None:
    recipe = program.Recipe()
    triples = list(Grammar().pairs(recipe.pairs + program.HELD_OUT, recipe.seed))
    seen = {text for vi, en, _ in triples[program.HELD_OUT :] for text in (vi, en)}
    held_out = rows_of(small_marian / "vi-en" / "held_out.tsv")
    assert [tuple(row) for row in held_out] == triples[: program.HELD_OUT]
    assert not any(text in seen for vi, en, _ in held_out for text in (vi, en))
    assert not any(text in seen for pair in hand_written() for text in pair)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_it_translates_sentences_that_it_has_not_seen(small_marian: Path, direction: str) -> None:
    held_out = [(row[0], row[1]) for row in rows_of(small_marian / direction / "held_out.tsv")]
    # Measured: held out chrF 98, 87-90 % word for word; hand-written 82 and 25-33 % (new constructions are hard).
    for pairs, least, least_exact in ((held_out, 93, 0.75), (hand_written(), 70, 0.1)):
        sides = list(zip(*pairs, strict=True))
        sources, references = sides if direction == "vi-en" else sides[::-1]
        translations = translate(small_marian / direction / "ctranslate2", sources)
        both = list(zip(translations, references, strict=True))
        assert np.mean([sentence_chrf(ours, [right]).score for ours, right in both]) >= least
        assert np.mean([ours == right for ours, right in both]) >= least_exact


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_forced_decoding_gives_what_numpy_gives(small_marian: Path, direction: str) -> None:
    folder = small_marian / direction
    stored = np.load(folder / "marian" / "model.npz")
    weights = {name: stored[name] for name in stored.files if name != "special:model.yml"}
    models = [(folder / "marian" / name).read_bytes() for name in ("source.spm", "target.spm")]
    vocabulary = program.Vocabulary(*models)
    assert load_vocab(folder / "marian" / "vocab.yml") == vocabulary.pieces
    model = Transformer(weights, Shape(*weights["Wemb"].shape, weights["encoder_l1_ffn_W1"].shape[1]))
    order = (0, 1) if direction == "vi-en" else (1, 0)
    rows = rows_of(folder / "held_out.tsv")
    # True pairs and pairs of two sentences that have nothing to do with each other.
    pairs = [(row[order[0]], other[order[1]]) for row, other in zip(rows[:20], rows[:10] + rows[20:30], strict=True)]
    before, after = (sentencepiece.SentencePieceProcessor(model_proto=model) for model in models)
    scored = ctranslate2.Translator(str(folder / "ctranslate2"), intra_threads=1).score_batch(
        [before.encode(source, out_type=str) for source, _ in pairs],
        [after.encode(target, out_type=str) for _, target in pairs],
    )
    for pair, result in zip(pairs, scored, strict=True):
        ours = program.token_scores(model, vocabulary.row(*pair))
        np.testing.assert_allclose(result.log_probs, ours, atol=1e-3)


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    recipe = program.Recipe(pairs=200, steps=3, pieces=150, dropout=0.1)
    for name in ("first", "second"):
        program.build(tmp_path / name, "vi-en", recipe)
    for file in ("marian/vocab.yml", "marian/source.spm", "ctranslate2/model.bin", "held_out.tsv"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
