"""The pair schema: one row of the corpus (DESIGN, section 5)."""

from __future__ import annotations

import polars as pl

PAIR_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),  # 16 hex digits, hash of articles, offsets and texts
    "vi": pl.String(),  # the article's own text between the offsets, white space folded to single spaces
    "en": pl.String(),
    "probability": pl.Float64(),  # calibrated chance that the pair is a translation, 0..1
    "margin": pl.Float64(),  # ratio margin (Artetxe & Schwenk 2019)
    "cosine": pl.Float64(),
    "bead": pl.String(),  # number of sentences on either side, such as "1-2"
    "vi_article": pl.String(),
    "en_article": pl.String(),
    "vi_sentences": pl.List(pl.Int64()),  # 0-based indices into the article's sentences
    "en_sentences": pl.List(pl.Int64()),
    "vi_start": pl.Int64(),  # half-open character (code point) offsets into the article's text
    "vi_end": pl.Int64(),
    "en_start": pl.Int64(),
    "en_end": pl.Int64(),
    "flags": pl.List(pl.String()),  # remarks on the pair, such as "crossing"; empty when there are none
    "mt_chrf": pl.Float64(),  # chrF of the back-translation, 0..100; null when it was not asked for
    "run": pl.String(),  # signature of the run that made the row
}
"""Column names and types, in the order in which every format writes them."""
