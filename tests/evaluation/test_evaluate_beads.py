from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.errors import InputError, OptionError
from align.evaluation import compare_beads, evaluate_beads
from align.evaluation.bead_errors import Key, bead_errors, bead_verdicts
from align.matching.beads import Bead

METRICS = ("strict_precision", "strict_recall", "strict_f1", "lax_precision", "lax_recall", "lax_f1")
LINK_METRICS = ("link_precision", "link_recall", "link_f1")

sides = st.sets(st.integers(0, 7), max_size=3).map(lambda indices: tuple(sorted(indices)))
bead_lists = st.lists(st.tuples(sides, sides), max_size=8)
full_bead_lists = bead_lists.map(lambda beads: [bead for bead in beads if bead[0] and bead[1]])
documents = st.lists(st.tuples(bead_lists, bead_lists), min_size=1, max_size=4)


def metrics(result: dict[str, object]) -> tuple[float, ...]:
    return tuple(round(float(str(result[name])), 4) for name in METRICS)


def test_a_case_counted_by_hand() -> None:
    gold = [Bead((0,), (0,)), Bead((1,), (1, 2)), Bead((2,), ()), Bead((3,), (3,)), Bead((4,), (4,))]
    predicted = [Bead((0,), (0,)), Bead((1,), (1,)), Bead((2,), (2,)), Bead((3, 4), (3, 4)), Bead((), (5,))]
    result = evaluate_beads(gold, predicted, resamples=0)
    # Right: 0-0. Lax as well: [1]:[1] and [3, 4]:[3, 4]; [2]:[2] shares no link with gold.
    assert (result["strict_right"], result["lax_right"], result["predicted"]) == (1, 3, 4)
    assert (result["strict_found"], result["lax_found"], result["gold"]) == (1, 4, 4)
    assert metrics(result) == (0.25, 0.25, 0.25, 0.75, 1.0, 0.8571)
    assert result["gold_errors"] == {"missed": 0, "split": 1, "merged": 2, "shifted": 0, "crossed": 0}
    # English 2 has a partner in gold, Vietnamese 2 has none: the bead is spurious, not crossed.
    assert result["predicted_errors"] == {"spurious": 1, "merged": 1, "split": 1, "shifted": 0, "crossed": 0}
    assert result["shapes"]["1-1"] == {"gold": 3, "predicted": 3, "right": 1}


@pytest.mark.parametrize(
    ("gold", "predicted", "gold_class", "predicted_class"),
    [
        ([((0,), (0,))], [], "missed", None),
        ([], [((0,), (0,))], None, "spurious"),
        ([((0,), (0,))], [((0,), (0,)), ((0,), (0,))], None, "spurious"),
        ([((0,), (0, 1))], [((0,), (1,))], "split", "split"),
        ([((0,), (0,))], [((0, 1), (0,))], "merged", "merged"),
        ([((0, 1), (0,))], [((1, 2), (0,))], "shifted", "shifted"),
        ([((0,), (0,)), ((1,), (1,))], [((0,), (1,)), ((1,), (0,))], "crossed", "crossed"),
        # The path slipped by one: [0]:[0], [1]:[1] became [0]:[1], [1]:[2]; English 2 has no partner in gold.
        ([((1,), (1,))], [((0,), (1,)), ((1,), (2,))], "crossed", "spurious"),
        # Of two classes that fit the gold bead, split and shifted, the first counts.
        ([((0, 1), (0, 1))], [((0, 1), (0,)), ((1, 2), (1,))], "split", {"split", "shifted"}),
        ([((0,), (0,))], [((0,), (0,)), ((0, 1), (0, 1))], None, "merged"),
        # Only one side is taken by others: the partner of English 0 is gone.
        ([((0,), (0,))], [((1,), (0,))], "missed", "spurious"),
    ],
)
def test_each_error_class(
    gold: Sequence[Key], predicted: Sequence[Key], gold_class: str | None, predicted_class: str | set[str] | None
) -> None:
    gold_errors, predicted_errors = bead_errors(gold, predicted)
    assert set(gold_errors) == ({gold_class} if gold_class else set())
    expected = {predicted_class} if isinstance(predicted_class, str) else predicted_class or set()
    assert set(predicted_errors) == expected


def test_a_verdict_for_each_bead_in_its_order() -> None:
    gold = [((0,), (0,)), ((1, 2), (1,)), ((3,), (2,)), ((4,), (3,)), ((5,), (5,))]
    predicted = [((4,), (2,)), ((0,), (0,)), ((1,), (1,)), ((3,), (3,)), ((0,), (0,)), ((6,), (5,))]
    found, proposed = bead_verdicts(gold, predicted)
    assert found == ["right", "split", "crossed", "crossed", "missed"]
    assert proposed == ["crossed", "right", "split", "crossed", "spurious", "spurious"]


def test_empty_beads_count_in_precision_only_when_asked_for() -> None:
    gold = [((0,), (0,)), ((1,), ()), ((), (1,))]
    predicted = [((0,), (0,)), ((1,), ()), ((2,), ())]
    assert metrics(evaluate_beads(gold, predicted, resamples=0)) == (1.0,) * 6
    counted = evaluate_beads(gold, predicted, empty_beads=True, resamples=0)
    # vecalign: [1]:[] is right, [2]:[] is wrong; recall sees [0]:[0] only.
    assert (counted["strict_right"], counted["predicted"], counted["gold"]) == (2, 3, 1)
    assert metrics(counted) == (0.6667, 1.0, 0.8, 0.6667, 1.0, 0.8)
    assert "|empty:counted|" in counted["signature"]


def test_documents_are_summed_before_dividing() -> None:
    gold = {"a": [((0,), (0,))], "b": [((0,), (0,)), ((1,), (1,)), ((2,), (2,))]}
    predicted = {"a": [((0,), (0,))], "c": [((0,), (0,))]}
    result = evaluate_beads(gold, predicted, resamples=0)
    assert metrics(result)[:3] == (1.0, 0.25, 0.4)
    assert result["missing_documents"] == ["b"]
    assert result["extra_documents"] == ["c"]
    assert result["documents"]["b"]["gold"] == 3


def test_character_weights() -> None:
    gold = [((0,), (0,)), ((1,), (1,))]
    predicted = [((0,), (0,)), ((1,), (2,))]
    result = evaluate_beads(gold, predicted, vi_lengths=[30, 10], en_lengths=[50, 10, 40], resamples=0)
    assert result["character_precision"] == 80 / (80 + 50)
    assert result["character_recall"] == 80 / (80 + 20)
    assert result["character_f1"] == pytest.approx(2 * 80 / (130 + 100))
    assert "|lengths:characters|" in result["signature"]
    assert "character_f1" not in evaluate_beads(gold, predicted, resamples=0)
    with pytest.raises(InputError, match="names en sentence 2; there are 2"):
        evaluate_beads(gold, predicted, vi_lengths=[30, 10], en_lengths=[50, 10])


def test_the_error_in_a_long_bead_weighs_more() -> None:
    gold = [((index,), (index,)) for index in range(4)]
    lengths = [100, 20, 20, 20]
    for wrong, expected in ((0, 120 / 320), (3, 280 / 320)):
        found = [bead for bead in gold if bead[0][0] != wrong]
        result = evaluate_beads(gold, found, vi_lengths=lengths, en_lengths=lengths, resamples=0)
        assert (result["strict_recall"], result["character_recall"]) == (0.75, expected)


def test_compare_takes_lengths_by_document() -> None:
    gold = {"a": [((0,), (0,)), ((1,), (1,))], "b": [((0,), (0,))]}
    lengths = {"a": [10, 30], "b": [20]}
    poor = {"a": gold["a"][:1], "b": gold["b"]}
    result = compare_beads(gold, poor, gold, vi_lengths=lengths, en_lengths=lengths, resamples=0)
    assert result["differences"]["character_recall"] == {"difference": 0.5}
    with pytest.raises(InputError, match="b: no sentence lengths"):
        compare_beads(gold, poor, gold, vi_lengths={"a": [10, 30]}, en_lengths=lengths)


def test_links_give_half_of_a_bead_its_half() -> None:
    gold = [((0,), (0, 1)), ((1,), (2,)), ((2, 3), (3, 4))]
    predicted = [((0,), (0,)), ((1,), (2,)), ((2,), (3,)), ((3,), (4,))]
    result = evaluate_beads(gold, predicted, resamples=0)
    # Seven links in gold (2, 1 and 4), four proposed, all of them right.
    counts = [result[f"links_{name}"] for name in ("right", "predicted", "found", "gold")]
    assert counts == [4, 4, 4, 7]
    assert (result["link_precision"], result["link_recall"]) == (1.0, 4 / 7)


@given(full_bead_lists, full_bead_lists)
def test_link_scores_of_disjoint_beads_are_those_of_sets(gold: list[Key], predicted: list[Key]) -> None:
    own, other = disjoint(gold), disjoint(predicted)
    gold_links, predicted_links = ({(i, j) for vi, en in beads for i in vi for j in en} for beads in (own, other))
    result = evaluate_beads(own, other, resamples=0)
    shared = len(gold_links & predicted_links)
    assert result["links_right"] == result["links_found"] == shared
    assert (result["links_predicted"], result["links_gold"]) == (len(predicted_links), len(gold_links))
    both = len(gold_links) + len(predicted_links)
    assert result["link_f1"] == pytest.approx(2 * shared / both if both else 0)


def disjoint(beads: list[Key]) -> list[Key]:
    """Leave out the beads that use a sentence of an earlier one."""
    kept: list[Key] = []
    for vi, en in beads:
        if not any(set(vi) & set(one[0]) or set(en) & set(one[1]) for one in kept):
            kept.append((vi, en))
    return kept


def test_no_beads_at_all() -> None:
    assert metrics(evaluate_beads([], [])) == (0.0,) * 6
    assert metrics(evaluate_beads({}, {})) == (0.0,) * 6


@pytest.mark.parametrize("bead", [((1, 0), (0,)), ((0, 0), (0,)), ((0,), (-1,))])
def test_malformed_indices_are_named(bead: Key) -> None:
    with pytest.raises(InputError, match="increasing"):
        evaluate_beads([((0,), (0,))], [bead])


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="float"):
        evaluate_beads([((0,), (0,))], [((0.5,), (0,))])  # type: ignore[list-item]
    with pytest.raises(OptionError, match="mapping"):
        evaluate_beads({"a": []}, [])
    with pytest.raises(OptionError, match="en_lengths"):
        evaluate_beads([], [], vi_lengths=[1])
    with pytest.raises(OptionError, match="vi_lengths is 'list'"):
        evaluate_beads({"a": []}, {"a": []}, vi_lengths=[1], en_lengths=[1])
    with pytest.raises(OptionError, match="resamples"):
        evaluate_beads([], [], resamples=-1)
    with pytest.raises(OptionError, match="seed"):
        evaluate_beads([], [], seed=-1)


def naive(pairs: list[tuple[list[Key], list[Key]]]) -> tuple[float, ...]:
    """The definitions word by word, bead against bead."""

    def f1(precision: float, recall: float) -> float:
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def share(part: int, whole: int) -> float:
        return part / whole if whole else 0.0

    strict = lax_right = lax_found = n_gold = n_predicted = 0
    for gold, predicted in pairs:
        own = [bead for bead in gold if all(bead)]
        other = [bead for bead in predicted if all(bead)]
        strict += len([bead for at, bead in enumerate(own) if bead in other and bead not in own[:at]])
        for bead in other:
            lax_right += any(set(bead[0]) & set(one[0]) and set(bead[1]) & set(one[1]) for one in own)
        for bead in own:
            lax_found += any(set(bead[0]) & set(one[0]) and set(bead[1]) & set(one[1]) for one in other)
        n_gold, n_predicted = n_gold + len(own), n_predicted + len(other)
    strict_scores = share(strict, n_predicted), share(strict, n_gold)
    lax_scores = share(lax_right, n_predicted), share(lax_found, n_gold)
    values = (*strict_scores, f1(*strict_scores), *lax_scores, f1(*lax_scores))
    return tuple(round(value, 4) for value in values)


@given(documents)
def test_agrees_with_the_definitions_word_by_word(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    gold = {str(at): pair[0] for at, pair in enumerate(pairs)}
    predicted = {str(at): pair[1] for at, pair in enumerate(pairs)}
    assert metrics(evaluate_beads(gold, predicted, resamples=0)) == naive(pairs)


@given(bead_lists, bead_lists)
def test_empty_beads_add_to_precision_alone(gold: list[Key], predicted: list[Key]) -> None:
    own, other = list(dict.fromkeys(gold)), list(dict.fromkeys(predicted))
    ignored = evaluate_beads(own, other, resamples=0)
    counted = evaluate_beads(own, other, resamples=0, empty_beads=True)
    one_sided = [bead for bead in other if any(bead) and not all(bead)]
    right = sum(bead in own for bead in one_sided)
    assert counted["predicted"] == ignored["predicted"] + len(one_sided)
    assert counted["strict_right"] == ignored["strict_right"] + right
    assert counted["lax_right"] == ignored["lax_right"] + right
    for name in ("strict_recall", "lax_recall", "gold_errors", "predicted_errors"):
        assert counted[name] == ignored[name]


@given(full_bead_lists)
def test_perfect_output_scores_one(beads: list[Key]) -> None:
    distinct = list(dict.fromkeys(beads))
    result = evaluate_beads(distinct, distinct, resamples=50)
    assert metrics(result) == ((1.0,) * 6 if distinct else (0.0,) * 6)
    assert not any(result["gold_errors"].values())
    assert all(interval == [1.0, 1.0] for interval in result["intervals"].values())


@given(bead_lists, bead_lists)
def test_swapping_the_languages_changes_nothing(gold: list[Key], predicted: list[Key]) -> None:
    swapped = [[(en, vi) for vi, en in beads] for beads in (gold, predicted)]
    result, other = evaluate_beads(gold, predicted, resamples=20), evaluate_beads(*swapped, resamples=20)
    for name in (*METRICS, *LINK_METRICS, "gold_errors", "predicted_errors", "intervals"):
        assert result[name] == other[name]


@given(bead_lists, bead_lists)
def test_exchanging_gold_and_output_exchanges_precision_and_recall(gold: list[Key], predicted: list[Key]) -> None:
    result, other = evaluate_beads(gold, predicted, resamples=0), evaluate_beads(predicted, gold, resamples=0)
    for kind in ("strict", "lax", "link"):
        assert result[f"{kind}_precision"] == other[f"{kind}_recall"]
        assert result[f"{kind}_f1"] == other[f"{kind}_f1"]
    exchanged = {"missed": "spurious", "split": "merged", "merged": "split", "shifted": "shifted", "crossed": "crossed"}
    assert {exchanged[name]: count for name, count in result["gold_errors"].items()} == other["predicted_errors"]


@given(bead_lists, bead_lists)
def test_every_wrong_bead_has_exactly_one_class(gold: list[Key], predicted: list[Key]) -> None:
    result = evaluate_beads(gold, predicted, resamples=0)
    assert sum(result["gold_errors"].values()) == result["gold"] - result["strict_found"]
    assert sum(result["predicted_errors"].values()) == result["predicted"] - result["strict_right"]


@given(documents)
@settings(max_examples=30)
def test_intervals_hold_sound_numbers_and_repeat(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    gold = {str(at): pair[0] for at, pair in enumerate(pairs)}
    predicted = {str(at): pair[1] for at, pair in enumerate(pairs)}
    result = evaluate_beads(gold, predicted, resamples=100)
    assert all(0 <= low <= high <= 1 for low, high in result["intervals"].values())
    backwards = evaluate_beads(dict(reversed(gold.items())), predicted, resamples=100)
    assert result["intervals"] == backwards["intervals"]
    assert json.loads(json.dumps(result)) == result


def test_the_bootstrap_draws_beads_when_there_is_one_document() -> None:
    gold = [((index,), (index,)) for index in range(100)]
    result = evaluate_beads(gold, gold[:80])
    low, high = result["intervals"]["strict_recall"]
    # A binomial share of 0.8 over 100 draws has a standard error of 0.04.
    assert low == pytest.approx(0.8 - 1.96 * 0.04, abs=0.02)
    assert high == pytest.approx(0.8 + 1.96 * 0.04, abs=0.02)
    assert result["intervals"]["strict_precision"] == [1.0, 1.0]
    assert result["signature"].startswith(
        "align|beads|n:100|unit:bead|empty:ignored|lengths:none|bootstrap:1000|seed:12345|version:"
    )


def test_compare_finds_a_real_difference_and_no_false_one() -> None:
    gold = {str(name): [((index,), (index,)) for index in range(10)] for name in range(30)}
    poor = {name: beads[: 5 + int(name) % 3] for name, beads in gold.items()}
    result = compare_beads(gold, poor, gold)
    change = result["differences"]["strict_recall"]
    assert change["difference"] == pytest.approx(0.4)
    assert change["interval"][0] > 0.3
    assert change["p_value"] == pytest.approx(1 / 1001)
    one = gold["0"]
    assert compare_beads(iter(one), one, one, resamples=0)["second"]["strict_f1"] == 1.0
    same = compare_beads(gold, poor, poor)["differences"]["strict_f1"]
    assert (same["difference"], same["interval"], same["p_value"]) == (0.0, [0.0, 0.0], 1.0)
