"""The constants of matching, one file per encoder: fitted by a program, never written by hand.

`align/matching/calibrations/ENCODER.toml` holds them, with the data and the method that they come from.
Cosines of two encoders differ in range, so constants of one are no good for another as they are; which calibration a
run uses is decided in `align.matching.choice`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from align.errors import ModelError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "calibrations"
DEFAULT_ENCODER = "e5-small-vien"

Shape = tuple[int, int]

SHORT_SHAPES: tuple[Shape, ...] = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 2), (3, 3))
"""Sentences on either side of nearly all beads; a first pass over a document looks for these."""

LARGEST = 8  # sentences of the largest bead, both sides together

SHAPES: tuple[Shape, ...] = (
    *SHORT_SHAPES,
    *((a, b) for a in range(1, LARGEST) for b in range(1, LARGEST - a + 1) if max(a, b) > 3),
)
"""Sentences on either side of the beads that the in-order model knows, empty ones apart."""


def prior_name(shape: Shape) -> str:
    """Return by which name a shape's constant is known: a shape and its mirror share one, as do all longer ones.

    >>> prior_name((2, 1)), prior_name((1, 5)), prior_name((4, 4))
    ('1-2', '1-n', '3-n')
    """
    return f"{min(shape)}-{max(shape)}" if max(shape) <= 3 else f"{min(min(shape), 3)}-n"


@dataclass(frozen=True)
class BeadWeights:
    """Weights of the in-order model; all are log-odds, for the features see `align.matching.scoring`.

    Attributes:
        prior: constant of each bead shape, keyed by `prior_name`.
        cosine: per unit of centred cosine.
        delta: per unit of the Gale-Church length deviation.
        delta_square: per unit of a sixth of its square.
        drop: per unit of what the bead's cosine gains over its best part.
        add: per unit of what the bead's cosine would gain by one sentence more.
        gap: reward of leaving one sentence unaligned when half of its side is.
        gap_rate: per logit of the share of unaligned sentences on that side.
        gap_run: of a run of unaligned sentences of one side, however many.
    """

    prior: Mapping[str, float]
    cosine: float
    delta: float
    delta_square: float
    drop: float
    add: float
    gap: float
    gap_rate: float
    gap_run: float

    def prior_of(self, shape: Shape) -> float:
        """Return the constant of a shape."""
        return self.prior[prior_name(shape)]


@dataclass(frozen=True)
class LengthModel:
    """Gale & Church (1993), section 3: how the lengths of translations vary.

    Attributes:
        ratio: English characters for a Vietnamese one.
        variance: variance of the difference per character of mean length.
        ratio_sentences: how many sentences the ratio above counts as against a document's own.
    """

    ratio: float
    variance: float
    ratio_sentences: float


@dataclass(frozen=True)
class GapModel:
    """Prior for the share of unaligned sentences of a document side: `rate`, worth `sentences` of evidence."""

    rate: float
    sentences: float


@dataclass(frozen=True)
class MiningWeights:
    """Log-odds that two sentences translate each other, whatever the order; see `align.matching.mining`."""

    margin: float
    centred_margin: float
    ratio: float
    delta: float
    delta_square: float
    constant: float
    background: float
    centred_background: float


@dataclass(frozen=True)
class MixtureModel:
    """Prior of the two-Gaussian mixture over the log-odds of a collection's mutual-best pairs."""

    null_mean: float
    null_deviation: float
    match_mean: float
    match_deviation: float
    match_share: float
    pairs: float


@dataclass(frozen=True)
class ContextWeights:
    """Logistic weights for the pairs of two comparable articles, the constant last; see `align.matching.context`.

    Attributes:
        alone: for the features of a pair alone.
        context: for the same and the support of neighbouring pairs.
    """

    alone: tuple[float, ...]
    context: tuple[float, ...]


@dataclass(frozen=True)
class FactWeights:
    """Logistic weights that weigh the facts of two texts in; see `align.matching.trust`.

    Attributes:
        log_odds: for the log-odds that matching gives.
        facts: for each of `align.quality.facts.FACT_FEATURES`.
        constant: of the sum.
    """

    log_odds: float
    facts: Mapping[str, float]
    constant: float


@dataclass(frozen=True)
class Trust:
    """How facts are weighed in, for each kind of matching.

    Attributes:
        parallel, comparable: for beads in order and out of order.
        mining: for pairs of two pools.
        mixture: prior of the mixture over the log-odds of mining after that.
        pairs: for pairs that were made elsewhere (`align score`): weighs the log-odds of mining.
    """

    parallel: FactWeights
    comparable: FactWeights
    mining: FactWeights
    mixture: MixtureModel
    pairs: FactWeights


@dataclass(frozen=True)
class FeatureLimits:
    """Where features made of centred cosines are cut off.

    Attributes:
        add_floor: least of the in-order feature `add`.
        gap_floor, gap_ceiling: of how far a pair is above others of its row and column.
        window_floor: least cosine of the windows that a pair ends or begins.
    """

    add_floor: float
    gap_floor: float
    gap_ceiling: float
    window_floor: float


@dataclass(frozen=True)
class PairingThresholds:
    """Cosines of document vectors; see `align.matching.pairing`.

    Attributes:
        min_similarity: so alike are articles that may share sentences.
        same_event_similarity: so alike are reports of one event, whatever they share.
    """

    min_similarity: float
    same_event_similarity: float


@dataclass(frozen=True)
class CosineScale:
    """Mean and standard deviation of a kind of cosine, of chance pairs (null) and of translations (match)."""

    null_mean: float
    null_deviation: float
    match_mean: float
    match_deviation: float


@dataclass(frozen=True)
class CosineScales:
    """How an encoder's cosines lie on the yardstick text; see `align.matching.yardstick`.

    Attributes:
        raw, centred: cosines of sentences, as they are and centred by article.
        margin, centred_margin: difference margins of the same.
        article: cosines of document vectors.
    """

    raw: CosineScale
    centred: CosineScale
    margin: CosineScale
    centred_margin: CosineScale
    article: CosineScale


@dataclass(frozen=True)
class Calibration:
    """All constants of one encoder.

    Attributes:
        encoder: name of the encoder that the constants were fitted for.
        centre_sentences: how many sentences the language's mean vector counts as in an article's own.
        rescaled_for: name of another encoder that they were rescaled for; empty when they are as fitted.
    """

    encoder: str
    centre_sentences: float
    length: LengthModel
    gaps: GapModel
    pooled: BeadWeights
    joined: BeadWeights
    mining: MiningWeights
    mixture: MixtureModel
    comparable: ContextWeights
    trust: Trust
    limits: FeatureLimits
    pairing: PairingThresholds
    scales: CosineScales
    rescaled_for: str = ""

    @property
    def label(self) -> str:
        """What the signature of a run calls these constants.

        The encoder that they were fitted for, then `@` and 8 hex digits, a hash of all constants, or `,rescaled`.
        """
        if self.rescaled_for:
            return f"{self.encoder},rescaled"
        content = json.dumps(asdict(self), sort_keys=True).encode()
        return f"{self.encoder}@{hashlib.blake2b(content, digest_size=4).hexdigest()}"


def calibrated_encoders() -> list[str]:
    """Return the names of the encoders that have a calibration."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@functools.cache
def load_calibration(encoder: str = DEFAULT_ENCODER) -> Calibration:
    """Read the constants of an encoder.

    Raises:
        ModelError: there are none for it (guessing would give wrong beads and false probabilities), or the file is not
            what this version writes.
    """
    if encoder not in calibrated_encoders():
        known = ", ".join(calibrated_encoders())
        raise ModelError(f"matching is not calibrated for the encoder {encoder!r}; calibrated: {known}")
    return read_calibration(FOLDER / f"{encoder}.toml")


def read_calibration(path: str | Path) -> Calibration:
    """Read a calibration file, such as `align fit` writes.

    Raises:
        ModelError: the file cannot be read, or is not what this version writes.
    """
    try:
        with open(path, "rb") as stream:
            found = parse_calibration(tomllib.load(stream))
        _check(found)
    except OSError as error:
        raise ModelError(f"{path}: calibration cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: no calibration of this version ({error}); fit it again or reinstall") from error
    return found


def parse_calibration(table: Mapping[str, Any]) -> Calibration:
    """Build a calibration from the tables of its TOML file."""
    return Calibration(
        encoder=table["encoder"],
        centre_sentences=table["centre_sentences"],
        length=LengthModel(**table["length"]),
        gaps=GapModel(**table["gaps"]),
        pooled=BeadWeights(**table["pooled"]),
        joined=BeadWeights(**table["joined"]),
        mining=MiningWeights(**table["mining"]),
        mixture=MixtureModel(**table["mixture"]),
        comparable=ContextWeights(**{name: tuple(values) for name, values in table["comparable"].items()}),
        trust=_parse_trust(table["trust"]),
        limits=FeatureLimits(**table["limits"]),
        pairing=PairingThresholds(**table["pairing"]),
        scales=CosineScales(**{name: CosineScale(**values) for name, values in table["scales"].items()}),
    )


def _parse_trust(table: Mapping[str, Any]) -> Trust:
    weights = {name: FactWeights(**table[name]) for name in ("parallel", "comparable", "mining", "pairs")}
    return Trust(mixture=MixtureModel(**table["mixture"]), **weights)


def _check(calibration: Calibration) -> None:
    """Refuse constants that would fail far from the file that holds them.

    Raises:
        TypeError, ValueError: a constant is no finite number, or there are too few or too many weights.
    """
    from align.matching.context import CONTEXT_FEATURES, FEATURES  # which imports this module
    from align.quality.facts import FACT_FEATURES

    constants = asdict(calibration)
    for name in ("encoder", "rescaled_for"):
        if not isinstance(constants.pop(name), str):
            raise TypeError(f"{name} is no string")
    _check_numbers("calibration", constants)
    for weights in (calibration.pooled, calibration.joined):
        for shape in SHAPES:
            weights.prior_of(shape)
    counts = len(calibration.comparable.alone), len(calibration.comparable.context)
    if counts != (len(FEATURES) + 1, len(CONTEXT_FEATURES) + 1):
        raise ValueError(f"comparable has {counts[0]} and {counts[1]} weights")
    trust = calibration.trust
    for kind in (trust.parallel, trust.comparable, trust.mining, trust.pairs):
        if set(kind.facts) != set(FACT_FEATURES):
            raise ValueError(f"trust has weights for the facts {', '.join(kind.facts)}")


def _check_numbers(name: str, value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_numbers(str(key), inner)
    elif isinstance(value, tuple):
        for inner in value:
            _check_numbers(name, inner)
    elif type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]  # a number by now
        raise ValueError(f"{name} is {value!r}, no finite number")
