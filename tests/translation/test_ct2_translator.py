from __future__ import annotations

import io
import itertools
import math
import os
import random
import resource
import subprocess
import sys
import threading
import unicodedata
import warnings
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st
from marian_files import EN, VI, converted, many_languages, marian_files

from align.errors import InputError, ModelError, OptionError, TruncatedTextWarning
from align.translation import Translator, load_translator
from align.translation.folders import inspect
from align.translation.tokenisers import Tokeniser, windows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("models") / "vi-en", marian_files("vi-en"))


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many_languages(tmp_path_factory.mktemp("models") / "many")


@pytest.fixture(scope="module")
def translator(folder: Path) -> Translator:
    return load_translator(folder, threads=2)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Vietnamese word salads of many lengths."""
    words, choose = " ".join(VI).split(), random.Random(3)
    return [" ".join(choose.choices(words, k=choose.randint(1, 14))) for _ in range(90)]


def spm(folder: Path, name: str) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / name))


def test_it_is_a_translator(translator: Translator) -> None:
    assert isinstance(translator, Translator)
    assert (translator.name, translator.directions) == ("vi-en", ("vi-en",))


def test_a_translation_is_what_ctranslate2_makes_of_the_pieces(folder: Path, translator: Translator) -> None:
    source, target = spm(folder, "source.spm"), spm(folder, "target.spm")
    network = ctranslate2.Translator(str(folder), compute_type="int8_float32", intra_threads=1)
    for text, found in zip(VI, translator.translate(VI, "vi-en"), strict=True):
        pieces = source.encode(text, out_type=str)
        limit = 3 * len(pieces) + 32
        [result] = network.translate_batch([pieces], beam_size=4, max_decoding_length=limit, disable_unk=True)
        assert found == " ".join(target.decode(result.hypotheses[0]).replace("▁", " ").split())


def test_company_threads_order_and_batches_change_nothing(
    folder: Path, translator: Translator, texts: list[str]
) -> None:
    together = translator.translate(texts, "vi-en")
    assert len(set(together)) > 60  # of random weights, but no constant
    assert [translator.translate([text], "vi-en")[0] for text in texts] == together
    assert translator.translate(texts[::-1], "vi-en")[::-1] == together
    assert load_translator(folder, threads=1, batch_tokens=1).translate(texts, "vi-en") == together


def test_company_changes_no_bit_of_a_score(folder: Path, translator: Translator, texts: list[str]) -> None:
    targets = [EN[i % len(EN)] for i in range(len(texts))]
    together = translator.cross_entropy(texts, targets, "vi-en")
    alone = [translator.cross_entropy([s], [t], "vi-en")[0] for s, t in zip(texts, targets, strict=True)]
    assert together.tolist() == alone
    small = load_translator(folder, threads=1, batch_tokens=1)
    assert small.cross_entropy(texts, targets, "vi-en").tolist() == alone


def test_a_score_is_what_forced_decoding_says_of_the_pieces(folder: Path, translator: Translator) -> None:
    source, target = spm(folder, "source.spm"), spm(folder, "target.spm")
    network = ctranslate2.Translator(str(folder), compute_type="int8_float32", intra_threads=1)
    for vi, en, found in zip(VI, EN, translator.cross_entropy(VI, EN, "vi-en"), strict=True):
        pieces = target.encode(en, out_type=str)
        scored = network.score_batch([source.encode(vi, out_type=str)], [pieces])[0].log_probs
        assert len(scored) == len(pieces) + 1
        assert found == pytest.approx(-np.mean(scored), abs=1e-6)


def test_cross_entropy_is_in_nats_with_the_end_counted(tmp_path: Path) -> None:
    files = marian_files("vi-en")
    arrays = dict(np.load(io.BytesIO(files["model.npz"])))
    # Without embeddings only the bias of the output layer is left: a unigram model, whose scores are known.
    arrays["Wemb"][:] = 0
    size = arrays["Wemb"].shape[0]
    arrays["decoder_ff_logit_out_b"][:] = np.linspace(-2, 2, size)
    out = io.BytesIO()
    np.savez(out, **arrays)
    folder = converted(tmp_path / "model", files | {"model.npz": out.getvalue()})
    lines = files["vocab.yml"].decode().splitlines()
    number = {line.rsplit(":", 1)[0].strip('"'): i for i, line in enumerate(lines)}
    log_probabilities = np.linspace(-2, 2, size) - math.log(np.exp(np.linspace(-2, 2, size)).sum())
    translator = load_translator(folder, compute_type="float32")
    for source, target in zip(VI, EN, strict=True):
        tokens = [*spm(folder, "target.spm").encode(target, out_type=str), "</s>"]
        expected = -np.mean([log_probabilities[number[token]] for token in tokens])
        assert translator.cross_entropy([source], [target], "vi-en")[0] == pytest.approx(expected, abs=1e-5)


def test_texts_without_a_word(translator: Translator) -> None:
    nothing = ["", " ", "\t\n", "\0", "\u200b", "\ud800", "\x07"]
    found = translator.translate([*nothing, VI[0], ""], "vi-en")
    assert found == [*[""] * len(nothing), translator.translate([VI[0]], "vi-en")[0], ""]
    assert translator.translate([], "vi-en") == []
    assert translator.translate([""], "vi-en") == [""]
    scores = translator.cross_entropy(["", VI[0], VI[0], " "], [EN[0], "", EN[0], ""], "vi-en")
    assert np.isnan(scores).tolist() == [True, True, False, True]
    assert translator.cross_entropy([], [], "vi-en").shape == (0,)


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40))
def test_no_text_is_too_strange(translator: Translator, text: str) -> None:
    [found] = translator.translate([text], "vi-en")
    assert found == " ".join(found.split())
    [score] = translator.cross_entropy([text], [text], "vi-en")
    assert math.isnan(score) or (math.isfinite(score) and score > 0)


def test_pieces_of_the_source_are_text_too(folder: Path) -> None:
    source, target = spm(folder, "source.spm"), spm(folder, "target.spm")
    pieces = [source.id_to_piece(i) for i in range(3, source.get_piece_size())]
    stranger = next(p for p in pieces if len(p) > 1 and p.startswith("▁") and target.piece_to_id(p) == target.unk_id())
    text = Tokeniser(folder, inspect(folder)).text
    assert text([stranger, "▁", "o", stranger, "</s>"]) == f"{stranger[1:]} o {stranger[1:]}"
    assert text([]) == text(["▁"]) == ""


def test_unicode_forms_and_typographic_marks_do_not_matter(translator: Translator) -> None:
    apart = [unicodedata.normalize("NFD", text) for text in VI]
    assert translator.translate(apart, "vi-en") == translator.translate(VI, "vi-en")
    plain, fine = 'Cô ấy là "bác sĩ".', "Cô ấy là “bác sĩ”."
    assert translator.translate([plain], "vi-en") == translator.translate([fine], "vi-en")


def test_a_text_longer_than_the_model_takes_is_translated_in_parts(folder: Path) -> None:
    translator = load_translator(folder, max_tokens=40)
    whole = " ".join(VI)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [found] = translator.translate([whole], "vi-en")
    pieces = spm(folder, "source.spm").encode(whole, out_type=str)
    cut = windows(pieces, 38)
    assert len(cut) > 3
    assert list(itertools.chain(*cut)) == pieces
    network = ctranslate2.Translator(str(folder), compute_type="int8_float32", intra_threads=1)
    parts = []
    for part in cut:
        # A row is bounded by the model's room, and by three times its own length.
        limit = min(3 * len(part) + 32, 80)
        [result] = network.translate_batch([part], beam_size=4, max_decoding_length=limit, disable_unk=True)
        parts.append(spm(folder, "target.spm").decode(result.hypotheses[0]).replace("▁", " "))
    assert found.split() == " ".join(parts).split()


def test_a_line_that_is_no_sentence_is_cut_with_a_warning(folder: Path) -> None:
    translator = load_translator(folder, beam=1)
    with pytest.warns(TruncatedTextWarning) as caught:
        translator.cross_entropy(["a " * 18_000], ["a"], "vi-en")
    assert [(each.message.unit, each.message.limit) for each in caught] == [("characters", 32_768), ("tokens", 510)]
    assert str(caught[0].message).startswith("a text of 36000 characters is longer than the translator takes: what")


def test_a_pair_too_long_to_score_is_cut_with_a_warning(translator: Translator, folder: Path) -> None:
    short = load_translator(folder, max_tokens=10)
    with pytest.warns(TruncatedTextWarning, match=r"a text of \d+ tokens is longer .* the first 8 was left out"):
        [found] = short.cross_entropy([VI[1]], [EN[1]], "vi-en")
    source, target = (spm(folder, name) for name in ("source.spm", "target.spm"))
    cut = source.encode(VI[1], out_type=str)[:8], target.encode(EN[1], out_type=str)[:8]
    network = ctranslate2.Translator(str(folder), compute_type="int8_float32", intra_threads=1)
    assert found == pytest.approx(-np.mean(network.score_batch(*([row] for row in cut))[0].log_probs), abs=1e-6)


@given(
    words=st.lists(st.sampled_from(["▁a", "b", ".", "▁c", "!"]), max_size=60),
    room=st.integers(2, 20),
)
def test_windows_keep_every_piece_and_fit(words: list[str], room: int) -> None:
    parts = windows(words, room)
    assert list(itertools.chain(*parts)) == words
    assert all(0 < len(part) <= room for part in parts)
    assert len(parts) <= -(-2 * len(words) // room) + 1


def test_a_model_of_many_languages_gets_the_tokens_of_both(multilingual: Path) -> None:
    translator = load_translator(multilingual)
    assert translator.directions == ("vi-en", "en-vi")
    model = spm(multilingual, "sentencepiece.bpe.model")
    network = ctranslate2.Translator(str(multilingual), compute_type="int8_float32", intra_threads=1)
    pieces = model.encode(VI[0], out_type=str)
    row = ["vie_Latn", *pieces, "</s>"]
    limit = 3 * len(pieces) + 32
    [result] = network.translate_batch(
        [row], target_prefix=[["eng_Latn"]], beam_size=4, max_decoding_length=limit, disable_unk=True
    )
    assert result.hypotheses[0][0] == "eng_Latn"
    tokens = [token for token in result.hypotheses[0] if token not in ("eng_Latn", "vie_Latn")]
    assert translator.translate([VI[0]], "vi-en") == [" ".join(model.decode(tokens).split())]
    target = model.encode(EN[0], out_type=str)
    scored = network.score_batch([row], [["eng_Latn", *target]])[0].log_probs
    assert len(scored) == len(target) + 2
    assert translator.cross_entropy([VI[0]], [EN[0]], "vi-en")[0] == pytest.approx(-np.mean(scored[1:]), abs=1e-6)
    assert translator.translate([VI[0]], "vi-en") != translator.translate([VI[0]], "en-vi")


def test_m2m_100_is_told_by_its_tokens(tmp_path: Path) -> None:
    translator = load_translator(many_languages(tmp_path / "m2m", ("__vi__", "__en__")))
    assert translator.directions == ("vi-en", "en-vi")
    assert not any("__" in text for text in translator.translate(VI, "vi-en"))


def test_a_model_of_several_targets_gets_the_token_of_the_wanted_one(tmp_path: Path) -> None:
    files = marian_files("en-vi", tokens=(">>vie<<", ">>vie_Hani<<"))
    folder = converted(tmp_path / "model", files)
    translator = load_translator(folder)
    assert translator.directions == ("en-vi",)
    pieces = spm(folder, "source.spm").encode(EN[0], out_type=str)
    network = ctranslate2.Translator(str(folder), compute_type="int8_float32", intra_threads=1)
    target = spm(folder, "target.spm").encode(VI[0], out_type=str)
    expected = -np.mean(network.score_batch([[">>vie<<", *pieces]], [target])[0].log_probs)
    assert translator.cross_entropy([EN[0]], [VI[0]], "en-vi")[0] == pytest.approx(expected, abs=1e-6)
    with pytest.raises(OptionError, match=r"direction is 'vi-en'; allowed: en-vi"):
        load_translator(folder, direction="vi-en")


def test_a_model_of_other_targets_is_refused(tmp_path: Path) -> None:
    folder = converted(tmp_path / "model", marian_files("en-vi", tokens=(">>fra<<", ">>ron<<")))
    with pytest.raises(ModelError, match=r"direction en-vi: this model translates into >>fra<<, >>ron<< only"):
        load_translator(folder)


def test_the_fingerprint_follows_what_changes_translations(
    folder: Path, translator: Translator, tmp_path: Path
) -> None:
    same = load_translator(folder, threads=1, batch_tokens=7)
    assert same.fingerprint == translator.fingerprint
    others = [
        load_translator(folder, beam=1),
        load_translator(folder, compute_type="float32"),
        load_translator(folder, max_tokens=100),
        load_translator(converted(tmp_path / "other", marian_files("vi-en", seed=7))),
    ]
    assert len({translator.fingerprint, *(other.fingerprint for other in others)}) == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam": 0}, "beam is 0; allowed: an integer from 1"),
        ({"batch_tokens": 0}, "batch_tokens is 0; allowed: an integer from 1"),
        ({"threads": -1}, "threads is -1; allowed: an integer from 1"),
        ({"device": "tpu"}, "device is 'tpu'; allowed: auto, cpu, cuda"),
        ({"compute_type": "int4"}, "compute_type is 'int4'; allowed: "),
        ({"max_tokens": 4}, "max_tokens is 4; allowed: an integer from 8"),
        ({"direction": "vi-fr"}, "direction is 'vi-fr'; allowed: vi-en, en-vi"),
        ({"direction": "en-vi"}, "direction is 'en-vi'; allowed: vi-en"),
    ],
)
def test_an_option_that_is_not_allowed(folder: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        load_translator(folder, **options)
    assert str(caught.value).startswith(message)


def test_what_is_asked_for_wrongly(translator: Translator) -> None:
    with pytest.raises(OptionError, match="direction is 'en-vi'; allowed: vi-en"):
        translator.translate(["a"], "en-vi")
    with pytest.raises(InputError, match="texts is a single str, not a sequence of str"):
        translator.translate("Trời mưa.", "vi-en")
    with pytest.raises(InputError, match="2 sources and 1 targets; give a target for every source"):
        translator.cross_entropy(["a", "b"], ["a"], "vi-en")
    with pytest.raises(InputError, match=r"texts\[1\] is None, a NoneType; allowed: str"):
        translator.translate(["a", None], "vi-en")


def test_progress_counts_up_and_ends_once(folder: Path, texts: list[str]) -> None:
    seen: list[tuple[str, int, int]] = []
    lock = threading.Lock()

    def progress(stage: str, done: int, total: int) -> None:
        with lock:
            seen.append((stage, done, total))

    translator = load_translator(folder, progress=progress)
    translator.translate([*texts, ""], "vi-en")
    unique = len(set(texts)) + 1
    assert seen[0] == ("translate", 0, unique)
    assert seen[-1] == ("translate", unique, unique)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert sum(done == unique for _, done, _ in seen) == 1
    seen.clear()
    translator.cross_entropy([], [], "vi-en")
    assert seen[-1] == ("score", 1, 1)


def test_positions_that_the_model_lacks_are_one_line(folder: Path) -> None:
    translator = load_translator(folder, max_tokens=4000, beam=1)
    with (
        pytest.warns(TruncatedTextWarning),
        pytest.raises(ModelError, match=r"vi-en: CTranslate2 cannot run .* positions >= 2048.*give it as max_tokens"),
    ):
        translator.cross_entropy(["a " * 3000], ["a " * 10], "vi-en")


MEMORY = """\
import resource, sys
from align.errors import ModelError
from align.translation import load_translator
translator = load_translator(sys.argv[1], threads=1, batch_tokens=2_000_000)
translator.translate(["mưa"], "vi-en")
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000,) * 2)
try:
    translator.cross_entropy(["mưa mưa " * 100] * 400, ["rain rain " * 100] * 400, "vi-en")
except ModelError as error:
    print(error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the address space by the way of Linux")
def test_too_little_memory_is_one_line(folder: Path) -> None:
    assert resource.RLIMIT_AS
    done = subprocess.run([sys.executable, "-c", MEMORY, folder], capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout == (
        "vi-en: out of memory; use a smaller batch_tokens (--batch-tokens, now 2000000) or fewer threads (1)\n"
    ), done.stderr
