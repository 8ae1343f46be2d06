"""Prove that no text that others measure with is in the training pairs.

    python check_overlap.py pairs.tsv.gz DATA            # DATA: a folder of evaluation texts, one sentence a line
    python check_overlap.py pairs.tsv.gz DATA --near 8   # length of the word sequences of the second table
    python check_overlap.py pairs.tsv.gz DATA --withhold # add what it finds to withheld.txt, which build.py leaves out

Lines are compared in either language after folding case, punctuation, spaces and the place of tone marks. The first
table counts pairs that equal an evaluation line, the second those that share a sequence of words with one: such near
matches are for a person to judge, as set phrases are shared by texts that have nothing to do with each other. Exit
code 1 if any line is equal. withheld.txt names texts by hashes, so that no evaluation text is in it.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from clean import digest, folded

SUFFIXES = frozenset({".vi", ".en", ".txt", ".tsv", ".jsonl", ".src", ".tgt"})
WITHHELD = Path(__file__).with_name("withheld.txt")
MIN_WORDS = 3  # shorter lines are headings and labels that any text may have


def evaluation_lines(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, folded line) for every line, and every field of a table, below a folder."""
    for path in sorted(data.rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES:
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                for cell in line.split("\t"):
                    text = folded(cell)
                    if len(text.split()) >= MIN_WORDS:
                        yield str(path.relative_to(data)), text


def sequences(text: str, length: int) -> Iterator[str]:
    """Yield every sequence of `length` words of a folded text."""
    words = text.split()
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length])


Counts = Counter[tuple[str, str]]  # by source of the pair and file of the line


def overlaps(pairs: Path, data: Path, near: int) -> tuple[Counts, Counts, list[tuple[str, str]]]:
    """Return how many pairs of each source equal or resemble a line of each file, and all these pairs."""
    lines: dict[str, str] = {}
    grams: dict[str, str] = {}
    for name, text in evaluation_lines(data):
        lines.setdefault(text, name)
        for gram in sequences(text, near):
            grams.setdefault(gram, name)
    equal, alike = Counts(), Counts()
    found: list[tuple[str, str]] = []
    with gzip.open(pairs, "rt", encoding="utf-8") as file:
        for line in file:
            vietnamese, english, source = line.rstrip("\n").split("\t")[:3]
            texts = [folded(vietnamese), folded(english)]
            same = {(source, lines[text]) for text in texts if text in lines}
            near_by = {(source, grams[gram]) for text in texts for gram in sequences(text, near) if gram in grams}
            equal.update(same)
            alike.update(near_by)
            if same or near_by:
                found.append((vietnamese, english))
    return equal, alike, found


def main() -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--near", type=int, default=8)
    parser.add_argument("--withhold", action="store_true")
    options = parser.parse_args()
    equal, alike, found = overlaps(options.pairs, options.data, options.near)
    for title, counter in (("equal", equal), (f"{options.near} words in common", alike)):
        print(f"{title}: {sum(counter.values())}")
        for (source, name), count in counter.most_common(30):
            print(f"  {count}\t{source}\t{name}")
    for pair in found:
        print(*pair, sep="\t", file=sys.stderr)
    if options.withhold:
        known = set(WITHHELD.read_text(encoding="ascii").split()) if WITHHELD.exists() else set()
        known |= {digest(text) for pair in found for text in pair}
        WITHHELD.write_text("".join(f"{name}\n" for name in sorted(known)), encoding="ascii")
    return 1 if equal else 0


if __name__ == "__main__":
    sys.exit(main())
