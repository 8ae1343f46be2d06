from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import lengths_of, meanings

from align.errors import InputError, OptionError
from align.matching.spans import Spans, centre_of, check_lengths, check_vectors, text_lengths, unit_rows


def test_a_spans_vector_is_the_centred_sum_of_its_sentences_weighed_by_length() -> None:
    vectors, lengths = meanings(6, 1), lengths_of(6, 1)
    spans = Spans(vectors, lengths)
    mean = vectors.mean(axis=0)
    for size in (1, 2, 3):
        for start in range(6 - size + 1):
            total = (vectors[start : start + size] * lengths[start : start + size, None]).sum(axis=0)
            centred = total / np.linalg.norm(total) - mean
            np.testing.assert_allclose(spans.vectors(size)[start], centred / np.linalg.norm(centred), atol=1e-5)
            joined = lengths[start : start + size].sum() + size - 1  # a space between sentences
            assert spans.span_lengths(size)[start] == joined
            assert spans.exists(size)[start]
        assert not spans.exists(size)[6 - size + 1 :].any()
    assert len(spans) == 6


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 9), seed=st.integers(0, 10_000), prior=st.booleans())
def test_the_maximum_is_taken_before_centring(count: int, seed: int, prior: bool) -> None:
    vectors, lengths = meanings(count, seed, 16), lengths_of(count, seed)
    known = meanings(1, seed + 1, 16)[0] if prior else None
    spans = Spans(vectors, lengths, prior_centre=known, prior_weight=4.0, pooling="max")
    centre = centre_of(vectors, known, 4.0)
    for size in (1, 2, 3):
        for start in range(count - size + 1):
            most = np.array([max(row[d] for row in vectors[start : start + size]) for d in range(16)])
            centred = most / np.linalg.norm(most) - centre
            found = spans.vectors(size)[start]
            np.testing.assert_allclose(found, centred / np.linalg.norm(centred), atol=1e-4)


def test_the_maximum_does_not_know_lengths_or_order() -> None:
    vectors = meanings(3, 9)
    one = Spans(vectors, lengths_of(3, 1), pooling="max").vectors(3)[0]
    other = Spans(vectors[::-1], lengths_of(3, 2), pooling="max").vectors(3)[0]
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_pooling_that_is_not_known_is_refused() -> None:
    with pytest.raises(OptionError, match="pooling is 'cls'; allowed: mean, max"):
        Spans(meanings(2, 1), lengths_of(2, 1), pooling="cls")


def test_the_prior_counts_as_many_sentences_as_it_is_worth() -> None:
    vectors, prior = meanings(3, 2), meanings(1, 3)[0]
    expected = (vectors.sum(axis=0) + 4 * prior) / 7
    np.testing.assert_allclose(centre_of(vectors, prior, 4.0), expected, atol=1e-6)
    np.testing.assert_allclose(centre_of(vectors, None, 4.0), vectors.sum(axis=0) / 7, atol=1e-6)
    np.testing.assert_allclose(centre_of(vectors, None, 0.0), vectors.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(centre_of(vectors[:0], None, 0.0), np.zeros(vectors.shape[1]))


def test_centring_leaves_something_of_a_single_sentence() -> None:
    vectors = meanings(1, 4)
    assert np.linalg.norm(Spans(vectors, np.ones(1), prior_weight=4.0).vectors(1)[0]) == pytest.approx(1)


def test_no_span_jumps_over_a_missing_place() -> None:
    places = np.array([0, 1, 3, 4, 5, 9])
    spans = Spans(meanings(6, 5), lengths_of(6, 5), positions=places)
    assert spans.exists(1).tolist() == [True] * 6
    assert spans.exists(2).tolist() == [True, False, True, True, False, False]
    assert spans.exists(3).tolist() == [False, False, True, False, False, False]


def test_the_vectors_of_joined_texts_are_centred_like_the_pooled_ones() -> None:
    spans = Spans(meanings(5, 6), lengths_of(5, 6))
    before = [spans.vectors(size) for size in (1, 2, 3)]
    joined = meanings(2, 7)
    spans.replace(2, [0, 3], joined)
    np.testing.assert_allclose(spans.vectors(2)[[0, 3]], unit_rows(joined - spans.centre), atol=1e-6)
    np.testing.assert_array_equal(spans.vectors(2)[[1, 2, 4]], before[1][[1, 2, 4]])
    np.testing.assert_array_equal(spans.vectors(1), before[0])
    spans.replace(3, [], joined[:0])
    np.testing.assert_array_equal(spans.vectors(3), before[2])


def test_rows_are_scaled_and_rows_of_zeros_stay() -> None:
    rows = check_vectors("vi_vectors", [[3, 4], [0, 0]])
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], atol=1e-7)
    assert rows.dtype == np.float32


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused_with_its_row(bad: float) -> None:
    rows = meanings(4, 8)
    rows[2, 1] = bad
    with pytest.raises(InputError, match="en_vectors, row 2"):
        check_vectors("en_vectors", rows)


def test_vectors_that_are_no_matrix_are_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(3,\)"):
        check_vectors("vi_vectors", [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("lengths", "message"), [([1, 2], r"\(2,\); expected \(3,\)"), ([1, 2, -1], "negative"), ([1, 2, np.nan], "finite")]
)
def test_lengths_that_are_none_are_refused(lengths: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_lengths("vi_lengths", lengths, 3)


def test_lengths_are_at_least_one() -> None:
    assert check_lengths("vi_lengths", [0, 5], 2).tolist() == [1.0, 5.0]
    assert text_lengths(["", "Đà Nẵng"]).tolist() == [1.0, 7.0]
