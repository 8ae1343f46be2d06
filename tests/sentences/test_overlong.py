from __future__ import annotations

import polars as pl

from align.sentences import split_articles
from align.sentences.tables import LONGEST_SENTENCE, OVERLONG


def flags(text: str) -> list[str | None]:
    return split_articles(pl.DataFrame({"id": ["a"], "lang": ["en"], "text": [text]}))["flag"].to_list()


def test_a_sentence_above_the_limit_is_flagged_and_its_neighbours_are_not() -> None:
    longest = "x" * (LONGEST_SENTENCE - 1) + "."
    assert flags(f"It rained.\n{longest}\nIt stopped.") == [None, None, None]
    assert flags(f"It rained.\nx{longest}\nIt stopped.") == [None, OVERLONG, None]


def test_a_long_line_of_sentences_is_not_overlong() -> None:
    assert flags("It rained in the hills. " * 1000) == [None] * 1000
