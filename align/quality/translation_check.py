"""The translation check: what a translator says of the pairs that the matcher was unsure of.

Two scores, either or both:

- `mt_chrf`: one side is translated and compared with the other by chrF (`align.quality.chrf`), 0..100.
- `mt_xent`: dual conditional cross-entropy (Junczys-Dowmunt 2018, section 3) by forced decoding, without translating:
  |H(en|vi) - H(vi|en)| + (H(en|vi) + H(vi|en)) / 2, nats per token, 0 is best. A weak model does it well.

What a score means depends on the translator and on the texts, so no threshold is set: the run's confident pairs, and
the same with exchanged partners, show how true and false pairs score, and the likelihood ratio between the two moves
the probability (`align.quality.translation_evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from align.errors import InputError, OptionError
from align.progress import Progress, silent
from align.quality.chrf import chrf_scores
from align.quality.translation_cache import CachedTranslator
from align.quality.translation_evidence import Doubles, Evidence, Usual, fit_evidence, updated
from align.translation.base import DIRECTIONS, Direction, Translator

Method = Literal["chrf", "xent", "both"]
Choice = Literal["auto", "vi-en", "en-vi", "both"]
Texts = tuple[str, str]

BAND = (0.05, 0.95)
"""Probabilities between which a pair is uncertain enough to be worth a translation."""

ANCHOR = 0.99
"""Least probability of a pair that shows how true pairs score."""

ANCHORS = 200
"""How many such pairs are drawn at most. Two hundred give the means to a fourteenth of a deviation."""

PRIOR_PAIRS = 8.0
"""How many true and how many false pairs the prior is worth."""

# Where OPUS-MT models usually stand with news: chrF 54 of true and 19 of false pairs, dual cross-entropies of 1.7 and
# 6.6. The deviations cover, beside that of the pairs, how unlike translators are.
_USUAL = {"mt_chrf": Usual(match=0.2, null=-1.4, deviation=1.0), "mt_xent": Usual(-0.55, -1.9, 0.7)}

_BLOCK = 1024  # pairs between two reports of progress, and between two writes to the cache
_DECIMALS = 4  # of a cross-entropy: beyond them the last bits depend on how texts were batched


@dataclass(frozen=True)
class _Check:
    """Which scores to find by which translator in which direction."""

    chrf: tuple[tuple[Direction, Translator], ...]
    xent: tuple[tuple[Direction, Translator], ...]

    @property
    def columns(self) -> list[str]:
        return ["mt_chrf"] * bool(self.chrf) + ["mt_xent"] * bool(self.xent)

    def scores(self, pairs: Sequence[Texts], stage: str, progress: Progress) -> Doubles:
        """Return float64 (n, k), a column for each of `columns`."""
        rows = [np.empty((0, len(self.columns)))]
        for start in range(0, len(pairs), _BLOCK):
            progress(stage, start, len(pairs))
            rows.append(self._block(pairs[start : start + _BLOCK]))
        progress(stage, len(pairs), len(pairs))
        return np.concatenate(rows)

    def _block(self, pairs: Sequence[Texts]) -> Doubles:
        columns = []
        if self.chrf:
            columns.append(np.mean([_chrf(pairs, *each) for each in self.chrf], axis=0))
        if self.xent:
            columns.append(dual_cross_entropy(*(_cross_entropy(pairs, *each) for each in self.xent)))
        return np.stack(columns, axis=1)


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
    A table should go through the check once: a second time would count the same evidence twice.

    Args:
        pairs: table with at least the columns vi, en and probability.
        translators: one or several; of each direction the first that offers it is used.
        method: "chrf" translates, "xent" scores without translating, "both" does both.
        direction: which way. "auto" is, for chrF, "vi-en" if a translator offers it, else "en-vi"; for the
            cross-entropy every direction offered. With "both", mt_chrf is the mean of the two. With one direction,
            mt_xent is the plain cross-entropy of the target side.
        band: lowest and highest probability that is checked.
        anchors: where to draw confident pairs from, a table like `pairs`; by default `pairs` itself. In a stream of
            batches, give the same table to each. With none at hand the prior alone judges.
        cache: a file that keeps translations from run to run; made when there is none.
        seed: of the draw.
        progress: called with the stages "check" and "anchors" and counts of pairs.

    Raises:
        OptionError: method, direction or band is not allowed, or no translator offers the direction.
        InputError: a column is missing, or the cache is damaged or something else.
        OutputError: the cache cannot be written.
    """
    low, high = _checked_band(band)
    for table in (pairs,) if anchors is None else (pairs, anchors):
        _check_columns(table)
    check = _plan(translators, method, direction, cache)
    chance = pairs["probability"].cast(pl.Float64)
    inside = chance.is_between(low, high).fill_null((low, high) == (0, 1))
    rows = (inside & _has_text(pairs)).arg_true()
    scores = check.scores(_texts(pairs[rows]), "check", progress)
    table = _with_scores(pairs, rows, scores, check.columns)
    if not len(rows):
        return table
    evidence = _evidence(check, pairs if anchors is None else anchors, seed, progress)
    after = chance.to_numpy().astype(np.float64, copy=True)  # null is NaN, and stays so
    usable = np.isfinite(scores).all(axis=1)
    places = rows.to_numpy()[usable]
    after[places] = updated(after[places], evidence.log_ratio(_scaled(scores[usable], check.columns)))
    return table.with_columns(pl.Series("probability", after, nan_to_null=True).fill_nan(None))


def dual_cross_entropy(forward: Doubles, backward: Doubles | None = None) -> Doubles:
    """Return the score of Junczys-Dowmunt (2018, section 3) of two cross-entropies, float64 (n,), in nats per token.

    It is small if both are small and alike. With one of them alone it is that one.

        >>> dual_cross_entropy(np.array([1.0, 1.0]), np.array([1.0, 3.0]))
        array([1., 4.])
    """
    if backward is None:
        return forward
    return np.asarray(np.abs(forward - backward) + (forward + backward) / 2)


def _checked_band(band: tuple[float, float]) -> tuple[float, float]:
    if len(band) != 2 or not 0 <= band[0] <= band[1] <= 1:
        raise OptionError("band", band, "two probabilities, the lower one first")
    return band


def _check_columns(table: pl.DataFrame) -> None:
    lacking = [name for name in ("vi", "en", "probability") if name not in table.columns]
    if lacking:
        raise InputError(f"a table of pairs without {', '.join(lacking)}; score the pairs before they are checked")


def _plan(
    translators: Translator | Sequence[Translator], method: str, direction: str, cache: str | Path | None
) -> _Check:
    if method not in get_args(Method):
        raise OptionError("method", method, ", ".join(get_args(Method)))
    if direction not in get_args(Choice):
        raise OptionError("direction", direction, ", ".join(get_args(Choice)))
    known = list(translators) if isinstance(translators, Sequence) else [translators]
    offered = {way: translator for translator in reversed(known) for way in translator.directions}
    wanted: list[Direction] = [way for way in DIRECTIONS if direction in ("both", way) or way in offered]
    if direction in DIRECTIONS:
        wanted = [way for way in DIRECTIONS if way == direction]
    lacking = [way for way in wanted if way not in offered]
    if lacking or not wanted:
        names = ", ".join(translator.name for translator in known) or "no translator"
        raise OptionError("direction", direction, f"{', '.join(offered) or 'none'}, what {names} can do")
    ways = tuple((way, CachedTranslator(offered[way], cache) if cache else offered[way]) for way in wanted)
    return _Check(
        chrf=(ways[:1] if direction == "auto" else ways) if method != "xent" else (),
        xent=ways if method != "chrf" else (),
    )


def _has_text(pairs: pl.DataFrame) -> pl.Series:
    full = (pl.col(side).str.strip_chars().str.len_chars() > 0 for side in ("vi", "en"))
    return pairs.select(pl.all_horizontal(*full).fill_null(False)).to_series()


def _texts(pairs: pl.DataFrame) -> list[Texts]:
    return list(zip(pairs["vi"].to_list(), pairs["en"].to_list(), strict=True))


def _chrf(pairs: Sequence[Texts], direction: Direction, translator: Translator) -> Doubles:
    source, target = _sides(pairs, direction)
    unique = list(dict.fromkeys(source))
    made = dict(zip(unique, translator.translate(unique, direction), strict=True))
    return chrf_scores([made[text] for text in source], target)


def _cross_entropy(pairs: Sequence[Texts], direction: Direction, translator: Translator) -> Doubles:
    return np.asarray(translator.cross_entropy(*_sides(pairs, direction), direction)).round(_DECIMALS)


def _sides(pairs: Sequence[Texts], direction: Direction) -> tuple[list[str], list[str]]:
    vi, en = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return (vi, en) if direction == "vi-en" else (en, vi)


def _with_scores(pairs: pl.DataFrame, rows: pl.Series, scores: Doubles, columns: list[str]) -> pl.DataFrame:
    for place, name in enumerate(columns):
        old = (
            pairs[name].cast(pl.Float64) if name in pairs.columns else pl.Series(name, [None] * len(pairs), pl.Float64)
        )
        new = pl.Series(scores[:, place]).fill_nan(None)
        pairs = pairs.with_columns(old.scatter(rows, new).alias(name))
    return pairs


def _evidence(check: _Check, table: pl.DataFrame, seed: int, progress: Progress) -> Evidence:
    confident = _confident(table)
    drawn = np.sort(np.random.default_rng(seed).permutation(len(confident))[:ANCHORS])
    true = [confident[place] for place in drawn]
    false = [pair for place in drawn for pair in _exchanged(confident, int(place))]
    scores = check.scores(true + false, "anchors", progress)
    scaled = _scaled(scores, check.columns)
    match, null = (part[np.isfinite(part).all(axis=1)] for part in (scaled[: len(true)], scaled[len(true) :]))
    return fit_evidence(match, null, tuple(_USUAL[name] for name in check.columns), PRIOR_PAIRS)


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
    other = next((text for source, text in pairs[place + 1 :] + pairs[:place] if source != vi and text != en), None)
    if other is None:
        return []
    own, words = en.split(), other.split()
    half = " ".join(own[: len(own) // 2] + words[len(words) // 2 :])
    return [(vi, text) for text in (other, half) if text != en]


def _scaled(scores: Doubles, columns: list[str]) -> Doubles:
    """Return scores on scales on which they are about Gaussian and higher is better, float64 (n, k)."""
    scales = {
        "mt_chrf": lambda score: np.log((score + 1) / (101 - score)),
        "mt_xent": lambda score: -np.log(score + 0.05),
    }
    scaled: list[NDArray[np.float64]] = [scales[name](scores[:, place]) for place, name in enumerate(columns)]
    return np.stack(scaled, axis=1)
