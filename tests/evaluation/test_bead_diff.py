from __future__ import annotations

import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import InputError, OptionError
from align.evaluation import diff_beads, diff_mining, evaluate_beads
from align.evaluation.bead_errors import Key
from align.evaluation.diff_report import MOST_CHARACTERS, MOST_LINES, render_diff, shortened

sides = st.sets(st.integers(0, 9), max_size=3).map(lambda indices: tuple(sorted(indices)))
bead_lists = st.lists(st.tuples(sides, sides), max_size=8)


def one_to_one(*pairs: tuple[int, int]) -> list[Key]:
    return [((vi,), (en,)) for vi, en in pairs]


def test_a_slip_is_one_place_however_long() -> None:
    gold = one_to_one(*((index, index) for index in range(20)))
    slipped = one_to_one(*((index, index) for index in range(5)), *((index, index + 1) for index in range(5, 12)))
    result = diff_beads(gold, slipped, gold)
    # The slip reaches from sentence 5 to the English sentence 12; what follows is missed bead by bead.
    assert [(place["vi"][0], place["vi"][-1]) for place in result["places"]] == [
        (5, 12),
        *((i, i) for i in range(13, 20)),
    ]
    assert result["gold_beads"] == {"both_right": 5, "only_first": 0, "only_second": 15, "both_wrong": 0}
    assert result["other_beads"] == {"both": 0, "only_first": 7, "only_second": 0}
    assert result["place_counts"] == {"first_right": 0, "second_right": 8, "neither_right": 0, "wrong_alike": 0}


def test_places_where_both_err_alike_are_counted_only() -> None:
    gold = one_to_one((0, 0), (1, 1), (2, 2))
    first, second = one_to_one((0, 0), (1, 2)), one_to_one((1, 2))
    result = diff_beads(gold, first, second)
    assert result["place_counts"] == {"first_right": 1, "second_right": 0, "neither_right": 0, "wrong_alike": 1}
    assert result["other_beads"] == {"both": 1, "only_first": 0, "only_second": 0}
    assert [place["vi"] for place in result["places"]] == [[0]]


def test_neither_is_right_when_one_adds_to_gold() -> None:
    gold = one_to_one((0, 0))
    result = diff_beads(gold, one_to_one((0, 0), (0, 1)), [])
    place = result["places"][0]
    assert place["right"] == "neither"
    assert place["gold"] == [{"vi": [0], "en": [0], "first": "right", "second": "missed"}]
    assert [bead["verdict"] for bead in place["first"]] == ["right", "spurious"]


def test_what_only_a_system_has_is_a_place_without_gold() -> None:
    result = diff_beads([((0,), ())], [], one_to_one((0, 3)))
    assert result["places"][0]["gold"] == []
    assert result["places"][0]["right"] == "first"
    assert "  gold    none" in render_diff(result)


def test_documents_in_the_order_of_gold() -> None:
    gold = {name: one_to_one((0, 0)) for name in ("b", "a")}
    result = diff_beads(
        gold, {"x": one_to_one((1, 1))}, gold, vi_texts={"a": ["Lũ lớn."]}, en_texts={"a": ["A flood."]}
    )
    assert [place["document"] for place in result["places"]] == ["b", "a"]
    assert "vi_texts" not in result["places"][0]
    assert result["places"][1]["vi_texts"] == ["Lũ lớn."]
    assert result["signature"].startswith("align|beads-diff|n:2|unit:document|texts:given|")


def test_wrong_arguments() -> None:
    gold = one_to_one((0, 0), (1, 1))
    with pytest.raises(InputError, match="names vi sentence 1; there are 1"):
        diff_beads(gold, gold, [], vi_texts=["Lũ."], en_texts=["A flood.", "Rain."])
    with pytest.raises(OptionError, match="en_texts"):
        diff_beads(gold, gold, [], vi_texts=["Lũ."])
    with pytest.raises(OptionError, match="mapping"):
        diff_beads(gold, gold, {"a": gold})
    with pytest.raises(OptionError, match="mapping"):
        diff_mining({(0, 0)}, {(0, 0)}, {"a": [(0, 0)]})


def test_mined_pairs_are_beads_of_one_sentence_a_side() -> None:
    gold, first, second = {(0, 0), (1, 1)}, [(0, 1), (1, 0)], {(0, 0)}
    mined = diff_mining(gold, first, second)
    beads = diff_beads(one_to_one(*gold), one_to_one(*first), one_to_one(*second))
    assert mined["places"] == beads["places"]
    assert mined["signature"].startswith("align|mining-diff|")


@given(bead_lists, bead_lists, bead_lists)
def test_the_summary_is_that_of_the_scores(gold: list[Key], first: list[Key], second: list[Key]) -> None:
    result = diff_beads(gold, first, second)
    scores = [evaluate_beads(gold, system, resamples=0) for system in (first, second)]
    found = result["gold_beads"]
    assert sum(found.values()) == scores[0]["gold"]
    for score, only in zip(scores, ("only_first", "only_second"), strict=True):
        assert found["both_right"] + found[only] == score["strict_found"]
        wrong = result["other_beads"]["both"] + result["other_beads"][only]
        assert wrong == score["predicted"] - score["strict_right"]
    assert json.loads(json.dumps(result)) == result


@given(bead_lists, bead_lists, bead_lists)
def test_places_hold_each_bead_once_and_share_no_sentence(gold: list[Key], first: list[Key], second: list[Key]) -> None:
    places = diff_beads(gold, first, second)["places"]
    for lang in ("vi", "en"):
        used = Counter(index for place in places for index in place[lang])
        assert all(count == 1 for count in used.values())
    shown = Counter((tuple(bead["vi"]), tuple(bead["en"])) for place in places for bead in place["first"])
    own, other = (Counter(bead for bead in beads if all(bead)) for beads in (first, second))
    assert not shown - own
    # What only the first system has stands in a place.
    assert not (own - other) - shown


@given(bead_lists, bead_lists, bead_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(
    gold: list[Key], first: list[Key], second: list[Key], random: Random
) -> None:
    shuffled = [random.sample(beads, len(beads)) for beads in (gold, first, second)]
    result = diff_beads(gold, first, second)
    assert diff_beads(*shuffled) == result
    exchanged = diff_beads(gold, second, first)
    assert exchanged["place_counts"]["first_right"] == result["place_counts"]["second_right"]
    assert [place["first"] for place in exchanged["places"]] == [place["second"] for place in result["places"]]
    assert diff_beads(gold, first, first)["places"] == []


def test_long_places_and_texts_are_cut_in_the_text_only() -> None:
    gold = [((index, index + 1), (index,)) for index in range(30)]
    texts = {"vi_texts": ["Mưa. " * 100] * 31, "en_texts": ["Rain. " * 100] * 30}
    result = diff_beads(gold, gold, [], **texts)
    lines = render_diff(result).split("\n\n")[1].splitlines()
    # Heading, gold, first, second (none), texts; each list with its remark.
    assert len(lines) == 1 + 2 * (MOST_LINES + 1) + 1 + 2 * (MOST_LINES + 1)
    assert lines.count("          ... 18 more") == 3
    assert lines.count("          ... 19 more") == 1
    assert max(map(len, lines)) <= 10 + MOST_CHARACTERS
    assert len(result["places"][0]["vi_texts"]) == 31


def test_shortened_keeps_both_ends_and_disarms_a_terminal() -> None:
    text = "Đầu câu " + "rất dài " * 60 + "cuối câu"
    short = shortened(text)
    assert short.startswith("Đầu câu rất dài")
    assert short.endswith("rất dài cuối câu")
    assert len(short) <= MOST_CHARACTERS
    assert shortened("a \x1b[31mb\n c") == "a \ufffd[31mb c"
