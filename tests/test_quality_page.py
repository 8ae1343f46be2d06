"""docs/quality.md: what it shows is run, and what it prints is what comes out."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from align.cli import group
from align.corpus import read_corpus
from align.errors import OptionError
from align.quality.filters import DEFAULT, FILTERS, STRICT, threshold_fields
from align.quality.scoring import score_pairs
from align.quality.translation_check import check_pairs

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "quality.md"
PAGE = FILE.read_text("utf-8")
EXAMPLES = ROOT / "examples" / "quality"
CALIBRATION = ROOT / "align" / "matching" / "calibrations" / "e5-small-vien.toml"
NUMBER = re.compile(r"-?\b\d+\.\d+\b")
NEAR = 0.05  # scores differ a little between kinds of processors
ANY = "..."


def same(shown: str, real: str) -> bool:
    """Say whether a text is the one shown: white space counts as one, "..." is anything, decimals may be near."""
    pieces = [map(re.escape, NUMBER.split(" ".join(piece.split()))) for piece in shown.split(ANY)]
    pattern = " ?.*? ?".join(r"(-?\d+\.\d+)".join(words) for words in pieces)
    found = re.fullmatch(pattern, " ".join(real.split()))
    return found is not None and all(
        abs(float(one) - float(other)) <= NEAR for one, other in zip(NUMBER.findall(shown), found.groups(), strict=True)
    )


@pytest.mark.parametrize(
    ("shown", "real", "alike"),
    [
        ("a  0.50", "a\t0.51", True),
        ("a  0.50", "a\t0.61", False),
        ("a\n...\nb 1.000", "a\nx 3.5\ny\nb 1.001", True),
        ("a\n...\nb", "a\nc", False),
        ("a: -0.50.", "a: -0.49.", True),
        ("a: -0.50", "a: 0.50", False),
        ("a.", "ab", False),
        ("a (1) | b", "a (1) | b", True),
        ("a (1) | b", "a (2) | b", False),
        ("a", "a b", False),
    ],
)
def test_texts_are_told_apart(shown: str, real: str, alike: bool) -> None:
    assert same(shown, real) == alike


class Checker(doctest.OutputChecker):
    """Compares the output of examples by `same`."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return same(want, got)


def test_the_examples_print_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    runner = doctest.DocTestRunner(checker=Checker())
    runner.run(doctest.DocTestParser().get_doctest(PAGE, {}, "quality.md", str(FILE), 0))
    outcome = runner.summarize(verbose=False)
    assert (outcome.failed, outcome.attempted) == (0, PAGE.count(">>> "))


def test_the_example_filter_is_the_file() -> None:
    assert f"```python\n{(EXAMPLES / 'question_filter.py').read_text('utf-8')}```\n" in PAGE


def shell(command: str, folder: Path) -> str:
    """Run a command as the page shows it, in a folder that has the examples; return what it prints on both streams."""
    program = folder / "bin" / "align"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m align "$@"\n')
        program.chmod(0o755)
        (folder / "examples").symlink_to(ROOT / "examples")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout)
    return done.stdout


def runs() -> list[tuple[str, str]]:
    """Return the commands of the page that are shown with their output, and the output."""
    found: list[tuple[str, list[str]]] = []
    inside = False
    for line in PAGE.splitlines():
        if line.startswith("    $ "):
            found.append((line.removeprefix("    $ "), []))
            inside = True
        elif line.startswith("    ") and inside:
            found[-1][1].append(line[4:])
        elif line:
            inside = False
    return [(command, "\n".join(output)) for command, output in found]


def test_the_commands_print_what_the_page_shows(tmp_path: Path) -> None:
    assert len(runs()) == PAGE.count("\n    $ ") >= 8
    for command, shown in runs():
        real = shell(command, tmp_path)
        assert same(shown, real), f"{command} prints\n{real}"


def test_the_commands_with_a_translator_work(small_marian: Path, tmp_path: Path) -> None:
    commands = [line[4:] for line in PAGE.splitlines() if line.startswith("    align ")]
    assert len(commands) == 2
    for command in commands:
        for way in ("vi-en", "en-vi"):
            command = command.replace(f"opus-mt-{way}", shlex.quote(str(small_marian / way / "ctranslate2")))
        assert "opus" not in command
        shell(command, tmp_path)
    scored = read_corpus(tmp_path / "scored.tsv")
    uncertain = scored.filter(pl.col("mt_chrf").is_not_null())
    assert 0 < uncertain.height < scored.height
    assert uncertain["mt_xent"].is_not_null().all()
    assert (tmp_path / "mt.cache").exists()


def test_the_options_of_the_page_exist() -> None:
    for line in re.findall(r"`(align [a-z]+[^`]*)`|^ {4}(?:\$ )?(align .*)$", PAGE, re.MULTILINE):
        for each in "".join(line).replace("\n", " ").split(" | "):
            words = each.split()
            if words[0] != "align":
                continue
            command = group.get_command(None, words[1])  # type: ignore[arg-type]
            assert command is not None, each
            if words[1] == "evaluate":
                command = command.get_command(None, words[2])  # type: ignore[attr-defined]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if re.match(r"--?[a-z]", word)} <= known, each


def filters_table() -> str:
    """Return the table of filters as the registry has it, a filter a line, without what they refuse."""
    lines = []
    for name in FILTERS:
        changed = STRICT.get(name, {})
        thresholds = [
            f"`{field.name}={field.default}`" + (f" ({changed[field.name]})" if field.name in changed else "")
            for field in threshold_fields(name)
        ]
        sets = ["yes" if name in chosen else "no" for chosen in (DEFAULT, STRICT)]
        lines.append(f"| `{name}` | {' | '.join(sets)} | {' '.join(thresholds)} |")
    return "\n".join(lines)


def test_the_table_of_filters_is_the_registry() -> None:
    rows = re.findall(r"^(\| `\w+`) \| [^|]+ (\| (?:yes|no) \| (?:yes|no) \|.*)$", PAGE, re.MULTILINE)
    assert "\n".join(map(" ".join, rows)) == filters_table()


def test_the_figures_of_probabilities_are_those_of_the_fit() -> None:
    head = CALIBRATION.read_text("utf-8").partition("\nencoder =")[0]
    errors = re.findall(r"calibration error (\d?\.\d+)", head)
    right = re.findall(r"from 0?\.95 on (\d\.\d+) right of (\d+)", head)
    rows = re.findall(r"^\|[^|]*\|[^|]*\| (\.\d{3}) \| (?:(\d?\.\d{3}) of (\d+) )?\|$", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == [f"{float(error):.3f}".lstrip("0") for error in errors]
    assert [row[1:] for row in rows if row[1]] == [(share.removeprefix("0"), count) for share, count in right]


def test_translations_cover_the_example_pairs() -> None:
    translated = [line.split("\t")[0] for line in (EXAMPLES / "translations.tsv").read_text("utf-8").splitlines()]
    assert set(read_corpus(EXAMPLES / "pairs.tsv")["vi"].to_list()) == set(translated)


def test_the_example_translator_refuses_what_a_file_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    translator = importlib.import_module("file_translator").FileTranslator(EXAMPLES / "translations.tsv")
    with pytest.raises(OptionError, match="method is 'xent'; allowed: chrf"):
        check_pairs(score_pairs(read_corpus(EXAMPLES / "pairs.tsv")), translator, method="xent")


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", PAGE):
        assert (FILE.parent / target).exists(), target
