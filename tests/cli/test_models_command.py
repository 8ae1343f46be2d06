from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

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
