from __future__ import annotations

import dataclasses

import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from made_vectors import two_sides

from align.encoders import Encoder
from align.matching.api import text_side
from align.matching.articles import Match, match_articles
from align.matching.beads import Bead
from align.matching.calibration import load_calibration
from align.matching.pairing import ArticlePair, pair_sides
from align.matching.sides import Side

CALIBRATION = load_calibration()


def match(vi: list[Side], en: list[Side], **options) -> list[Match]:
    everything = [(i, j) for i in range(len(vi)) for j in range(len(en))]
    pairs: list[ArticlePair] = pair_sides(vi, en, CALIBRATION, candidates=everything, keep_all=True)
    return match_articles(pairs, vi, en, CALIBRATION, **{"min_probability": 0.4, **options})


def assert_each_sentence_serves_once(matches: list[Match]) -> None:
    used_vi = [(m.pair.vi, i) for m in matches for bead in m.beads for i in bead.vi]
    used_en = [(m.pair.en, j) for m in matches for bead in m.beads for j in bead.en]
    assert len(used_vi) == len(set(used_vi))
    assert len(used_en) == len(set(used_en))


VI = FERRY[0] + BEES[0]
TRUE_REPORT = [FERRY[1][place] for place in (7, 2, 5, 0, 3, 6, 1, 4)]
LOOSE_REPORT = [
    BEES[1][5],
    BEES[1][2],
    "The new bridge with its four lanes is 820 metres long, and the ferry will not be missed by all.",
    BEES[1][0],
    "Lorries of more than 30 tonnes must still take another way, to the anger of their drivers.",
    BEES[1][4],
    "Last year the district held a festival for the first time.",
]


@pytest.fixture
def reports(encoder: Encoder) -> tuple[list[Side], list[Side]]:
    """One article, and two that tell parts of it in another order; both tell of the bridge and the lorries."""
    return [text_side(VI, "vi", encoder)], [text_side(texts, "en", encoder) for texts in (TRUE_REPORT, LOOSE_REPORT)]


def test_a_sentence_serves_once_and_in_its_best_report(reports: tuple[list[Side], list[Side]]) -> None:
    matches = match(*reports)
    assert [m.mode for m in matches] == ["comparable", "comparable"]
    assert_each_sentence_serves_once(matches)
    offers = [(p, m.pair.en, i, j) for m in matches for i, j, p in m.pair.pairs if p >= 0.4]
    wanted_twice = {i for _, report, i, _ in offers if report == 0} & {i for _, report, i, _ in offers if report == 1}
    assert wanted_twice == {2, 7}  # the bridge and the lorries
    best = {i: (report, j) for _, report, i, j in sorted(offers)}
    assert {i: (m.pair.en, j) for m in matches for b in m.beads for i in b.vi for j in b.en} == best
    assert len(best) >= 12


def test_a_parallel_article_takes_its_sentences_first(encoder: Encoder) -> None:
    vi, en = text_side(VI, "vi", encoder), text_side(FERRY[1] + BEES[1], "en", encoder)
    shuffled = text_side(TRUE_REPORT, "en", encoder)
    assert len(match([vi], [shuffled])[0].beads) >= 7  # what it would get alone
    matches = match([vi], [shuffled, en])
    assert [m.mode for m in matches] == ["comparable", "parallel"]
    assert [(bead.vi, bead.en) for bead in matches[1].beads] == [((i,), (i,)) for i in range(14)]
    assert matches[0].beads == []


def test_a_sentence_that_a_bead_grew_over_is_no_longer_free(encoder: Encoder) -> None:
    """Two reports merge the middle sentence with its neighbours, one with that before and one with that after."""
    texts = [
        "Trận lũ đêm qua đã cuốn trôi cây cầu gỗ.",
        "Không ai trong làng bị thương.",
        "Trường học đóng cửa hai ngày.",
    ]
    vi = text_side([*texts, *BEES[0]], "vi", encoder)
    merged = (
        "Last night's flood swept away the wooden bridge, but nobody in the village was hurt.",
        "Nobody in the village was hurt, but the school is closed for two days.",
    )
    en = [text_side([text, *ROBOTS[1][:3]], "en", encoder) for text in merged]
    found = pair_sides([vi], en, CALIBRATION, candidates=[(0, 0), (0, 1)], keep_all=True)
    pairs = [dataclasses.replace(pair, pairs=((2 * place, 0, 0.9),)) for place, pair in enumerate(found)]

    def beads(chosen: list[ArticlePair]) -> list[tuple[int, ...]]:
        matches = match_articles(chosen, [vi], en, CALIBRATION, mode="comparable", min_probability=0.4)
        return [bead.vi for found in matches for bead in found.beads]

    assert beads(pairs[:1]) == [(0, 1)]
    assert beads(pairs[1:]) == [(1, 2)]
    assert beads(pairs) == [(0, 1), (2,)]


@pytest.mark.parametrize("mode", ["parallel", "comparable"])
def test_a_mode_can_be_forced(mode: str, encoder: Encoder) -> None:
    (found,) = match([text_side(FERRY[0], "vi", encoder)], [text_side(FERRY[1], "en", encoder)], mode=mode)
    assert found.mode == mode
    assert [(bead.vi, bead.en) for bead in found.beads] == [((i,), (i,)) for i in range(8)]


@pytest.mark.parametrize("mode", ["parallel", "comparable"])
def test_beads_below_the_least_probability_are_left_out(mode: str) -> None:
    vi, en = two_sides(12, 45, noise=1.2)

    def beads(least: float) -> list[Bead]:
        return [bead for found in match([vi], [en], mode=mode, min_probability=least) for bead in found.beads]

    everything = beads(0.0)
    middle = sorted(bead.score for bead in everything)[len(everything) // 2]
    kept = beads(middle)
    assert kept
    assert all(bead.score >= middle and bead.vi and bead.en for bead in kept)
    assert len(kept) < len(everything)


def test_what_is_left_out_is_kept_apart_with_the_reason(reports: tuple[list[Side], list[Side]]) -> None:
    matches = match(*reports)
    for found in matches:
        kept = {(i, j) for bead in found.beads for i in bead.vi for j in bead.en}
        lost = {(bead.vi[0], bead.en[0]): (bead.score, reason) for bead, reason in found.rejected}
        assert {(i, j): p for i, j, p in found.pair.pairs if (i, j) not in kept} == {
            place: score for place, (score, _) in lost.items()
        }
        assert all((reason == "probability") == (score < 0.4) for score, reason in lost.values())
    assert [(b.vi, b.en) for b, reason in matches[1].rejected if reason == "competition"] == [
        ((2,), (2,)),
        ((7,), (4,)),
    ]


def test_beads_in_order_that_are_too_improbable_are_rejected_as_such() -> None:
    vi, en = two_sides(12, 45, noise=1.2)
    (everything,) = match([vi], [en], mode="parallel", min_probability=0.0)
    (found,) = match([vi], [en], mode="parallel", min_probability=0.9)
    assert everything.rejected == []
    assert [(bead, "probability") for bead in everything.beads if bead.score < 0.9] == found.rejected
    assert found.rejected


def test_progress_counts_the_article_pairs(reports: tuple[list[Side], list[Side]]) -> None:
    vi, en = reports
    seen: list[tuple[str, int, int]] = []
    match(vi, en, progress=lambda *step: seen.append(step))
    assert seen == [("match", 1, 2), ("match", 2, 2)]


def test_no_article_pairs_give_no_matches() -> None:
    assert match_articles([], [], [], CALIBRATION, min_probability=0.4) == []
