"""How an encoder's cosines lie, measured on a small text of known translations: `data/yardstick.tsv`.

Cosines of two encoders differ in range: 0.79 may be the cosine of unrelated sentences for one and of translations for
another. Twelve short reports of eight sentences, written for this, show for any encoder where chance pairs and where
translations lie, and give the mean vector of each language to an encoder that knows none. An own text does it better
than the texts of a run: the result is the same in every run, rests on known translations, and works for a run of two
sentences.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from align.errors import ModelError
from align.matching.calibration import CosineScale, CosineScales
from align.matching.neighbours import neighbourhood
from align.matching.pairing import document_similarity
from align.matching.sides import Side
from align.matching.spans import Floats, centre_of, text_lengths, unit_rows
from align.sentences.folding import fold

if TYPE_CHECKING:
    from align.encoders import Encoder

YARDSTICK_FILE = Path(__file__).parent / "data" / "yardstick.tsv"
NEIGHBOURS = 4  # k of the margins
CENTRE_SENTENCES = 4.0  # what the language's mean vector counts as in an article's own

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Report:
    """One report of the yardstick: sentence i of one language translates sentence i of the other."""

    vi: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True)
class Measures:
    """What the yardstick tells of an encoder.

    Attributes:
        centres: float32 (dim,), mean unit vector of each language, by "vi" and "en".
        scales: where cosines of chance pairs and of translations lie.
    """

    centres: dict[str, Floats]
    scales: CosineScales


@functools.cache
def yardstick() -> tuple[Report, ...]:
    """Return the reports, in the form that sentences are matched in (`align.sentences.fold`)."""
    lines = YARDSTICK_FILE.read_text(encoding="utf-8").split("\n")
    text = "\n".join(line for line in lines if not line.startswith("#")).strip("\n")
    reports = []
    for block in text.split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n")]
        reports.append(Report(tuple(fold(vi) for vi, _ in rows), tuple(fold(en) for _, en in rows)))
    return tuple(reports)


def measures(encoder: Encoder) -> Measures:
    """Measure an encoder; one of the same name, dimensions and fingerprint is measured once in a process.

    Raises:
        ModelError: the encoder gives vectors of another shape than it says, or a value that is not finite.
    """
    key = (encoder.name, encoder.dim, encoder.fingerprint)
    if key not in _known:
        _known[key] = _measured(encoder)
    return _known[key]


def language_centre(encoder: Encoder, lang: str) -> Floats:
    """Return the encoder's mean vector of `lang`, float32 (dim,), or that of the yardstick if it has none."""
    own = encoder.centre(lang)
    return measures(encoder).centres[lang] if own is None else own


_known: dict[tuple[str, int, str], Measures] = {}


def _measured(encoder: Encoder) -> Measures:
    texts = {"vi": [text for report in yardstick() for text in report.vi]}
    texts["en"] = [text for report in yardstick() for text in report.en]
    vectors = {lang: _encoded(encoder, own) for lang, own in texts.items()}
    centres = {lang: centre_of(rows, None, 0.0) for lang, rows in vectors.items()}
    sides = {lang: _sides(vectors[lang], texts[lang], centres[lang]) for lang in vectors}
    return Measures(centres, scales_of(sides["vi"], sides["en"]))


def _encoded(encoder: Encoder, texts: list[str]) -> Floats:
    vectors = np.asarray(encoder.encode(texts), dtype=np.float32)
    if vectors.shape != (len(texts), encoder.dim) or not np.isfinite(vectors).all():
        raise ModelError(
            f"encoder {encoder.name!r} gave {vectors.shape} numbers for {len(texts)} sentences; expected finite ones, "
            f"({len(texts)}, {encoder.dim})"
        )
    return unit_rows(vectors)


def _sides(vectors: Floats, texts: list[str], centre: Floats) -> list[Side]:
    sides, start = [], 0
    for report in yardstick():
        rows = slice(start, start + len(report.vi))
        sides.append(Side(vectors[rows], text_lengths(texts[rows]), centre))
        start = rows.stop
    return sides


def scales_of(vi: list[Side], en: list[Side]) -> CosineScales:
    """Return the scales of article pairs whose sentences translate each other one to one, in order.

    A chance pair is one of two sentences of the same article pair that do not translate each other: those are what
    matching has to tell apart. For whole articles it is one of two articles on different subjects.
    """
    raw = [a.vectors @ b.vectors.T for a, b in zip(vi, en, strict=True)]
    centred = [_centred(a) @ _centred(b).T for a, b in zip(vi, en, strict=True)]
    return CosineScales(
        raw=_scale(raw),
        centred=_scale(centred),
        margin=_scale([_margins(a.vectors, b.vectors) for a, b in zip(vi, en, strict=True)]),
        centred_margin=_scale([_margins(_centred(a), _centred(b)) for a, b in zip(vi, en, strict=True)]),
        article=_scale([document_similarity(vi, en)]),
    )


def _centred(side: Side) -> Floats:
    return unit_rows(side.vectors - centre_of(side.vectors, side.prior_centre, CENTRE_SENTENCES))


def _margins(vi: Floats, en: Floats) -> Doubles:
    near = neighbourhood(vi, en, NEIGHBOURS, 0.0)
    return np.asarray(vi @ en.T - (near.vi[:, None] + near.en[None, :]) / 2)


def _scale(tables: list[NDArray[np.floating]]) -> CosineScale:
    """Return the moments of what is off the diagonals of square tables, and of what is on them."""
    on = np.concatenate([np.diagonal(table) for table in tables]).astype(np.float64)
    off = np.concatenate([table[~np.eye(len(table), dtype=bool)] for table in tables]).astype(np.float64)
    return CosineScale(float(off.mean()), float(off.std()), float(on.mean()), float(on.std()))
