"""The corpus: a table of pairs, its formats and the proof of its offsets."""

from __future__ import annotations

from align.corpus.formats import FORMATS, format_of, read_corpus, write_corpus
from align.corpus.identity import pair_id, pair_ids
from align.corpus.schema import PAIR_SCHEMA, conform
from align.corpus.streams import CorpusWriter, read_batches
from align.corpus.texts import fill_texts
from align.corpus.verify import Fault, verify_corpus

__all__ = [
    "FORMATS",
    "PAIR_SCHEMA",
    "CorpusWriter",
    "Fault",
    "conform",
    "fill_texts",
    "format_of",
    "pair_id",
    "pair_ids",
    "read_batches",
    "read_corpus",
    "verify_corpus",
    "write_corpus",
]
