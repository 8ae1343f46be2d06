"""What the library warns of, as the command line says it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import click

from align.errors import ApproximateSearchWarning, TruncatedTextWarning, UncalibratedWarning

_OURS = (ApproximateSearchWarning, TruncatedTextWarning, UncalibratedWarning)


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Say each warning of the library once, in one line of standard error; other warnings go their own way."""
    with warnings.catch_warnings(record=True) as caught:
        for category in _OURS:
            warnings.simplefilter("always", category)
        try:
            yield
        finally:
            ours = [each for each in caught if issubclass(each.category, _OURS)]
            for text in dict.fromkeys(str(each.message) for each in ours):
                click.echo(f"align: note: {text}", err=True)
    for each in caught:
        if each not in ours:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno, source=each.source)
