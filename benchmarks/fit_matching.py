"""Fit the constants of matching for an encoder and write its calibration file.

    python benchmarks/fit_matching.py DATA_DIR [--encoder NAME] [-o calibration.toml]
    python benchmarks/fit_matching.py DATA_DIR --check align/matching/calibrations/e5-small-vien.toml

NAME is any encoder that `align run --encoder` takes. The file serves as `--calibration calibration.toml`, or as
calibration.toml in the model's folder; those of align/matching/calibrations belong to the package.

In-order weights: maximum likelihood on the documents of news_docs/noisy and hard, and on copies of news_docs/clean
and docs_parallel/blocks changed by the generator in noise.py. Mining weights: logistic regression on the candidates of
news_docs/comparable; those of comparable articles on the same and on copies of news_docs/clean turned into two reports.
How facts are weighed in: see fit_trust.py.
What is stated and not fitted (where features are cut off, how alike related articles are) is the bundled encoder's, for
another encoder rescaled to its cosines, whose scales on align/matching/data/yardstick.tsv the file holds, too.
Figures printed are from two folds by article: each document is scored by weights whose fit did not see its article.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, comparable_documents, sides_of
from fit_comparable import SHUFFLED_WEIGHT, comparable_training, fit_comparable, fit_mining
from fit_in_order import GAPS, START, fit_in_order, length_model, training_documents, worded
from fit_trust import CONTRADICTIONS, NO_TRUST, fit_trust, in_order, measure_files, measure_pools, out_of_order

import align
from align.matching import yardstick
from align.matching.api import align_sides
from align.matching.beads import Bead
from align.matching.calibration import (
    DEFAULT_ENCODER,
    Calibration,
    ContextWeights,
    FeatureLimits,
    LengthModel,
    MiningWeights,
    MixtureModel,
    PairingThresholds,
    load_calibration,
    parse_calibration,
    read_calibration,
)
from align.matching.rescaling import rescaled

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DECIMALS, SCALE_DECIMALS = 4, 6
# Chosen by eye for the bundled encoder; another encoder gets them by the scales of its cosines. Of unrelated article
# pairs 1 in 20 is more alike than 0.51, 1 in 1000 more than 0.77; of related ones 1 in 20 is less alike than 0.67
# (benchmarks/pairing.py prints the quantiles).
LIMITS = FeatureLimits(add_floor=-0.15, gap_floor=-0.3, gap_ceiling=0.15, window_floor=-0.2)
PAIRING = PairingThresholds(min_similarity=0.55, same_event_similarity=0.75)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--encoder", default="e5-small-vien")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument(
        "--check", type=Path, metavar="FILE", help="write nothing; fail if the fit gives other constants than FILE has"
    )
    parser.add_argument("--skip-folds", action="store_true", help="fit only, measure nothing")
    args = parser.parse_args()
    encoder = CachedEncoder(align.load_encoder(args.encoder, threads=2))
    documents = training_documents(args.data)
    comparable = comparable_documents(args.data / "news_docs" / "comparable")
    reports = comparable_training(args.data)
    start = starting_point(encoder, length_model(documents))
    remarks = [
        f"In-order weights from {len(documents)} documents, mining weights from {len(comparable)}, those of comparable",
        f"articles from {len(set(map(id, reports)))}. F1 of two folds by article, each scored by weights that did not",
        "see it:",
    ]
    if not args.skip_folds and not args.check:
        remarks += measure_folds(args.data, documents, comparable, reports, encoder, start)
    final = fit_all(documents, comparable, reports, encoder, start)
    final = replace(final, trust=fit_trust(args.data, documents, reports, encoder, final))
    if not args.skip_folds and not args.check:
        remarks += ["mining of one collection by weights from the others, F1 from .4 .5 .6 on"]
        remarks += measure_pools(args.data, encoder, final)
        remarks += ["pairs made elsewhere, half of them spoilt, by weights from the other collections"]
        remarks += measure_files(args.data, encoder, final)
    text = to_toml(final, remarks)
    if args.check:
        sys.exit(differences(args.check, text))
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def differences(path: Path, text: str) -> str | None:
    """Return which constants of a calibration file are not those of the text of another, or None if all are."""
    fitted = parse_calibration(tomllib.loads(text))
    known, found = asdict(read_calibration(path)), asdict(fitted)
    names = [name for name, value in found.items() if value != known[name]]
    return f"{path}: the fit gives other constants in {', '.join(names)}" if names else None


def starting_point(encoder: CachedEncoder, length: LengthModel) -> Calibration:
    """Return the constants that every search starts from, and those that are stated."""
    scales = yardstick.measures(encoder).scales
    limits, pairing = LIMITS, PAIRING
    if encoder.name != DEFAULT_ENCODER:
        stand_in = rescaled(load_calibration(), scales, encoder.name)
        limits, pairing = stand_in.limits, stand_in.pairing
    return Calibration(
        encoder.name,
        yardstick.CENTRE_SENTENCES,
        length,
        GAPS,
        START,
        START,
        MiningWeights(69.05, 22.48, 0.12, -0.67, -0.91, -2.46, 0.0, 0.0),
        MixtureModel(-6, 2, 8, 4, 0.7, 30.0),
        ContextWeights((), ()),
        NO_TRUST,
        limits,
        pairing,
        scales,
    )


def fit_all(documents, comparable, reports, encoder, start) -> Calibration:
    """Fit everything; mining comes before the comparable articles, whose features use its neighbourhoods."""
    return fit_comparable(reports, encoder, fit_mining(comparable, encoder, fit_in_order(documents, encoder, start)))


def measure_folds(data: Path, documents, comparable, reports, encoder, start) -> list[str]:
    """Print and return figures of two folds by article."""
    sets = {kind: bead_documents(data / "news_docs" / kind) for kind in ("noisy", "hard", "clean")}
    sets["blocks"] = worded(bead_documents(data / "docs_parallel" / "blocks"))
    sets |= {"shuffled": comparable, "reports": reports[SHUFFLED_WEIGHT * len(comparable) :]}
    runs = [(kind, joined) for kind in ("noisy", "hard", "clean", "blocks") for joined in (False, True)]
    totals = {run: np.zeros(3) for run in [*runs, ("shuffled", False), ("reports", False)]}
    outcomes: dict[str, Outcome] = {"in order": [], "comparable": []}
    for fold in (0, 1):
        seen = [[d for d in kind if d.article % 2 != fold] for kind in (documents, comparable, reports)]
        fitted = fit_all(*seen, encoder, start)
        trust = replace(
            NO_TRUST,
            parallel=in_order(seen[0], encoder, fitted).fit(CONTRADICTIONS),
            comparable=out_of_order(seen[2], encoder, fitted).fit(CONTRADICTIONS),
        )
        fitted = replace(fitted, trust=trust)
        for kind, joined in totals:
            unseen = [d for d in sets[kind] if d.article % 2 == fold]
            ordered = (kind, joined) in runs
            count = (
                strict_counts(unseen, encoder, fitted, joined)
                if ordered
                else comparable_counts(unseen, encoder, fitted)
            )
            totals[kind, joined] += count[0]
            if joined or kind == "shuffled":
                outcomes["in order" if ordered else "comparable"] += count[1]
    lines = [f"{kind:8} {'joined' if joined else 'pooled'} {f1(c):.4f}" for (kind, joined), c in totals.items()]
    for kind, outcome in outcomes.items():
        lines += [f"probabilities {kind}", *reliability(outcome)]
    lines += ["shuffled by least probability", *f1_by_threshold(outcomes["comparable"], totals["shuffled", False][2])]
    print("\n".join(lines), file=sys.stderr, flush=True)
    return lines


Outcome = list[tuple[float, bool]]
"""Score of each proposed bead, and whether the gold has it."""


def strict_counts(
    documents: list[Document], encoder: CachedEncoder, calibration: Calibration, joined: bool
) -> tuple[np.ndarray, Outcome]:
    """Return (right, proposed, gold) beads in order, empty sides left out, and each bead's outcome."""

    def find(document: Document) -> list[Bead]:
        return align_sides(*sides_of(document, encoder, joined=joined), calibration, "parallel")

    return _counts(documents, find)


def _counts(documents: list[Document], find: Callable[[Document], list[Bead]]) -> tuple[np.ndarray, Outcome]:
    total, outcome = np.zeros(3), []
    for document in documents:
        found = [bead for bead in find(document) if bead.vi and bead.en]
        gold = {(bead.vi, bead.en) for bead in document.gold if bead.vi and bead.en}
        outcome += [(bead.score, (bead.vi, bead.en) in gold) for bead in found]
        total += sum((bead.vi, bead.en) in gold for bead in found), len(found), len(gold)
    return total, outcome


def reliability(outcome: Outcome) -> list[str]:
    """Return a table of stated probability against measured share of right beads, and the expected error."""
    stated, right = np.array([p for p, _ in outcome]), np.array([ok for _, ok in outcome])
    edges = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01]
    lines, error = [], 0.0
    for low, high in itertools.pairwise(edges):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            said, held = stated[inside].mean(), right[inside].mean()
            error += abs(said - held) * inside.sum() / (stated >= edges[0]).sum()
            lines.append(f"  {low:.2f}: {inside.sum():5d} beads, stated {said:.3f}, right {held:.3f}")
    return [*lines, f"  expected calibration error {error:.4f}"]


def f1_by_threshold(outcome: Outcome, gold: float) -> list[str]:
    """Return F1 of the beads of at least each probability: how much the default of `--min-probability` matters."""
    lines = []
    for least in (0.3, 0.4, 0.5, 0.6, 0.7):
        kept = [right for stated, right in outcome if stated >= least]
        lines.append(f"  {least:.2f}: {f1(np.array([sum(kept), len(kept), gold])):.4f}")
    return lines


def comparable_counts(
    documents: list[Document], encoder: CachedEncoder, calibration: Calibration
) -> tuple[np.ndarray, Outcome]:
    """Return (right, proposed, gold) beads of comparable matching, and each bead's outcome."""

    def find(document: Document) -> list[Bead]:
        return align_sides(*sides_of(document, encoder), calibration, "comparable")

    return _counts(documents, find)


def f1(counts: np.ndarray) -> float:
    """Return F1 of (right, proposed, gold)."""
    return 2 * counts[0] / (counts[1] + counts[2])


def to_toml(calibration: Calibration, remarks: list[str]) -> str:
    """Return the calibration file's text."""
    out = ["# Written by benchmarks/fit_matching.py; never edit by hand.", *(f"# {remark}" for remark in remarks), ""]
    tables = []
    constants = asdict(calibration)
    del constants["rescaled_for"]  # these were fitted
    for key, value in constants.items():
        if isinstance(value, dict):
            tables.append((key, value))
        else:
            out.append(f"{key} = {_number(value)}")
    for key, table in tables:
        out += ["", f"[{key}]"]
        for name, value in table.items():
            out.append(f"{name} = {_number(value, SCALE_DECIMALS if key == 'scales' else DECIMALS)}")
    return "\n".join(out) + "\n"


def _number(value: object, decimals: int = DECIMALS) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = {_number(inner, decimals)}' for name, inner in value.items()) + " }"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_number, value))}]"
    # json writes a string as TOML does, a name with quotation marks or backslashes in it, too
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f"{float(value):.{decimals}f}"


if __name__ == "__main__":
    main()
