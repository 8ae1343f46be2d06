"""Filters by name, sets of them, and their thresholds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from align.errors import OptionError
from align.quality.filters.base import Filter
from align.quality.filters.boilerplate import Boilerplate
from align.quality.filters.copied import Copied
from align.quality.filters.duplicates import Duplicates
from align.quality.filters.facts import Facts
from align.quality.filters.headline import Headline
from align.quality.filters.language import Language
from align.quality.filters.length import Length
from align.quality.filters.length_ratio import LengthRatio
from align.quality.filters.machine_translated import MachineTranslated
from align.quality.filters.near_duplicates import NearDuplicates
from align.quality.filters.noise import Noise
from align.quality.filters.numbers import Numbers
from align.quality.filters.probability import Probability
from align.quality.filters.untranslated_quotation import UntranslatedQuotation

FILTERS: Mapping[str, type[Filter]] = {
    kind.name: kind
    for kind in (
        Length,
        Noise,
        Copied,
        Boilerplate,
        Language,
        LengthRatio,
        Numbers,
        UntranslatedQuotation,
        MachineTranslated,
        Headline,
        Facts,
        Probability,
        Duplicates,
        NearDuplicates,
    )
}
"""Every filter by its name, in the order in which a set applies them."""

DEFAULT: Mapping[str, Mapping[str, Any]] = {
    "length": {},
    "noise": {},
    "copied": {},
    "boilerplate": {},
    "language": {},
    "length_ratio": {},
    "numbers": {},
    "untranslated_quotation": {},
    "machine_translated": {},
    "duplicates": {},
}
"""Filters that refuse hardly any true pair of news, with the thresholds that differ from the filters' own."""

STRICT: Mapping[str, Mapping[str, Any]] = {
    "length": {"min_words": 3, "max_words": 120},
    "noise": {
        "min_letters": 0.5,
        "max_symbols": 0.1,
        "max_repeated_chars": 4,
        "max_repeated_words": 3,
        "max_caps": 0.7,
    },
    "copied": {"max_share": 0.4},
    "boilerplate": {},
    "language": {"min_letters_third": 20},
    "length_ratio": {"max_deviation": 3.5, "max_ratio": 1.6},
    "numbers": {"min_numbers": 4, "max_share": 0.4},
    "untranslated_quotation": {"max_words": 3, "max_share": 0.15},
    "machine_translated": {"max_score": 0.5},
    "headline": {},
    "facts": {},
    "probability": {"min": 0.8},
    "duplicates": {"by": "either", "ignore_digits": True},
}
"""Filters for those who have more pairs than they need."""

_SETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {"default": DEFAULT, "strict": STRICT, "none": {}}


def make_filters(spec: str = "default", **thresholds: Any) -> list[Filter]:
    """Make the filters of one run.

    Args:
        spec: "default", "strict", "none", or names of filters joined with commas; a set may stand among the names
            ("default,headline"). Filters apply in the order of the names, those with a memory last.
        thresholds: NAME_FIELD=value, such as `length_max_words=80`, for filters of the set.

    Raises:
        OptionError: an unknown set, filter or threshold, a threshold of a filter outside the set, a wrong value.
        MissingExtraError: near_duplicates without its extra.

    >>> [judge.name for judge in make_filters("duplicates,length", length_max_words=80)]
    ['length', 'duplicates']
    """
    chosen = _chosen(spec)
    known = {f"{name}_{field.name}": (name, field) for name in FILTERS for field in threshold_fields(name)}
    for option, value in thresholds.items():
        if option not in known:
            raise OptionError("threshold", option, ", ".join(known))
        name, field = known[option]
        if name not in chosen:
            raise OptionError("threshold", option, f"thresholds of the chosen filters: {', '.join(chosen) or 'none'}")
        chosen[name][field.name] = _checked(option, value, field.default)
    made = [FILTERS[name](**values) for name, values in chosen.items()]
    return sorted(made, key=lambda judge: judge.stateful)


def threshold_fields(name: str) -> list[Field[Any]]:
    """Return the dataclass fields that are thresholds of the filter `name`, with their defaults.

    >>> [(field.name, field.default) for field in threshold_fields("probability")]
    [('min', 0.5)]
    """
    return [field for field in fields(FILTERS[name]) if field.init]  # type: ignore[arg-type]


def _chosen(spec: str) -> dict[str, dict[str, Any]]:
    chosen: dict[str, dict[str, Any]] = {}
    for name in filter(None, map(str.strip, spec.split(","))):
        if name in _SETS:
            chosen.update({each: dict(values) for each, values in _SETS[name].items()})
        elif name in FILTERS:
            chosen.setdefault(name, {})
        else:
            raise OptionError("filters", name, f"{', '.join(_SETS)}, or names joined with commas: {', '.join(FILTERS)}")
    return chosen


def _checked(option: str, value: Any, default: Any) -> Any:
    """Return the value in the type of the default."""
    if isinstance(default, bool | str):
        if not isinstance(value, type(default)):
            raise OptionError(option, value, "true or false" if isinstance(default, bool) else "text")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise OptionError(option, value, "a number")
    return value
