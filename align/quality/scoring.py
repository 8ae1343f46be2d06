"""Score pairs that were made elsewhere: cosine, margin, facts, and the probability that they are translations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from align.corpus import PAIR_SCHEMA
from align.matching.calibration import Calibration
from align.matching.choice import calibration_for
from align.matching.evidence import has_words
from align.matching.mining import Pool
from align.matching.spans import Ints, check_pooling, text_lengths
from align.matching.trust import revised_log_odds, sigmoid
from align.matching.yardstick import language_centre
from align.quality.facts import compare_batch
from align.quality.filters.apply import check_texts
from align.quality.filters.copied import Copied
from align.sentences.folding import fold

if TYPE_CHECKING:
    from align.encoders import Encoder

Doubles = NDArray[np.float64]
NEIGHBOURS = 4  # k of the margin
DECIMALS, VECTOR_DECIMALS = 6, 5  # as in the corpus of a run
NO_WORDS = "no words"
"""Flag of a pair with a side that holds no letter or digit: it has no scores."""
COPIED = "copied"
"""Flag of a pair whose sides are the same but for names and numbers: its probability is 0."""
_SCORES = {name: PAIR_SCHEMA[name] for name in ("probability", "margin", "cosine", "flags")}


@dataclass(frozen=True)
class Scorer:
    """Scores pairs with one encoder and its constants."""

    encoder: Encoder
    calibration: Calibration

    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the batch with its probability, margin, cosine and flags replaced; see `score_pairs`."""
        check_texts(batch)
        texts = [[fold(text or "") for text in batch[lang].to_list()] for lang in ("vi", "en")]
        rows = [row for row, (vi, en) in enumerate(zip(*texts, strict=True)) if has_words(vi) and has_words(en)]
        found = self._score_worded(*([side[row] for row in rows] for side in texts)) if rows else _no_scores()
        places: list[int | None] = [None] * batch.height
        for place, row in enumerate(rows):
            places[row] = place
        spread = found.select(pl.all().gather(pl.Series(places, dtype=pl.UInt32)))
        return batch.with_columns(spread.with_columns(pl.col("flags").fill_null([NO_WORDS])).get_columns())

    def _score_worded(self, vi: Sequence[str], en: Sequence[str]) -> pl.DataFrame:
        pool, rows, columns = self._pool(vi, en)
        log_odds = revised_log_odds(pool.score_pairs(rows, columns), vi, en, self.calibration.trust.pairs)
        copied = Copied()
        copies = [copied.reason(*copied.score_pair(a, b)) is not None for a, b in zip(vi, en, strict=True)]
        own = ["uncalibrated"] if self.calibration.rescaled_for else []
        flags = [
            [*own, *([COPIED] if copy else []), *found.labels]
            for copy, found in zip(copies, compare_batch(vi, en), strict=True)
        ]
        return pl.DataFrame(
            {
                # Copies have the highest margins of all.
                "probability": np.where(copies, 0.0, sigmoid(log_odds)),
                "margin": pool.ratio_margins(rows, columns),
                "cosine": pool.cosines(rows, columns),
                "flags": flags,
            },
            schema=_SCORES,
        ).with_columns(pl.col("probability").round(DECIMALS), pl.col("margin", "cosine").round(VECTOR_DECIMALS))

    def vector_log_odds(self, vi: Sequence[str], en: Sequence[str]) -> Doubles:
        """Return float64 (n,): the log-odds of pairs of folded texts that hold words, by vectors and lengths alone."""
        pool, rows, columns = self._pool(vi, en)
        return pool.score_pairs(rows, columns)

    def _pool(self, vi: Sequence[str], en: Sequence[str]) -> tuple[Pool, Ints, Ints]:
        """Return the sentences of both sides, each once, and the place of every text among them."""
        (vi_texts, rows), (en_texts, columns) = _distinct(vi), _distinct(en)
        pool = Pool(
            self.encoder.encode(vi_texts),
            self.encoder.encode(en_texts),
            text_lengths(vi_texts),
            text_lengths(en_texts),
            self.calibration,
            k=NEIGHBOURS,
            priors=(language_centre(self.encoder, "vi"), language_centre(self.encoder, "en")),
            pooling=self.encoder.pooling,
        )
        return pool, rows, columns


def make_scorer(
    encoder: Encoder | None = None, calibration: Calibration | str | os.PathLike[str] | None = None
) -> Scorer:
    """Return what `score_pairs` needs; make it once for many batches.

    Args:
        encoder: any encoder; None is the bundled one.
        calibration: as for `align.align_sentences`.

    Raises:
        ModelError: `calibration` is no file of constants.
        OptionError: the encoder pools in a way that matching does not know.

    Warns:
        UncalibratedWarning: nothing was fitted for the encoder.
    """
    from align.encoders import load_encoder

    model = encoder or load_encoder()
    check_pooling(model.pooling)
    return Scorer(model, calibration_for(model, calibration))


def score_pairs(batch: pl.DataFrame, scorer: Scorer | None = None) -> pl.DataFrame:
    """Score pairs that another program made, or that were changed since.

    A margin compares a pair with its neighbours, and the neighbours of a pair are the sentences of its batch: equal
    batches give equal scores, and a batch of a few thousand pairs gives better ones than one of ten.

    Args:
        batch: a table with the columns vi and en; other columns stay as they are.
        scorer: from `make_scorer`; None is the bundled encoder's.

    Returns:
        The same rows with `probability` (0..1), `margin` (ratio), `cosine` and `flags` (facts that disagree, such as
        "number:47|51") replaced. A pair with a side that holds no letter or digit has no scores and the flag "no
        words"; one that was not translated at all has the probability 0 and the flag "copied".

    Raises:
        InputError: a column vi or en is missing or holds no text.
    """
    return (scorer or make_scorer()).score(batch)


def _no_scores() -> pl.DataFrame:
    return pl.DataFrame(schema=_SCORES)


def _distinct(texts: Sequence[str]) -> tuple[list[str], Ints]:
    """Return each text once, in order of appearance, and the place of every text among them.

    A sentence that stands twice in a file is no rival of itself.
    """
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return list(places), np.array([places[text] for text in texts], dtype=np.int64)
