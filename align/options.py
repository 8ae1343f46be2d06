"""What a run may be told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from align.errors import OptionError
from align.matching.api import MIN_PROBABILITY, check_mode
from align.matching.calibration import Calibration
from align.matching.routing import Mode

if TYPE_CHECKING:
    from align.quality.translation_scores import Choice, Method
    from align.translation import Translator

Pairing = Literal["auto", "name", "content", "all"]
DEFAULT_FILTERS = "default"
METHODS = ("chrf", "xent", "both")
CHOICES = ("auto", "vi-en", "en-vi", "both")
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
        filters: which filters the pairs pass: "default", "strict", "none", or names joined with commas (see
            `align.quality.filters.make_filters`).
        keep_rejects: also return what was left out, with the reason.
        back_translate: a translator, or its name or folder (see `align.translation.load_translator`), that checks the
            pairs whose probability is uncertain; None checks none.
        mt_check: "chrf" translates and compares, "xent" scores by cross-entropy without translating, "both".
        mt_direction: which side is translated: "vi-en", "en-vi", "both", or what the translator offers ("auto").
        mt_cache: file that keeps translations from run to run; None keeps none.
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
    filters: str = DEFAULT_FILTERS
    keep_rejects: bool = False
    back_translate: Translator | str | Path | None = None
    mt_check: Method = "chrf"
    mt_direction: Choice = "auto"
    mt_cache: str | Path | None = None
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
        for name, allowed in (("mt_check", METHODS), ("mt_direction", CHOICES)):
            if getattr(self, name) not in allowed:
                raise OptionError(name, getattr(self, name), ", ".join(allowed))


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
