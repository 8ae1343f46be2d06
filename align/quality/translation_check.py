"""The translation check: what a translator says of the pairs that the matcher was unsure of.

What a score of `align.quality.translation_scores` means depends on the translator and on the texts, so no threshold is
set: the run's confident pairs, and the same with exchanged partners, show how true and false pairs score, and the
likelihood ratio between the two moves the probability (`align.quality.translation_evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from align.errors import InputError, OptionError
from align.progress import Progress, silent
from align.quality.translation_evidence import Evidence, fit_evidence, updated
from align.quality.translation_scores import Choice, Doubles, Method, Texts, choose_scores
from align.translation.base import Translator

BAND = (0.05, 0.95)
"""Probabilities between which a pair is uncertain enough to be worth a translation."""

ANCHOR = 0.99
"""Least probability of a pair that shows how true pairs score."""

ANCHORS = 200
"""How many such pairs are drawn at most. Two hundred give the means to a fourteenth of a deviation."""

PRIOR_PAIRS = 8.0
"""How many true and how many false pairs the prior is worth."""


def check_pairs(
    pairs: pl.DataFrame,
    translators: Translator | Sequence[Translator],
    *,
    method: Method = "chrf",
    direction: Choice = "auto",
    band: tuple[float, float] = BAND,
    anchors: pl.DataFrame | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> pl.DataFrame:
    """Return the pairs with `mt_chrf` and `mt_xent` of the uncertain ones and their probability brought up to date.

    A pair is checked if its probability lies in `band`, both ends included, and both its texts hold something. The
    others keep what they have. A probability that is null stays null, and its pair is checked only with band=(0, 1).
    A table should go through the check once: a second time would count the same evidence twice. For many batches,
    make one `TranslationCheck`.

    Args:
        pairs: table with at least the columns vi, en and probability.
        translators: one or several; of each direction the first that offers it is used.
        method: "chrf" translates, "xent" scores without translating, "both" does both.
        direction: which way. "auto" is, for chrF, "vi-en" if a translator offers it, else "en-vi"; for the
            cross-entropy every direction offered. With "both", mt_chrf is the mean of the two. With one direction,
            mt_xent is the plain cross-entropy of the target side.
        band: lowest and highest probability that is checked.
        anchors: where to draw confident pairs from, a table like `pairs`; by default `pairs` itself. With none at
            hand the prior alone judges: it takes the translator for a good one.
        cache: a file that keeps translations from run to run; made when there is none.
        seed: of the draw.
        progress: called with the stages "check" and "anchors" and counts of pairs.

    Raises:
        OptionError: method, direction or band is not allowed, or no translator offers the direction.
        InputError: a column is missing, or the cache is damaged or something else.
        OutputError: the cache cannot be written.
        ModelError: a translator failed.
    """
    check = TranslationCheck(
        translators, method=method, direction=direction, band=band, cache=cache, seed=seed, progress=progress
    )
    return check.check(pairs, anchors)


class TranslationCheck:
    """A check of one batch of pairs after the other, which share what is learnt from confident pairs."""

    def __init__(
        self,
        translators: Translator | Sequence[Translator],
        *,
        method: Method = "chrf",
        direction: Choice = "auto",
        band: tuple[float, float] = BAND,
        cache: str | Path | None = None,
        seed: int = 0,
        progress: Progress = silent,
    ) -> None:
        """Prepare the check; the arguments and errors are those of `check_pairs`."""
        if len(band) != 2 or not 0 <= band[0] <= band[1] <= 1:
            raise OptionError("band", band, "two probabilities, the lower one first")
        self.scorer = choose_scores(translators, method, direction, cache)
        self._band, self._seed, self._progress = band, seed, progress
        self._evidence: Evidence | None = None

    @property
    def signature(self) -> str:
        """Name the scores and the translators that give them: "chrf,vi-en:NAME@FINGERPRINT"."""
        return self.scorer.signature

    def learn(self, table: pl.DataFrame) -> Evidence:
        """Learn from the confident pairs of a table how true and false pairs score, for every later `check`.

        Raises:
            InputError: a column is missing.
        """
        _check_columns(table)
        confident = _confident(table)
        drawn = np.sort(np.random.default_rng(self._seed).permutation(len(confident))[:ANCHORS])
        true = [confident[place] for place in drawn]
        false = [pair for place in drawn for pair in _exchanged(confident, int(place))]
        scaled = self.scorer.scaled(self.scorer.scores(true + false, "anchors", self._progress))
        match, null = (part[np.isfinite(part).all(axis=1)] for part in (scaled[: len(true)], scaled[len(true) :]))
        self._evidence = fit_evidence(match, null, self.scorer.usual, PRIOR_PAIRS)
        return self._evidence

    def check(self, pairs: pl.DataFrame, anchors: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return the pairs with scores and probabilities as `check_pairs` does.

        Unless `learn` was called before, it is now, if any pair is uncertain, with `anchors` or `pairs`.

        Raises:
            InputError: a column is missing.
        """
        _check_columns(pairs)
        chance = pairs["probability"].cast(pl.Float64)
        inside = chance.is_between(*self._band).fill_null(tuple(self._band) == (0, 1))
        rows = (inside & _has_text(pairs)).arg_true()
        scores = self.scorer.scores(_texts(pairs[rows]), "check", self._progress)
        table = _with_scores(pairs, rows, scores, self.scorer.columns)
        if not len(rows):
            return table
        evidence = self._evidence or self.learn(pairs if anchors is None else anchors)
        known = np.isfinite(scores).all(axis=1)
        places = rows.to_numpy()[known]
        after = chance.to_numpy().copy()  # null is NaN, and stays so
        after[places] = updated(after[places], evidence.log_ratio(self.scorer.scaled(scores[known])))
        return table.with_columns(pl.Series("probability", after).fill_nan(None))


def _check_columns(table: pl.DataFrame) -> None:
    lacking = [name for name in ("vi", "en", "probability") if name not in table.columns]
    if lacking:
        raise InputError(f"a table of pairs without {', '.join(lacking)}; score the pairs before they are checked")


def _has_text(pairs: pl.DataFrame) -> pl.Series:
    full = (pl.col(side).str.strip_chars().str.len_chars() > 0 for side in ("vi", "en"))
    return pairs.select(pl.all_horizontal(*full).fill_null(False)).to_series()


def _texts(pairs: pl.DataFrame) -> list[Texts]:
    return list(zip(pairs["vi"].to_list(), pairs["en"].to_list(), strict=True))


def _with_scores(pairs: pl.DataFrame, rows: pl.Series, scores: Doubles, columns: list[str]) -> pl.DataFrame:
    for place, name in enumerate(columns):
        old = pairs[name] if name in pairs.columns else pl.Series(name, [None] * len(pairs), pl.Float64)
        new = pl.Series(scores[:, place]).fill_nan(None)
        pairs = pairs.with_columns(old.cast(pl.Float64).scatter(rows, new).alias(name))
    return pairs


def _confident(table: pl.DataFrame) -> list[Texts]:
    """Return the texts of confident pairs, each once, in the order of their articles where that is known."""
    sure = table.filter(_has_text(table) & (pl.col("probability").cast(pl.Float64) >= ANCHOR).fill_null(False))
    order = [name for name in ("vi_article", "en_article", "vi_start") if name in sure.columns]
    if order:
        sure = sure.sort(order, maintain_order=True)
    return list(dict.fromkeys(_texts(sure)))


def _exchanged(pairs: list[Texts], place: int) -> list[Texts]:
    """Return two false pairs: with the next pair's English text, and with the second half of it after half of its own.

    The next pair is the neighbour in the article, so it is about the same things; pairs that are half right are what
    matchers get wrong most.
    """
    vi, en = pairs[place]
    later = (pairs[(place + step) % len(pairs)] for step in range(1, len(pairs)))
    other = next((text for source, text in later if source != vi and text != en), None)
    if other is None:
        return []
    own, words = en.split(), other.split()
    half = " ".join(own[: len(own) // 2] + words[len(words) // 2 :])
    return [(vi, text) for text in (other, half) if text != en]
