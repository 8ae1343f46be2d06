"""Pairs one can trust: facts, filters with reasons, calibrated probability, the translation check."""
