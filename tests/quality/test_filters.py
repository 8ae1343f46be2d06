from __future__ import annotations

import sys
import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.corpus.schema import conform
from align.errors import InputError, MissingExtraError, OptionError
from align.quality.filters import (
    DEFAULT,
    FILTERS,
    STRICT,
    apply_filters,
    make_filters,
    rejected_schema,
    score_filters,
    summary,
    threshold_fields,
)

TRUE = {
    "vi": ["Trời mưa to suốt đêm.", "Ông Nam đến Huế hôm qua.", "Nước sông lên nhanh."],
    "en": ["It rained hard all night.", "Mr Nam came to Hue yesterday.", "The river rose quickly."],
}
FRAGMENTS = [
    "Trời mưa to suốt đêm", "It rained hard all night", "12", "3,5 %", "Hà Nội", "the river of", "Chia sẻ", "Share",
    "\ufffd", "<br>", "https://www.example.com/a", "Tiáº¿ng", "ha ha ha", "!!!!!!!!!!", "“", "”", " ", "⁇", "--all",
    "\n", "Nguyễn Văn An", "NFD: ve\u0302\u0300", "\x00", "một", "said", "x", "", "😀", "水", ".", ",",
]  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map(" ".join), st.text(max_size=40), st.none())
pairs = st.lists(st.tuples(texts, texts), max_size=12)

ALL = ",".join(FILTERS)


def table(rows: list[tuple[str | None, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"vi": pl.String, "en": pl.String}, orient="row").with_row_index("n")


@settings(deadline=None, max_examples=150)
@given(pairs, st.integers(1, 5))
def test_batches_of_any_size_give_the_same_verdicts(rows: list[tuple[str | None, str | None]], size: int) -> None:
    whole = apply_filters(table(rows), make_filters(ALL))
    filters = make_filters(ALL)
    parts = [apply_filters(batch, filters) for batch in table(rows).iter_slices(size)]
    for at in (0, 1):
        assert pl.concat([whole[at].clear(), *(part[at] for part in parts)]).equals(whole[at])


@settings(deadline=None, max_examples=150)
@given(pairs, st.sampled_from([ALL, *FILTERS]))
def test_kept_and_rejected_are_the_input_unchanged_and_in_order(
    rows: list[tuple[str | None, str | None]], spec: str
) -> None:
    before = table(rows)
    kept, rejected = apply_filters(before, make_filters(spec))
    assert kept.columns == before.columns
    assert kept["n"].is_sorted()
    assert rejected["n"].is_sorted()
    assert pl.concat([kept, rejected.select(before.columns)]).sort("n").equals(before)
    assert rejected["reason"].null_count() == rejected["detail"].null_count() == 0
    assert rejected.schema == rejected_schema(before.schema, make_filters(spec))


@settings(deadline=None, max_examples=50)
@given(pairs)
def test_what_was_kept_is_kept_again(rows: list[tuple[str | None, str | None]]) -> None:
    kept, _ = apply_filters(table(rows), make_filters(ALL))
    again, rejected = apply_filters(kept, make_filters(ALL))
    assert rejected.is_empty()
    assert again.equals(kept)


@pytest.mark.parametrize("name", FILTERS)
def test_scores_have_the_columns_and_rows_that_are_promised(name: str) -> None:
    (judge,) = make_filters(name)
    scores = judge.score(pl.DataFrame(TRUE))
    assert dict(scores.schema) == dict(judge.columns)
    assert all(column == name or column.startswith(f"{name}_") for column in scores.columns)
    assert judge.reasons(scores) == [None, None, None]
    assert judge.reasons(judge.score(pl.DataFrame(TRUE).clear())) == []


def test_scores_serve_any_threshold() -> None:
    scores = make_filters("length")[0].score(pl.DataFrame(TRUE))
    reasons = [make_filters("length", length_min_words=least)[0].reasons(scores) for least in (1, 5, 6)]
    assert [sum(reason is not None for reason in each) for each in reasons] == [0, 1, 2]
    assert reasons[1] == [None, None, "vi words 4, at least 5"]


def test_the_first_filter_that_refuses_gives_the_reason_and_later_ones_do_not_see_the_pair() -> None:
    batch = pl.DataFrame({"vi": ["", *TRUE["vi"]], "en": ["Share", *TRUE["en"]]})
    _, rejected = apply_filters(batch, make_filters("length,boilerplate"))
    assert rejected.select("reason", "detail").rows() == [("length", "vi words 0, at least 1")]
    assert rejected.select("length_vi", "boilerplate_en").rows() == [(0.0, None)]


def test_a_filter_with_a_memory_knows_only_what_the_others_kept() -> None:
    batch = pl.DataFrame({"vi": ["Mưa to."] * 2, "en": ["Heavy rain."] * 2, "probability": [0.1, 0.9]})
    kept, rejected = apply_filters(batch, make_filters("duplicates,probability"))
    assert kept["probability"].to_list() == [0.9]
    assert rejected["reason"].to_list() == ["probability"]


def test_duplicates_keep_the_first_even_when_a_later_one_is_more_probable() -> None:
    batch = pl.DataFrame({"vi": ["Mưa to."] * 2, "en": ["Heavy rain."] * 2, "probability": [0.7, 0.9]})
    assert apply_filters(batch, make_filters("duplicates"))[0]["probability"].to_list() == [0.7]


@pytest.mark.parametrize(("by", "kept"), [("pair", 4), ("vi", 2), ("en", 2), ("either", 1)])
def test_duplicates_by_side(by: str, kept: int) -> None:
    batch = pl.DataFrame({"vi": ["một", "một", "hai", "hai"], "en": ["one", "two", "one", "two"]})
    if by == "either":
        batch = batch.head(3)
    assert apply_filters(batch, make_filters("duplicates", duplicates_by=by))[0].height == kept


def test_digits_count_when_asked() -> None:
    batch = pl.DataFrame({"vi": ["Chương 1", "Chương 2"], "en": ["Chapter 1", "Chapter 2"]})
    assert apply_filters(batch, make_filters("duplicates", duplicates_ignore_digits=True))[0].height == 1


def test_all_columns_of_the_pair_schema_go_through() -> None:
    batch = conform(pl.DataFrame({**TRUE, "probability": [0.9, None, 0.1], "flags": [["crossing"], [], None]}))
    kept, rejected = apply_filters(batch, make_filters("default,probability"))
    assert pl.concat([kept, rejected.select(batch.columns)]).equals(batch)
    assert rejected["probability"].to_list() == [0.1]
    assert rejected.columns.count("probability") == 1


def test_rejects_can_be_filtered_again() -> None:
    batch = pl.DataFrame({"vi": ["", "Mưa"], "en": ["Share", "Rain"]})
    _, rejected = apply_filters(batch, make_filters("length,boilerplate"))
    kept, again = apply_filters(rejected, make_filters("boilerplate"))
    assert (kept.height, again["reason"].to_list()) == (0, ["boilerplate"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"vi": ["a"]}, "the pairs have no column 'en', only vi"),
        ({"vi": ["a"], "en": [1]}, "column 'en' holds Int64 values; allowed: text"),
    ],
)
def test_tables_without_texts_are_refused(columns: dict[str, list[object]], message: str) -> None:
    for function in (apply_filters, score_filters):
        with pytest.raises(InputError, match=message):
            function(pl.DataFrame(columns), make_filters("length"))


def test_score_filters_scores_every_pair_by_every_filter() -> None:
    batch = pl.DataFrame({"vi": ["", "Mưa"], "en": ["Share", "Rain"]})
    scores = score_filters(batch, make_filters("length,boilerplate"))
    assert scores.select("length_vi", "boilerplate_en").rows() == [(0.0, "navigation"), (3.0, None)]
    assert score_filters(batch, []).shape == (0, 0)


def test_summary_counts_the_reasons() -> None:
    assert summary(pl.DataFrame({"reason": ["b", "a", "a", "c", "b"]})).rows() == [("a", 2), ("b", 2), ("c", 1)]
    assert summary(pl.DataFrame(schema={"reason": pl.String})).rows() == []


def test_sets_name_filters_that_are_there_and_thresholds_that_they_have() -> None:
    for chosen in (DEFAULT, STRICT):
        for name, values in chosen.items():
            assert set(values) <= {field.name for field in threshold_fields(name)}
    assert make_filters("none") == []
    assert [judge.name for judge in make_filters("default")] == list(DEFAULT)
    assert [judge.name for judge in make_filters("default, headline")] == [
        *list(DEFAULT)[:-1],
        "headline",
        "duplicates",
    ]


def test_strict_refuses_whatever_default_refuses() -> None:
    rows = [(vi, en) for vi in FRAGMENTS for en in FRAGMENTS]
    loose, tight = (apply_filters(table(rows), make_filters(spec))[0]["n"] for spec in ("default", "strict"))
    assert set(tight) <= set(loose)


@pytest.mark.parametrize(
    ("spec", "thresholds", "message"),
    [
        ("lenght", {}, "filters is 'lenght'; allowed: default, strict, none, or names"),
        ("length", {"length_words": 3}, "threshold is 'length_words'; allowed: length_min_chars"),
        (
            "length",
            {"noise_max_caps": 1},
            "threshold is 'noise_max_caps'; allowed: thresholds of the chosen filters: len",
        ),
        ("length", {"length_min_words": "3"}, "length_min_words is '3'; allowed: a number"),
        ("length", {"length_min_words": float("nan")}, "length_min_words is nan; allowed: a number"),
        ("duplicates", {"duplicates_by": "side"}, "duplicates_by is 'side'; allowed: pair, vi, en, either"),
        ("duplicates", {"duplicates_ignore_digits": 1}, "duplicates_ignore_digits is 1; allowed: true or false"),
    ],
)
def test_wrong_options_are_named(spec: str, thresholds: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        make_filters(spec, **thresholds)
    assert str(caught.value).startswith(message)


def test_near_duplicates_name_the_extra_that_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(MissingExtraError, match=r'pip install "align-vi-en\[dedup\]"'):
        make_filters("near_duplicates")


def test_a_refused_near_duplicate_is_not_remembered() -> None:
    words = [f"từ{chr(97 + n)}" for n in range(20)]
    steps = [" ".join(words[at:] + [f"khác{chr(97 + n)}" for n in range(at)]) for at in (0, 3, 6)]
    batch = pl.DataFrame({"vi": steps, "en": ["Same"] * 3})
    filters = make_filters("near_duplicates", near_duplicates_max_similarity=0.6)
    kept, rejected = apply_filters(batch, filters)
    assert rejected["vi"].to_list() == steps[1:2]  # the third is near to the second only
    assert kept.height == 2


@pytest.mark.parametrize(
    "text",
    ["a", "a-", "a.", "1", "1,", "(", "<a ", "&", '"', "_", "a b ", "à ", "Ã", "?a", "__opt_", "[b=", "@", "http"],
)
def test_no_text_of_many_characters_takes_long(text: str) -> None:
    whole = text * (60_000 // len(text))
    batch = pl.DataFrame({"vi": [whole], "en": [whole[: len(whole) // 2]]})
    for name in set(FILTERS) - {"facts"}:  # which is no more than a threshold on align.quality.facts
        started = time.process_time()
        apply_filters(batch, make_filters(name))
        assert time.process_time() - started < 2, name


def test_large_tables_are_judged_as_small_ones() -> None:
    rows = [(f"{vi} {number}", en) for number in range(6) for vi in FRAGMENTS for en in FRAGMENTS]
    assert len(rows) > 2 * 2048  # pass the filters in several parts
    whole = apply_filters(table(rows), make_filters("default"))
    filters = make_filters("default")
    parts = [apply_filters(batch, filters) for batch in table(rows).iter_slices(700)]
    for at in (0, 1):
        assert pl.concat([part[at] for part in parts]).equals(whole[at])
    judges = make_filters("length,duplicates")
    scores = [score_filters(batch, judges) for batch in table(rows).iter_slices(700)]
    assert pl.concat(scores).equals(score_filters(table(rows), make_filters("length,duplicates")))
