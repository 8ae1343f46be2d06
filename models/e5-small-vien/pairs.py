"""Read training pairs and draw batches from them."""

from __future__ import annotations

import gzip
import html
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_TOKENS = 96
LENGTH_RATIO = (0.4, 2.5)  # Vietnamese tokens for an English one
_BOS, _EOS = 0, 2
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,60}>")
_PLACEHOLDER = re.compile(r"%[-0-9$.]*[a-zA-Z]|\{[^{}]*\}|%\([a-z_]+\)s|\$[A-Za-z_]+|@\w+@")
_NOT_WORDS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Pair:
    """Token ids of two sentences that translate each other.

    Attributes:
        vi, en: with the marks of beginning and end.
        register: kind of text; batches draw on each by its weight.
        place: document and position, or None; neighbours make hard negatives.
    """

    vi: list[int]
    en: list[int]
    register: str
    place: tuple[str, int] | None


def read_pairs(paths: Iterable[Path], tokeniser: Any, min_words: int) -> tuple[list[Pair], dict[str, int]]:
    """Read lines of vi, en, source, register and, at will, document and position; return pairs and what was dropped."""
    pairs, seen, counts = [], set(), defaultdict[str, int](int)
    for path in paths:
        for line in _lines(path):
            vi, en, source, *rest = line.rstrip("\n").split("\t")
            reason, pair = _pair(clean(vi), clean(en), source, rest, tokeniser, min_words)
            key = _NOT_WORDS.sub(" ", _PLACEHOLDER.sub(" ", en.lower())).strip()
            if pair is not None and key in seen:
                reason, pair = "repeated", None
            seen.add(key)
            counts[reason] += 1
            if pair is not None:
                pairs.append(pair)
    return pairs, dict(counts)


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


def _pair(vi: str, en: str, source: str, rest: list[str], tokeniser: Any, min_words: int) -> tuple[str, Pair | None]:
    if len(en.split()) < min_words:
        return "short", None
    if len(_PLACEHOLDER.findall(en)) > 2:
        return "placeholders", None
    ids = [[_BOS, *tokeniser.encode(text), _EOS] for text in (vi, en)]
    if max(map(len, ids)) > MAX_TOKENS:
        return "long", None
    if not LENGTH_RATIO[0] < len(ids[0]) / len(ids[1]) < LENGTH_RATIO[1]:
        return "lengths differ", None
    register = rest[0] if rest and rest[0] else "text"
    place = (f"{source}/{rest[1]}", int(rest[2])) if len(rest) >= 3 and rest[2].isdigit() else None
    return "kept", Pair(*ids, register, place)


def clean(text: str) -> str:
    """Return text as articles have it: composed, without markup."""
    return " ".join(_TAG.sub(" ", html.unescape(unicodedata.normalize("NFC", text))).split())


class Batches:
    """Draws batches in which every register has its share, and some pairs are neighbours in a document."""

    def __init__(self, pairs: list[Pair], size: int, shares: dict[str, float], run: int, seed: int) -> None:
        """Take the pairs; `run` neighbours of a document are drawn together where there are documents."""
        self._pairs, self._size, self._run = pairs, size, run
        self._random = random.Random(seed)
        self._runs = {register: self._cut(members) for register, members in self._registers().items()}
        self._left: dict[str, list[list[int]]] = {register: [] for register in self._runs}
        self._shares = [shares.get(register, shares.get("*", 0.0)) for register in self._runs]

    def __iter__(self) -> Iterator[list[Pair]]:
        """Yield batches for ever; every pair of a register comes once before any comes again."""
        registers = list(self._runs)
        while True:
            batch: list[int] = []
            while len(batch) < self._size:
                (register,) = self._random.choices(registers, self._shares)
                if not self._left[register]:
                    self._left[register] = self._random.sample(self._runs[register], len(self._runs[register]))
                batch += self._left[register].pop()
            yield [self._pairs[i] for i in dict.fromkeys(batch[: self._size])]

    def _registers(self) -> dict[str, list[int]]:
        registers = defaultdict[str, list[int]](list)
        for number, pair in enumerate(self._pairs):
            registers[pair.register].append(number)
        return dict(registers)

    def _cut(self, members: list[int]) -> list[list[int]]:
        """Cut a register into runs of neighbours."""
        loose = [[number] for number in members if self._pairs[number].place is None]
        placed = sorted(
            (number for number in members if self._pairs[number].place is not None),
            key=lambda number: self._pairs[number].place or ("", 0),
        )
        documents = defaultdict[str, list[int]](list)
        for number in placed:
            documents[(self._pairs[number].place or ("", 0))[0]].append(number)
        runs = [rows[at : at + self._run] for rows in documents.values() for at in range(0, len(rows), self._run)]
        return loose + runs
