"""The two scores of a translation check, and the scales on which they are compared.

- `mt_chrf`: one side is translated and compared with the other by chrF (`align.quality.chrf`), 0..100.
- `mt_xent`: dual conditional cross-entropy (Junczys-Dowmunt 2018, section 3) by forced decoding, without translating:
  |H(en|vi) - H(vi|en)| + (H(en|vi) + H(vi|en)) / 2, nats per token, 0 is best. A weak model does it well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from align.errors import OptionError
from align.progress import Progress, silent
from align.quality.chrf import chrf_scores
from align.quality.translation_cache import CachedTranslator
from align.quality.translation_evidence import Usual
from align.translation.base import DIRECTIONS, Direction, Translator

Method = Literal["chrf", "xent", "both"]
Choice = Literal["auto", "vi-en", "en-vi", "both"]
Doubles = NDArray[np.float64]
Texts = tuple[str, str]
"""Vietnamese, English."""

# About where OPUS-MT models stand with news: chrF 54 of true and 19 of false pairs, dual cross-entropies of 1.7 and
# 6.6. The deviations are twice those of pairs: they cover how unlike translators are.
_USUAL = {"mt_chrf": Usual(match=0.2, null=-1.4, deviation=1.4), "mt_xent": Usual(-0.55, -1.9, 1.0)}

_BLOCK = 1024  # pairs between two reports of progress, and between two writes to the cache
_DECIMALS = 4  # of a cross-entropy: beyond them, on a GPU, the last bits depend on how texts were batched


@dataclass(frozen=True)
class Scorer:
    """Which scores to find by which translator in which direction; `choose_scores` makes it."""

    chrf: tuple[tuple[Direction, Translator], ...]
    xent: tuple[tuple[Direction, Translator], ...]

    @property
    def columns(self) -> list[str]:
        """Name the scores: "mt_chrf", "mt_xent" or both."""
        return ["mt_chrf"] * bool(self.chrf) + ["mt_xent"] * bool(self.xent)

    @property
    def signature(self) -> str:
        """Name each score with its directions and translators, as `chrf,vi-en:opus-mt-vi-en@1f2e3d`."""
        parts = []
        for name, used in (("chrf", self.chrf), ("xent", self.xent)):
            models = [f"{direction}:{translator.name}@{translator.fingerprint}" for direction, translator in used]
            parts += [",".join((name, *models))] * bool(models)
        return "+".join(parts)

    @property
    def usual(self) -> tuple[Usual, ...]:
        """Return what is usual for each of `columns` on its scale."""
        return tuple(_USUAL[name] for name in self.columns)

    def scores(self, pairs: Sequence[Texts], stage: str = "check", progress: Progress = silent) -> Doubles:
        """Return float64 (n, k), a column for each of `columns`; NaN where a translator knows no value."""
        rows = [np.empty((0, len(self.columns)))]
        for start in range(0, len(pairs), _BLOCK):
            progress(stage, start, len(pairs))
            rows.append(self._block(pairs[start : start + _BLOCK]))
        progress(stage, len(pairs), len(pairs))
        return np.concatenate(rows)

    def scaled(self, scores: Doubles) -> Doubles:
        """Return scores, float64 (n, k), on scales on which they are about Gaussian and higher is better."""
        columns = [
            np.log((values + 1) / (101 - values)) if name == "mt_chrf" else -np.log(values + 0.05)
            for name, values in zip(self.columns, scores.T, strict=True)
        ]
        return np.stack(columns, axis=1)

    def _block(self, pairs: Sequence[Texts]) -> Doubles:
        columns = []
        if self.chrf:
            columns.append(np.mean([_chrf(pairs, *each) for each in self.chrf], axis=0))
        if self.xent:
            columns.append(dual_cross_entropy(*(_cross_entropy(pairs, *each) for each in self.xent)))
        return np.stack(columns, axis=1)


def choose_scores(
    translators: Translator | Sequence[Translator], method: str, direction: str, cache: str | Path | None
) -> Scorer:
    """Return what finds the scores that were asked for; see `align.quality.translation_check.check_pairs`.

    Raises:
        OptionError: method or direction is not allowed, or no translator offers the direction.
        InputError, OutputError: the cache cannot be used.
    """
    if method not in get_args(Method):
        raise OptionError("method", method, ", ".join(get_args(Method)))
    if direction not in get_args(Choice):
        raise OptionError("direction", direction, ", ".join(get_args(Choice)))
    known = list(translators) if isinstance(translators, Sequence) else [translators]
    offered = {way: translator for translator in reversed(known) for way in translator.directions}
    wanted = [way for way in DIRECTIONS if direction in ("both", way) or (direction == "auto" and way in offered)]
    if not wanted or any(way not in offered for way in wanted):
        names = ", ".join(translator.name for translator in known) or "no translator"
        raise OptionError("direction", direction, f"{', '.join(sorted(offered)) or 'none'}, what {names} can do")
    ways = tuple((way, CachedTranslator(offered[way], cache) if cache else offered[way]) for way in wanted)
    return Scorer(
        chrf=(ways[:1] if direction == "auto" else ways) if method != "xent" else (),
        xent=ways if method != "chrf" else (),
    )


def dual_cross_entropy(forward: Doubles, backward: Doubles | None = None) -> Doubles:
    """Return the score of Junczys-Dowmunt (2018, section 3) of two cross-entropies, float64 (n,), in nats per token.

    It is small if both are small and alike. With one of them alone it is that one.

        >>> dual_cross_entropy(np.array([1.0, 1.0]), np.array([1.0, 3.0])).tolist()
        [1.0, 4.0]
    """
    if backward is None:
        return forward
    return np.asarray(np.abs(forward - backward) + (forward + backward) / 2)


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
