"""The public functions of matching: each at the level of texts and of vectors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from align.errors import InputError, OptionError
from align.matching.approximate import Search
from align.matching.beads import Bead, covering
from align.matching.calibration import Calibration, load_calibration
from align.matching.choice import calibration_for
from align.matching.clauses import clause_encoder
from align.matching.comparable import extend_pairs, match_pairs
from align.matching.evidence import evidence_of, has_words
from align.matching.mining import Revise, mine, mining_pool
from align.matching.monotonic import align_in_order
from align.matching.pools import Priors
from align.matching.routing import MODES, Mode, route
from align.matching.rows import Rows, check_rows
from align.matching.sides import Side
from align.matching.spans import Floats, Ints, check_lengths, check_pooling, check_vectors, text_lengths
from align.matching.trust import revise_beads, revise_by_facts
from align.matching.yardstick import language_centre
from align.sentences.folding import fold

if TYPE_CHECKING:
    from align.encoders import Encoder

MIN_PROBABILITY = 0.4
"""From which probability a pair is kept when nothing else is asked for: between 0.4 and 0.7 F1 hardly changes."""


def align_sentences(
    vi: Sequence[str],
    en: Sequence[str],
    *,
    encoder: Encoder | None = None,
    mode: Mode = "auto",
    calibration: Calibration | str | os.PathLike[str] | None = None,
) -> list[Bead]:
    """Align the sentences of two articles.

    Args:
        vi, en: sentences in the order of their articles; one without a letter or digit is never paired.
        encoder: any encoder; None is the bundled one.
        mode: "parallel" gives beads in order that cover every index once, empty sides included; "comparable" gives
            disjoint beads in any order and leaves out what has no counterpart; "auto" chooses by what it finds.
        calibration: constants for the encoder, or the path of their file; None is what there is for it, or else the
            bundled encoder's rescaled (see `align.matching.calibration_for`).

    Returns:
        Beads; the score is the probability that the bead is right.

    Raises:
        InputError: a side is one string, or holds something that is no string.
        OptionError: `mode` is none of the three.
        ModelError: `calibration` is no file of constants.

    Warns:
        UncalibratedWarning: nothing was fitted for the encoder.

    >>> beads = align_sentences(
    ...     ["Trời mưa to suốt đêm.", "Sáng nay đường ngập, trường học đóng cửa."],
    ...     ["It rained hard all night.", "This morning the streets were flooded.", "The schools are closed."],
    ... )
    >>> [(bead.vi, bead.en, round(bead.score, 1)) for bead in beads]
    [((0,), (0,), 1.0), ((1,), (1, 2), 1.0)]
    """
    model = encoder or _default_encoder()
    check_mode(mode)
    constants = calibration_for(model, calibration)
    in_order = mode == "parallel"
    vi_side, en_side = (text_side(side, lang, model, in_order=in_order) for side, lang in ((vi, "vi"), (en, "en")))
    chosen, beads = _align(vi_side, en_side, constants, mode)
    beads = [Bead(_in_article(vi_side, b.vi), _in_article(en_side, b.en), b.score) for b in beads]
    return covering(beads, len(vi), len(en)) if chosen == "parallel" else beads


def align_vectors(
    vi_vectors: ArrayLike,
    en_vectors: ArrayLike,
    *,
    vi_lengths: ArrayLike,
    en_lengths: ArrayLike,
    mode: Mode = "auto",
    pooling: str = "mean",
    calibration: Calibration | None = None,
) -> list[Bead]:
    """Align two articles given the vectors of their sentences; as `align_sentences`, without a second encoding.

    Args:
        vi_vectors, en_vectors: (n, dim) and (m, dim); rows are scaled to length 1.
        vi_lengths, en_lengths: (n,) and (m,), characters of each sentence.
        mode: as for `align_sentences`.
        pooling: how the encoder makes one vector of many tokens, `encoder.pooling`: "mean" or "max". The vector of a
            longer bead is made of its sentences' vectors alike.
        calibration: constants for the encoder that made the vectors, from `align.matching.calibration_for`; None is
            the bundled encoder's.

    Raises:
        InputError: a shape is wrong or a value not finite.
        OptionError: `mode` is none of the three, or `pooling` none of the two.
    """
    vi, en = _vector_sides(vi_vectors, en_vectors, vi_lengths, en_lengths, pooling)
    return align_sides(vi, en, calibration or load_calibration(), mode)


def align_sides(vi: Side, en: Side, calibration: Calibration, mode: Mode) -> list[Bead]:
    """Align two prepared sides; see `align_sentences`."""
    return _align(vi, en, calibration, mode)[1]


def mine_sentences(
    vi: Sequence[str],
    en: Sequence[str],
    *,
    encoder: Encoder | None = None,
    k: int = 4,
    min_probability: float | None = None,
    calibration: Calibration | str | os.PathLike[str] | None = None,
    search: Search = "auto",
) -> pl.DataFrame:
    """Find translations between two pools of sentences, in any order, one to one.

    Args:
        vi, en: the pools; a sentence without a letter or digit is never paired.
        encoder: any encoder; None is the bundled one.
        k: nearest neighbours in the margin.
        min_probability: pairs below it are left out; None is 0.4.
        calibration: as for `align_sentences`.
        search: of neighbours: "auto" compares every two sentences up to 200,000 a side and asks faiss for larger pools,
            if it is installed; "exact" and "faiss" always do the one or the other.

    Returns:
        Columns vi_index, en_index (Int64), score (Float64, log-odds), probability (Float64), by vi_index.

    Raises:
        InputError: a side is one string, or holds something that is no string.
        OptionError: `k` is below 1, `min_probability` outside 0..1 or `search` unknown.
        ModelError: `calibration` is no file of constants.
        MissingExtraError: `search` is "faiss", which is not installed.

    Warns:
        UncalibratedWarning: nothing was fitted for the encoder.
        ApproximateSearchWarning: neighbours were searched for with faiss; says how many of them it found.
    """
    model = encoder or _default_encoder()
    constants = calibration_for(model, calibration)
    vi_side, en_side = text_side(vi, "vi", model), text_side(en, "en", model)
    revise = revise_by_facts(vi_side, en_side, constants.trust.mining)
    return _mine(
        (vi_side.vectors, en_side.vectors),
        (vi_side.lengths, en_side.lengths),
        constants,
        k=k,
        min_probability=min_probability,
        search=search,
        priors=(vi_side.prior_centre, en_side.prior_centre),
        revise=revise,
        places=(vi_side.positions, en_side.positions),
    )


def mine_vectors(
    vi_vectors: ArrayLike,
    en_vectors: ArrayLike,
    *,
    vi_lengths: ArrayLike,
    en_lengths: ArrayLike,
    k: int = 4,
    min_probability: float | None = None,
    calibration: Calibration | None = None,
    search: Search = "auto",
) -> pl.DataFrame:
    """Find translations between two pools of sentence vectors; as `mine_sentences`.

    Args:
        vi_vectors, en_vectors: (n, dim) and (m, dim); rows are scaled to length 1. What is memory-mapped
            (`numpy.load(FILE, mmap_mode="r")`) or in half precision is read block by block and never copied as a whole.
        vi_lengths, en_lengths: (n,) and (m,), characters of each sentence.
        k, min_probability, search: as for `mine_sentences`.
        calibration: as for `align_vectors`.
    """
    vi, en = check_rows("vi_vectors", vi_vectors), check_rows("en_vectors", en_vectors)
    _check_dimensions(vi, en)
    lengths = check_lengths("vi_lengths", vi_lengths, len(vi)), check_lengths("en_lengths", en_lengths, len(en))
    constants = calibration or load_calibration()
    return _mine((vi, en), lengths, constants, k=k, min_probability=min_probability, search=search)


def check_texts(name: str, texts: Sequence[str], what: str) -> None:
    """Raise InputError if `texts` is one string, or one of its members is no string; `what` says what they are."""
    if isinstance(texts, (str, bytes)):
        raise InputError(f"{name} is one {type(texts).__name__}; expected a list of {what}")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"{name}[{index}] is {text!r:.40}, a {type(text).__name__}; expected a str")


def text_side(texts: Sequence[str], lang: str, encoder: Encoder, *, in_order: bool = False) -> Side:
    """Encode one side's sentences; longer spans are encoded as joined text when matching asks for them.

    Sentences without a letter or digit are left out (`Side.positions` says which are there): the vectors of two empty
    ones are equal, and nothing would tell them from a perfect pair. Matching in order takes no evidence and no clauses:
    they are left out when that is all that comes.

    Raises:
        InputError: `texts` is one string, or one of its members is no string.
        OptionError: the encoder pools in a way that matching does not know.
    """
    check_pooling(encoder.pooling)
    check_texts(lang, texts, "sentences (see align.split)")
    kept = [index for index, text in enumerate(texts) if has_words(text)]
    folded = [fold(texts[index]) for index in kept]

    def encode_spans(ranges: Sequence[tuple[int, int]]) -> Floats:
        return encoder.encode([" ".join(folded[start:end]) for start, end in ranges])

    return Side(
        encoder.encode(folded),
        text_lengths(folded),
        language_centre(encoder, lang),
        np.array(kept, dtype=np.int64),
        encode_spans,
        None if in_order else evidence_of(folded, lang),
        None if in_order else clause_encoder(folded, lang, encoder.encode),
        encoder.pooling,
        folded,
    )


def check_mode(mode: str) -> None:
    """Refuse what is no mode.

    Raises:
        OptionError: `mode` is not one of `MODES`.
    """
    if mode not in MODES:
        raise OptionError("mode", mode, ", ".join(MODES))


def _align(vi: Side, en: Side, calibration: Calibration, mode: Mode) -> tuple[Mode, list[Bead]]:
    """Return the mode that was asked for or chosen, and the beads."""
    check_mode(mode)
    chosen = mode
    if mode == "auto":
        chosen = route(match_pairs(vi, en, calibration), len(vi.vectors), len(en.vectors)).mode
    if chosen == "parallel":
        return chosen, revise_beads(vi, en, align_in_order(vi, en, calibration), calibration.trust.parallel)
    pairs = [pair for pair in match_pairs(vi, en, calibration, with_clauses=True) if pair[2] >= MIN_PROBABILITY]
    beads = revise_beads(vi, en, extend_pairs(vi, en, pairs, calibration), calibration.trust.comparable)
    return chosen, [bead for bead in beads if bead.score >= MIN_PROBABILITY]


def _in_article(side: Side, indices: Sequence[int] | Ints) -> tuple[int, ...]:
    """Turn indices of a side's sentences into places in the text that they come from."""
    return tuple(indices) if side.positions is None else tuple(side.positions[np.asarray(indices, dtype=int)].tolist())


def _vector_sides(
    vi: ArrayLike, en: ArrayLike, vi_lengths: ArrayLike, en_lengths: ArrayLike, pooling: str = "mean"
) -> tuple[Side, Side]:
    check_pooling(pooling)
    vi_rows, en_rows = check_vectors("vi_vectors", vi), check_vectors("en_vectors", en)
    _check_dimensions(vi_rows, en_rows)
    return (
        Side(vi_rows, check_lengths("vi_lengths", vi_lengths, len(vi_rows)), pooling=pooling),
        Side(en_rows, check_lengths("en_lengths", en_lengths, len(en_rows)), pooling=pooling),
    )


def _check_dimensions(vi: Rows, en: Rows) -> None:
    if vi.shape[1] != en.shape[1]:
        raise InputError(
            f"vi_vectors has {vi.shape[1]} dimensions and en_vectors {en.shape[1]}; use one encoder for both"
        )


def _mine(
    rows: tuple[Rows, Rows],
    lengths: tuple[NDArray[np.float64], NDArray[np.float64]],
    calibration: Calibration,
    *,
    k: int,
    min_probability: float | None,
    search: Search,
    priors: Priors = (None, None),
    revise: Revise | None = None,
    places: tuple[Ints | None, Ints | None] = (None, None),
) -> pl.DataFrame:
    """Mine two pools; `places` are the sentences' places in the texts that they come from, None for 0..n-1."""
    if k < 1:
        raise OptionError("k", k, "1 or more nearest neighbours")
    least = MIN_PROBABILITY if min_probability is None else min_probability
    if not 0 <= least <= 1:
        raise OptionError("min_probability", least, "0 to 1")
    pool = mining_pool(*rows, *lengths, calibration, k=k, priors=priors, search=search)
    mined = mine(pool, calibration, revise=revise, prior=None if revise is None else calibration.trust.mixture)
    vi, en = (own if known is None else known[own] for own, known in zip((mined.vi, mined.en), places, strict=True))
    columns = {
        "vi_index": pl.Series(vi, dtype=pl.Int64),
        "en_index": pl.Series(en, dtype=pl.Int64),
        "score": mined.score,
        "probability": mined.probability,
    }
    return pl.DataFrame(columns).filter(pl.col("probability") >= least)


def _default_encoder() -> Encoder:
    from align.encoders import load_encoder

    return load_encoder()
