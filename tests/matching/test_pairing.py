from __future__ import annotations

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from made_vectors import DIM, lengths_of, part, two_sides

from align.encoders import Encoder
from align.errors import InputError
from align.matching import clues, pairing
from align.matching.api import text_side
from align.matching.calibration import load_calibration
from align.matching.pairing import (
    document_similarity,
    document_vectors,
    look_at,
    may_match,
    nearest_articles,
    pair_sides,
)
from align.matching.sides import Side
from align.matching.spans import unit_rows
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


def many(count: int) -> tuple[list[Side], list[Side]]:
    """Articles of six sentences; article i of one language translates article i of the other."""
    pairs = [two_sides(6, 10 * seed) for seed in range(count)]
    return [vi for vi, _ in pairs], [en for _, en in pairs]


def test_only_some_of_many_articles_are_looked_at() -> None:
    vi, en = many(80)
    seen: list[int] = []
    found = pair_sides(vi, en, CALIBRATION, progress=lambda _step, _done, total: seen.append(total))
    assert {(p.vi, p.en) for p in found} >= {(i, i) for i in range(80)}
    assert max(seen) <= 80 * 2 * pairing.CANDIDATES < 80 * 80


def test_the_order_of_the_articles_does_not_matter() -> None:
    vi, en = many(30)
    order = np.random.default_rng(1).permutation(30)
    known = {(p.vi, p.en): p.matches for p in pair_sides(vi, en, CALIBRATION)}
    moved = {(p.vi, int(order[p.en])): p.matches for p in pair_sides(vi, [en[n] for n in order], CALIBRATION)}
    assert known.keys() == moved.keys()
    assert moved == pytest.approx(known)


def test_articles_that_share_rare_names_are_looked_at(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    """Where document vectors lead elsewhere, the names still find the partner."""
    vi = [text_side(texts, "vi", encoder) for texts in (FERRY[0], BEES[0])]
    en = [text_side(texts, "en", encoder) for texts in (BEES[1], FERRY[1])]
    monkeypatch.setattr(pairing, "nearest_articles", lambda _vi, _en: {(0, 0)})
    assert [(p.vi, p.en) for p in pair_sides(vi, en, CALIBRATION)] == [(0, 1), (1, 0)]
    monkeypatch.setattr(clues, "RARE", 0)
    assert pair_sides(vi, en, CALIBRATION) == []


def test_articles_of_the_same_days_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en = many(3)
    monkeypatch.setattr(pairing, "nearest_articles", lambda _vi, _en: set())
    assert pair_sides(vi, en, CALIBRATION) == []
    dates = ["2024-03-05", None, "2024-03-01"], ["2024-03-08", "2024-03-05", "2024-03-05"]
    seen: list[int] = []
    found = pair_sides(vi, en, CALIBRATION, dates=dates, progress=lambda _step, _done, total: seen.append(total))
    assert [(p.vi, p.en, p.days) for p in found] == [(0, 0, 3)]
    assert max(seen) == 3  # the first with all three; the third is four days from the nearest


def test_candidates_by_date_are_the_nearest_of_either_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "nearest_articles", lambda _vi, _en: set())
    monkeypatch.setattr(pairing, "CANDIDATES_BY_DATE", 1)
    vi, en = many(20)
    days = ["2024-03-05"] * 20
    seen: list[int] = []
    found = pair_sides(vi, en, CALIBRATION, dates=(days, days), progress=lambda _step, _done, total: seen.append(total))
    assert {(p.vi, p.en) for p in found} >= {(i, i) for i in range(20)}
    assert max(seen) <= 40


@pytest.mark.parametrize(("date", "together"), [("2024-03-06", True), (None, True), ("2024-07-01", False)])
def test_likeness_alone_is_not_enough_long_after(date: str | None, together: bool) -> None:
    """Two articles on one subject whose sentences are not each other's."""
    draw = np.random.default_rng(3)
    subject = 3 * draw.normal(size=DIM)
    vi, en = (
        Side(unit_rows(subject + draw.normal(size=(8, DIM)) * 2), lengths_of(8, 1), np.zeros(DIM, dtype=np.float32))
        for _ in range(2)
    )
    (seen,) = pair_sides([vi], [en], CALIBRATION, keep_all=True)
    assert seen.similarity > CALIBRATION.pairing.same_event_similarity
    assert seen.matches < pairing.MIN_MATCHES
    assert bool(pair_sides([vi], [en], CALIBRATION, dates=(["2024-03-05"], [date]))) == together


def test_a_glance_passes_by_only_what_a_look_would_not_keep(encoder: Encoder) -> None:
    vi = [text_side(texts[0], "vi", encoder) for texts in (FERRY, BEES, ROBOTS)]
    en = [text_side(texts[1], "en", encoder) for texts in (FERRY, BEES, ROBOTS)]
    glances = [[may_match(a, b, CALIBRATION) for b in en] for a in vi]
    assert glances == np.eye(3, dtype=bool).tolist()
    assert all(
        look_at(i, j, vi[i], en[j], CALIBRATION, 0.0).matches < pairing.MIN_MATCHES
        for i in range(3)
        for j in range(3)
        if not glances[i][j]
    )
    assert not may_match(part(vi[0], np.arange(0)), en[0], CALIBRATION)


def test_the_reason_says_how_and_why(encoder: Encoder) -> None:
    vi = text_side(["Bà Kabulova mở bến phà ở Kunduz.", "Vé giá 45.500 đồng."], "vi", encoder)
    en = text_side(["Ms Kabulova opened a ferry in Kunduz.", "A ticket costs 45,500 dong."], "en", encoder)
    dates = ["2024-03-05"], ["March 6, 2024"]
    (pair,) = pair_sides([vi], [en], CALIBRATION, expected=[(0, 0)], dates=dates)
    assert pair.shared == ("Kabulova", "Kunduz", "45,500")
    assert pair.reason == (
        f"{pair.route.reason}; similarity {pair.similarity:.2f}, same name, 1 day apart, "
        "both have Kabulova, Kunduz, 45,500"
    )
