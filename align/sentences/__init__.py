"""Sentences: splitting with offsets, folding for matching, boilerplate, language."""

from align.sentences.boilerplate import boilerplate_rule
from align.sentences.folding import fold, fold_whitespace
from align.sentences.formats import FORMATS, paragraph_lines, sentence_lines
from align.sentences.language import detect_language, sentence_language
from align.sentences.splitter import Sentence, split
from align.sentences.tables import SENTENCE_SCHEMA, assign_languages, flag_sentences, split_articles

__all__ = [
    "FORMATS",
    "SENTENCE_SCHEMA",
    "Sentence",
    "assign_languages",
    "boilerplate_rule",
    "detect_language",
    "flag_sentences",
    "fold",
    "fold_whitespace",
    "paragraph_lines",
    "sentence_language",
    "sentence_lines",
    "split",
    "split_articles",
]
