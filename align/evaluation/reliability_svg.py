"""The reliability diagram as a picture: one self-contained SVG file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

_SIDE = 400  # of the square, pixels
_LEFT, _TOP = 60, 88
_BARS = 84  # height of the histogram
_GAP = 16
_RIGHT, _BOTTOM = 24, 48
_WIDTH = _LEFT + _SIDE + _RIGHT
_BARS_BASE = _TOP + _SIDE + _GAP + _BARS
_HEIGHT = _BARS_BASE + _BOTTOM
_TALLEST = _BARS - 16  # leaves room for the count above the bar
_DIGIT = 6.4  # width of a digit of a count, pixels
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

_STYLE = """\
svg { font: 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.page { fill: #ffffff; } text { fill: #4a5560; } .title { fill: #1b232b; font-size: 16px; font-weight: 600; }
.grid { stroke: #e4e8ec; } .frame { stroke: #aab3bc; fill: none; } .count { font-size: 10px; }
.diagonal { stroke: #7b8794; stroke-dasharray: 5 4; } .whisker { stroke: #1769aa; stroke-width: 1.5; }
.point { fill: #1769aa; stroke: #ffffff; stroke-width: 1.5; } .bar { fill: #a9cbe8; }
@media (prefers-color-scheme: dark) {
.page { fill: #14181d; } text { fill: #a9b4bf; } .title { fill: #eceff2; }
.grid { stroke: #2a323a; } .frame { stroke: #56626e; } .diagonal { stroke: #8d99a6; }
.whisker { stroke: #6cb6ff; } .point { fill: #6cb6ff; stroke: #14181d; } .bar { fill: #34587b; }
}"""


def draw_reliability(result: Mapping[str, Any], *, title: str = "What a stated probability is worth") -> str:
    """Return what `evaluate_reliability` found as the text of an SVG file, readable on light and dark screens.

    Above, each bin with pairs is a point: mean stated probability and share right, with the Wilson interval; on the
    dashed diagonal what is stated is true. Below stands the number of pairs of each bin. Equal results give equal text.

    Args:
        result: the dict of `evaluate_reliability`.
        title: the heading; characters that XML does not allow become "?".
    """
    heading = escape("".join(letter if letter.isprintable() else "?" for letter in title))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img">',
        f"<title>{heading}</title>",
        f"<desc>{escape(result['signature'])}</desc>",
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}"/>',
        _text(_LEFT, 28, heading, "start", "title"),
        *(_text(_LEFT, 49 + 18 * at, escape(line), "start") for at, line in enumerate(_summary(result))),
        *_axes(),
        *_bars(result["bins"]),
        *(_point(one) for one in result["bins"] if one["count"]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _summary(result: Mapping[str, Any]) -> tuple[str, str]:
    bounds = result["intervals"].get("expected_calibration_error")
    interval = f" ({bounds[0]:.3f} .. {bounds[1]:.3f})" if bounds else ""
    error = f"calibration error {result['expected_calibration_error']:.3f}{interval}"
    return (
        f"{result['predicted']} pairs, {result['right']} right",
        f"{error}, Brier score {result['brier_score']:.3f}",
    )


def _axes() -> Iterator[str]:
    for tick in _TICKS:
        x, y = _x(tick), _y(tick)
        yield f'<path class="grid" d="M{_number(x)} {_TOP}V{_BARS_BASE}M{_LEFT} {_number(y)}H{_LEFT + _SIDE}"/>'
        yield _text(x, _BARS_BASE + 18, f"{tick:.1f}", "middle")
        yield _text(_LEFT - 8, y + 4, f"{tick:.1f}", "end")
    yield f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}"/>'
    yield f'<path class="diagonal" d="M{_LEFT} {_TOP + _SIDE}L{_LEFT + _SIDE} {_TOP}"/>'
    yield _text(_LEFT + _SIDE / 2, _BARS_BASE + 38, "stated probability", "middle")
    yield _upright(_TOP + _SIDE / 2, "share right")
    yield _upright(_BARS_BASE - _BARS / 2, "pairs")


def _bars(bins: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    most = max(one["count"] for one in bins)
    numbered = all(_DIGIT * (len(str(one["count"])) + 1) <= _x(one["high"]) - _x(one["low"]) for one in bins)
    if not numbered:
        yield _text(_LEFT - 8, _BARS_BASE - _TALLEST + 4, str(most), "end", "count")
    for one in bins:
        if not one["count"]:
            continue
        left, right = _x(one["low"]), _x(one["high"])
        # A single pair beside thousands is still seen.
        height = max(2.0, _TALLEST * one["count"] / most)
        yield (
            f'<rect class="bar" x="{_number(left + 1)}" y="{_number(_BARS_BASE - height)}" '
            f'width="{_number(max(1.0, right - left - 2))}" height="{_number(height)}"/>'
        )
        if numbered:
            yield _text((left + right) / 2, _BARS_BASE - height - 4, str(one["count"]), "middle", "count")
    yield f'<path class="frame" d="M{_LEFT} {_BARS_BASE}H{_LEFT + _SIDE}"/>'


def _point(one: Mapping[str, Any]) -> str:
    x = _number(_x(one["stated"]))
    low, high = (_number(_y(bound)) for bound in one["interval"])
    left, right = (_number(_x(one["stated"]) + step) for step in (-4, 4))
    told = f"stated {one['stated']:.4f}, right {one['right']:.4f}, pairs {one['count']}"
    return (
        f'<g><title>{told}</title><path class="whisker" '
        f'd="M{x} {low}V{high}M{left} {low}H{right}M{left} {high}H{right}"/>'
        f'<circle class="point" cx="{x}" cy="{_number(_y(one["right"]))}" r="4.5"/></g>'
    )


def _x(probability: float) -> float:
    return _LEFT + _SIDE * probability


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _text(x: float, y: float, content: str, anchor: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}">{content}</text>'


def _upright(y: float, content: str) -> str:
    place = f"18 {_number(y)}"
    return f'<text class="label" transform="translate({place}) rotate(-90)" text-anchor="middle">{content}</text>'


def _number(value: float) -> str:
    """Two decimals are finer than any screen, and hide the last bits in which machines differ."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
