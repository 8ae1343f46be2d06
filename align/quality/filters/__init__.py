"""Filters: a pair in, keep or a reason out; scores are kept apart from thresholds."""
