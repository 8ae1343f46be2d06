"""Which constants a run of matching uses, and what is said when they are not the encoder's own."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from align.errors import UncalibratedWarning
from align.matching.calibration import (
    DEFAULT_ENCODER,
    Calibration,
    calibrated_encoders,
    load_calibration,
    read_calibration,
)
from align.matching.rescaling import rescaled
from align.matching.yardstick import measures

if TYPE_CHECKING:
    from align.encoders import Encoder

FILE_NAME = "calibration.toml"
"""In the folder of a model: the calibration of that model."""


def given_calibration(calibration: Calibration | str | os.PathLike[str] | None) -> Calibration | None:
    """Return a calibration that was given as it is or as the path of its file; None stays None.

    Raises:
        ModelError: the file cannot be read, or is no calibration of this version.
    """
    if calibration is None or isinstance(calibration, Calibration):
        return calibration
    return read_calibration(Path(calibration))


def calibration_for(encoder: Encoder, calibration: Calibration | str | os.PathLike[str] | None = None) -> Calibration:
    """Return the constants to match an encoder's vectors with.

    The first that there is of: what was given; the file that the encoder's own attribute `calibration` names;
    `calibration.toml` in the folder of the installed model of that name; the package's. Where there is none, the
    bundled encoder's constants are rescaled to this encoder's cosines (`align.matching.rescaling`), and a warning says
    so: the order of what is found hardly suffers, the probabilities are estimates.

    Raises:
        ModelError: a file of constants cannot be read or is not of this version.

    Warns:
        UncalibratedWarning: there are none for this encoder.

    >>> from align.encoders import load_encoder
    >>> calibration_for(load_encoder()).encoder
    'e5-small-vien'
    """
    own = given_calibration(calibration) or given_calibration(getattr(encoder, "calibration", None))
    if own is not None:
        return own
    path = _in_model_folder(encoder.name)
    if path is not None:
        return read_calibration(path)
    if encoder.name in calibrated_encoders():
        return load_calibration(encoder.name)
    warnings.warn(UncalibratedWarning(encoder.name, DEFAULT_ENCODER), stacklevel=3)
    return rescaled(load_calibration(), measures(encoder).scales, encoder.name)


def label_of(calibration: Calibration, encoder: Encoder) -> str | None:
    """Return how the signature of a run names its constants; None for those that the package has for the encoder."""
    packaged = encoder.name in calibrated_encoders() and calibration == load_calibration(encoder.name)
    return None if packaged else calibration.label


def _in_model_folder(name: str) -> Path | None:
    from align.encoders.manifest import find_models

    folder = find_models().get(name)
    path = None if folder is None else folder / FILE_NAME
    return path if path is not None and path.is_file() else None
