from __future__ import annotations

import pytest
from gold_folders import all_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from align.fitting.noise import MERGING, MIXED, REGISTERS, Sides, corrupt
from align.fitting.other_noise import corrupt_otherwise
from align.fitting.reports import condense
from align.matching.calibration import SHAPES

VI, EN = all_lines()
GENERATORS = {name: lambda vi, en, seed, r=register: corrupt(vi, en, seed, r) for name, register in REGISTERS.items()}
GENERATORS["other"] = corrupt_otherwise


def words(lines: list[str]) -> list[str]:
    return " ".join(lines).split()


def check_gold(made: Sides, lines: int) -> None:
    """Beads in order cover each index once, have shapes that the model knows, and no word is new."""
    vi, en, gold = made
    assert [i for bead in gold for i in bead.vi] == list(range(len(vi)))
    assert [j for bead in gold for j in bead.en] == list(range(len(en)))
    for bead in gold:
        assert (len(bead.vi), len(bead.en)) in SHAPES or bead.shape in ("1-0", "0-1")
    assert set(words(vi)) <= set(words(VI[:lines]))
    assert set(words(en)) <= set(words(EN[:lines]))


@pytest.mark.parametrize("name", GENERATORS)
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), lines=st.integers(0, 96))
def test_gold_covers_each_sentence_once(name: str, seed: int, lines: int) -> None:
    check_gold(GENERATORS[name](VI[:lines], EN[:lines], seed), lines)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_same_seed_gives_the_same_document_and_the_lines_stay(name: str) -> None:
    vi, en = list(VI), list(EN)
    first = GENERATORS[name](vi, en, 3)
    assert (vi, en) == (list(VI), list(EN))
    assert first == GENERATORS[name](vi, en, 3)
    assert first != GENERATORS[name](vi, en, 4)


def test_gold_beads_hold_the_same_lines_on_both_sides() -> None:
    """Where nothing is deleted or moved, the words of a bead are those of the same lines of the other side."""
    places = {line: place for place, line in enumerate(VI)}
    vi, en, gold = corrupt(list(VI), list(EN), 11)
    for bead in gold:
        if bead.shape == "1-1" and vi[bead.vi[0]] in places:
            line = EN[places[vi[bead.vi[0]]]]
            assert set(words([en[bead.en[0]]])) & set(words([line]))


def test_registers_differ_as_they_say() -> None:
    def unaligned(name: str) -> float:
        made = [corrupt(list(VI), list(EN), seed, REGISTERS[name]) for seed in range(20)]
        return sum(not (b.vi and b.en) for _, _, gold in made for b in gold) / sum(len(gold) for *_, gold in made)

    assert unaligned("faithful") < unaligned("edited") < unaligned("condensed")


def test_merging_makes_the_largest_beads() -> None:
    shapes = {
        (len(b.vi), len(b.en)) for seed in range(40) for b in corrupt(list(VI), list(EN), seed, MERGING)[2] if b.vi
    }
    assert {(1, 6), (6, 1)} <= shapes


def test_rates_are_halved_and_doubled_up_to_a_limit() -> None:
    assert MIXED.scaled(0.5).merge == (0.0, 0.1)
    assert MIXED.scaled(2).delete == (0.01, 0.6)
    assert MIXED.scaled(9).delete[1] == 0.9
    assert corrupt(list(VI), list(EN), 5, MIXED.scaled(1)) == corrupt(list(VI), list(EN), 5)


def test_the_other_generator_splits_elsewhere() -> None:
    def at_a_comma(name: str) -> float:
        """Return the share of sentences made by splitting whose first half ends where a clause does."""
        starts = [
            line
            for seed in range(30)
            for line in GENERATORS[name](list(VI), list(EN), seed)[0]
            if any(whole.startswith(line) and whole != line for whole in VI)
        ]
        assert starts
        return sum(line.endswith((",", ";", ":")) for line in starts) / len(starts)

    assert at_a_comma("mixed") == 1
    assert at_a_comma("other") < 0.3


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_two_reports_share_the_lines_that_the_gold_says(seed: int) -> None:
    vi, en, gold = condense(list(VI[:40]), list(EN[:40]), seed)
    for bead in gold:
        (i,), (j,) = bead.vi, bead.en
        # a line of the one is a line of the parallel text, whole or some clauses of it
        line = next(k for k in range(40) if vi[i].rstrip(".") in VI[k])
        assert en[j].rstrip(".") in EN[line]
    assert len({bead.vi for bead in gold}) == len({bead.en for bead in gold}) == len(gold)
