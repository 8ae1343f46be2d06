"""The articles table: one row per article, its text never altered after decoding."""

from __future__ import annotations

import polars as pl

ARTICLE_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),  # unique in a table: path below the given folder, or the `id` of a JSONL or Parquet row
    "lang": pl.String(),  # "vi" or "en" when the file says so, else null
    "text": pl.String(),  # exactly as decoded (line ends included); all offsets refer to it
    "title": pl.String(),
    "url": pl.String(),
    "date": pl.String(),
    "source": pl.String(),  # the file that it came from
    "notes": pl.List(pl.String()),  # what reading did that the user should know, such as "decoded as TCVN3"
}
"""Column names and types of the articles table."""
