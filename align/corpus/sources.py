"""The articles that a corpus was made from, looked up by their identity."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import polars as pl

from align.sentences import Sentence, split

Side = Literal["vi", "en"]
SIDES: tuple[Side, Side] = ("vi", "en")
LANGUAGE_NAMES = {"vi": "Vietnamese", "en": "English"}


class Source:
    """The articles of one side: their texts and, when asked for, their sentences.

    Args:
        side: "vi" or "en".
        articles: table of `ARTICLE_SCHEMA`; the columns `id` and `text` are used.
    """

    def __init__(self, side: Side, articles: pl.DataFrame) -> None:
        """Take the texts; nothing is split yet."""
        self.side: Side = side
        self._articles = articles
        self._sentences: dict[str, list[Sentence]] = {}

    @cached_property
    def texts(self) -> dict[str, str]:
        """Article identity -> text."""
        return dict(self._articles.select("id", "text").iter_rows())

    def sentences(self, article: str) -> list[Sentence]:
        """Return the sentences of an article, split once."""
        if article not in self._sentences:
            self._sentences[article] = split(self.texts[article], self.side)
        return self._sentences[article]
