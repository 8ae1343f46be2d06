"""Vietnamese-English sentence pairs from a small grammar of our own: tests/data/small_mt/grammar.tsv.

Each rule of the synchronous grammar gives a symbol's Vietnamese and English form, with other symbols in braces, a
digit telling two of a kind apart: `{who1}`. A symbol is expanded once a pair, so that both sides say the same.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data" / "small_mt"
_SYMBOL = re.compile(r"\{([a-z]+\d?)\}")

Pair = tuple[str, str]


class Grammar:
    """A synchronous context-free grammar (Lewis & Stearns 1968): one derivation, two texts."""

    def __init__(self, path: Path = DATA / "grammar.tsv") -> None:
        self._rules: dict[str, list[Pair]] = defaultdict(list)
        for line in path.read_text("utf-8").splitlines()[1:]:
            symbol, vi, en = line.split("\t")
            self._rules[symbol].append((vi, en))

    def pairs(self, count: int, seed: int) -> Iterator[tuple[str, str, str]]:
        """Yield `count` triples: Vietnamese, English, and English with one word or number of another meaning.

        All Vietnamese sentences are different, and so are all English ones.
        """
        chance = random.Random(seed)
        seen: set[str] = set()
        while count:
            tree = Tree("sentence", self._rules, chance)
            vi, en = tree.text(0), tree.text(1)
            if vi in seen or en in seen:
                continue
            seen |= {vi, en}
            count -= 1
            yield vi, en, tree.changed(chance)


class Tree:
    """One derivation."""

    def __init__(self, symbol: str, rules: dict[str, list[Pair]], chance: random.Random) -> None:
        self._leaves = [pair for pair in rules[symbol] if "{" not in pair[1]]
        self._rule = chance.choice(rules[symbol])
        names = sorted(set(_SYMBOL.findall(self._rule[0])))
        self._parts = {name: Tree(name.rstrip("0123456789"), rules, chance) for name in names}

    def text(self, side: int) -> str:
        """Return the text of side 0, Vietnamese, or 1, English, with a capital letter at the beginning."""
        text = self._expand(side)
        return text[0].upper() + text[1:]

    def changed(self, chance: random.Random) -> str:
        """Return the English text with one leaf replaced by another of its symbol."""
        own = self.text(1)
        places = [leaf for leaf in self._words() if len(leaf._leaves) > 1]
        while True:
            leaf = chance.choice(places)
            kept, leaf._rule = leaf._rule, chance.choice(leaf._leaves)
            other = self.text(1)
            leaf._rule = kept
            if other != own:
                return other

    def _words(self) -> list[Tree]:
        return [leaf for part in self._parts.values() for leaf in part._words()] if self._parts else [self]

    def _expand(self, side: int) -> str:
        return _SYMBOL.sub(lambda found: self._parts[found[1]]._expand(side), self._rule[side])


def hand_written() -> list[Pair]:
    """Return sentences of the same kind that people wrote, in constructions of which the grammar lacks some."""
    lines = (DATA / "hand.tsv").read_text("utf-8").splitlines()[1:]
    return [(vi, en) for vi, en in (line.split("\t") for line in lines)]
