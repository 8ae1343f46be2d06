"""Figures by two folds of articles: each document is scored by weights whose fit did not see its article."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from align.encoders import Encoder
from align.fitting.documents import Document, is_worded
from align.fitting.figures import Outcome, f1, reliability_lines, strict_counts, threshold_lines
from align.fitting.logistic import Doubles
from align.fitting.material import Material
from align.fitting.parts import can_be_fitted, fit_matching
from align.fitting.training import Training
from align.fitting.trust import NO_TRUST, fit_articles, with_weights
from align.matching.calibration import Calibration
from align.matching.routing import Mode

FOLDS = (0, 1)
MADE = "reports made of lines"


@dataclass(frozen=True)
class _Set:
    """Documents that are measured together, and how."""

    name: str
    documents: list[Document]
    mode: Mode
    joined: bool

    @property
    def label(self) -> str:
        return f"{self.name} {'joined' if self.joined else 'pooled'}" if self.mode == "parallel" else self.name


def fold_lines(
    material: Material,
    training: Training,
    parts: Collection[str],
    encoder: Encoder,
    start: Calibration,
    step: Callable[[], None],
) -> list[str]:
    """Return F1 of each collection and what probabilities are worth.

    Args:
        material, training: the documents, and what the fit makes of them.
        parts: that are fitted; what others say is not measured.
        encoder: that is fitted for.
        start: constants that fitting starts from.
        step: called once for each fold.
    """
    if any(can_be_fitted(training.without_fold(fold), parts) != can_be_fitted(training, parts) for fold in FOLDS):
        return ["No figures: there are too few articles for two folds."]
    sets = list(_sets(material, training, parts))
    totals: dict[str, Doubles] = {one.label: np.zeros(3) for one in sets}
    outcomes: dict[Mode, Outcome] = {"parallel": [], "comparable": []}
    gold = 0.0
    for fold in FOLDS:
        step()
        fitted = _fitted(training.without_fold(fold), parts, encoder, start)
        for one in sets:
            unseen = [document for document in one.documents if document.article % len(FOLDS) == fold]
            counts, outcome = strict_counts(unseen, encoder, fitted, one.mode, joined=one.joined)
            totals[one.label] += counts
            if one.joined or (one.mode == "comparable" and one.name != MADE):
                outcomes[one.mode] += outcome
                gold += counts[2] if one.mode == "comparable" else 0
    width = max(map(len, totals), default=0)
    lines = ["F1 of two folds by article, each scored by weights that did not see it:"]
    lines += [f"{label:{width}} {f1(counts):.4f}" for label, counts in totals.items()]
    for mode, outcome in outcomes.items():
        if outcome:
            lines += [f"probabilities, {mode}", *reliability_lines(outcome)]
    if outcomes["comparable"]:
        lines += ["comparable gold by least probability", *threshold_lines(outcomes["comparable"], gold)]
    return lines


def _sets(material: Material, training: Training, parts: Collection[str]) -> Iterator[_Set]:
    if "in-order" in parts:
        for one in [*material.ordered, *material.lines]:
            documents = [document for document in one.documents if is_worded(document)]
            for joined in (False, True):
                yield _Set(one.name, documents, "parallel", joined)
    if "comparable" in parts:
        for one in material.unordered:
            yield _Set(one.name, one.documents, "comparable", False)
        if training.made_reports:
            yield _Set(MADE, training.made_reports, "comparable", False)


def _fitted(training: Training, parts: Collection[str], encoder: Encoder, start: Calibration) -> Calibration:
    *_, fitted = start, *fit_matching(start, training, parts, encoder)
    if "trust" not in parts:
        return fitted
    blank = replace(fitted, trust=NO_TRUST)
    weights = fit_articles(training.ordered, training.reports, encoder, blank)
    return replace(fitted, trust=with_weights(fitted.trust, weights))
