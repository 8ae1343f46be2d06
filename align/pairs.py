"""From beads to rows of the corpus: texts, offsets, scores, remarks; and the rows of what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from align.collection import Collection, Span
from align.corpus import PAIR_SCHEMA, pair_ids
from align.encoders import Encoder
from align.matching.articles import Match, Reason
from align.matching.beads import Bead
from align.matching.calibration import Calibration
from align.matching.neighbours import nearest_mean
from align.quality.facts import compare_batch

Doubles = NDArray[np.float64]

NEIGHBOURS = 4  # k of the margin
DECIMALS = 6  # of scores in a corpus: more would differ between machines
VECTOR_DECIMALS = 5  # of what is computed from vectors alone

REJECT_COLUMNS: dict[str, pl.DataType] = {"reason": pl.String(), "detail": pl.String()}
"""What a table of rejected pairs has after the columns of `align.corpus.PAIR_SCHEMA`: why, in one word, and in full."""


@dataclass(frozen=True)
class RowMaker:
    """Makes rows of `PAIR_SCHEMA` of the beads of a run; scores are not rounded yet.

    Attributes:
        vi, en: the articles.
        encoder: that made their vectors.
        calibration: of that encoder.
        run: signature of the run.
    """

    vi: Collection
    en: Collection
    encoder: Encoder
    calibration: Calibration
    run: str

    def kept(self, matches: Sequence[Match]) -> pl.DataFrame:
        """Return the rows of all beads; one that crosses the bead before it is flagged."""
        beads, crossing = [], []
        for match in matches:
            for place, bead in enumerate(match.beads):
                beads.append((match, bead))
                crossing.append(place > 0 and bead.en < match.beads[place - 1].en)
        return self._rows(beads, crossing)

    def left_out(self, matches: Sequence[Match], min_probability: float) -> pl.DataFrame:
        """Return the rows of the beads that matching left out, with the columns `REJECT_COLUMNS`."""
        beads = [(match, bead) for match in matches for bead, _ in match.rejected]
        reasons = [
            (reason, reject_detail(reason, bead.score, min_probability))
            for match in matches
            for bead, reason in match.rejected
        ]
        rows = self._rows(beads, [False] * len(beads))
        return rows.hstack(pl.DataFrame(reasons, schema=REJECT_COLUMNS, orient="row"))

    def _rows(self, beads: Sequence[tuple[Match, Bead]], crossing: Sequence[bool]) -> pl.DataFrame:
        if not beads:
            return pl.DataFrame(schema=PAIR_SCHEMA)
        vi_spans = [self.vi.span(match.pair.vi, bead.vi) for match, bead in beads]
        en_spans = [self.en.span(match.pair.en, bead.en) for match, bead in beads]
        cosine, margin = self._similarities(vi_spans, en_spans)
        flags = [self._flags(match, crosses) for (match, _), crosses in zip(beads, crossing, strict=True)]
        table = pl.DataFrame(
            {
                **self.vi.columns("vi", vi_spans),
                **self.en.columns("en", en_spans),
                "probability": [bead.score for _, bead in beads],
                "cosine": cosine,
                "margin": margin,
                "bead": [bead.shape for _, bead in beads],
                "run": [self.run] * len(beads),
            }
        )
        compared = compare_batch(table["vi"].to_list(), table["en"].to_list())
        table = table.with_columns(
            id=pair_ids(table),
            mt_chrf=pl.lit(None, dtype=pl.Float64),
            flags=pl.Series([own + found.labels for own, found in zip(flags, compared, strict=True)]),
        )
        return table.select(pl.col(name).cast(dtype) for name, dtype in PAIR_SCHEMA.items())

    def _similarities(self, vi_spans: Sequence[Span], en_spans: Sequence[Span]) -> tuple[Doubles, Doubles]:
        """Return cosine and ratio margin of each pair of spans, float64 (n,); neighbours are the run's sentences."""
        vi, en = self.vi.span_vectors(vi_spans, self.encoder), self.en.span_vectors(en_spans, self.encoder)
        cosine = np.einsum("nd,nd->n", vi, en).astype(np.float64)
        background = self.calibration.mining.background
        near = nearest_mean(vi, self.en.vectors, NEIGHBOURS, background)
        near = (near + nearest_mean(en, self.vi.vectors, NEIGHBOURS, background)) / 2
        return cosine, cosine / np.maximum(near, 1e-6)

    def _flags(self, match: Match, crossing: bool) -> list[str]:
        """Remark on how a bead was found, whether it crosses the one before, and whose constants its scores rest on."""
        flags: list[str] = [match.mode]
        if crossing:
            flags.append("crossing")
        if self.calibration.rescaled_for:
            flags.append("uncalibrated")
        return flags


def settle(matched: pl.DataFrame, doubtful: pl.DataFrame, min_probability: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decide again after probabilities have changed.

    Args:
        matched: pairs that matching kept.
        doubtful: pairs that it found too improbable; one that is probable now is taken if its sentences are free.
        min_probability: least of a pair that stays.

    Returns:
        The pairs that stay, and those that do not with the columns `REJECT_COLUMNS`; both in the order of their
        articles.
    """
    table = pl.concat([matched, doubtful], how="diagonal")
    places = [_sentences(row) for row in table.iter_rows(named=True)]
    chances = table["probability"].to_list()
    reasons: list[Reason | None] = ["probability" if chance < min_probability else None for chance in chances]
    used = {place for row in range(matched.height) if reasons[row] is None for place in places[row]}
    for row in sorted(range(matched.height, table.height), key=lambda row: (-chances[row], row)):
        if reasons[row] is None and used & places[row]:
            reasons[row] = "competition"
        elif reasons[row] is None:
            used |= places[row]
    verdicts = [
        (None, None) if reason is None else (reason, reject_detail(reason, chance, min_probability))
        for reason, chance in zip(reasons, chances, strict=True)
    ]
    table = table.hstack(pl.DataFrame(verdicts, schema=REJECT_COLUMNS, orient="row"))
    stays = pl.col("reason").is_null()
    kept = _in_article_order(table.filter(stays), matched).drop(list(REJECT_COLUMNS))
    return kept, table.filter(~stays)


def _sentences(row: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(side, row[f"{side}_article"], place) for side in ("vi", "en") for place in row[f"{side}_sentences"]}


def _in_article_order(pairs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Sort by article pair in the order of `known`, then by the place in the Vietnamese article."""
    articles = ["vi_article", "en_article"]
    order = pl.concat([known.select(articles), pairs.select(articles)]).unique(maintain_order=True)
    ranked = pairs.join(order.with_row_index("_article_pair"), on=articles, how="left", maintain_order="left")
    return ranked.sort("_article_pair", "vi_start", maintain_order=True).drop("_article_pair")


def reject_detail(reason: Reason, probability: float, min_probability: float) -> str:
    """Say in full why matching left a pair out.

    >>> reject_detail("probability", 0.314, 0.5)
    'probability 0.3140, least 0.5'
    """
    if reason == "probability":
        return f"probability {probability:.4f}, least {min_probability:g}"
    return f"probability {probability:.4f}, but a more probable pair has a sentence of it"


def rounded(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose scores have as many decimals as machines agree on.

    Products of vectors in single precision differ in the sixth from one size of matrix to another.
    """
    table = table.with_columns(pl.selectors.float().round(DECIMALS))
    return table.with_columns(pl.selectors.by_name("margin", "cosine", require_all=False).round(VECTOR_DECIMALS))
