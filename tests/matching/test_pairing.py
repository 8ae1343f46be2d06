from __future__ import annotations

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from made_vectors import part, two_sides

from align.encoders import Encoder
from align.errors import InputError
from align.matching import pairing
from align.matching.api import text_side
from align.matching.calibration import load_calibration
from align.matching.pairing import document_similarity, document_vectors, nearest_articles, pair_sides
from align.pipeline import pair_articles

CALIBRATION = load_calibration()


def article(sentences: list[str]) -> str:
    return "\n".join(sentences)


def test_translations_are_paired_and_the_rest_is_left_out(encoder: Encoder) -> None:
    vi = [article(BEES[0]), article(FERRY[0])]
    en = [article(ROBOTS[1]), article(FERRY[1]), article(BEES[1])]
    found = pair_articles(vi, en, encoder=encoder)
    assert found.select("vi_index", "en_index").rows() == [(0, 2), (1, 1)]
    assert (found["score"] > 0.7).all()
    assert (found["score"] <= 1).all()


def test_an_article_may_belong_to_several(encoder: Encoder) -> None:
    vi = [article(FERRY[0]), article(ROBOTS[0])]
    en = [article(FERRY[1][:5]), article(FERRY[1][3:][::-1]), article(BEES[1])]
    found = pair_articles(vi, en, encoder=encoder)
    assert found.select("vi_index", "en_index").rows() == [(0, 0), (0, 1)]


def test_articles_that_share_nothing_give_an_empty_table(encoder: Encoder) -> None:
    found = pair_articles([article(FERRY[0])], [article(BEES[1]), "..."], encoder=encoder)
    assert found.height == 0
    assert pair_articles([], [article(BEES[1])], encoder=encoder).schema == found.schema


@pytest.mark.parametrize(("vi", "en"), [("Một bài báo.", ["One article."]), (["Một bài báo."], "One article.")])
def test_a_text_instead_of_a_list_is_refused(vi, en, encoder: Encoder) -> None:
    with pytest.raises(InputError, match="expected a list of texts"):
        pair_articles(vi, en, encoder=encoder)


def test_what_was_found_is_told(encoder: Encoder) -> None:
    vi, en = text_side(FERRY[0], "vi", encoder), text_side(FERRY[1], "en", encoder)
    (pair,) = pair_sides([vi], [en], CALIBRATION)
    assert (pair.vi, pair.en, pair.route.mode) == (0, 0, "parallel")
    assert pair.matches == pytest.approx(sum(p for _, _, p in pair.pairs))
    assert pair.score == pytest.approx(min(pair.matches / 8, 1))
    assert pair.similarity > 0.5
    assert [(i, j) for i, j, _ in pair.pairs] == [(i, i) for i in range(8)]


def test_names_open_the_door_but_do_not_pair_what_shares_nothing(encoder: Encoder) -> None:
    vi = text_side(FERRY[0], "vi", encoder)
    en = [text_side(texts, "en", encoder) for texts in (BEES[1] + FERRY[1][2:4] + ROBOTS[1], BEES[1])]
    assert [(p.vi, p.en) for p in pair_sides([vi], en, CALIBRATION, expected=[(0, 0), (0, 1)])] == [(0, 0)]
    kept = pair_sides([vi], en, CALIBRATION, candidates=[(0, 1)], keep_all=True)
    assert [(p.vi, p.en) for p in kept] == [(0, 1)]


def test_candidates_are_the_nearest_of_either_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "CANDIDATES", 1)
    vi, en = np.eye(2, dtype=np.float32), np.array([[0.9, 0.8], [0.9, 0.2], [0.1, 0.7]], dtype=np.float32)
    assert nearest_articles(vi, en) == {(0, 0), (1, 0), (0, 1), (1, 2)}


def test_similarity_is_the_cosine_of_centred_means() -> None:
    sides = [two_sides(6, seed) for seed in (1, 2, 3)]
    vi, en = [pair[0] for pair in sides], [pair[1] for pair in sides]
    vectors = document_vectors(vi)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    similarity = document_similarity(vi, en)
    assert similarity.shape == (3, 3)
    assert similarity.argmax(axis=1).tolist() == [0, 1, 2]
    assert document_similarity([], en).shape == (0, 3)


def test_articles_without_sentences_belong_to_nothing() -> None:
    vi, en = two_sides(5, 7)
    nothing = part(vi, np.arange(0))
    assert pair_sides([nothing, vi], [nothing, en], CALIBRATION, expected=[(0, 0), (0, 1)]) == pair_sides(
        [nothing, vi], [nothing, en], CALIBRATION, candidates=[(1, 1)]
    )


def test_progress_counts_the_candidates() -> None:
    vi, en = two_sides(5, 8)
    seen: list[tuple[str, int, int]] = []
    pair_sides([vi], [en, en], CALIBRATION, progress=lambda *step: seen.append(step))
    assert seen == [("pair", 1, 2), ("pair", 2, 2)]
