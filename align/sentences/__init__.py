"""Sentences: splitting with offsets, folding for matching, boilerplate, language."""

from align.sentences.splitter import Sentence, split

__all__ = ["Sentence", "split"]
