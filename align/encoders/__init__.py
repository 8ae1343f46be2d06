"""Sentence encoders: text in, unit vectors out."""

from __future__ import annotations

from align.encoders.base import Encoder
from align.encoders.registry import load_encoder, parse_options

__all__ = ["Encoder", "load_encoder", "parse_options"]
