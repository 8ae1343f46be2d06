from __future__ import annotations

import json

import polars as pl
import pytest

from align.errors import InputError, OptionError
from align.sentences import (
    SENTENCE_SCHEMA,
    assign_languages,
    fold,
    paragraph_lines,
    sentence_lines,
    split_articles,
)

VI = "Tin mới\nHoà bình đã về.  Dân\u00a0làng vui.\r\n\r\nẢnh: TTXVN"
EN = "Peace has come. The village is glad."


def articles(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    schema = {"id": pl.String, "lang": pl.String, "text": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_table_holds_slices_and_their_matching_form():
    table = split_articles(articles(("v", "vi", VI), ("e", "en", EN)))
    assert dict(table.schema) == SENTENCE_SCHEMA
    assert table["index"].to_list() == [0, 1, 2, 3, 0, 1]
    texts = {"v": VI, "e": EN}
    for row in table.iter_rows(named=True):
        assert row["text"] == texts[row["article"]][row["start"] : row["end"]]
        assert row["match_text"] == fold(row["text"])
    assert table["match_text"][2] == "Dân làng vui."
    assert table["match_text"][1] == "Hòa bình đã về."


def test_flags_stand_beside_their_sentences():
    table = split_articles(articles(("v", "vi", VI)))
    assert table["flag"].to_list() == ["boilerplate:navigation", None, None, "boilerplate:credit"]


def test_an_empty_table_keeps_its_columns():
    assert dict(split_articles(articles()).schema) == SENTENCE_SCHEMA


def test_an_article_without_sentences_has_no_rows():
    assert split_articles(articles(("v", "vi", " \n"), ("e", "en", EN)))["article"].to_list() == ["e", "e"]


@pytest.mark.parametrize("row", [("x", None, "Text."), ("x", "fr", "Texte."), ("x", "vi", None)])
def test_an_article_that_cannot_be_split_is_named(row):
    with pytest.raises(InputError, match="article 'x'"):
        split_articles(articles(row))


def test_progress_counts_articles():
    calls = []
    split_articles(articles(("v", "vi", VI), ("e", "en", EN)), progress=lambda *call: calls.append(call))
    assert calls == [("split", 1, 2), ("split", 2, 2)]


def test_languages_are_detected_where_the_file_is_silent():
    french = "Les paysans du village sont allés couper le riz avant la pluie."
    table, left_out = assign_languages(
        articles(("v", None, VI), ("e", None, EN), ("f", None, french), ("g", "en", "X"))
    )
    assert table.select("id", "lang").rows() == [("v", "vi"), ("e", "en"), ("g", "en")]
    assert [name for name, _ in left_out] == ["f"]
    assert "fr" in left_out[0][1]


def test_a_given_language_holds_for_all():
    table, left_out = assign_languages(articles(("v", None, VI), ("e", "en", EN)), "vi")
    assert table["lang"].to_list() == ["vi", "vi"]
    assert left_out == []
    with pytest.raises(OptionError, match="lang is 'fr'"):
        assign_languages(articles(), "fr")


def test_forms_of_the_table():
    source = articles(("e", "en", EN))
    table = split_articles(source)
    assert list(sentence_lines(table, "text")) == ["Peace has come.\n", "The village is glad.\n"]
    assert list(sentence_lines(table, "spans")) == ["e\t0\t15\n", "e\t16\t36\n"]
    objects = [json.loads(line) for line in sentence_lines(table, "jsonl")]
    assert objects[1] == {
        "article": "e",
        "lang": "en",
        "index": 1,
        "start": 16,
        "end": 36,
        "text": "The village is glad.",
        "flag": None,
    }
    with pytest.raises(OptionError, match="format is 'xml'"):
        list(sentence_lines(table, "xml"))


def test_paragraphs_are_the_lines_of_the_article():
    source = articles(("v", "vi", VI), ("e", "en", EN))
    assert "".join(paragraph_lines(split_articles(source), source)) == (
        "Tin mới\n\nHoà bình đã về.\nDân\u00a0làng vui.\n\nẢnh: TTXVN\n\nPeace has come.\nThe village is glad.\n\n"
    )
