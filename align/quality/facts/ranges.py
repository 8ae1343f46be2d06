"""Numbers in figures with what belongs to them: ranges, scores, versions."""

from __future__ import annotations

import re

from align.quality.facts.fact import Fact
from align.quality.facts.line import Line
from align.quality.facts.numerals import FIGURES
from align.quality.facts.quantities import Amount, amount_at

_RANGE = {
    "vi": re.compile(r"(\s?-\s?|\s(?:đến|tới|hoặc|và)\s)(?=\d)"),
    "en": re.compile(r"(\s?-\s?|\s(?:to|or|and)\s)(?=[\d$£€¥])"),
}
_SIGN = re.compile(r"[$£€¥]")
_SCORE = re.compile(r"(\d{1,2})\s?-\s?(\d{1,2})(?![\d%]|[.,/-]\d|\s?-)")
_SCORE_CONTEXT = re.compile(
    r"(?:tỷ số|tỉ số|thắng|thua|hòa|hoà|dẫn|won|wins?|beat|lost|lose|score|victory|defeat|draw|lead|led|down|up)\b"
    r"[^.\d]{0,25}(?:\d{1,2}-\d{1,2},?\s){0,5}$"
)


def figures_facts(line: Line, index: int, lang: str) -> tuple[list[Fact], int] | None:
    """Return the facts of the number in figures at word `index`, or of its range or score, and where they end."""
    start = line.starts[index]
    score = _score(line, start)
    if score is not None:
        return [score], score.end
    first = amount_at(line, start, index, lang)
    if first is None:
        return _version(line, start)
    fact, amount = first
    between = _RANGE[lang].match(line.low, fact.end)
    if between is None or (between[1].strip() == "-" and _continues(line, between.end())):
        return [fact], fact.end
    place = between.end()
    while _SIGN.match(line.low, place):
        place += 1
    second = amount_at(line, place, line.word_from(place, index), lang)
    if second is None:
        return [fact], fact.end
    joined = between[1].strip() not in ("và", "and")
    return [_beside(fact, amount, *second, joined=joined), second[0]], second[0].end


def _version(line: Line, start: int) -> tuple[list[Fact], int] | None:
    """Figures that are no number: 2.4.1, 192.168.1.1."""
    match = FIGURES.match(line.low, start)
    return ([Fact("code", match.group(), match.group(), *match.span())], match.end()) if match else None


def _continues(line: Line, place: int) -> bool:
    """1-2-3 and 2023-10-15 are no ranges."""
    return re.match(r"\d+\s?[-/]\s?\d", line.low[place : place + 12]) is not None


def _beside(first: Fact, amount: Amount, second: Fact, other: Amount, *, joined: bool) -> Fact:
    """Let the first number of a range share the scale and the measure of the second: 10-15 triệu đồng."""
    if first.kind not in ("number", "money", "date") or amount.scaled != 1.0:
        return first
    raw = amount.readings[0]
    scale = other.scaled if raw <= other.readings[0] / other.scaled else 1.0
    value = raw * scale
    numbers: tuple[float, ...] = (value, raw) if joined else (raw, value)
    if scale == 1.0:
        numbers = first.numbers
    if not joined:
        return first._replace(numbers=tuple(dict.fromkeys((*first.numbers, *numbers))))
    if first.kind == "number" and second.kind == "percent":
        return first._replace(kind="percent", value=raw, numbers=(raw, raw / 100))
    if second.kind in ("money", "unit") and isinstance(second.value, tuple) and first.kind == "number":
        factor = second.value[0] / other.readings[0] if other.readings[0] else 1.0
        return first._replace(kind=second.kind, value=(value * factor, second.value[1]), numbers=numbers)
    if first.kind == "money" and isinstance(first.value, tuple):
        return first._replace(value=(value, first.value[1]), numbers=numbers)
    return first._replace(value=value, numbers=numbers) if first.kind == "number" else first


def _score(line: Line, start: int) -> Fact | None:
    match = _SCORE.match(line.low, start)
    if match is None:
        return None
    one, other = int(match[1]), int(match[2])
    falling = one >= other and len(match[1]) == len(str(one)) and len(match[2]) == len(str(other))
    if not falling and not _SCORE_CONTEXT.search(line.low, max(0, start - 45), start):
        return None
    if re.match(r"\s?(?:%|phần trăm|percent|per cent)", line.low[match.end() : match.end() + 12]):
        return None
    value = (max(one, other), min(one, other))
    return Fact("score", value, match.group(), start, match.end(), False, (float(one), float(other)))
