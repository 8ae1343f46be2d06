"""Every error that the library raises on purpose.

A message states the bad value, what is allowed and what to do. The command line prints it as one line and
ends with exit code 1; anything that is not an `AlignError` is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path

DISTRIBUTION = "align-vi-en"


class AlignError(Exception):
    """Base of all errors that name something the user can mend."""


class InputError(AlignError):
    """An input file or text cannot be used; the message names it."""


class DecodingError(InputError):
    """The bytes of a file are text in no encoding that was allowed."""


class OptionError(AlignError, ValueError):
    """An option or argument has a value outside the allowed set."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        """Build the message `NAME is VALUE; allowed: ALLOWED`."""
        super().__init__(f"{name} is {value!r}; allowed: {allowed}")
        self.name, self.value, self.allowed = name, value, allowed


class ModelError(AlignError):
    """A model is missing, damaged or of another kind than asked for."""


class UncalibratedWarning(UserWarning):
    """Matching goes on with the bundled encoder's constants, rescaled: the encoder has no calibration of its own."""

    def __init__(self, encoder: str, stand_in: str) -> None:
        """Say for which encoder, whose constants stand in, and how to fit its own."""
        super().__init__(
            f"matching is not calibrated for the encoder {encoder!r}: the constants of {stand_in} are used, rescaled "
            "to its cosines, and probabilities are estimates; fit its own with "
            f"`align fit DATA_DIR --encoder {encoder} -o calibration.toml` and give that file as the calibration"
        )
        self.encoder, self.stand_in = encoder, stand_in


class ApproximateSearchWarning(UserWarning):
    """Nearest neighbours were searched for among some of a large pool only, and a few may have been missed."""

    def __init__(self, recall: float, k: int, sample: int) -> None:
        """Say what share of the `k` exact neighbours of `sample` sentences a side was found."""
        super().__init__(
            f"approximate search found {recall:.1%} of the {k} nearest neighbours (measured on up to {sample} "
            "sentences a side); exact search (option search) finds all and takes longer"
        )
        self.recall, self.k, self.sample = recall, k, sample


class TruncatedTextWarning(UserWarning):
    """A text is longer than a translator takes, and its end was left out of a translation or a score."""

    def __init__(self, length: int, unit: str, limit: int) -> None:
        """Say how long the longest text is, in "tokens" or "characters", and how much of it was looked at."""
        super().__init__(
            f"a text of {length} {unit} is longer than the translator takes: what follows the first {limit} was left "
            "out; split long texts into sentences first"
        )
        self.length, self.unit, self.limit = length, unit, limit


class OutputError(AlignError):
    """An output file could not be written; nothing was left half-written."""

    def __init__(self, path: str | Path, reason: str) -> None:
        """Name the file and the reason that the system gave."""
        super().__init__(f"{path}: not written: {reason}")
        self.path = path


class MissingExtraError(AlignError, ImportError):
    """An optional dependency is absent; the message holds the pip command that installs it."""

    def __init__(self, feature: str, extra: str) -> None:
        """Build `FEATURE needs the extra EXTRA: pip install "align-vi-en[EXTRA]"`."""
        super().__init__(f'{feature} needs the extra {extra!r}: pip install "{DISTRIBUTION}[{extra}]"')
        self.extra = extra
