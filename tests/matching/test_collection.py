from __future__ import annotations

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY
from made_vectors import part, two_sides

from align.encoders import Encoder
from align.matching.api import text_side
from align.matching.beads import Bead
from align.matching.calibration import load_calibration
from align.matching.collection import Match, match_articles
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


def test_a_parallel_article_takes_its_sentences_first() -> None:
    vi, en = two_sides(14, 43, noise=0.5)
    shuffled = part(en, np.random.default_rng(3).permutation(14)[:8])
    matches = match([vi], [shuffled, en])
    assert [m.mode for m in matches] == ["comparable", "parallel"]
    assert [(bead.vi, bead.en) for bead in matches[1].beads] == [((i,), (i,)) for i in range(14)]
    assert matches[0].beads == []
    assert_each_sentence_serves_once(matches)


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


def test_progress_counts_the_article_pairs(reports: tuple[list[Side], list[Side]]) -> None:
    vi, en = reports
    seen: list[tuple[str, int, int]] = []
    match(vi, en, progress=lambda *step: seen.append(step))
    assert seen == [("match", 1, 2), ("match", 2, 2)]


def test_no_article_pairs_give_no_matches() -> None:
    assert match_articles([], [], [], CALIBRATION, min_probability=0.4) == []
