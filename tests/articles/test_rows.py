from __future__ import annotations

import datetime
import io
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legacy_bytes import PARAGRAPH, encode

from align.articles.record import Article, Problem
from align.articles.rows import read_jsonl, read_language, read_parquet
from align.errors import DecodingError


def jsonl(*lines: object, encoding: str | None = None) -> list[Article | Problem]:
    data = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines
    )
    return list(read_jsonl(data, "dir/a.jsonl", "a.jsonl", encoding))


def parquet(columns: dict[str, object]) -> list[Article | Problem]:
    stream = io.BytesIO()
    pl.DataFrame(columns).write_parquet(stream)
    return list(read_parquet(stream.getvalue(), "dir/a.parquet", "a.parquet"))


def test_all_columns() -> None:
    row = {"id": "x", "text": "Xin chào.\n", "lang": "vi", "title": "Chào", "url": "https://a.example", "date": "2024"}
    [article] = jsonl(row | {"other": [1]})
    assert article == Article(source="dir/a.jsonl", place="dir/a.jsonl:1", **row)
    [same] = parquet({name: [value] for name, value in row.items()} | {"other": [[1]]})
    assert same == Article(source="dir/a.parquet", place="dir/a.parquet row 1", **row)


def test_ids_may_be_numbers_or_absent() -> None:
    lines = [{"id": 7, "text": "a"}, {"text": "b"}, b"", {"id": None, "text": "c"}, {"id": "", "text": "d"}]
    assert [article.id for article in jsonl(*lines)] == ["7", "a.jsonl#2", "a.jsonl#4", "a.jsonl#5"]
    assert [article.id for article in parquet({"id": [7, None], "text": ["a", "b"]})] == ["7", "a.parquet#2"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": 1, "text": "a"', "broken JSON"),
        (b'{"id": 1, "text": NaN}', "NaN is not JSON"),
        (b"[1]", "a JSON list, not an object"),
        (b'{"id": 1}', "has no 'text'"),
        (b'{"id": 1, "text": null}', "has no 'text'"),
        (b'{"id": 1, "text": ["a"]}', "'text' is a list, not a string"),
        (b'{"id": true, "text": "a"}', "'id' is a bool"),
        (b'{"id": [1], "text": "a"}', "'id' is a list"),
        (b'{"id": 1, "text": "a\\ud800b"}', "lone surrogate"),
        (b'{"id": "\\udfff", "text": "a"}', "lone surrogate"),
        (b"[" * 100_000, "broken JSON"),
        (b'{"id": ' + b"9" * 5000 + b', "text": "a"}', "broken JSON"),
        ('{"text": "ệ'.encode()[:-1], "damaged UTF-8; mend the line"),
    ],
)
def test_a_broken_line_is_named_and_the_others_kept(line: bytes, message: str) -> None:
    first, second, third = jsonl({"id": "a", "text": "một"}, line, {"id": "c", "text": "ba"})
    assert [getattr(article, "id", None) for article in (first, third)] == ["a", "c"]
    assert isinstance(second, Problem)
    assert second.source == "dir/a.jsonl:2"
    assert message in second.message


def test_bad_optional_fields_are_left_out_with_a_note() -> None:
    [article] = jsonl(rb'{"text": "a", "lang": "fr", "title": ["b"], "url": 5, "date": "\ud800"}')
    assert isinstance(article, Article)
    assert (article.lang, article.title, article.url, article.date) == (None, None, None, None)
    assert article.notes == (
        "lang 'fr' is neither vi nor en: left out",
        "title is a list, not a string: left out",
        "url is a number, not a string: left out",
        "date holds half of a character: left out",
    )


def test_language_tags() -> None:
    assert [read_language(tag)[0] for tag in ("vi", "vi-VN", "EN_us", "eng", "", "de")] == [
        "vi",
        "vi",
        "en",
        "en",
        None,
        None,
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_any_text_goes_round(texts: list[str]) -> None:
    articles = jsonl(*({"id": number, "text": text} for number, text in enumerate(texts)))
    assert [(article.id, article.text) for article in articles] == [
        (str(number), text) for number, text in enumerate(texts)
    ]


def test_line_separators_of_unicode_do_not_end_a_line() -> None:
    [article] = jsonl({"text": "một\u2028hai\x85ba\r"})
    assert article.text == "một\u2028hai\x85ba\r"


def test_other_encodings() -> None:
    line = json.dumps({"id": 1, "text": PARAGRAPH}, ensure_ascii=False)
    for data, encoding in [
        (encode(line, "tcvn3"), "tcvn3"),
        (encode(line, "viscii"), None),
        (line.encode("utf-16"), None),
    ]:
        [article] = read_jsonl(data, "a.jsonl", "a.jsonl", encoding)
        assert article.text == PARAGRAPH
        assert article.notes[0].startswith("decoded as ")


@pytest.mark.parametrize("data", [b"\x93\xfa\x96{\x8c\xea\n" * 3, bytes(range(256)) * 4, b"PK\x03\x04abc\n\xff\n"])
def test_a_file_that_is_no_text_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(DecodingError):
        list(read_jsonl(data, "a.jsonl", "a.jsonl", None))


def test_parquet_without_text_column() -> None:
    [problem] = parquet({"id": [1], "body": ["a"]})
    assert problem == Problem(
        "dir/a.parquet", "has no column 'text' (columns: id, body); rename the one with the articles"
    )


def test_parquet_columns_of_wrong_type() -> None:
    [problem] = parquet({"text": [1, 2]})
    assert isinstance(problem, Problem)
    assert problem.message == "column 'text' is Int64, not String; write it as text"
    problems = parquet({"id": [[1]], "text": ["a"]})
    assert [str(problem) for problem in problems] == [
        "dir/a.parquet row 1: 'id' is a list, not a string or number; give each article its own id"
    ]


def test_parquet_rows_without_text_and_dates_of_their_own_type() -> None:
    first, second = parquet({"text": ["a", None], "date": [datetime.date(2024, 10, 15), None]})
    assert isinstance(first, Article)
    assert first.date == "2024-10-15"
    assert isinstance(second, Problem)
    assert str(second) == "dir/a.parquet row 2: has no 'text'; give each article its text"


def test_parquet_categories_are_text() -> None:
    [article] = parquet({"text": pl.Series(["a"], dtype=pl.Categorical)})
    assert article.text == "a"


@pytest.mark.parametrize("cut", [4, 50, -1, -20])
def test_damaged_parquet_is_a_problem(cut: int) -> None:
    stream = io.BytesIO()
    pl.DataFrame({"text": ["một", "hai"]}).write_parquet(stream)
    [problem] = read_parquet(stream.getvalue()[:cut], "a.parquet", "a.parquet")
    assert isinstance(problem, Problem)
    assert problem.message.startswith("not a whole Parquet file (")
