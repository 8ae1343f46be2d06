from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from loopback import serve

from align.cli import group, main
from align.encoders import load_encoder


def run(*arguments: object, **options):
    return CliRunner().invoke(group, [*map(str, arguments)], **options)


def test_list_names_the_bundled_model():
    result = run("models", "list")
    assert result.exit_code == 0
    assert result.stdout.startswith("e5-small-vien\te5-ctranslate2\t384\t38.9 MB\t")


def test_list_goes_on_after_a_broken_model(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.toml").write_text("name =", encoding="utf-8")
    result = run("models", "list", env={"ALIGN_MODELS": str(tmp_path)})
    assert result.exit_code == 0
    assert result.stdout.startswith("e5-small-vien\t")
    assert "broken" in result.stderr


def test_info_tells_origin_licence_and_hashes():
    lines = dict(line.split("\t") for line in run("models", "info", "e5-small-vien").stdout.splitlines())
    assert lines["licence"] == "MIT"
    assert "intfloat/multilingual-e5-small" in lines["origin"]
    assert lines["prefix"] == "none"
    assert lines["fingerprint"] == load_encoder().fingerprint
    assert lines["model.bin"].startswith("37959848 bytes, sha256 ")


@pytest.mark.parametrize("arguments", [[], ["e5-small-vien"]])
def test_verify_reports_whole_models(arguments):
    result = run("models", "verify", *arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith("e5-small-vien\tok\t5 files\t")


def test_verify_ends_with_1_when_a_file_is_damaged(tmp_path, monkeypatch, capsys):
    source = Path(run("models", "where", "e5-small-vien").stdout.strip())
    (tmp_path / "bad").mkdir()
    for name in ("model.toml", "config.json"):
        (tmp_path / "bad" / name).write_bytes((source / name).read_bytes())
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path))
    with pytest.raises(SystemExit) as stop:
        main(["models", "verify", "bad"])
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "model.bin: file of model e5-small-vien is missing" in error


def test_where_prints_folders():
    folder = Path(run("models", "where", "e5-small-vien").stdout.strip())
    assert (folder / "model.bin").is_file()
    assert str(folder.parent) in run("models", "where").stdout.splitlines()


TRANSLATORS = ("nllb-200-distilled-600M", "opus-mt-en-vi", "opus-mt-vi-en")

RECIPE = """\
name = "far"
kind = "plain"
description = "one file"
dim = 4
max_tokens = 8
pooling = "mean"
prefix = ""
licence = "MIT"
origin = "here"
url = ""
[sources."a.bin"]
url = "{url}/a.bin"
size = 3
sha256 = "{sha}"
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server with the file of the model `far`, whose recipe stands in ALIGN_MODELS."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    with serve() as site:
        site.files["/a.bin"] = b"abc"
        (tmp_path / "models" / "far").mkdir(parents=True)
        text = RECIPE.format(url=site.url, sha=hashlib.sha256(b"abc").hexdigest())
        (tmp_path / "models" / "far" / "model.toml").write_text(text, encoding="utf-8")
        yield site


def refusal(capsys, *arguments: object) -> str:
    """Return the one line that a command ends with."""
    with pytest.raises(SystemExit) as stop:
        main([*map(str, arguments)])
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_list_says_what_is_still_to_pull(site):
    states = {line.split("\t")[0]: line.split("\t")[-1] for line in run("models", "list").stdout.splitlines()}
    assert states.pop("e5-small-vien") == "installed"
    assert states == dict.fromkeys(["far", "laser2", *TRANSLATORS], "to pull")
    run("models", "pull", "far")
    assert "\nfar\tplain\t4\t0.0 MB\tone file\tinstalled\n" in run("models", "list").stdout


def test_list_ends_with_the_encoders_of_other_distributions(tmp_path, monkeypatch):
    for number, offered in enumerate(("mine = my_code:Mine\ntwice = a:A", "twice = b:B")):
        info = tmp_path / f"dist{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist{number}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[align.encoders]\n{offered}\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = run("models", "list")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "mine\tplug-in\t-\t-\tmy_code:Mine\tinstalled"
    assert result.stderr.startswith("align: warning: encoder 'twice' is offered twice: a:A, b:B;")


def test_pull_says_what_it_did(site, tmp_path):
    result = run("models", "pull", "far")
    assert (result.exit_code, result.stderr) == (0, "")
    folder = tmp_path / "models" / "far"
    fingerprint = hashlib.sha256(f"a.bin {hashlib.sha256(b'abc').hexdigest()}\n".encode()).hexdigest()[:16]
    assert result.stdout == f"far\tpulled\t1 files\t{fingerprint}\t{folder}\n"
    assert run("models", "pull", "far").stdout == f"far\tthere already\t1 files\t{fingerprint}\t{folder}\n"
    assert run("models", "verify", "far").stdout == f"far\tok\t1 files\t{fingerprint}\n"
    assert run("models", "where", "far").stdout == f"{folder}\n"
    assert len(site.asked) == 1


def test_pull_takes_files_from_a_folder_or_a_mirror(site, tmp_path):
    assert run("models", "pull", "far", "--mirror", f"{site.url}/none").exit_code == 1
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "a.bin").write_bytes(b"abc")
    site.asked.clear()
    assert run("models", "pull", "far", "--from", tmp_path / "stick").exit_code == 0
    assert site.asked == []
    both = run("models", "pull", "far", "--from", tmp_path / "stick", "--mirror", site.url)
    assert both.exit_code == 2
    assert "--from and --mirror exclude each other" in both.stderr


def test_pull_ends_with_1_and_one_line_when_it_cannot(site, capsys):
    site.files.clear()
    error = refusal(capsys, "models", "pull", "far")
    assert error.startswith(f"align: error: {site.url}/a.bin: the server answers 404 Not Found; check the address, or")
    assert "model 'e5-small-vien' has nothing to pull" in refusal(capsys, "models", "pull", "e5-small-vien")


def test_what_is_to_pull_is_no_damage(site, capsys):
    result = run("models", "verify")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("e5-small-vien\tok\t5 files\t")
    assert lines[1:] == [f"{name}\tto pull" for name in ("far", "laser2", *TRANSLATORS)]
    for command in ("verify", "where"):
        error = refusal(capsys, "models", command, "far")
        assert error == "align: error: model far is not pulled yet; run: align models pull far\n"


@pytest.mark.parametrize("arguments", [["--against", "laser-encoders"], ["e5-small-vien", "--checkpoint", __file__]])
def test_a_comparison_needs_a_model_and_an_oracle(arguments):
    result = run("models", "verify", *arguments)
    assert result.exit_code == 2
    assert "--against needs the NAME of a model, and --checkpoint needs --against" in result.stderr


def test_a_model_that_the_oracle_does_not_know_is_not_compared(capsys):
    error = refusal(capsys, "models", "verify", "e5-small-vien", "--against", "laser-encoders")
    assert "model e5-small-vien of kind 'e5-ctranslate2' cannot be compared with laser-encoders" in error


def test_embed_writes_a_row_a_line(tmp_path):
    source, out = tmp_path / "in.txt", tmp_path / "out.npy"
    source.write_bytes("\ufeffXin chào.\r\n\r\nGood\u2028morning.\nHello.".encode())
    result = run("embed", source, "-o", out, "--threads", 2)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "4 vectors of 384 numbers, e5-small-vien" in result.stderr
    vectors = np.load(out, allow_pickle=False)
    assert (vectors == load_encoder().encode(["Xin chào.", "", "Good\u2028morning.", "Hello."])).all()


def test_embed_reads_standard_input(tmp_path):
    out = tmp_path / "out.npy"
    assert run("embed", "-", "-o", out, input="Một câu.\n".encode()).exit_code == 0
    assert np.load(out).shape == (1, 384)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "no line in it"), ("được\nviệc\n".encode("cp1258", "replace") + b"\xff", "line 1: byte 0xF0 is not UTF-8")],
)
def test_embed_ends_with_1_and_writes_nothing_for_bad_files(tmp_path, capsys, content, complaint):
    source, out = tmp_path / "in.txt", tmp_path / "out.npy"
    source.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main(["embed", str(source), "-o", str(out)])
    assert stop.value.code == 1
    assert complaint in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt"]


def test_help_does_not_import_the_engine():
    program = (
        "import sys; from align.cli import group\n"
        "for name in ('embed', 'models'):\n"
        "    group.main([name, '--help'], standalone_mode=False)\n"
        "print({'ctranslate2', 'sentencepiece', 'numpy'} & set(sys.modules) or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "light"
