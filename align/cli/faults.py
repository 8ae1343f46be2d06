"""Lines of an input that do not fit: said, counted, left out."""

from __future__ import annotations

import click

from align.errors import InputError

SAID = 100  # faults that are said one by one; a file of another kind would fill the screen


class Faults:
    """Takes the faults of single lines while a file is read on."""

    def __init__(self) -> None:
        """Count from nought."""
        self.count = 0

    def __call__(self, fault: InputError) -> None:
        """Say a fault in one line of standard error."""
        self.count += 1
        if self.count <= SAID:
            click.echo(f"align: note: {' '.join(str(fault).split())}; left out", err=True)

    def conclude(self) -> None:
        """Say how many there were, if any."""
        if self.count:
            more = f" ({self.count - SAID} of them not named above)" if self.count > SAID else ""
            click.echo(f"{self.count} {'lines' if self.count > 1 else 'line'} left out as broken{more}", err=True)
