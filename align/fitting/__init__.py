"""Fitting the constants of matching for an encoder on gold: what `align fit` does."""

from __future__ import annotations

from align.fitting.calibration_file import differences, to_toml
from align.fitting.fit import Fitted, fit_calibration
from align.fitting.material import Material, read_material
from align.fitting.parts import PARTS

__all__ = ["PARTS", "Fitted", "Material", "differences", "fit_calibration", "read_material", "to_toml"]
