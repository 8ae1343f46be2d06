from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.errors import InputError, OptionError
from align.quality.facts import (
    FACT_FEATURES,
    KINDS,
    Date,
    Time,
    compare_batch,
    compare_facts,
    fact_features,
    facts_of,
)

ROOT = Path(__file__).resolve().parents[2]
LEAST = 0.97  # precision and recall of each kind
LEAST_CASES = 12  # of each kind


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facts_benchmark", ROOT / "benchmarks" / "facts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


BENCHMARK = benchmark()
CASES = BENCHMARK.read_cases()


def test_there_are_enough_cases_and_enough_of_them_were_held_out() -> None:
    assert len(CASES) >= 200
    assert sum(case.part == "held" for case in CASES) >= 60
    assert len({(case.vi, case.en) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found_and_compared_rightly(kind: str) -> None:
    tally = BENCHMARK.judge(CASES)[kind]
    assert len(tally.cases) >= LEAST_CASES
    assert tally.precision >= LEAST
    assert tally.recall >= LEAST


def test_the_judge_counts_errors() -> None:
    """A case with wrong expectations must lower both figures."""
    case = BENCHMARK.Case("", "Có 5 xe.", "There are 7 cars.", BENCHMARK.Counter(["number"]), BENCHMARK.Counter())
    tally = BENCHMARK.judge([case])["number"]
    assert (tally.right, tally.wrong, tally.lost) == (0, 1, 1)


def value_of(text: str, lang: str) -> object:
    facts = facts_of(text, lang)
    assert len(facts) == 1, facts
    return facts[0].value


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("1.000,5", "vi", 1000.5),
        ("1,000.5", "en", 1000.5),
        ("một triệu hai trăm nghìn", "vi", 1_200_000.0),
        ("sáu mươi tư", "vi", 64.0),
        ("one hundred and twenty-one", "en", 121.0),
        ("2 tỷ rưỡi", "vi", 2.5e9),
        ("two and a half million", "en", 2.5e6),
        ("45.000 đ", "vi", (45000.0, "VND")),
        ("US$3.2bn", "en", (3.2e9, "USD")),
        ("ngày 2 tháng 9 năm 1945", "vi", Date(1945, 9, 2)),
        ("September 2nd, 1945", "en", Date(1945, 9, 2)),
        ("tháng Chạp", "vi", Date(None, 12)),
        ("7 giờ kém 10 tối", "vi", Time(18, 50, True)),
        ("noon is 12:00 p.m.", "en", Time(12, 0, True)),
        ("12:05 a.m.", "en", Time(0, 5, True)),
        ("những năm 90", "vi", 1990),
        ("the twenty-first", "en", 21),
    ],
)
def test_one_value_for_both_languages(text: str, lang: str, value: object) -> None:
    assert value_of(text, lang) == value


@pytest.mark.parametrize(
    "text",
    [
        "ba tôi",
        "năm ngoái",
        "mỗi tháng một lần",
        "hàng triệu người",
        "một vài chục năm",
        "đồng chí",
        "xu hướng",
        "vi phạm",
    ],
)
def test_vietnamese_words_that_are_no_sure_numbers(text: str) -> None:
    assert all(fact.optional for fact in facts_of(text, "vi"))


@pytest.mark.parametrize(
    "text", ["a second", "you may go", "they march on", "thousands of people", "I am no one", "MIX"]
)
def test_english_words_that_are_no_sure_numbers(text: str) -> None:
    assert all(fact.optional for fact in facts_of(text, "en"))


def test_labels_are_in_order_of_the_vietnamese_side_first() -> None:
    found = compare_facts("Ngày 5/6 có 12 xe, giá 9 USD.", "There were 14 cars, worth 10 dollars, on 7 July 2020.")
    assert found.labels == ["date:Ngày 5/6|7 July 2020", "number:12|14", "money:9 USD|10 dollars"]


def test_two_values_against_one_are_missing_each() -> None:
    found = compare_facts("Có 12 xe và 40 người.", "There were 14 cars.")
    assert found.labels == ["number:12|missing", "number:40|missing", "number:14|missing"]


def test_offsets_point_into_the_text() -> None:
    text = "Ngày 15–10–2023, ông Lavrov trả 1,2 tỷ USD cho “một dự án rất lớn của thành phố này”."
    for fact in facts_of(text, "vi"):
        assert text[fact.start : fact.end].replace("–", "-") == fact.text


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(OptionError, match='lang is \'fr\'; allowed: "vi" or "en"'):
        facts_of("un", "fr")


def test_sides_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="2 Vietnamese and 1 English"):
        compare_batch(["a", "b"], ["a"])


def test_features_count_by_group_and_are_capped() -> None:
    vi = "Có 5 xe, 6 tàu, 7 thuyền, 8 máy bay ở Nga ngày 5/10, xem http://a.vn/x."
    en = "It was a quiet day in Russia, said the head of the Paris office."
    row = dict(zip(FACT_FEATURES, fact_features([vi], [en])[0].tolist(), strict=True))
    assert row["numbers_missing_en"] == 3
    assert row["dates_missing_en"] == 1
    assert (row["names_agreed"], row["names_missing_vi"], row["names_missing_en"]) == (1, 1, 0)
    assert row["urls_missing"] == 1
    assert row["numbers_missing_vi"] == row["quotation_differs"] == 0


def test_no_pairs_have_no_features() -> None:
    assert fact_features([], []).shape == (0, len(FACT_FEATURES))
    assert fact_features([""], [""]).tolist() == [[0.0] * len(FACT_FEATURES)]
    assert fact_features(["a"], ["b"]).dtype == np.float64


ODD = st.text(alphabet="0123456789.,/-:%$€ xXIVđồngtỷnămbagiờthứMayoct”“'#@\u0301\u200b\u00a0İ", max_size=40)


@settings(max_examples=300)
@given(vi=ODD, en=ODD)
def test_any_text_is_compared_without_an_error_and_always_alike(vi: str, en: str) -> None:
    first, again = compare_facts(vi, en), compare_facts(vi, en)
    assert first == again
    for lang, text in (("vi", vi), ("en", en)):
        for fact in facts_of(text, lang):
            assert fact.kind in KINDS
            assert 0 <= fact.start < fact.end
            assert hash(fact) == hash(fact)


@given(st.integers(0, 10**12))
def test_a_number_agrees_with_itself_in_the_other_languages_figures(number: int) -> None:
    english = f"{number:,}"
    found = compare_facts(f"Có {english.replace(',', '.')} con.", f"There are {english} of them.")
    assert found.labels == []
    assert len(found.agreed) == 1


@given(st.integers(3, 999), st.integers(3, 999))
def test_two_numbers_agree_only_when_they_are_equal(one: int, other: int) -> None:
    found = compare_facts(f"Có {one} con.", f"There are {other} of them.")
    assert found.labels == ([] if one == other else [f"number:{one}|{other}"])


@given(st.dates())
def test_every_date_agrees_with_itself(date) -> None:
    vi = f"Ngày {date.day}/{date.month}/{date.year:04}."
    assert compare_facts(vi, f"It was {date:%B} {date.day}, {date.year:04}.").labels == []
