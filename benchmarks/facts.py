"""Precision and recall of the facts of a pair by kind, and how many pairs are compared in a second.

    python benchmarks/facts.py [--cases FILE] [--data DATA_DIR] [--json FILE]

The cases (tests/quality/fact_cases.tsv) are own-written pairs with the agreements and mismatches that are right. With
DATA_DIR (NAME.vi, NAME.en, NAME.gold) also the share of true pairs, and of pairs shuffled within the set, that get any
mismatch.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from align.quality.facts import KINDS, Comparison, compare_batch, compare_facts

CASES = Path(__file__).resolve().parents[1] / "tests" / "quality" / "fact_cases.tsv"
SECONDS = 2.0  # the pairs are compared again until this much time was measured
NAMED = frozenset(("name", "acronym", "quotation", "url"))


@dataclass(frozen=True)
class Case:
    """An own-written pair: which kinds agree how often, and the labels of what does not."""

    part: str
    vi: str
    en: str
    agreed: Counter[str]
    labels: Counter[str]


@dataclass
class Tally:
    """Facts of one kind: right ones found, wrong ones found, right ones not found; and in how many cases it occurs."""

    right: int = 0
    wrong: int = 0
    lost: int = 0
    cases: set[int] = field(default_factory=set)

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is right that was found."""
        return self.right / (self.right + self.lost) if self.right + self.lost else 1.0


def read_cases(path: Path = CASES) -> list[Case]:
    """Read the cases: part, Vietnamese, English, kinds that agree, labels of mismatches; "-" for none."""
    cases = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            part, vi, en, agreed, labels = line.split("\t")
            kinds = [] if agreed == "-" else agreed.split(" ")
            cases.append(Case(part, vi, en, Counter(kinds), Counter([] if labels == "-" else labels.split(" ; "))))
    return cases


def found_in(comparison: Comparison) -> tuple[Counter[str], Counter[str]]:
    """Return how often each kind agrees (by the Vietnamese fact, not where both are optional), and the labels."""
    agreed = Counter(it.vi.kind for it in comparison.agreed if not (it.vi.optional and it.en.optional))
    return agreed, Counter(comparison.labels)


def judge(cases: list[Case]) -> dict[str, Tally]:
    """Count by kind what was found in the cases and what should have been."""
    tallies = {kind: Tally() for kind in KINDS}
    for number, case in enumerate(cases):
        agreed, labels = found_in(compare_facts(case.vi, case.en))
        for want, got in ((case.agreed, agreed), (case.labels, labels)):
            for fact in want | got:
                tally = tallies[fact.split(":")[0]]
                tally.right += min(want[fact], got[fact])
                tally.wrong += max(0, got[fact] - want[fact])
                tally.lost += max(0, want[fact] - got[fact])
                if fact in want:
                    tally.cases.add(number)
    return tallies


def speed(vi: list[str], en: list[str]) -> float:
    """Return pairs a second of one core."""
    compare_batch(vi, en)
    rounds, started = 0, time.process_time()
    while rounds == 0 or time.process_time() - started < SECONDS:
        compare_batch(vi, en)
        rounds += 1
    return rounds * len(vi) / (time.process_time() - started)


def true_pairs(folder: Path) -> tuple[list[str], list[str]]:
    """Return the two sides of every bead with text on both."""
    from data import bead_documents

    vi, en = [], []
    for document in bead_documents(folder):
        for bead in document.gold:
            if bead.vi and bead.en:
                vi.append(" ".join(document.vi[index] for index in bead.vi))
                en.append(" ".join(document.en[index] for index in bead.en))
    return vi, en


def shares(vi: list[str], en: list[str]) -> dict[str, float]:
    """Return the share of pairs with any mismatch, and with one of numbers, amounts, dates or times."""
    found = [{mismatch.kind for mismatch in comparison.mismatches} for comparison in compare_batch(vi, en)]
    amounts = sum(bool(kinds - NAMED) for kinds in found)
    return {"any": sum(map(bool, found)) / len(vi), "numbers and dates": amounts / len(vi)}


def main() -> None:
    """Print the table by kind, the speed and, with DATA_DIR, the shares."""
    parser = argparse.ArgumentParser(description="Precision, recall and speed of the facts of a pair.")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="DATA_DIR", help="folder of NAME.vi, NAME.en, NAME.gold")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    cases, console = read_cases(options.cases), Console()
    figures: dict[str, object] = {"cases": len(cases)}
    for part in ("all", *sorted({case.part for case in cases})):
        chosen = [case for case in cases if part in ("all", case.part)]
        table = Table("kind", "cases", "facts", "precision", "recall", title=f"{part}: {len(chosen)} cases")
        tallies = judge(chosen)
        for kind, it in tallies.items():
            facts = str(it.right + it.lost)
            table.add_row(kind, str(len(it.cases)), facts, f"{it.precision:.3f}", f"{it.recall:.3f}")
        console.print(table)
        figures[part] = {kind: {"precision": it.precision, "recall": it.recall} for kind, it in tallies.items()}
    vi, en = true_pairs(options.data) if options.data else ([case.vi for case in cases], [case.en for case in cases])
    figures["pairs_per_second"] = speed(vi, en)
    words = sum(len(text.split()) for text in en) / len(en)
    console.print(f"{figures['pairs_per_second']:,.0f} pairs/s on one core, {words:.0f} English words a pair")
    if options.data:
        others = random.Random(1).sample(en, len(en))
        for name, side in (("true pairs", en), ("shuffled pairs", others)):
            figures[name] = found = shares(vi, side)
            console.print(f"{name} with a mismatch: " + ", ".join(f"{key} {value:.1%}" for key, value in found.items()))
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        options.json.write_text(json.dumps(figures | machine, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
