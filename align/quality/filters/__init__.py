"""Filters: a pair in, keep or a reason out; scores are kept apart from thresholds."""

from align.quality.filters.apply import apply_filters, rejected_schema, score_filters, summary
from align.quality.filters.base import Filter, PairFilter
from align.quality.filters.registry import DEFAULT, FILTERS, STRICT, make_filters, threshold_fields

__all__ = [
    "DEFAULT",
    "FILTERS",
    "STRICT",
    "Filter",
    "PairFilter",
    "apply_filters",
    "make_filters",
    "rejected_schema",
    "score_filters",
    "summary",
    "threshold_fields",
]
