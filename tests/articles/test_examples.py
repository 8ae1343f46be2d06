"""The examples agree with their gold: whoever edits an article must edit `gold.tsv` too."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from align.articles import read_articles

EXAMPLES = Path(__file__).parents[2] / "examples"


def gold() -> list[dict[str, str]]:
    with (EXAMPLES / "gold.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_gold_text_is_in_its_article_once(lang: str) -> None:
    found = read_articles(EXAMPLES / lang)
    assert found.problems == ()
    assert found.table.height == 6
    texts = {key: " ".join(text.split()) for key, text in found.table.select("id", "text").iter_rows()}
    for row in gold():
        assert texts[row[f"{lang}_article"]].count(row[lang]) == 1


def test_gold_covers_the_pairs_that_the_table_of_examples_names() -> None:
    pairs = Counter((row["vi_article"], row["en_article"]) for row in gold())
    assert pairs == {
        ("thu-vien.txt", "library.txt"): 14,
        ("chay-lu.txt", "flood-warning.txt"): 9,
        ("dien-mat-troi.html", "solar-school.txt"): 9,
        ("tin-01", "brief-b"): 3,
        ("tin-02", "brief-a"): 3,
    }
    assert {row["kind"] for row in gold()} == {"faithful", "condensed"}
