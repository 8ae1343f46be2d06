from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from align import Encoder, align_sentences
from align.matching.api import text_side
from align.matching.calibration import load_calibration
from align.matching.clauses import SHORTEST, Clauses, clause_encoder, parts_of
from align.matching.comparable import match_pairs
from align.matching.evidence import no_evidence
from align.matching.spans import unit_rows

TEXT = st.text(alphabet="abc ,;:-", max_size=120)


@given(TEXT)
def test_parts_are_stretches_of_the_sentence_and_not_too_short(text: str) -> None:
    for part in parts_of(text):
        assert part in text
        assert part != text.strip()
        assert len(part) >= SHORTEST


def test_a_sentence_is_cut_before_and_after_each_boundary() -> None:
    text = "Sáng nay, theo chi cục thủy lợi, nước sông đã rút nửa mét so với hôm qua."
    assert parts_of(text) == [
        "theo chi cục thủy lợi, nước sông đã rút nửa mét so với hôm qua.",
        "nước sông đã rút nửa mét so với hôm qua.",
        "Sáng nay, theo chi cục thủy lợi",
    ]
    assert parts_of("Giá 1,5 triệu đồng một chiếc.") == []  # a decimal comma is no boundary


def test_the_best_part_is_the_nearest_one() -> None:
    draw = np.random.default_rng(3)
    parts, others = unit_rows(draw.normal(size=(5, 8))), unit_rows(draw.normal(size=(4, 8)))
    owners, centre = np.array([0, 0, 2, 2, 2]), draw.normal(size=8).astype(np.float32) / 10
    best, part = Clauses(parts, owners, no_evidence(5)).best(centre, others, 3)
    cosines = unit_rows(parts - centre) @ others.T
    for owner in (0, 2):
        own = np.flatnonzero(owners == owner)
        np.testing.assert_allclose(best[owner], cosines[own].max(axis=0))
        np.testing.assert_array_equal(part[owner], own[cosines[own].argmax(axis=0)])
    assert (best[1] == -1).all()


def test_parts_are_encoded_once_and_only_when_asked_for() -> None:
    calls: list[list[str]] = []

    def encode(texts: list[str]) -> np.ndarray:
        calls.append(texts)
        return np.zeros((len(texts), 4), dtype=np.float32)

    encoded = clause_encoder(["Ngắn.", "Một câu khá dài ở đây, và thêm một câu khá dài nữa ở kia."], "vi", encode)
    assert calls == []
    assert encoded() is encoded()
    assert len(calls) == 1
    assert encoded().owners.tolist() == [1]


REPORT = [
    "The provincial council, which met on Tuesday for the first time since the election, agreed to build a bridge.",
    "The bridge, to be finished within three years, will replace a ferry that has run for half a century.",
    "Ferry workers, many of them fishermen before, will be offered jobs in the harbour of the next town.",
    "A second session is planned for the autumn, when the budget of the province is on the agenda.",
]
STORY = [
    "Hội đồng tỉnh đồng ý xây một cây cầu.",
    "Công nhân bến phà sẽ được nhận việc ở bến cảng thị trấn bên.",
]


def test_a_condensed_sentence_is_nearer_to_the_part_that_it_keeps(encoder: Encoder) -> None:
    vi, en = text_side(STORY, "vi", encoder), text_side(REPORT, "en", encoder)
    calibration = load_calibration()
    plain = {(i, j): p for i, j, p in match_pairs(vi, en, calibration)}
    parts = {(i, j): p for i, j, p in match_pairs(vi, en, calibration, with_clauses=True)}
    assert parts[0, 0] > plain.get((0, 0), 0.0)
    found = {(bead.vi, bead.en) for bead in align_sentences(STORY, REPORT, encoder=encoder, mode="comparable")}
    assert found == {((0,), (0,)), ((1,), (2,))}
