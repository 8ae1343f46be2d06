"""Sets of gold, and runs of a system over one, with the time of matching apart from that of encoding."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from data import CachedEncoder, Document, bead_documents, comparable_documents, lines_of, mining_pool
from rivals import Mined, System

from align.encoders import Encoder
from align.encoders.base import Vectors
from align.encoders.cache import CachedEncoder as FileCachedEncoder
from align.evaluation.reading import read_blocks
from align.matching.beads import Bead, parse_beads
from align.sentences.folding import fold

Kind = Literal["in order", "blocks", "comparable", "pool"]


@dataclass(frozen=True)
class GoldSet:
    """Documents with gold of one kind.

    Attributes:
        name: folder of the set, under the data folder.
        kind: "in order" (gold beads), "blocks" (gold says which sentences belong together), "comparable" (gold pairs
            in any order), "pool" (the same, one large document).
        documents: with beads as gold, or blocks.
        foreign: the languages are not Vietnamese and English.
    """

    name: str
    kind: Kind
    documents: list[Document]
    foreign: bool = False


def gold_sets(data: Path, words: Sequence[str] | None = None, every: int = 1) -> list[GoldSet]:
    """Read the sets that a data folder holds, or those whose name holds one of the words; each Nth document only."""
    sets = [GoldSet(name, "in order", bead_documents(data / name)) for name in _IN_ORDER]
    sets.append(GoldSet("docs_parallel/sents", "blocks", block_documents(data / "docs_parallel/sents")))
    sets.append(GoldSet("text_berg_dev", "in order", foreign_documents(data / "text_berg_dev"), foreign=True))
    sets.append(
        GoldSet("news_docs/comparable", "comparable", comparable_documents(data / "news_docs/comparable")),
    )
    sets += [
        GoldSet(f"mining/{gold.parent.name}", "pool", [mining_pool(gold.parent)])
        for gold in sorted((data / "mining").glob("*/gold.tsv"))
    ]
    return [
        GoldSet(one.name, one.kind, one.documents[::every], one.foreign)
        for one in sets
        if one.documents and (not words or any(word in one.name for word in words))
    ]


_IN_ORDER = ("news_docs/clean", "news_docs/noisy", "news_docs/hard", "docs_parallel/blocks")


def block_documents(folder: Path) -> list[Document]:
    """Read every NAME.vi, NAME.en, NAME.blocks.tsv of a folder; blocks stand where gold beads do."""
    return [
        Document(
            path.name.removesuffix(".blocks.tsv"),
            *(lines_of(folder / f"{path.name.removesuffix('.blocks.tsv')}.{lang}") for lang in ("vi", "en")),
            [Bead(vi, en) for vi, en in read_blocks(path)],
        )
        for path in sorted(folder.glob("*.blocks.tsv"))
    ]


def foreign_documents(folder: Path) -> list[Document]:
    """Read every NAME.de, NAME.fr, NAME.defr of a folder: German stands where Vietnamese does, French for English."""
    return [
        Document(
            gold.stem,
            lines_of(gold.with_suffix(".de")),
            lines_of(gold.with_suffix(".fr")),
            parse_beads(lines_of(gold), str(gold)),
        )
        for gold in sorted(folder.glob("*.defr"))
    ]


Times = npt.NDArray[np.float64]
"""Wall seconds, and seconds of all cores: the latter say more where a machine is shared."""

NOTHING: Times = np.zeros(2)


def now() -> Times:
    """Return both clocks."""
    return np.array([time.perf_counter(), time.process_time()])


class Meter:
    """An encoder that remembers its vectors and counts what it is asked for, and how long that takes.

    Attributes:
        spent: in `encode`.
        texts, characters: asked for.
    """

    def __init__(self, encoder: Encoder, cache: Path | None = None) -> None:
        """Take an encoder, and the file to keep its vectors in; None keeps them for this process."""
        self.encoder = FileCachedEncoder(encoder, cache) if cache else CachedEncoder(encoder)
        self.name, self.dim, self.pooling = encoder.name, encoder.dim, encoder.pooling
        self.fingerprint, self.calibration = encoder.fingerprint, getattr(encoder, "calibration", None)
        self.spent, self.texts, self.characters = NOTHING.copy(), 0, 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dim) unit rows."""
        started = now()
        rows = self.encoder.encode(texts)
        self.texts += len(texts)
        self.characters += sum(map(len, texts))
        self.spent += now() - started
        return rows

    def centre(self, lang: str) -> Vectors | None:
        """Return the encoder's mean vector of a language."""
        return self.encoder.centre(lang)


@dataclass
class Run:
    """What a system found in a set.

    Attributes:
        found: document -> beads.
        spent: without encoding.
        texts, characters: encoded.
        threshold: score from which pairs were kept, where that was chosen here.
    """

    found: Mined = field(default_factory=dict)
    spent: Times = field(default_factory=NOTHING.copy)
    texts: int = 0
    characters: int = 0
    threshold: float | None = None

    @property
    def settings(self) -> dict[str, float]:
        """What the figures of this run depend on besides the system."""
        return {} if self.threshold is None else {"threshold": self.threshold}


def run(system: System, documents: Sequence[Document], meter: Meter) -> Run:
    """Run a system over documents, after a first call that loads what it needs and is not counted."""
    system(Document("first", ["Một câu.", "Hai câu."], ["One sentence.", "Two sentences."], []), meter)
    meter.texts = meter.characters = 0
    whole = Run()
    for document in documents:
        meter.spent, started = NOTHING.copy(), now()
        whole.found[document.name] = system(document, meter)
        whole.spent += now() - started - meter.spent
    whole.texts, whole.characters = meter.texts, meter.characters
    return whole


def encoding_times(documents: Sequence[Document], encoder: Encoder, sample: int = 300) -> Times:
    """Return what the encoder needs for all sentences, timed anew on a sample and scaled by characters."""
    texts = [fold(text) for document in documents for text in (*document.vi, *document.en)]
    some = texts[:: max(1, len(texts) // sample)]
    encoder.encode(some[:8])
    started = now()
    encoder.encode(some)
    return (now() - started) * sum(map(len, texts)) / max(sum(map(len, some)), 1)


def sentences_of(documents: Sequence[Document]) -> tuple[int, int]:
    """Return the number of sentences of both sides, and of their characters."""
    texts = [fold(text) for document in documents for text in (*document.vi, *document.en)]
    return len(texts), sum(map(len, texts))
