"""Results as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from align.evaluation.diff_report import render_diff


def render(result: Mapping[str, Any]) -> str:
    """Return a result (or a comparison) as a table, one metric a line, with counts and signature below.

    The diff of a comparison, if it has one, follows after a blank line.

    >>> from align.evaluation import evaluate_mining
    >>> print(render(evaluate_mining({(0, 0), (1, 1)}, {(0, 0)}, resamples=0)))
    metric      score
    precision  1.0000
    recall     0.5000
    f1         0.6667
    right 1, predicted 1, gold 2
    align|mining|n:2|unit:pair|bootstrap:0|version:0.1.0
    """
    return _render_comparison(result) if "differences" in result else _render_result(result)


def to_json(result: Mapping[str, Any]) -> str:
    """Return a result as JSON, keys in their order, without the last line end."""
    return json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False)


def _render_result(result: Mapping[str, Any]) -> str:
    intervals = result["intervals"]
    rows = [["metric", "score"] + (["95 % interval"] if intervals else [])]
    for name, value in result.items():
        if isinstance(value, float):
            rows.append([words(name), f"{value:.4f}", *interval_cells(intervals.get(name))])
    counts = {name: value for name, value in result.items() if isinstance(value, int)}
    lines = [*table(rows), _listing(counts)]
    for name in ("gold_errors", "predicted_errors"):
        if name in result:
            lines.append(f"{words(name)}: {_listing(result[name])}")
    return "\n".join([*lines, result["signature"]])


def _render_comparison(result: Mapping[str, Any]) -> str:
    differences: Mapping[str, Mapping[str, Any]] = result["differences"]
    rows = [["metric", "first", "second", "difference", "95 % interval", "p"]]
    for name, values in differences.items():
        scores = [f"{result[which][name]:.4f}" for which in ("first", "second")]
        interval = interval_cells(values.get("interval"), signed=True) or ["-"]
        p_value = f"{values['p_value']:.4f}" if "p_value" in values else "-"
        rows.append([words(name), *scores, f"{values['difference']:+.4f}", *interval, p_value])
    compared = "\n".join([*table(rows), result["signature"]])
    return f"{compared}\n\n{render_diff(result['diff'])}" if "diff" in result else compared


def interval_cells(bounds: Sequence[float] | None, *, signed: bool = False) -> list[str]:
    """Return `0.1 .. 0.2` as a list of one cell, of none without an interval."""
    if bounds is None:
        return []
    return [" .. ".join(f"{bound:{'+' if signed else ''}.4f}" for bound in bounds)]


def words(name: str) -> str:
    """Return the name of a metric as people write it."""
    return name.replace("_", " ")


def _listing(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{words(name)} {count}" for name, count in counts.items())


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Yield the lines of a table: the first column flush left, the others flush right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()


def warnings(result: Mapping[str, Any]) -> list[str]:
    """Return a line for each system that lacks documents or has documents without gold, and for lacking texts."""
    lines = [f"{which}: {line}" for which in ("first", "second") if which in result for line in warnings(result[which])]
    for name, remark in (
        ("missing_documents", "in gold only: counted as having no output"),
        ("extra_documents", "without gold: left out"),
        ("documents_without_texts", "without texts that fit the beads: no character scores"),
    ):
        documents = result.get(name, [])
        if documents:
            lines.append(
                f"{len(documents)} documents {remark}: {', '.join(documents[:3])}{' ...' * (len(documents) > 3)}"
            )
    return lines
