"""Article pairing on shuffled articles: what is found, what is wrong, and where the constants of pairing come from.

    python benchmarks/pairing.py DATA_DIR [--json OUT.json]

Each set holds 60 Vietnamese and 60 English articles, one true partner each: whole (news_docs/clean), changed (hard),
and with half of the sentences of either side gone (comparable).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, comparable_documents, sides_of
from rich.console import Console
from rich.table import Table

import align
from align.matching.calibration import load_calibration
from align.matching.pairing import document_similarity, document_vectors, look_at, nearest_articles, pair_sides

QUANTILES = (0.05, 0.5, 0.95, 0.999)


def measure(documents: list[Document], encoder: CachedEncoder) -> dict[str, object]:
    """Pair the articles of a set and describe true and false candidates."""
    vi, en = zip(*(sides_of(document, encoder) for document in documents), strict=True)
    calibration = load_calibration(encoder.name)
    kept = {(pair.vi, pair.en): pair.score for pair in pair_sides(vi, en, calibration)}
    best = {i: max((score, -j) for (k, j), score in kept.items() if k == i) for i in {k for k, _ in kept}}
    similarity = document_similarity(vi, en)
    near = sorted(nearest_articles(document_vectors(vi), document_vectors(en)))
    looks = [look_at(i, j, vi[i], en[j], calibration, similarity[i, j]) for i, j in near]
    true, false = [p for p in looks if p.vi == p.en], [p for p in looks if p.vi != p.en]
    return {
        "found": round(sum((i, i) in kept for i in range(len(vi))) / len(vi), 3),
        "best": round(sum(-second == i for i, (_, second) in best.items()) / len(vi), 3),
        "extra": sum(i != j for i, j in kept),
        "parallel": round(sum(p.route.mode == "parallel" for p in true) / len(vi), 3),
        "similarity_true": np.quantile([p.similarity for p in true], QUANTILES).round(2).tolist(),
        "similarity_false": np.quantile(similarity[~np.eye(len(vi), dtype=bool)], QUANTILES).round(2).tolist(),
        "matches_false": np.quantile([p.matches for p in false], QUANTILES).round(2).tolist(),
    }


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    encoder = CachedEncoder(align.load_encoder())
    news = args.data / "news_docs"
    sets = {kind: bead_documents(news / kind) for kind in ("clean", "hard")}
    sets["comparable"] = comparable_documents(news / "comparable")
    found = {name: measure(documents, encoder) for name, documents in sets.items()}
    table = Table("figure", *found, title=f"article pairing; quantiles {QUANTILES}")
    for figure in next(iter(found.values())):
        table.add_row(figure, *(str(values[figure]) for values in found.values()))
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
