"""What a run may be told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from align.errors import OptionError
from align.matching.api import MIN_PROBABILITY, check_mode
from align.matching.calibration import Calibration
from align.matching.routing import Mode

Pairing = Literal["auto", "name", "content", "all"]
PAIRINGS: tuple[Pairing, ...] = ("auto", "name", "content", "all")


@dataclass(frozen=True)
class Options:
    """What a run may be told.

    Attributes:
        mode: "auto", "parallel" or "comparable".
        pairing: "content" pairs articles by what they say, "name" by their file names, "all" takes each with each;
            "auto" is by name where names agree, and by content.
        encoder: name of the encoder.
        encoder_options: what else the encoder takes, such as {"precision": "fp32"}; its fingerprint covers what changes
            vectors.
        cache: file that keeps vectors from run to run; None keeps none.
        min_probability: pairs below it are left out, 0 to 1.
        encoding: encoding of text files; None finds it out.
        repair: undo mojibake.
        threads: cores to use; None is all.
        calibration: constants of matching for the encoder, or the path of their file; None is what there is for it,
            or else the bundled encoder's rescaled.
    """

    mode: Mode = "auto"
    pairing: Pairing = "auto"
    encoder: str = "e5-small-vien"
    encoder_options: Mapping[str, object] = field(default_factory=dict, hash=False)
    cache: str | Path | None = None
    min_probability: float = MIN_PROBABILITY
    encoding: str | None = None
    repair: bool = False
    threads: int | None = None
    calibration: Calibration | str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            OptionError: a value is outside the allowed set.
        """
        check_mode(self.mode)
        if self.pairing not in PAIRINGS:
            raise OptionError("pairing", self.pairing, ", ".join(PAIRINGS))
        if not 0 <= self.min_probability <= 1:
            raise OptionError("min_probability", self.min_probability, "0 to 1")


def make_options(**options: object) -> Options:
    """Return `Options`, naming an unknown one.

    Raises:
        OptionError: an option is unknown or its value not allowed.
    """
    known = list(Options.__dataclass_fields__)
    for name in options:
        if name not in known:
            raise OptionError("option", name, ", ".join(known))
    return Options(**options)  # type: ignore[arg-type]  # values are checked by Options itself
