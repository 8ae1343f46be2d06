"""Where two systems disagree on the same gold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import invert
from typing import Any

from align.errors import InputError
from align.evaluation.bead_counts import is_full
from align.evaluation.bead_errors import RIGHT, Key, bead_verdicts
from align.evaluation.bead_lists import Beads, Texts, bead_documents, check_both, check_kinds
from align.evaluation.results import signature


def diff_beads(
    gold: Beads, first: Beads, second: Beads, *, vi_texts: Texts | None = None, en_texts: Texts | None = None
) -> dict[str, Any]:
    """Return every place where two systems differ, with the verdict on each bead.

    Beads that share a sentence, directly or through other beads, whether of gold or of a system, belong to one place:
    a swap, a merge or a path that slipped is one place, however many beads it takes. Beads with an empty side are left
    out. The order of the beads in the lists does not matter.

    Args:
        gold: as for `evaluate_beads`.
        first: beads of the first system.
        second: beads of the second system.
        vi_texts: Vietnamese sentences, or document -> sentences; a document may be absent.
        en_texts: the same in English, for the same documents.

    Returns:
        `gold_beads`: numbers of gold beads by who has them exactly: `both_right`, `only_first`, `only_second`,
        `both_wrong`; `other_beads`: beads that gold lacks by who proposes them: `both`, `only_first`, `only_second`;
        `place_counts`: `first_right`, `second_right`, `neither_right` (places that differ, by who has all of the place
        as gold has it) and `wrong_alike` (places where both are wrong with the same beads);
        `places`: those that differ, documents as gold has them, then by position: `document`, `right` ("first",
        "second" or "neither"), `vi` and `en` (indices of its sentences), `vi_texts` and `en_texts` (when known),
        `gold` (beads as `vi`, `en`, and the verdicts `first` and `second`), `first` and `second` (beads as `vi`, `en`,
        `verdict`); a verdict is "right" or a class of `align.evaluation.bead_errors.bead_verdicts`;
        `signature`. All of it can be written as JSON.

    Raises:
        InputError: indices of a bead are not increasing, or lie outside the given texts.
        TypeError: an index is no whole number.
        OptionError: only some of the arguments are mappings, or only one of the texts is given.

    >>> gold = [((0,), (0,)), ((1,), (1, 2))]
    >>> result = diff_beads(gold, [((0,), (0,)), ((1,), (1,))], gold)
    >>> result["gold_beads"]
    {'both_right': 1, 'only_first': 0, 'only_second': 1, 'both_wrong': 0}
    >>> result["places"][0]["first"], result["places"][0]["right"]
    ([{'vi': [1], 'en': [1], 'verdict': 'split'}], 'second')
    """
    check_both("texts", vi_texts, en_texts)
    for system in (first, second):
        check_kinds(gold, system, vi_texts=vi_texts, en_texts=en_texts)
    lists = [bead_documents(beads, which) for beads, which in ((gold, "gold"), (first, "first"), (second, "second"))]
    return diff_documents("beads", lists[0], lists[1], lists[2], vi_texts, en_texts)


def diff_documents(
    kind: str,
    gold: Mapping[str, Iterable[Key]],
    first: Mapping[str, Iterable[Key]],
    second: Mapping[str, Iterable[Key]],
    vi_texts: Texts | None,
    en_texts: Texts | None,
) -> dict[str, Any]:
    """Do the work of `diff_beads` on checked beads by document; `kind` begins the signature."""
    gold_beads, other_beads = dict.fromkeys(_WHO_FOUND.values(), 0), dict.fromkeys(_WHO_PROPOSED, 0)
    place_counts = dict.fromkeys(("first_right", "second_right", "neither_right", "wrong_alike"), 0)
    places = []
    for name, listed in gold.items():
        found = _places(listed, first.get(name, ()), second.get(name, ()))
        _count(found, gold_beads, other_beads)
        for place in found:
            if place.differs:
                place_counts[f"{place.winner}_right"] += 1
                places.append(_as_dict(place, name, _of(vi_texts, name), _of(en_texts, name)))
            else:
                place_counts["wrong_alike"] += place.winner == "neither"
    texts = "none" if vi_texts is None else "given"
    return {
        "gold_beads": gold_beads,
        "other_beads": other_beads,
        "place_counts": place_counts,
        "places": places,
        "signature": signature(f"{kind}-diff", units=len(gold), unit="document", resamples=0, seed=0, texts=texts),
    }


@dataclass
class _Place:
    """Beads that hang together, each with its verdicts; all lists in the order of the beads."""

    gold: list[tuple[Key, str, str]] = field(default_factory=list)
    first: list[tuple[Key, str]] = field(default_factory=list)
    second: list[tuple[Key, str]] = field(default_factory=list)

    @property
    def beads(self) -> tuple[list[Key], list[Key], list[Key]]:
        gold, first, second = ([entry[0] for entry in side] for side in (self.gold, self.first, self.second))
        return gold, first, second

    @property
    def differs(self) -> bool:
        _, first, second = self.beads
        return first != second

    @property
    def winner(self) -> str:
        """Return "first" or "second" when it has all of gold and nothing else, "both", or "neither"."""
        gold, first, second = self.beads
        if gold == first:
            return "both" if gold == second else "first"
        return "second" if gold == second else "neither"


_WHO_FOUND = {
    (True, True): "both_right",
    (True, False): "only_first",
    (False, True): "only_second",
    (False, False): "both_wrong",
}
_WHO_PROPOSED = ("both", "only_first", "only_second")


def _count(places: Sequence[_Place], gold_beads: dict[str, int], other_beads: dict[str, int]) -> None:
    """Add the beads of a document to the summary."""
    for place in places:
        for _, one, other in place.gold:
            gold_beads[_WHO_FOUND[one == RIGHT, other == RIGHT]] += 1
    first, second = (
        Counter(bead for side in sides for bead, verdict in side if verdict != RIGHT)
        for sides in ([place.first for place in places], [place.second for place in places])
    )
    for who, beads in zip(_WHO_PROPOSED, (first & second, first - second, second - first), strict=True):
        other_beads[who] += beads.total()


def _places(gold: Iterable[Key], first: Iterable[Key], second: Iterable[Key]) -> list[_Place]:
    """Return the beads of one document by place, ordered by their first beads."""
    own, one, other = (sorted(filter(is_full, beads)) for beads in (gold, first, second))
    found_first, verdicts_first = bead_verdicts(own, one)
    found_second, verdicts_second = bead_verdicts(own, other)
    root = _roots(chain(own, one, other))
    places: defaultdict[int, _Place] = defaultdict(_Place)
    for entry in zip(own, found_first, found_second, strict=True):
        places[root(entry[0])].gold.append(entry)
    for bead, verdict in zip(one, verdicts_first, strict=True):
        places[root(bead)].first.append((bead, verdict))
    for bead, verdict in zip(other, verdicts_second, strict=True):
        places[root(bead)].second.append((bead, verdict))
    return sorted(places.values(), key=lambda place: min(side[0] for side in place.beads if side))


def _roots(beads: Iterable[Key]) -> Callable[[Key], int]:
    """Return a function from a bead to a number that the beads of its place share (union-find)."""
    parents: dict[int, int] = {}  # Vietnamese sentences are i, English ones ~j, below zero

    def find(node: int) -> int:
        root = node
        while (above := parents.setdefault(root, root)) != root:
            root = above
        while parents[node] != root:
            parents[node], node = root, parents[node]
        return root

    for vi, en in beads:
        top = find(vi[0])
        for node in chain(vi[1:], map(invert, en)):
            parents[find(node)] = top
    return lambda bead: find(bead[0][0])


def _of(texts: Texts | None, name: str) -> Sequence[str] | None:
    return texts.get(name) if isinstance(texts, Mapping) else texts


def _as_dict(
    place: _Place, name: str, vi_texts: Sequence[str] | None, en_texts: Sequence[str] | None
) -> dict[str, Any]:
    known = [bead for side in place.beads for bead in side]
    vi, en = (sorted({index for bead in known for index in bead[side]}) for side in (0, 1))
    written: dict[str, Any] = {"document": name, "right": place.winner, "vi": vi, "en": en}
    for lang, indices, texts in (("vi", vi, vi_texts), ("en", en, en_texts)):
        if texts is not None:
            if indices[-1] >= len(texts):
                raise InputError(f"{name}: a bead names {lang} sentence {indices[-1]}; there are {len(texts)}, from 0")
            written[f"{lang}_texts"] = [texts[index] for index in indices]
    written["gold"] = [
        {"vi": list(bead[0]), "en": list(bead[1]), "first": one, "second": other} for bead, one, other in place.gold
    ]
    for which, side in (("first", place.first), ("second", place.second)):
        written[which] = [{"vi": list(bead[0]), "en": list(bead[1]), "verdict": verdict} for bead, verdict in side]
    return written
