from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pair_tables import EN_ARTICLES, EN_TEXT, VI_ARTICLES, VI_TEXT, articles, true_pairs

from align.corpus import Fault, pair_ids, verify_corpus


def _changed(rehash: bool = True, row: int = 1, **change: Any) -> pl.DataFrame:
    """Return the true pairs with some fields of one row changed, the identity made to fit again if asked for."""
    table = true_pairs()
    for name, value in change.items():
        values = table[name].to_list()
        values[row] = value
        table = table.with_columns(pl.Series(name, values, table[name].dtype))
    return table.with_columns(pair_ids(table)) if rehash else table


def _faults(table: pl.DataFrame) -> list[str]:
    return [fault.what for fault in verify_corpus(table, VI_ARTICLES, EN_ARTICLES)]


def test_a_true_corpus_has_no_faults() -> None:
    assert verify_corpus(true_pairs(), VI_ARTICLES, EN_ARTICLES) == []


def test_a_fault_names_row_and_identity() -> None:
    [fault] = verify_corpus(_changed(probability=1.5), VI_ARTICLES, EN_ARTICLES)
    assert fault == Fault(1, true_pairs()["id"][1], "probability is 1.5; allowed: 0 to 1")
    assert str(fault) == f"row 1 ({fault.id}): probability is 1.5; allowed: 0 to 1"


def test_an_altered_text_is_found_even_when_the_hash_fits() -> None:
    [what] = _faults(_changed(row=0, vi="Chợ nổi họp lúc trời đã sáng."))
    assert what == (
        "vi is 'Chợ nổi họp lúc trời đã sáng.', but 'cho.txt' has 'Chợ nổi họp từ lúc trời chưa sáng.' at 0:34"
    )


def test_an_altered_hash_is_found() -> None:
    [what] = _faults(_changed(rehash=False, id="0123456789abcdef"))
    assert what.startswith("id is '0123456789abcdef', but the content gives")


@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("name", ["vi_start", "vi_end", "en_start", "en_end"])
def test_any_shifted_offset_is_found(name: str, shift: int) -> None:
    what = _faults(_changed(**{name: true_pairs()[name][1] + shift}))
    assert any("span" in fault for fault in what)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vi_end": 5000}, f"vi offsets {VI_TEXT.index('Người')}:5000 are outside of 'cho.txt' (0:{len(VI_TEXT)})"),
        ({"en_start": -1}, "en offsets -1:"),
        ({"en_end": 0}, f"are outside of 'market.txt' (0:{len(EN_TEXT)})"),
        ({"vi_article": "mất.txt"}, "'mất.txt' is not among the Vietnamese articles"),
        ({"vi_article": None}, "vi has no article or no offsets"),
        ({"en_end": None}, "en has no article or no offsets"),
        ({"en": ""}, "en is empty"),
        ({"en": None}, "en is empty"),
        ({"bead": "1-1"}, "bead is '1-1', but the sentence lists give '2-2'"),
        ({"bead": None}, "bead is None"),
        ({"vi_sentences": [2, 2]}, "vi_sentences [2, 2] do not increase"),
        ({"vi_sentences": [2, 1]}, "vi_sentences [2, 1] do not increase"),
        ({"vi_sentences": []}, "vi_sentences is empty"),
        ({"en_sentences": None}, "en_sentences is empty"),
        ({"en_sentences": [1, 9]}, "en_sentences [1, 9] are outside of 'market.txt', which has 4 sentences"),
        ({"en_sentences": [-1, 2]}, "en_sentences [-1, 2] are outside of"),
        ({"en_sentences": [2, 3]}, "en_sentences [2, 3] of 'market.txt' span"),
        ({"en_sentences": [0, 2]}, "en sentence 0 of 'market.txt' is used by row 0 already"),
        ({"probability": -0.1}, "probability is -0.1; allowed: 0 to 1"),
    ],
)
def test_every_kind_of_fault_is_found(change: dict[str, Any], message: str) -> None:
    assert any(message in what for what in _faults(_changed(**change)))


def test_a_repeated_pair_is_a_fault_but_another_article_pair_is_none() -> None:
    twice = pl.concat([true_pairs(), true_pairs()[:1]])
    assert [fault.row for fault in verify_corpus(twice, VI_ARTICLES, EN_ARTICLES)] == [3, 3]
    other = true_pairs()[:1].with_columns(en_article=pl.lit("copy.txt"))
    both = pl.concat([EN_ARTICLES, articles(copy_txt=EN_TEXT)])
    table = pl.concat([true_pairs(), other.with_columns(pair_ids(other))])
    assert verify_corpus(table, VI_ARTICLES, both) == []


def test_other_sentences_are_accepted_when_articles_are_not_split_again() -> None:
    table = _changed(vi_sentences=[7], bead="1-2")
    assert verify_corpus(table, VI_ARTICLES, EN_ARTICLES, resplit=False) == []
    assert len(verify_corpus(table, VI_ARTICLES, EN_ARTICLES)) == 1


def test_a_text_that_changed_after_the_run_is_found() -> None:
    changed = articles(cho_txt=VI_TEXT.replace("tám giờ", "chín giờ"))
    faults = verify_corpus(true_pairs(), changed, EN_ARTICLES)
    assert {fault.row for fault in faults} == {2}


def test_a_corpus_of_texts_alone_proves_nothing() -> None:
    faults = verify_corpus(true_pairs().select("vi", "en"), VI_ARTICLES, EN_ARTICLES)
    assert {fault.row for fault in faults} == {0, 1, 2}
