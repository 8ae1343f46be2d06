from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from bilingual_pairs import PAIRS
from hypothesis import given, settings
from hypothesis import strategies as st

import align
from align.encoders import Encoder, load_encoder
from align.encoders.e5 import E5Encoder
from align.encoders.manifest import find_manifest
from align.errors import InputError, OptionError

VI = [vi for vi, _ in PAIRS]
EN = [en for _, en in PAIRS]


@pytest.fixture(scope="module")
def encoder() -> E5Encoder:
    return E5Encoder(find_manifest("e5-small-vien"), threads=1)


def test_the_default_encoder_keeps_the_protocol():
    loaded = align.load_encoder()
    assert isinstance(loaded, Encoder)
    assert (loaded.name, loaded.dim, loaded.pooling) == ("e5-small-vien", 384, "mean")
    assert len(loaded.fingerprint) == 16


def test_rows_are_float32_unit_vectors(encoder):
    vectors = encoder.encode(VI)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(VI), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_nothing_in_nothing_out(encoder):
    assert encoder.encode([]).shape == (0, 384)


def test_every_sentence_but_one_finds_its_translation_in_both_directions(encoder):
    # "closes at five" is as near to the sentence on when the library opens: one word is too little for this encoder.
    closes = EN.index("The library closes at five o'clock on Friday afternoon.")
    cosines = encoder.encode(VI) @ encoder.encode(EN).T
    near = [np.sort(rows, axis=1)[:, -4:].mean(axis=1) for rows in (cosines, cosines.T)]
    for scores in (cosines, cosines / (near[0][:, None] + near[1][None, :])):
        assert scores.argmax(axis=1).tolist() == list(range(len(PAIRS)))
        assert [i for i, best in enumerate(scores.argmax(axis=0)) if best != i] in ([], [closes])


def test_a_vector_does_not_depend_on_its_company(encoder):
    together = encoder.encode([*VI, *EN])
    alone = np.concatenate([encoder.encode([text]) for text in [*VI, *EN]])
    backwards = encoder.encode([*EN[::-1], *VI[::-1]])[::-1]
    assert (together == alone).all()
    assert (together == backwards).all()


@pytest.mark.parametrize("options", [{"threads": 3}, {"batch_tokens": 1}, {"batch_tokens": 4096, "threads": 2}])
def test_options_of_speed_do_not_change_vectors(encoder, options):
    other = load_encoder("e5-small-vien", **options)
    texts = [*VI, *EN, " ".join(VI * 8)]
    assert (other.encode(texts) == encoder.encode(texts)).all()


def test_repeated_texts_are_encoded_once_and_returned_in_place(encoder):
    calls = []
    counting = load_encoder(progress=lambda stage, done, total: calls.append((stage, done, total)))
    vectors = counting.encode([VI[0], EN[0], VI[0], VI[0]])
    assert (vectors == encoder.encode([VI[0], EN[0]])[[0, 1, 0, 0]]).all()
    assert calls == [("encode", 0, 2), ("encode", 2, 2)]


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\0", "\u200b", "\ud800", "\x01\x02"])
def test_texts_without_tokens_resemble_no_sentence_but_each_other(encoder, empty):
    vectors = encoder.encode([empty, "", *VI, *EN])
    np.testing.assert_allclose(np.linalg.norm(vectors[0]), 1, atol=1e-6)
    assert (vectors[0] == vectors[1]).all()
    assert np.abs(vectors[2:] @ vectors[0]).max() < 0.2
    for lang in ("vi", "en"):
        assert abs(float(encoder.centre(lang) @ vectors[0])) < 1e-5


def test_decomposed_and_badly_spaced_text_is_the_same_text(encoder):
    decomposed = [unicodedata.normalize("NFD", text) for text in VI]
    partly = [text.replace("ế", "ê\u0301").replace("ộ", "ô\u0323") for text in VI]
    spaced = [f"  {text.replace(' ', '   ')}\t" for text in VI]
    assert (encoder.encode([*decomposed, *partly, *spaced]) == np.tile(encoder.encode(VI), (3, 1))).all()


def test_zero_bytes_and_lone_surrogates_do_no_harm(encoder):
    clean = encoder.encode(["Trời mưa to ."])
    assert (encoder.encode(["Trời\0mưa to\udc80."]) == clean).all()


def test_long_text_is_the_token_weighted_mean_of_its_windows(encoder):
    words = [f"{vi} {en}" for vi, en in PAIRS]
    long = " ".join(words * 3)
    vectors = encoder.encode([long, " ".join(words), "Trọng tài rút thẻ đỏ."])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-6)
    # Three times the same text means the same; a text cut off after 512 tokens, or one window only, would be further.
    assert vectors[0] @ vectors[1] > 0.98
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.05


def test_the_end_of_a_long_text_counts(encoder):
    start = " ".join(VI * 4)
    vectors = encoder.encode([f"{start} {' '.join(EN * 4)}", f"{start} {' '.join(reversed(VI * 4))}", " ".join(EN * 4)])
    assert vectors[0] @ vectors[2] > vectors[1] @ vectors[2] + 0.02


def test_one_endless_word_is_encoded(encoder):
    assert np.isfinite(encoder.encode(["ngoằnngoèo" * 1000])).all()


@pytest.mark.parametrize(("texts", "complaint"), [(["a", None], r"texts\[1\] is None, a NoneType"), ([b"a"], "bytes")])
def test_members_that_are_no_text_are_named_by_index(encoder, texts, complaint):
    with pytest.raises(InputError, match=complaint):
        encoder.encode(texts)


def test_a_single_string_is_refused(encoder):
    with pytest.raises(InputError, match="put it into a list"):
        encoder.encode("Xin chào")


@pytest.mark.parametrize("option", [{"threads": 0}, {"threads": True}, {"batch_tokens": 1.5}, {"batch_size": 8}])
def test_unknown_and_impossible_options_are_refused(option):
    with pytest.raises(OptionError, match=f"{next(iter(option))}.* allowed: "):
        load_encoder("e5-small-vien", **option)


def test_centres_are_the_means_of_their_languages(encoder):
    vi, en = encoder.centre("vi"), encoder.centre("en")
    assert vi.shape == en.shape == (384,)
    assert vi.dtype == en.dtype == np.float32
    # What all sentences have in common must be found again in text that the centres never saw.
    for centre, own in ((vi, encoder.encode(VI).mean(axis=0)), (en, encoder.encode(EN).mean(axis=0))):
        assert 0.5 < np.linalg.norm(centre) < 1
        assert centre @ own / (np.linalg.norm(centre) * np.linalg.norm(own)) > 0.9
    vi[:] = 0
    assert np.linalg.norm(encoder.centre("vi")) > 0.5


def test_centres_of_other_languages_are_refused(encoder):
    with pytest.raises(OptionError, match="lang is 'fr'; allowed: vi, en"):
        encoder.centre("fr")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_gives_finite_unit_rows_in_order(texts):
    shared = load_encoder_once()
    vectors = shared.encode(texts)
    assert vectors.shape == (len(texts), 384)
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, vectors, strict=True):
        assert (shared.encode([text])[0] == row).all()


_LOADED: list[Encoder] = []


def load_encoder_once() -> Encoder:
    if not _LOADED:
        _LOADED.append(load_encoder(threads=1))
    return _LOADED[0]
