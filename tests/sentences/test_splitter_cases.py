"""The tables of tricky paragraphs, in tests/data/splitter_cases.{vi,en}.txt."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from align.sentences import split

DATA = Path(__file__).parent.parent / "data"


def cases() -> list[tuple[str, str]]:
    found = []
    for lang in ("vi", "en"):
        lines = (DATA / f"splitter_cases.{lang}.txt").read_text(encoding="utf-8").splitlines()
        found += [(lang, line) for line in lines if line and not line.startswith("# ")]
    return found


def test_the_tables_are_large_and_unlike():
    found = cases()
    assert len(found) >= 180
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(("lang", "marked"), cases())
def test_paragraph_is_cut_at_the_bars(lang, marked):
    source = marked.replace(" | ", " ").replace("|", "")
    expected = [sentence.strip() for sentence in marked.split("|")]
    assert [s.text for s in split(source, lang)] == expected


@pytest.mark.parametrize(("lang", "marked"), cases())
def test_decomposed_paragraph_is_cut_alike(lang, marked):
    source = unicodedata.normalize("NFD", marked.replace(" | ", " ").replace("|", ""))
    expected = [unicodedata.normalize("NFD", sentence.strip()) for sentence in marked.split("|")]
    assert [s.text for s in split(source, lang)] == expected
