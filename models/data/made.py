"""Sentences made from our own templates that differ only in a number, a date, a place, a name or a deed.

    python made.py -o made.tsv.gz [--pairs 24000]

A template (templates.tsv) is a pair of sentences with slots, {place} or, at the beginning, {place!} with a capital
letter; each filling (slots.tsv, and the numbers and dates below) is a pair of training sentences. The fillings of one
template are hard negatives for each other: an encoder that reads past "37 %" or "tháng 10" cannot tell them apart. So
are, the other way round, different questions about one thing: templates with a topic share their filling. The text is
ours and under the licence of this project.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

RUN = 6  # templates of a topic that share a filling
HERE = Path(__file__).resolve().parent
_VOWEL = re.compile(r"\b([Aa]) (?=[aeio])")
_SLOT = re.compile(r"\{([a-z_]+)(2?)(!?)\}")

Filling = tuple[str, str]
"""The Vietnamese and the English form of a slot's value."""


def make_pairs(count: int, seed: int) -> Iterator[tuple[str, str, str, int]]:
    """Yield `count` different pairs as (Vietnamese, English, document, position).

    A document is a template without a topic with its fillings, or all templates of a topic with the same filling.
    """
    slots = Slots(seed)
    documents = _documents()
    seen: set[str] = set()
    drawn = 0
    while len(seen) < count:
        for name, templates in documents.items():
            drawn += 1
            own = len(templates) == 1
            for vi, en in slots.fill(templates):
                if en not in seen and len(seen) < count:
                    yield vi, en, name if own else f"{name}-{drawn}", len(seen)
                    seen.add(en)


def _documents() -> dict[str, list[Filling]]:
    documents: dict[str, list[Filling]] = defaultdict(list)
    for number, (vi, en, topic) in enumerate(_rows("templates.tsv")):
        documents[topic or f"template-{number}"].append((vi, en))
    return documents


class Slots:
    """Draws values for the slots of templates."""

    def __init__(self, seed: int) -> None:
        """Read the lists of values."""
        self._chance = random.Random(seed)
        self._lists: dict[str, list[Filling]] = defaultdict(list)
        for slot, vi, en in _rows("slots.tsv"):
            self._lists[slot].append((vi, en))
        self._made: dict[str, Callable[[], Filling]] = {
            "age": lambda: self._number(18, 95),
            "few": lambda: self._number(2, 19),
            "some": lambda: self._number(20, 990),
            "year": lambda: self._number(1850, 2030),
            "many": lambda: _grouped(self._chance.randint(1001, 990_000)),
            "decimal": lambda: _decimal(self._chance.uniform(0.1, 20)),
            "percent": self._percent,
            "money": self._money,
            "date": self._date,
            "month": self._month,
            "clock": self._clock,
            "name": self._name,
        }

    def fill(self, templates: list[Filling]) -> list[Filling]:
        """Return templates with every slot filled, the same slot alike, two slots of a kind with different values.

        Of many templates some are taken.
        """
        chosen = self._chance.sample(templates, min(len(templates), RUN))
        values: dict[str, Filling] = {}
        for kind, second in sorted({slot[:2] for vi, en in chosen for slot in _SLOT.findall(vi + en)}):
            value = self._draw(kind)
            while value in values.values():
                value = self._draw(kind)
            values[kind + second] = value
        return [_filled(pair, values) for pair in chosen]

    def _draw(self, kind: str) -> Filling:
        return self._made[kind]() if kind in self._made else self._chance.choice(self._lists[kind])

    def _number(self, low: int, high: int) -> Filling:
        value = str(self._chance.randint(low, high))
        return value, value

    def _percent(self) -> Filling:
        return self._number(2, 98) if self._chance.random() < 0.5 else _decimal(self._chance.uniform(0.1, 40))

    def _money(self) -> Filling:
        amount = self._number(10, 900) if self._chance.random() < 0.5 else _decimal(self._chance.uniform(1.1, 9.9))
        parts = zip(amount, self._draw("scale"), self._draw("currency"), strict=True)
        vi, en = (" ".join(words) for words in parts)
        return vi, en

    def _date(self) -> Filling:
        day, (month, name) = self._chance.randint(1, 28), self._draw("month_name")
        vi = self._chance.choice([f"ngày {day} tháng {month}", f"ngày {day}/{month}"])
        return vi, self._chance.choice([f"{name} {day}", f"{day} {name}"])

    def _month(self) -> Filling:
        number, name = self._draw("month_name")
        return f"tháng {number}", name

    def _clock(self) -> Filling:
        hour, minute = self._chance.randint(1, 11), self._chance.choice([0, 15, 30, 45])
        vi_part, en_part = self._chance.choice([("sáng", "a.m."), ("tối", "p.m.")])
        if not minute:
            return f"{hour} giờ {vi_part}", f"{hour} {en_part}"
        return f"{hour} giờ {minute} {vi_part}", f"{hour}:{minute:02d} {en_part}"

    def _name(self) -> Filling:
        """Return a foreign name, or a Vietnamese one with or, as English newspapers print it, without its marks."""
        if self._chance.random() < 0.4:
            return self._draw("foreign")
        parts = [self._draw(part) for part in ("family", "middle", "given")]
        vi, plain = (" ".join(words) for words in zip(*parts, strict=True))
        return vi, vi if self._chance.random() < 0.3 else plain


def _filled(pair: Filling, values: dict[str, Filling]) -> Filling:
    vi, en = (
        _SLOT.sub(lambda slot, side=side: _cased(values[slot[1] + slot[2]][side], slot[3]), text)
        for side, text in enumerate(pair)
    )
    return vi, _cased(_VOWEL.sub(r"\1n ", en), "!").replace("..", ".")  # "an elephant"; "7 a.m." at the end


def _rows(name: str) -> list[tuple[str, ...]]:
    lines = (HERE / name).read_text("utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


def _cased(text: str, mark: str) -> str:
    return text[0].upper() + text[1:] if mark else text


def _grouped(value: int) -> Filling:
    return f"{value:,}".replace(",", "."), f"{value:,}"


def _decimal(value: float) -> Filling:
    return f"{value:.1f}".replace(".", ","), f"{value:.1f}"


def main() -> None:
    """Write pairs in the columns of build.py."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with (
        options.output.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped,
        io.TextIOWrapper(zipped, encoding="utf-8", newline="\n") as text,
    ):
        for vi, en, document, position in make_pairs(options.pairs, options.seed):
            text.write("\t".join((vi, en, "made", "made", document, str(position))) + "\n")


if __name__ == "__main__":
    main()
