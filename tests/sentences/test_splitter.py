"""What holds for the spans of any text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.errors import OptionError
from align.sentences import Sentence, split

LANGUAGES = st.sampled_from(["vi", "en"])
# Pieces that meet every rule of the splitter, joined at random, find more than random letters do.
WORDS = ["TS", "TP", "Hà Nội", "ông", "Ông", "đi", "U.S", "v.v", "J", "I", "5", "1.000", "Inc", "iPhone", "nói", "The"]
MARKS = [
    ".",
    "..",
    "…",
    "?",
    "!",
    '"',
    "“",
    "”",
    "'",
    "’",
    "(",
    ")",
    "[",
    "]",
    "[1]",
    ",",
    ":",
    "-",
    "–",
    "•",
    "@",
    "/",
]
SPACES = [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u200b", "\u2028", "\ufeff", "\u0301", "\x1f", "😀", "$"]
PIECES = st.sampled_from([*WORDS, *MARKS, *SPACES])
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))


@given(TEXTS, LANGUAGES)
@settings(max_examples=400)
def test_spans_are_exact_ordered_trimmed_and_lossless(text, lang):
    sentences = split(text, lang)
    end = 0
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text
        assert sentence.text == sentence.text.strip()
        assert text[end : sentence.start].strip() == ""  # nothing but white space is left between two spans
        end = sentence.end
    assert text[end:].strip() == ""


@given(TEXTS, LANGUAGES)
@settings(max_examples=300)
def test_lines_are_independent(text, lang):
    by_line = [sentence.text for line in text.splitlines() for sentence in split(line, lang)]
    assert [sentence.text for sentence in split(text, lang)] == by_line


@given(st.lists(PIECES.filter(lambda piece: piece != "\u0301"), max_size=40).map("".join), LANGUAGES)
@settings(max_examples=300)
def test_composed_and_decomposed_text_are_cut_alike(text, lang):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    restored = [unicodedata.normalize("NFC", sentence.text) for sentence in split(decomposed, lang)]
    assert restored == [sentence.text for sentence in split(composed, lang)]


def test_offsets_count_code_points():
    assert split("😀 Vui. Buồn.", "vi") == [Sentence("😀 Vui.", 0, 6), Sentence("Buồn.", 7, 12)]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\n\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_a_line_break_ends_a_sentence(line_break):
    text = f"Tiêu đề không dấu chấm{line_break}thân bài"
    assert [sentence.text for sentence in split(text, "vi")] == ["Tiêu đề không dấu chấm", "thân bài"]


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060", "\ufeff"])
def test_a_character_of_no_width_does_not_hide_a_boundary(invisible):
    sentences = split(f"Xong rồi.{invisible}Họ về. {invisible}Trời tối.", "vi")
    assert [sentence.text.strip(invisible) for sentence in sentences] == ["Xong rồi.", "Họ về.", "Trời tối."]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u00a0"])
def test_a_text_without_words_has_no_sentence(text):
    assert split(text, "en") == []


def test_a_language_without_rules_is_named():
    with pytest.raises(OptionError, match=r"lang is 'fr'; allowed: \"vi\""):
        split("Bonjour.", "fr")


@pytest.mark.parametrize(
    "unit",
    [".", ". ", '"', "'.", "a", " ", "(", "[1]", ". " + " " * 50, "Mr. ", "A.", '." ', "\u0301.", "- ", "word. Next "],
)
def test_time_grows_linearly_on_one_long_line(unit):
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        best = 1e9
        for _ in range(3):
            started = time.process_time()
            split(text, "vi")
            best = min(best, time.process_time() - started)
        return best

    # Eight times the text costs a linear splitter 8 times, a quadratic one 64 times.
    assert seconds(80_000) < 24 * seconds(10_000) + 0.01
