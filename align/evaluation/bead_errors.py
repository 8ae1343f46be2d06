"""What went wrong with the beads that were not found exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Key = tuple[tuple[int, ...], tuple[int, ...]]
"""A bead without its score: increasing Vietnamese indices, increasing English indices."""

RIGHT = "right"
GOLD_ERRORS = {"alone": "missed", "covers": "split", "inside": "merged", "overlaps": "shifted", "crossed": "crossed"}
PREDICTED_ERRORS = {
    "alone": "spurious",
    "covers": "merged",
    "inside": "split",
    "overlaps": "shifted",
    "crossed": "crossed",
}


def bead_errors(gold: Sequence[Key], predicted: Sequence[Key]) -> tuple[Counter[str], Counter[str]]:
    """Count the error classes of the beads of one document; see `bead_verdicts`.

    Returns:
        Counts of the gold beads by class and of the predicted beads by class. Their sums are the beads of that list
        that have no exact match.

    >>> gold_errors, predicted_errors = bead_errors([((0,), (0,)), ((1,), (1,))], [((0, 1), (0, 1))])
    >>> dict(gold_errors), dict(predicted_errors)
    ({'merged': 2}, {'merged': 1})
    """
    found, proposed = bead_verdicts(gold, predicted)
    return _errors(found), _errors(proposed)


def bead_verdicts(gold: Sequence[Key], predicted: Sequence[Key]) -> tuple[list[str], list[str]]:
    """Return "right" or the error class of each bead of one document; both lists hold beads with two sides.

    The classes exclude each other: a bead that has no exact match falls into the first that fits. A gold bead is

    - *merged*: it lies inside one predicted bead (both sides are subsets);
    - *split*: a predicted bead lies inside it;
    - *shifted*: it shares a Vietnamese and an English sentence with one predicted bead, neither contains the other;
    - *crossed*: predicted beads use sentences of both its sides, but none uses both: they were joined to the wrong
      partners, as happens where the order was swapped or the path slipped by one;
    - *missed*: one of its sides, at least, is in no predicted bead.

    A predicted bead, seen the same way from the gold beads, is

    - *split*: it lies inside one gold bead; *merged*: a gold bead lies inside it;
    - *shifted* and *crossed* as above, with gold and predicted exchanged;
    - *spurious*: one of its sides, at least, is in no gold bead, or it repeats a bead that was predicted already.

    Gold that repeats a bead is likewise missed from the second time on. Exchanging gold and predicted exchanges the
    two lists, with missed for spurious and split for merged.

    Returns:
        The verdicts of the gold beads, and those of the predicted beads.

    >>> bead_verdicts([((0,), (0,)), ((1,), (1, 2))], [((0,), (0,)), ((1,), (1,)), ((2,), (3,))])
    (['right', 'split'], ['right', 'split', 'spurious'])
    """
    right = set(gold) & set(predicted)
    return _verdicts(gold, predicted, right, GOLD_ERRORS), _verdicts(predicted, gold, right, PREDICTED_ERRORS)


def _errors(verdicts: Iterable[str]) -> Counter[str]:
    return Counter(verdict for verdict in verdicts if verdict != RIGHT)


def _verdicts(beads: Sequence[Key], others: Sequence[Key], right: set[Key], names: Mapping[str, str]) -> list[str]:
    wrong = [bead for bead in beads if bead not in right]
    using_vi, using_en = _users(others, 0, wrong), _users(others, 1, wrong)
    verdicts = []
    seen: set[Key] = set()
    for bead in beads:
        if bead in right:
            verdicts.append(names["alone"] if bead in seen else RIGHT)
            seen.add(bead)
            continue
        near_vi = {at for index in bead[0] for at in using_vi[index]}
        near_en = {at for index in bead[1] for at in using_en[index]}
        shared = [others[at] for at in near_vi & near_en]
        verdicts.append(names[_relation(bead, shared, bool(near_vi and near_en))])
    return verdicts


def _users(beads: Iterable[Key], side: int, wrong: Iterable[Key]) -> dict[int, list[int]]:
    """Map each sentence of the wrong beads to the positions of the beads that use it."""
    users: dict[int, list[int]] = {index: [] for bead in wrong for index in bead[side]}
    for at, bead in enumerate(beads):
        for index in bead[side]:
            if index in users:
                users[index].append(at)
    return users


def _relation(bead: Key, shared: Sequence[Key], both_sides_used: bool) -> str:
    if not shared:
        return "crossed" if both_sides_used else "alone"
    if any(_contains(other, bead) for other in shared):
        return "inside"
    return "covers" if any(_contains(bead, other) for other in shared) else "overlaps"


def _contains(outer: Key, inner: Key) -> bool:
    return set(inner[0]) <= set(outer[0]) and set(inner[1]) <= set(outer[1])
