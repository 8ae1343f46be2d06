"""`--config`, `--help` and what is said about unknown names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from programs import EN, VI, align, align_here, refusal, write

from align.cli import COMMANDS, group


def every_command() -> list[tuple[str, ...]]:
    context = click.Context(group)
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.list_commands(context)]
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_help_shows_an_example(command: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, *command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    _, head, example = done.stdout.partition("\n  Example:\n")
    assert head
    # Of a group, the example is one of its commands.
    assert example.startswith("    align " + " ".join(command))
    assert done.stdout == align_here(capfd, *command, "-h").stdout


def test_help_imports_nothing_heavy() -> None:
    program = f"""
import sys
from align.cli import group
for command in {every_command()!r}:
    group.main([*command, '--help'], standalone_mode=False)
print(sorted({{'numpy', 'polars', 'ctranslate2', 'sentencepiece', 'rich', 'ftfy', 'py3langid'}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_the_package_s() -> None:
    import align as package

    assert align("--version").stdout == f"align, version {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Usage: align [OPTIONS] COMMAND [ARGS]..."),
        (("runn",), "Error: no command 'runn'; did you mean 'run'?"),
        (("deliver",), "Error: no command 'deliver'; allowed: run, split, embed, beads, mine, pair, "),
        (("run", "vi"), "Error: Missing argument 'EN'."),
        (("run", "vi", "en"), "Error: Missing option '-o' / '--output'."),
        (
            ("run", "vi", "en", "-o", "x.tsv", "--mode", "both"),
            "Error: Invalid value for '--mode': 'both' is not one of",
        ),
        (("run", "vi", "en", "-o", "x.tsv", "--min-probability", "2"), "2.0 is not in the range 0<=x<=1."),
        (("run", "vi", "en", "-o", "x.tsv", "--treads", "2"), "Error: No such option"),
        (("--config", "nowhere.toml", "run"), "'nowhere.toml' does not exist."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_ends_with_2(
    arguments: tuple[str, ...], message: str, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = align_here(capfd, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_config_gives_defaults_that_the_command_line_overrides(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.txt", VI)
    write(
        tmp_path / "c.toml", '[split]\nformat = "jsonl"\nlang = "en"\noutput = "out.txt"\n[evaluate.split]\nseed = 7\n'
    )
    assert align_here(capfd, "--config", "c.toml", "split", "a.txt", "--lang", "vi").returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "out.txt").read_text("utf-8").splitlines()]
    assert [row["lang"] for row in rows] == ["vi"] * 3
    assert rows[0]["text"] == "Hội đồng thành phố đã thông qua ngân sách năm tới."
    write(tmp_path / "gold.txt", EN.replace(". ", ".\n"))
    done = align_here(capfd, "--config", "c.toml", "evaluate", "split", "gold.txt", "gold.txt")
    assert "seed:7" in done.stdout


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[run\n", "c.toml: not a TOML file: "),
        (b"[run]\nformat = '\xff'\n", "c.toml: not a TOML file: "),
        (
            "[splits]\n",
            "c.toml: [splits]: no command 'splits'; did you mean split?; allowed: beads, convert, embed, evaluate, ",
        ),
        (
            "[evaluate.bead]\n",
            "c.toml: [evaluate.bead]: no command 'bead'; did you mean beads?; allowed: beads, groups",
        ),
        ("threads = 2\n", "c.toml: [threads]: no command 'threads'; allowed: beads, convert, "),
        ("run = 1\n", "c.toml: run is 1; write a table [run] with the options of the command"),
        ("[run]\nmin-probabilty = 0.5\n", "c.toml: [run]: no option 'min-probabilty'; did you mean min-probability?; "),
        (
            "[run]\nvi = 'folder'\n",
            "c.toml: [run]: no option 'vi'; allowed: back-translate, cache, calibration, direction, encoder, ",
        ),
        (
            "[run]\nform = 'tsv'\n",
            "c.toml: [run]: no option 'form'; did you mean format?; allowed: back-translate, cache, calibration, ",
        ),
        ("[run]\nthreads = 1.5\n", "c.toml: [run] threads is 1.5; allowed: an integer"),
        ("[run]\nthreads = true\n", "c.toml: [run] threads is True; allowed: an integer"),
        ("[run]\nthreads = 0\n", "c.toml: [run] threads is 0: 0 is not in the range x>=1."),
        ("[run]\nmin_probability = '0.5'\n", "c.toml: [run] min_probability is '0.5'; allowed: a number"),
        ("[run]\nmode = 'both'\n", "c.toml: [run] mode is 'both': 'both' is not one of "),
        ("[run]\nrepair-text = 'yes'\n", "c.toml: [run] repair-text is 'yes'; allowed: true or false"),
        ("[convert]\narticles = 'vi'\n", "c.toml: [convert] articles is 'vi'; allowed: a list of 2: a string"),
    ],
)
def test_a_config_that_says_what_cannot_be(
    tmp_path: Path, config: str | bytes, message: str, capfd: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "c.toml", config)
    # Whatever the command: a slip in another table would be found on another day.
    assert refusal(align_here(capfd, "--config", "c.toml", "models", "list")).startswith(message)


def test_config_takes_lists_and_numbers(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "c.toml", "[convert]\narticles = ['vi', 'en']\n[mine]\nmin-probability = 1\nneighbours = 2\n")
    assert align_here(capfd, "--config", "c.toml", "models", "list").returncode == 0


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("align ru", ["plain,run"]),
        ("align run --mode ", ["plain,auto", "plain,parallel", "plain,comparable"]),
        ("align evaluate s", ["plain,split"]),
        ("align run v", ["file,v"]),
        ("align run --output v", ["file,v"]),
        ("align split a.txt v", ["file,v"]),
    ],
)
def test_the_shell_completes(words: str, offered: list[str]) -> None:
    place = str(words.count(" "))
    done = align(env={"_ALIGN_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place})
    assert (done.stdout.splitlines(), done.stderr) == (offered, "")
