"""The command line: one file per command, no logic. Commands are imported only when they are called."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import click

from align._version import __version__
from align.errors import AlignError

# name -> one-line help; the module align.cli.NAME holds a click command named `command`.
COMMANDS = {
    "run": "Build a parallel corpus from Vietnamese and English articles.",
    "split": "Split articles into sentences with character offsets.",
    "embed": "Write the sentence vectors of a text file.",
    "beads": "Align two files of one sentence a line.",
    "mine": "Find translations between two files of one sentence a line, in any order.",
    "pair": "Find which articles of two folders belong together.",
    "score": "Score the pairs of any corpus: probability, margin, facts that disagree.",
    "filter": "Keep the good pairs of any corpus, and the others with their reasons.",
    "why": "Trace one pair from its articles to the decision.",
    "translate": "Translate a file of one sentence a line, or score a translation.",
    "convert": "Convert a corpus between formats.",
    "verify": "Prove the offsets of a corpus against its articles.",
    "evaluate": "Measure beads, mined pairs, retrieval or sentence splits against gold.",
    "fit": "Fit the constants of matching for an encoder on gold.",
    "models": "List, describe, pull, add, check and locate models.",
}

_DISK_ERRORS = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class ReaderGone(Exception):
    """The reader of our standard output went away (`align ... | head`), which is no error."""


class Ended(BaseException):
    """Somebody asked us to end, by Ctrl-C or SIGTERM; no handler of errors on the way may catch it."""

    def __init__(self, how: str, code: int) -> None:
        """Remember how, in a word, and the exit code that shells report for it."""
        super().__init__(how)
        self.how, self.code = how, code


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command `name`, or return None when there is none."""
        if name not in COMMANDS:
            return None
        command = importlib.import_module(f"align.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; the error for an unknown one says what was perhaps meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            meant = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(COMMANDS)}"
            ctx.fail(f"no command {name!r}; {meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what click would treat in its own way gets another name."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Ended("interrupted", 130) from error
        except BrokenPipeError as error:
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="align")
@click.option(
    "--config",
    metavar="FILE.toml",
    type=click.Path(exists=True, dir_okay=False),
    help="Defaults for options, one table per command: [run], [mine] ...",
)
@click.pass_context
def group(ctx: click.Context, config: str | None) -> None:
    """Turn Vietnamese and English articles into a parallel corpus.

    \b
    Example:
      align run vi_articles/ en_articles/ -o corpus.tsv
    """
    if config is not None:
        from align.cli.config import read_config

        ctx.default_map = read_config(config, ctx)


def main(argv: Sequence[str] | None = None) -> Any:
    """Run the command line; exit 0 done, 1 an input, model or output is at fault, 2 usage, 130 interrupted.

    On SIGTERM the code is 143, as shells report it, after unfinished output has been removed.
    """
    try:
        with _unwound_by_sigterm():
            code = group.main(args=None if argv is None else list(argv), prog_name="align", standalone_mode=False)
            sys.stdout.flush()  # here, where a full disk is still one clear line
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AlignError as error:
        _fail(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        _fail_ended("interrupted", 130)
    except Ended as ended:
        _fail_ended(ended.how, ended.code)
    except (ReaderGone, BrokenPipeError):
        _drop_unwritten()
        sys.exit(0)
    except OSError as error:
        # Files are named by those who write them; what is left is what commands print with click.echo.
        unnamed = "standard output: not written" if error.errno in _DISK_ERRORS else "system"
        _fail(f"{error.filename or unnamed}: {error.strerror or error}", 1)
    except MemoryError:
        _fail("out of memory; give fewer or smaller articles in one run", 1)
    # Outside of its standalone mode click returns the code of `ctx.exit`; our commands return None.
    sys.exit(code or 0)


@contextlib.contextmanager
def _unwound_by_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that temporary files go: by default it ends the process on the spot."""

    def end(number: int, frame: FrameType | None) -> None:
        raise Ended("terminated", 128 + number)

    # Python allows this in the main thread only; a program that set its own handler keeps it.
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _drop_unwritten() -> None:
    """Throw away what standard output would not take, or Python would try again at exit and end with code 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail_ended(how: str, code: int) -> NoReturn:
    if sys.stderr.isatty():
        click.echo(err=True)  # below the ^C that the terminal shows
    _fail(f"{how}; nothing half-written was left behind", code)


def _fail(message: str, code: int) -> NoReturn:
    _drop_unwritten()
    click.echo("align: error: " + " ".join(message.split()), err=True)
    sys.exit(code)
