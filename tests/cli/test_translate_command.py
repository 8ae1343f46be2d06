from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from align.cli import group, main
from align.translation import load_translator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "translation"))
from marian_files import EN, VI, converted, many_languages, marian_files, zip_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("models") / "mt", marian_files("vi-en"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text in both languages, and no models but the package's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    lines = {"a.vi": [*VI[:3], "", VI[3]], "a.en": [*EN[:3], "", EN[3]]}
    for name, texts in lines.items():
        (tmp_path / name).write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return tmp_path


def run(*arguments: object, **options: object) -> Result:
    return CliRunner().invoke(group, [*map(str, arguments)], **options)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return the one line that a command ends with."""
    with pytest.raises(SystemExit) as stop:
        main([*map(str, arguments)])
    assert stop.value.code == 1
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    return error.removeprefix("align: error: ")


def test_a_line_gives_a_line(here: Path, folder: Path) -> None:
    result = run("translate", "a.vi", "--model", folder, "-o", "out.en")
    translator = load_translator(folder)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"5 lines translated, vi-en, mt {translator.fingerprint}\n"
    expected = translator.translate([*VI[:3], "", VI[3]], "vi-en")
    assert (here / "out.en").read_text("utf-8") == "".join(f"{line}\n" for line in expected)


def test_standard_input_and_output(here: Path, folder: Path) -> None:
    result = run("translate", "-", "--model", folder, "--beam", 1, "--threads", 1, "--batch-tokens", 9, input=VI[0])
    assert result.stdout == load_translator(folder, beam=1).translate([VI[0]], "vi-en")[0] + "\n"
    assert run("translate", "-", "--model", folder, input="").stdout == ""


def test_a_translation_is_scored(here: Path, folder: Path) -> None:
    result = run("translate", "a.vi", "--model", folder, "--score", "a.en")
    assert result.exit_code == 0
    scores = np.array([float(line) for line in result.stdout.splitlines()])
    expected = load_translator(folder).cross_entropy([*VI[:3], "", VI[3]], [*EN[:3], "", EN[3]], "vi-en")
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert result.stdout.splitlines()[3] == "nan"
    assert result.stderr.startswith("5 lines scored, vi-en, mt ")


def test_a_model_of_both_directions_needs_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = many_languages(here / "both")
    error = refusal(capsys, "translate", "a.vi", "--model", both)
    assert error == "direction is None; allowed: vi-en, en-vi: both can do both\n"
    assert run("translate", "a.en", "--model", both, "--direction", "en-vi").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.vi", "--model", "nix"], "no translator 'nix'; installed: none; to pull: nllb-200-distilled-600M, opus-mt"),
        (["a.vi", "--model", "e5-small-vien"], "model 'e5-small-vien' is an encoder (kind 'e5-ctranslate2'), no tr"),
        (["a.vi", "--model", "opus-mt-en-vi"], "model opus-mt-en-vi is not pulled yet; run: align models pull opus-mt"),
        (["none.vi", "--model", "FOLDER"], "none.vi: not read: No such file or directory"),
        (["bad.vi", "--model", "FOLDER"], "bad.vi, line 2: byte 0xFF is not UTF-8; save the file as UTF-8"),
        (["a.vi", "--model", "FOLDER", "-o", "no/out"], "no/out: not written: there is no folder no; make it first"),
        (["a.vi", "--model", "FOLDER", "--score", "b.en"], "a.vi has 5 lines and b.en 1; give a line for every line"),
        (["a.vi", "--model", "FOLDER", "--direction", "en-vi"], "direction is 'en-vi'; allowed: vi-en"),
    ],
)
def test_what_is_wrong_is_one_line(
    here: Path, folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (here / "bad.vi").write_bytes(b"a\n\xff\n")
    (here / "b.en").write_bytes(b"a\n")
    arguments = [str(folder) if each == "FOLDER" else each for each in arguments]
    assert refusal(capsys, "translate", *arguments).startswith(message)


def test_a_text_that_is_cut_is_noted_once(here: Path, folder: Path) -> None:
    long = "mưa " * 9000
    (here / "long.vi").write_text(f"{long}\n{long}x\n", "utf-8")
    (here / "long.en").write_text("rain\nrain\n", "utf-8")
    result = run("translate", "long.vi", "--model", folder, "--score", "long.en")
    notes = [line for line in result.stderr.splitlines() if line.startswith("align: note: ")]
    assert len(notes) == 2
    assert notes[0].startswith("align: note: a text of 36001 characters is longer than the translator takes")
    assert notes[1].startswith("align: note: a text of ")


def test_a_translator_is_added_listed_checked_and_used(here: Path, folder: Path) -> None:
    result = run("models", "add", "mine", folder, "--licence", "MIT", "--max-tokens", 100)
    assert result.exit_code == 0
    assert result.stdout.startswith("mine\tadded\t5 files\t")
    assert result.stdout.endswith(f"\t{here / 'models' / 'mine'}\n")
    [row] = [line for line in run("models", "list").stdout.splitlines() if line.startswith("mine\t")]
    assert row == "mine\tmarian\t-\t0.8 MB\ttranslator vi-en, added by hand\tinstalled"
    facts = dict(line.split("\t") for line in run("models", "info", "mine").stdout.splitlines())
    assert (facts["directions"], facts["licence"], facts["max_tokens"]) == ("vi-en", "MIT", "100")
    assert "dim" not in facts
    assert run("models", "verify", "mine").stdout.startswith("mine\tok\t5 files\t")
    assert run("models", "where", "mine").stdout == f"{here / 'models' / 'mine'}\n"
    assert run("translate", "a.vi", "--model", "mine").stdout == run("translate", "a.vi", "--model", folder).stdout


def test_an_archive_is_added(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "opus.zip").write_bytes(zip_of(marian_files("en-vi", tokens=(">>vie<<",))))
    assert run("models", "add", "opus", "opus.zip").exit_code == 0
    assert run("translate", "a.en", "--model", "opus").stderr.startswith("5 lines translated, en-vi, opus ")
    (here / "bad.zip").write_bytes(b"PK")
    assert "is no zip archive that can be read" in refusal(capsys, "models", "add", "bad", "bad.zip")


def test_recipes_of_translators_are_listed_with_what_is_known() -> None:
    rows = {line.split("\t")[0]: line.split("\t") for line in run("models", "list").stdout.splitlines()}
    assert rows["opus-mt-vi-en"][1:4] == ["marian", "-", "? MB"]
    assert rows["nllb-200-distilled-600M"][1:4] == ["nllb", "-", "630.5 MB"]
    assert "NOT for commercial use" in rows["nllb-200-distilled-600M"][4]
    facts = dict(line.split("\t") for line in run("models", "info", "opus-mt-vi-en").stdout.splitlines())
    assert facts["state"] == "to pull: align models pull opus-mt-vi-en"
    assert facts["made from opus+bt-2021-04-30.zip"].startswith("? bytes, sha256 d157f54d50c5ee93")


def test_help_does_not_import_the_engine() -> None:
    program = (
        "import sys; from align.cli import group\n"
        "group.main(['translate', '--help'], standalone_mode=False)\n"
        "print({'ctranslate2', 'sentencepiece', 'numpy'} & set(sys.modules) or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "light"
