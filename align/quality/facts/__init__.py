"""Facts of a sentence (numbers, dates, names ...) and what disagrees between the two sides of a pair."""

from align.quality.facts.comparing import Agreement, Comparison, Mismatch, compare_batch, compare_facts
from align.quality.facts.fact import KINDS, Date, Fact, Time
from align.quality.facts.features import FACT_FEATURES, fact_features, features_of
from align.quality.facts.finding import facts_of

__all__ = [
    "FACT_FEATURES",
    "KINDS",
    "Agreement",
    "Comparison",
    "Date",
    "Fact",
    "Mismatch",
    "Time",
    "compare_batch",
    "compare_facts",
    "fact_features",
    "facts_of",
    "features_of",
]
