"""The reliability diagram as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from align.evaluation.report import interval_cells, table, words

BAR_WIDTH = 20
# Filled, empty, mark.
_BLOCKS, _ASCII = ("█", "·", "┃"), ("#", ".", "|")


def render_reliability(result: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """Return what `evaluate_reliability` found as tables: bins, thresholds, thresholds to choose, scores.

    The bar of a bin is filled up to the share right; the mark in it stands where the mean stated probability lies.
    Where fill reaches beyond the mark, pairs are better than stated.

    Args:
        result: the dict of `evaluate_reliability`.
        ascii_only: use no block characters.

    >>> from align.evaluation import evaluate_reliability
    >>> result = evaluate_reliability([0.9, 0.9, 0.9, 0.2], [1, 1, 0, 0], edges=[0, 0.5, 1], resamples=0)
    >>> print("\\n".join(render_reliability(result, ascii_only=True).splitlines()[:3]))
    probability  pairs  stated   right     95 % interval  right to the end of #, stated at |
    0.0 .. 0.5       1  0.2000  0.0000  0.0000 .. 0.7935  ....|...............
    0.5 .. 1.0       3  0.9000  0.6667  0.2077 .. 0.9385  #############.....|.
    """
    characters = _ASCII if ascii_only else _BLOCKS
    counts = f"{result['right']} of {result['predicted']} pairs right"
    parts = [
        _bin_lines(result["bins"], characters),
        list(table(_threshold_rows(result["thresholds"]))),
        list(table(_reached_rows(result["reached"]))),
        [*table(_score_rows(result)), counts, result["signature"]],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def range_labels(bins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ranges of bins, all with as many decimals as the edges need (at most four)."""
    edges = [f"{edge:.4f}".rstrip("0") for one in bins for edge in (one["low"], one["high"])]
    decimals = max(1, *(len(edge.partition(".")[2]) for edge in edges))
    return [f"{one['low']:.{decimals}f} .. {one['high']:.{decimals}f}" for one in bins]


def _bin_lines(bins: Sequence[Mapping[str, Any]], characters: tuple[str, str, str]) -> list[str]:
    full, _, mark = characters
    rows = [["probability", "pairs", "stated", "right", "95 % interval"]]
    bars = [f"right to the end of {full}, stated at {mark}"]
    for label, one in zip(range_labels(bins), bins, strict=True):
        rows.append([label, str(one["count"]), *_decimals(one, "stated", "right"), _interval(one["interval"])])
        bars.append(_bar(one, characters) if one["count"] else "")
    lines = list(table(rows))
    width = max(map(len, lines))
    return [f"{line.ljust(width)}  {bar}".rstrip() for line, bar in zip(lines, bars, strict=True)]


def _bar(one: Mapping[str, float], characters: tuple[str, str, str]) -> str:
    full, empty, mark = characters
    filled = round(one["right"] * BAR_WIDTH)
    at = min(BAR_WIDTH - 1, int(one["stated"] * BAR_WIDTH))
    bar = [full] * filled + [empty] * (BAR_WIDTH - filled)
    bar[at] = mark
    return "".join(bar)


def _threshold_rows(thresholds: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    rows = [["threshold", "kept", "stated", "precision"]]
    for one in thresholds:
        rows.append([f"{one['threshold']:.2f}", str(one["kept"]), *_decimals(one, "stated", "precision")])
    return rows


def _reached_rows(reached: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    rows = [["precision", "threshold", "kept"]]
    for one in reached:
        # As many decimals as corpora have: a rounded threshold would keep other pairs.
        threshold = "-" if one["threshold"] is None else f"{one['threshold']:.6f}"
        rows.append([f"{one['precision']:.2f}", threshold, str(one["kept"])])
    return rows


def _score_rows(result: Mapping[str, Any]) -> list[list[str]]:
    intervals = result["intervals"]
    rows = [["metric", "score"] + (["95 % interval"] if intervals else [])]
    for name, value in result.items():
        if value is None or isinstance(value, float):
            cells = [words(name), *_decimals(result, name), *interval_cells(intervals.get(name))]
            rows.append(cells + [""] * (len(rows[0]) - len(cells)))
    return rows


def _decimals(values: Mapping[str, Any], *names: str) -> list[str]:
    return ["-" if values[name] is None else f"{values[name]:.4f}" for name in names]


def _interval(bounds: Sequence[float] | None) -> str:
    return "".join(interval_cells(bounds)) or "-"
