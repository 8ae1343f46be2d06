"""Precision, recall and F1 of sentence boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol, TypeAlias

import numpy as np

from align.errors import InputError
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, FloatArray, Measure, harmonic_mean, ratio
from align.evaluation.results import Tally, build_comparison, build_result


class HasText(Protocol):
    """Anything with a text, `align.Sentence` above all."""

    @property
    def text(self) -> str:
        """The text of the sentence."""


Paragraph: TypeAlias = Sequence[str | HasText]
_Boundaries: TypeAlias = tuple[frozenset[int], frozenset[int]]  # of gold, of the system


@dataclass(frozen=True)
class TextDifference:
    """The first place where two splits are not splits of the same text.

    Attributes:
        paragraph: 0-based number of the paragraph; the number of common paragraphs when one side has more.
        gold_sentence: 0-based number of the sentence in it on the gold side, None when gold has ended.
        predicted_sentence: the same on the predicted side.
        gold: what stands there, up to 12 characters other than spaces before and after the place.
        predicted: the same on the predicted side.
    """

    paragraph: int
    gold_sentence: int | None
    predicted_sentence: int | None
    gold: str
    predicted: str


def evaluate_split(
    gold: Sequence[Paragraph],
    predicted: Sequence[Paragraph],
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Score sentence boundaries inside paragraphs.

    A boundary is the number of characters other than white space before it, so that differences of spacing do not
    matter; the end of a paragraph is no boundary. Counts are summed over paragraphs.

    Args:
        gold: paragraphs, each a list of its sentences (strings, or objects with `.text`).
        predicted: the same paragraphs, split by the system.
        resamples: bootstrap resamples for the 95 % intervals, by paragraph, or by boundary when there is one
            paragraph; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `precision`, `recall`, `f1`, `paragraphs_exact` (share of paragraphs with all boundaries right), all 0 to 1,
        then `right`, `predicted`, `gold` (numbers of boundaries), `paragraphs`, `intervals` (metric -> [low, high])
        and `signature`.

    Raises:
        InputError: the two are not splits of the same text; the message says where they part.
        OptionError: `resamples` or `seed` is out of range.

    >>> result = evaluate_split([["TS. An đến.", "Cô ấy nói."]], [["TS.", "An đến.", "Cô ấy nói."]], resamples=0)
    >>> result["precision"], result["recall"], result["paragraphs_exact"]
    (0.5, 1.0, 0.0)
    """
    paragraphs = _paragraphs(gold, predicted)
    counts = [int(sum(column)) for column in zip((0,) * 5, *map(_row, paragraphs), strict=True)]
    return build_result(
        "split",
        _tally(paragraphs),
        _MEASURE,
        unit="boundary" if len(paragraphs) == 1 else "paragraph",
        resamples=resamples,
        seed=seed,
        counts=dict(zip(("right", "predicted", "gold", "paragraphs_right", "paragraphs"), counts, strict=True)),
    )


def compare_split(
    gold: Sequence[Paragraph],
    first: Sequence[Paragraph],
    second: Sequence[Paragraph],
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare two splitters on the same text by paired bootstrap.

    Args:
        gold: as for `evaluate_split`.
        first: the same paragraphs, split by the first system.
        second: the same paragraphs, split by the second system.
        resamples: bootstrap resamples; 0 for differences only.
        seed: seed of the bootstrap.

    Returns:
        `first` and `second` (results of `evaluate_split`), `differences` (metric -> `difference`, second minus first,
        `interval`, `p_value`; only the first for `paragraphs_exact` of one paragraph, which proves nothing) and
        `signature`.

    Raises:
        InputError: as for `evaluate_split`.
        OptionError: as for `evaluate_split`.
    """
    one, other = _paragraphs(gold, first), _paragraphs(gold, second)
    compared = build_comparison(
        (
            evaluate_split(gold, first, resamples=resamples, seed=seed),
            evaluate_split(gold, second, resamples=resamples, seed=seed),
        ),
        (_tally(one, rival=other), _tally(other, rival=one)),
        _MEASURE,
        resamples=resamples,
        seed=seed,
    )
    if len(gold) == 1:
        exact = compared["differences"]["paragraphs_exact"]
        compared["differences"]["paragraphs_exact"] = {"difference": exact["difference"]}
    return compared


def find_text_difference(gold: Sequence[Paragraph], predicted: Sequence[Paragraph]) -> TextDifference | None:
    """Return where two splits are of different text, white space aside, or None."""
    for number in range(max(len(gold), len(predicted))):
        own = [_letters(sentence) for sentence in gold[number]] if number < len(gold) else []
        other = [_letters(sentence) for sentence in predicted[number]] if number < len(predicted) else []
        own_text, other_text = "".join(own), "".join(other)
        if own_text != other_text or min(len(gold), len(predicted)) <= number:
            at = _first_difference(own_text, other_text)
            return TextDifference(
                number,
                _sentence_at(own, at),
                _sentence_at(other, at),
                _around(own_text, at),
                _around(other_text, at),
            )
    return None


def _letters(sentence: str | HasText) -> str:
    return "".join((sentence if isinstance(sentence, str) else sentence.text).split())


def _first_difference(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))


def _around(text: str, at: int) -> str:
    return text[max(0, at - 12) : at + 12]


def _sentence_at(sentences: Iterable[str], offset: int) -> int | None:
    ends = enumerate(accumulate(len(sentence) for sentence in sentences))
    return next((number for number, end in ends if offset < end), None)


def _boundaries(paragraph: Paragraph) -> frozenset[int]:
    ends = list(accumulate(len(_letters(sentence)) for sentence in paragraph))
    return frozenset(ends[:-1]) - {0, ends[-1]} if ends else frozenset()


def _paragraphs(gold: Sequence[Paragraph], predicted: Sequence[Paragraph]) -> list[_Boundaries]:
    difference = find_text_difference(gold, predicted)
    if difference is not None:
        raise InputError(
            f"paragraph {difference.paragraph}: the texts differ: "
            f"gold has {difference.gold!r}, predicted has {difference.predicted!r}"
        )
    return [(_boundaries(own), _boundaries(other)) for own, other in zip(gold, predicted, strict=True)]


def _row(paragraph: _Boundaries) -> tuple[int, int, int, bool, int]:
    gold, predicted = paragraph
    return len(gold & predicted), len(predicted), len(gold), gold == predicted, 1


def _tally(paragraphs: Sequence[_Boundaries], rival: Sequence[_Boundaries] = ()) -> Tally:
    """Return the counts by paragraph; with one paragraph by boundary, those of a rival system included.

    The paragraph's own two counts ride on each boundary, as their ratio is the same in any resample.
    """
    if len(paragraphs) != 1:
        return dict(enumerate(map(_row, paragraphs)))
    gold, predicted = paragraphs[0]
    places = gold.union(predicted, *(other for _, other in rival)) or {0}
    return {at: (at in gold and at in predicted, at in predicted, at in gold, gold == predicted, 1) for at in places}


def _formula(sums: FloatArray) -> FloatArray:
    precision, recall = ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 0], sums[..., 2])
    return np.stack([precision, recall, harmonic_mean(precision, recall), ratio(sums[..., 3], sums[..., 4])], axis=-1)


_MEASURE = Measure(("precision", "recall", "f1", "paragraphs_exact"), 5, _formula)
