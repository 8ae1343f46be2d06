"""Matching: which sentences and which articles of the two languages belong together."""

from align.matching.api import align_sentences, align_vectors, mine_sentences, mine_vectors
from align.matching.beads import Bead, format_bead, parse_beads
from align.matching.calibration import Calibration, load_calibration, read_calibration
from align.matching.choice import calibration_for

__all__ = [
    "Bead",
    "Calibration",
    "align_sentences",
    "align_vectors",
    "calibration_for",
    "format_bead",
    "load_calibration",
    "mine_sentences",
    "mine_vectors",
    "parse_beads",
    "read_calibration",
]
