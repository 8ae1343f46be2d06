"""What went wrong with the beads that were not found exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

Key = tuple[tuple[int, ...], tuple[int, ...]]
"""A bead without its score: increasing Vietnamese indices, increasing English indices."""

GOLD_ERRORS = {"alone": "missed", "covers": "split", "inside": "merged", "overlaps": "shifted", "crossed": "crossed"}
PREDICTED_ERRORS = {
    "alone": "spurious",
    "covers": "merged",
    "inside": "split",
    "overlaps": "shifted",
    "crossed": "crossed",
}


def bead_errors(gold: Sequence[Key], predicted: Sequence[Key]) -> tuple[Counter[str], Counter[str]]:
    """Count the error classes of the beads of one document; both lists hold beads with sentences on both sides.

    A gold bead that is no predicted bead falls into the first class that fits:

    - *merged*: it lies inside one predicted bead (both sides are subsets);
    - *split*: a predicted bead lies inside it;
    - *shifted*: it shares a Vietnamese and an English sentence with one predicted bead, neither contains the other;
    - *crossed*: predicted beads use sentences of both its sides, but none uses both: they were joined to the wrong
      partners, as happens where the order was swapped or the path slipped by one;
    - *missed*: one of its sides, at least, is in no predicted bead.

    A predicted bead that is no gold bead, seen the same way from the gold beads:

    - *split*: it lies inside one gold bead; *merged*: a gold bead lies inside it;
    - *shifted* and *crossed* as above, with gold and predicted exchanged;
    - *spurious*: one of its sides, at least, is in no gold bead, or it repeats a bead that was predicted already.

    Returns:
        Counts of the gold beads by class and of the predicted beads by class. Their sums are the beads of that list
        that have no exact match.

    >>> gold_errors, predicted_errors = bead_errors([((0,), (0,)), ((1,), (1,))], [((0, 1), (0, 1))])
    >>> dict(gold_errors), dict(predicted_errors)
    ({'merged': 2}, {'merged': 1})
    """
    right = set(gold) & set(predicted)
    return (
        _count(gold, predicted, right, GOLD_ERRORS),
        _count(predicted, gold, right, PREDICTED_ERRORS),
    )


def _count(beads: Sequence[Key], others: Sequence[Key], right: set[Key], names: dict[str, str]) -> Counter[str]:
    using_vi, using_en = _users(others, 0), _users(others, 1)
    repeats = sum(count - 1 for bead, count in Counter(beads).items() if bead in right)
    counts = Counter({names["alone"]: repeats}) if repeats else Counter()
    for bead in beads:
        if bead not in right:
            near_vi = {at for index in bead[0] for at in using_vi.get(index, ())}
            near_en = {at for index in bead[1] for at in using_en.get(index, ())}
            shared = [others[at] for at in near_vi & near_en]
            counts[names[_relation(bead, shared, bool(near_vi and near_en))]] += 1
    return counts


def _users(beads: Iterable[Key], side: int) -> dict[int, list[int]]:
    """Map a sentence to the positions of the beads that use it."""
    users: defaultdict[int, list[int]] = defaultdict(list)
    for at, bead in enumerate(beads):
        for index in bead[side]:
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
