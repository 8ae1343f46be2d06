from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import OptionError
from align.evaluation import compare_retrieval, evaluate_retrieval, retrieval

Matrix = npt.NDArray[np.float64]
SCORES = ("cosine_error_vi_en", "cosine_error_en_vi", "cosine_error")
MARGINS = ("margin_error_vi_en", "margin_error_en_vi", "margin_error")


def angles(*degrees: float) -> Matrix:
    turns = np.deg2rad(degrees)
    return np.column_stack([np.cos(turns), np.sin(turns)])


def test_a_case_worked_by_hand() -> None:
    # vi 0 at 0, its translation at 20 degrees; vi 1 at 30, its translation at 90 degrees.
    result = evaluate_retrieval(angles(0, 30), angles(20, 90), k=1, resamples=0)
    # vi 1 is nearer to en 0 (10 degrees) than to en 1 (60); en 0 is nearer to vi 1 (10) than to vi 0 (20).
    assert [result[name] for name in SCORES] == [0.5, 0.5, 0.5]
    assert result["sentences"] == 2
    assert result["signature"].startswith("align|retrieval|n:2|unit:sentence|k:1|margin:ratio|duplicates:rows|")


def test_the_margin_mends_a_hub() -> None:
    # en 0 is a hub: close to every Vietnamese vector. The ratio with its high mean cosine puts it behind.
    vi = np.array([[1.0, 0, 0, 0.2], [0, 1, 0, 0.9], [0, 0, 1, 0.9]])
    en = np.array([[0.4, 0.4, 0.4, 1], [0, 1, 0, 0.0], [0, 0, 1, 0.0]])
    result = evaluate_retrieval(vi, en, k=3, resamples=0)
    assert result["cosine_error_vi_en"] == pytest.approx(2 / 3)
    assert result["margin_error_vi_en"] == 0.0


def test_the_same_text_is_a_hit_only_when_texts_are_given() -> None:
    vectors = np.eye(3)[[0, 1, 1]]
    # Of two equal vectors the lower row is retrieved: row 2 finds row 1.
    assert evaluate_retrieval(vectors, vectors, k=1, resamples=0)["cosine_error"] == pytest.approx(1 / 3)
    vi = ["Mưa lớn.", "Xin cảm ơn.", "Xin  cảm ơn. "]
    en = ["Heavy rain.", "Thank you.", "Thank you."]
    result = evaluate_retrieval(vectors, vectors, vi_texts=vi, en_texts=en, k=1, resamples=0)
    assert result["cosine_error"] == 0.0
    assert "|duplicates:texts|" in result["signature"]


def naive(vi: Matrix, en: Matrix, k: int) -> tuple[float, float]:
    """Error rates vi-en by cosine and ratio margin, pair by pair."""

    def cosine(one: Matrix, other: Matrix) -> float:
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    n = len(vi)
    table = [[cosine(one, other) for other in en] for one in vi]
    vi_mean = [sum(sorted(row, reverse=True)[:k]) / k for row in table]
    en_mean = [sum(sorted((row[j] for row in table), reverse=True)[:k]) / k for j in range(n)]
    cosine_errors = margin_errors = 0
    for i, row in enumerate(table):
        candidates = sorted(range(n), key=lambda j: -row[j])[:k]
        cosine_errors += candidates[0] != i
        best = max(candidates, key=lambda j: row[j] / ((vi_mean[i] + en_mean[j]) / 2))
        margin_errors += best != i
    return cosine_errors / n, margin_errors / n


@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 6), st.sampled_from([16, 1 << 23]))
def test_agrees_with_a_computation_pair_by_pair(seed: int, n: int, k: int, cells: int) -> None:
    generator = np.random.default_rng(seed)
    vi = generator.random((n, 5))
    en = vi + 0.3 * generator.random((n, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "_BLOCK_CELLS", cells)
        result = evaluate_retrieval(vi, en, k=k, resamples=0)
    forth, back = naive(vi, en, min(k, n)), naive(en, vi, min(k, n))
    assert [result[name] for name in (*SCORES[:2], *MARGINS[:2])] == pytest.approx(
        [forth[0], back[0], forth[1], back[1]]
    )
    swapped = evaluate_retrieval(en, vi, k=k, resamples=0)
    assert (swapped["cosine_error"], swapped["margin_error"]) == (result["cosine_error"], result["margin_error"])


def test_perfect_vectors_and_their_interval() -> None:
    result = evaluate_retrieval(np.eye(6) * 3, np.eye(6))
    assert [result[name] for name in (*SCORES, *MARGINS)] == [0.0] * 6
    assert result["intervals"]["margin_error"] == [0.0, 0.0]


def test_zero_vectors_and_no_vectors() -> None:
    assert evaluate_retrieval(np.zeros((2, 3)), np.zeros((2, 3)), resamples=0)["cosine_error"] == 0.5
    assert evaluate_retrieval(np.zeros((0, 3)), np.zeros((0, 3)))["sentences"] == 0


def test_wrong_arguments() -> None:
    square = np.eye(3)
    with pytest.raises(OptionError, match="shape of vi_vectors"):
        evaluate_retrieval(square, np.eye(4))
    with pytest.raises(OptionError, match="matrix"):
        evaluate_retrieval(square[0], square)
    with pytest.raises(OptionError, match="row 1"):
        evaluate_retrieval(np.array([[1.0, 0], [np.nan, 1]]), np.eye(2))
    with pytest.raises(OptionError, match="k is 0"):
        evaluate_retrieval(square, square, k=0)
    with pytest.raises(OptionError, match="3 texts for both sides"):
        evaluate_retrieval(square, square, vi_texts=["một", "hai", "ba"])


def test_compare_two_encoders_of_the_same_sentences() -> None:
    good, poor = np.eye(30), np.eye(30)[[*range(20), *reversed(range(20, 30))]]
    result = compare_retrieval((good, poor), (np.eye(30, 40), np.eye(30, 40)))
    change = result["differences"]["cosine_error"]
    assert change["difference"] == pytest.approx(-1 / 3)
    assert change["interval"][1] < 0
    assert result["first"] == evaluate_retrieval(good, poor)
    assert result["signature"].startswith("align|retrieval-paired|n:30|unit:sentence|k:4|")
    with pytest.raises(OptionError, match="20 rows"):
        compare_retrieval((good, poor), (good[:20], good[:20]))
