"""Fit the constants of matching for an encoder on gold."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from align.encoders import Encoder
from align.errors import InputError, MissingExtraError, OptionError
from align.fitting.calibration_file import to_toml
from align.fitting.encoding import RememberingEncoder
from align.fitting.figures import file_lines, pool_lines
from align.fitting.folds import FOLDS, fold_lines
from align.fitting.material import Material
from align.fitting.parts import PARTS, can_be_fitted, fit_matching
from align.fitting.stated import stand_in_for, starting_point
from align.fitting.training import Training, training_of
from align.fitting.trust import fit_trust
from align.matching.calibration import Calibration
from align.matching.threads import one_blas_thread
from align.progress import Progress, silent

TRUST = ("parallel", "comparable", "mining", "pairs")


@dataclass(frozen=True)
class Fitted:
    """Constants, and what is to be said of them.

    Attributes:
        calibration: all constants of the encoder, to full precision.
        remarks: lines for the head of its file: what it was fitted on, what was not fitted, figures.
    """

    calibration: Calibration
    remarks: tuple[str, ...]

    @property
    def text(self) -> str:
        """The calibration file."""
        return to_toml(self.calibration, self.remarks)


@one_blas_thread()  # on more, sums have other last digits, and a search that stops early other constants
def fit_calibration(
    material: Material,
    encoder: Encoder,
    *,
    parts: Collection[str] = PARTS,
    start: Calibration | None = None,
    folds: bool = True,
    progress: Progress = silent,
) -> Fitted:
    """Fit the constants of matching for an encoder.

    In-order weights: maximum likelihood (`align.matching.training`) of documents with beads in order and of changed
    copies of parallel lines (`align.fitting.noise`). Mining weights: logistic regression on the candidates of
    documents with pairs in any order; those of comparable articles on the same and on copies of parallel lines turned
    into two reports (`align.fitting.reports`). How facts are weighed in: `align.fitting.trust`.
    What is stated and not fitted (where features are cut off, how alike related articles are) is the bundled encoder's,
    for another encoder rescaled to its cosines, whose scales on the yardstick text the file holds, too.

    Args:
        material: gold, from `read_material`.
        encoder: to fit for. Each text is encoded once.
        parts: of `PARTS`; what is not fitted, for want of gold or because it is not named, is `start`'s.
        start: constants for that; None is the bundled encoder's. For another encoder they are rescaled.
        folds: whether to measure what the constants are worth, which takes twice as long again.
        progress: reports the steps.

    Raises:
        OptionError: `parts` names something else.
        InputError: there is no gold for any of the parts.
        MissingExtraError: scipy, which the in-order weights need, is not installed.
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise OptionError("parts", unknown[0] if unknown else "", ", ".join(PARTS))
    training = training_of(material)
    fitted = can_be_fitted(training, parts)
    if "trust" in parts and (training.ordered or training.reports or material.pools):
        fitted.append("trust")
    if not fitted:
        raise InputError(f"there is no gold to fit {', '.join(parts)} on; found: {material.counts()}")
    if "in-order" in fitted and importlib.util.find_spec("scipy") is None:
        raise MissingExtraError("fitting in-order weights", "fit")  # now, and not after minutes of encoding
    return _Fit(material, training, RememberingEncoder(encoder), fitted, start, folds, progress).run()


class _Fit:
    """One fit, step by step."""

    def __init__(
        self,
        material: Material,
        training: Training,
        encoder: Encoder,
        parts: list[str],
        start: Calibration | None,
        folds: bool,
        progress: Progress,
    ) -> None:
        self.material, self.training, self.encoder, self.parts = material, training, encoder, parts
        self.given, self.folds = start, folds
        self.stand_in: Callable[[], Calibration] = functools.cache(lambda: stand_in_for(encoder, start))
        steps = len(parts) + folds * (len(FOLDS) + 1)
        self.total = steps
        self.done = 0
        self.progress = progress

    def run(self) -> Fitted:
        start = starting_point(self.encoder, self.parts, self.given, self.stand_in)
        figures = self._by_folds(start) if self.folds else ["Figures were not asked for."]
        self._step()
        calibration = start
        for found in fit_matching(start, self.training, self.parts, self.encoder):
            calibration = found
            self._step()
        kinds: list[str] = list(TRUST)
        if "trust" in self.parts:
            calibration, kinds = self._weigh_facts(calibration)
            self._step()
        if self.folds:
            figures += self._left_out(calibration)
            self._step()
        return Fitted(calibration, (*self._sources(kinds), *figures))

    def _step(self) -> None:
        self.progress("fitting", self.done, self.total)
        self.done += 1

    def _by_folds(self, start: Calibration) -> list[str]:
        return fold_lines(self.material, self.training, self.parts, self.encoder, start, self._step)

    def _weigh_facts(self, calibration: Calibration) -> tuple[Calibration, list[str]]:
        training, material = self.training, self.material
        sets = training.ordered, training.reports, training.unordered, material.pools, material.pair_files
        trust, kinds = fit_trust(*sets, self.encoder, calibration)
        missing = [kind for kind in TRUST if kind not in kinds]
        if missing:
            names = [*missing, "mixture"] if "mining" in missing else missing
            trust = replace(trust, **{name: getattr(self.stand_in().trust, name) for name in names})
        return replace(calibration, trust=trust), kinds

    def _left_out(self, calibration: Calibration) -> list[str]:
        if "trust" not in self.parts:
            return []
        lines = []
        pools = pool_lines(self.material.pools, self.encoder, calibration)
        if pools:
            lines += ["mining of one collection by weights from the others, F1 from .4 .5 .6 on", *pools]
        files = file_lines(self.material.pair_files, self.encoder, calibration)
        if files:
            lines += ["pairs made elsewhere, half of them spoilt, by weights from the other collections", *files]
        return lines

    def _sources(self, kinds: list[str]) -> list[str]:
        """Say what was fitted on how much, and where the rest comes from."""
        training = self.training
        counts = {
            "in-order": f"in-order weights: {len(training.ordered)} documents",
            "mining": f"mining weights: {len(training.small_pools)} documents",
            "comparable": f"comparable weights: {len(set(map(id, training.reports)))} documents",
            "trust": f"facts: {', '.join(kinds)}",
        }
        lines = [f"Found: {self.material.counts()}.", *(f"Left out: {one}" for one in self.material.left_out)]
        lines += [f"Fitted {counts[part]}" for part in self.parts]
        missing = [part for part in PARTS if part not in self.parts]
        missing += [f"facts of {kind}" for kind in TRUST if kind not in kinds]
        if missing:
            source = self.stand_in()
            how = f"{source.encoder}, rescaled to {self.encoder.name}" if source.rescaled_for else source.encoder
            lines.append(f"Not fitted, from {how}: {', '.join(missing)}")
        return lines
