"""How exactly encoders find translations: retrieval and mining on a data folder, several models side by side.

    python benchmarks/encoder_quality.py DATA_DIR [--model NAME_OR_FOLDER ...] [--set NAME=VI_FILE,EN_FILE ...]

A model is a name that `align models list` shows or a folder with a model.toml; the first is what the others are
compared with. Sets that DATA_DIR lacks are left out. It may hold:

    mining/SET            pool.vi, pool.en, gold.tsv   F1 of mutual-best pairs at the model's own best threshold
    news_docs/clean       NAME.vi, NAME.en, NAME.gold  retrieval among all lines that translate each other
    docs_parallel/blocks  the same                     the same, software documentation
    wiki_paras            paras.vi, paras.en           sentences of paragraphs that split into the same number of them

`--set` adds two files whose lines translate each other. Retrieval errors are per cent of sentences, mean of both
directions, by cosine and by ratio margin (k = 4). "Registers" are queries of a kind, sought among all sentences of all
retrieval sets. "Paraphrases" are triples of one language (tests/data/paraphrases.tsv): an error is when a sentence of
another meaning, but with more words in common, lies nearer than the paraphrase. Intervals are 95 %, by bootstrap;
"difference" is that of the paired figures.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data import Document, bead_documents, lines_of, mining_pool
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from align import split
from align.encoders import Encoder, load_encoder
from align.encoders.e5 import E5Encoder

K = 4
RESAMPLES = 2000
SEED = 0
SHORT_WORDS, LONG_WORDS = 5, 35
PARAPHRASES = Path(__file__).resolve().parents[1] / "tests" / "data" / "paraphrases.tsv"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Lines:
    """Sentences of which those of one number translate each other."""

    name: str
    vi: list[str]
    en: list[str]


def main() -> None:
    """Measure every model on every set, print the tables, write JSON."""
    options = _options()
    sets = retrieval_sets(options.data) + [_given(each) for each in options.set]
    pools = [mining_pool(path.parent) for path in sorted(options.data.glob("mining/*/pool.vi"))]
    results = {name: measure(_load(name), pools, sets) for name in options.model or ["e5-small-vien"]}
    base = next(iter(results.values()))
    _print(results, base)
    if options.json:
        rows = {name: {key: _row(one, base[key]) for key, one in figures.items()} for name, figures in results.items()}
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Figure:
    """A ratio of sums over units that a bootstrap draws from; in per cent.

    Attributes:
        units: numerator and denominator of each unit; a unit that is missing counts as (0, 0).
        threshold: the best one, where there is one.
    """

    units: dict[Any, tuple[float, float]]
    threshold: float | None = None

    def value(self) -> float:
        """Return the figure over all units."""
        return float(_ratio(np.array(list(self.units.values())).reshape(-1, 2).sum(axis=0)))


def measure(encoder: Encoder, pools: list[Document], sets: list[Lines]) -> dict[str, Figure]:
    """Return all figures of an encoder."""
    figures = {}
    for pool in pools:
        gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
        for kind, scores in _scores(encoder, pool.vi, pool.en):
            figures[f"{pool.name} F1 {kind}"] = _best_f1(_mutual_best(scores), gold)
    for lines in sets:
        for kind, scores in _scores(encoder, lines.vi, lines.en):
            figures[f"{lines.name} error {kind}"] = _errors(scores, range(len(scores)))
    vi, en = ([text for lines in sets for text in getattr(lines, lang)] for lang in ("vi", "en"))
    _, (_, margins) = _scores(encoder, vi, en)
    for register, belongs in REGISTERS.items():
        members = [number for number, text in enumerate(en) if belongs(text)]
        figures[f"{register} error margin"] = _errors(margins, members)
    return figures | _paraphrases(encoder)


def _paraphrases(encoder: Encoder) -> dict[str, Figure]:
    figures = {}
    triples = [line.split("\t") for line in lines_of(PARAPHRASES)[1:]]
    for lang in ("vi", "en"):
        sides = zip(*(texts for own, *texts in triples if own == lang), strict=True)
        sentences, paraphrases, others = (encoder.encode(list(side)) for side in sides)
        wrong = np.einsum("nd,nd->n", sentences, paraphrases - others) <= 0
        figures[f"paraphrases {lang} error"] = Figure({i: (float(each), 1.0) for i, each in enumerate(wrong)})
    return figures


def retrieval_sets(data: Path) -> list[Lines]:
    """Return the sets of the data folder whose lines translate each other."""
    found = []
    for name, folder in (("news", "news_docs/clean"), ("software", "docs_parallel/blocks")):
        documents = bead_documents(data / folder)
        pairs = [
            (one.vi[bead.vi[0]], one.en[bead.en[0]])
            for one in documents
            for bead in one.gold
            if len(bead.vi) == len(bead.en) == 1
        ]
        found += [_distinct(name, pairs)] if pairs else []
    wiki = data / "wiki_paras"
    if wiki.is_dir():
        paragraphs = zip(lines_of(wiki / "paras.vi"), lines_of(wiki / "paras.en"), strict=True)
        found.append(_distinct("wiki", [pair for vi, en in paragraphs for pair in _sentences(vi, en)]))
    return found


def _sentences(vi: str, en: str) -> list[tuple[str, str]]:
    sides = [[each.text for each in split(text, lang)] for text, lang in ((vi, "vi"), (en, "en"))]
    return list(zip(*sides, strict=True)) if len(sides[0]) == len(sides[1]) else []


def _distinct(name: str, pairs: list[tuple[str, str]]) -> Lines:
    """Keep one pair of each text: a repeated line has no single translation."""
    seen: set[str] = set()
    kept = []
    for vi, en in pairs:
        if vi not in seen and en not in seen:
            kept.append((vi, en))
        seen |= {vi, en}
    return Lines(name, [vi for vi, _ in kept], [en for _, en in kept])


def _given(text: str) -> Lines:
    name, _, files = text.partition("=")
    vi, _, en = files.partition(",")
    return _distinct(name, list(zip(lines_of(Path(vi)), lines_of(Path(en)), strict=True)))


def _load(name: str) -> Encoder:
    return E5Encoder(name) if Path(name, "model.toml").is_file() else load_encoder(name)


REGISTERS: dict[str, Callable[[str], bool]] = {
    f"at most {SHORT_WORDS} words": lambda text: len(text.split()) <= SHORT_WORDS,
    f"{LONG_WORDS} words and more": lambda text: len(text.split()) >= LONG_WORDS,
    "questions": lambda text: text.rstrip().endswith("?"),
    "numbers": lambda text: len(re.findall(r"\d+", text)) >= 2,
    "names": lambda text: len(re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+", text)) >= 3,
}
"""Kinds of queries, told by the English side."""


def _scores(encoder: Encoder, vi: list[str], en: list[str]) -> tuple[tuple[str, Floats], tuple[str, Floats]]:
    """Return cosines and ratio margins (Artetxe & Schwenk 2019, section 3) of all pairs."""
    cosines: Floats = encoder.encode(vi) @ encoder.encode(en).T
    near = [np.partition(rows, -K, axis=1)[:, -K:].mean(axis=1) for rows in (cosines, cosines.T)]
    margins: Floats = cosines / np.maximum((near[0][:, None] + near[1][None, :]) / 2, 1e-6)
    return ("cosine", cosines), ("margin", margins)


def _errors(scores: Floats, members: Iterable[int]) -> Figure:
    """Count, of two directions, those in which the best row is not the translation."""
    en, vi = scores.argmax(axis=1), scores.argmax(axis=0)
    return Figure({i: (float(en[i] != i) / 2 + float(vi[i] != i) / 2, 1.0) for i in members})


def _mutual_best(scores: Floats) -> list[tuple[float, int, int]]:
    best, back = scores.argmax(axis=1), scores.argmax(axis=0)
    return sorted(((float(scores[i, j]), i, int(j)) for i, j in enumerate(best) if back[j] == i), reverse=True)


def _best_f1(found: list[tuple[float, int, int]], gold: set[tuple[int, int]]) -> Figure:
    """Return F1 at the threshold that is best for it."""
    right = np.cumsum([(i, j) in gold for _, i, j in found])
    last = int((2 * right / (np.arange(1, len(right) + 1) + len(gold))).argmax())
    kept = {(i, j) for _, i, j in found[: last + 1]}
    units = {
        unit: (2.0 * (unit in gold and unit in kept), float((unit in kept) + (unit in gold))) for unit in kept | gold
    }
    return Figure(units, found[last][0])


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = 100 * sums[..., 0] / np.where(sums[..., 1] == 0, np.nan, sums[..., 1])
    return ratio


def _interval(figure: Figure, base: Figure | None = None) -> list[float]:
    """Return the 95 % interval of a figure, or of its difference from that of `base` on the same draws."""
    units = sorted(set(figure.units) | set(base.units if base else ()))
    draws = np.random.default_rng(SEED).integers(len(units), size=(RESAMPLES, len(units)))
    values = [
        _ratio(np.array([one.units.get(unit, (0.0, 0.0)) for unit in units])[draws].sum(axis=1))
        for one in (figure, base)
        if one is not None
    ]
    sample = values[0] if base is None else values[0] - values[1]
    return [round(float(bound), 2) for bound in np.nanpercentile(sample, [2.5, 97.5])]


def _row(figure: Figure, base: Figure) -> dict[str, Any]:
    row: dict[str, Any] = {"value": round(figure.value(), 2), "interval": _interval(figure), "units": len(figure.units)}
    row |= {"difference": round(figure.value() - base.value(), 2), "difference_interval": _interval(figure, base)}
    return row | ({} if figure.threshold is None else {"threshold": round(figure.threshold, 4)})


def _print(results: dict[str, dict[str, Figure]], base: dict[str, Figure]) -> None:
    table = Table("figure, %", "units", *results, title="Retrieval and mining, [95 %]; change from the first model")
    for key in base:
        cells = []
        for figures in results.values():
            row = _row(figures[key], base[key])
            change = "" if figures is base else f"  {row['difference']:+.2f} {row['difference_interval']}"
            cells.append(f"{row['value']:.2f} {row['interval']}{change}")
        table.add_row(key, str(len(base[key].units)), *cells)
    Console(width=60 + 55 * len(results)).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", action="append", help="name or folder; may be repeated")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VI_FILE,EN_FILE")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
