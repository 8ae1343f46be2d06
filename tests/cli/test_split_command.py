from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from align.cli import group, main

TEXT = "TS. Nam sống ở TP. HCM. Ông dạy học.\nXem thêm\n"


def run(*arguments: object):
    return CliRunner().invoke(group, ["split", *map(str, arguments)])


def test_sentences_go_to_standard_output(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    result = run(tmp_path / "a.txt")
    assert result.exit_code == 0
    assert result.stdout == "TS. Nam sống ở TP. HCM.\nÔng dạy học.\nXem thêm\n"
    assert result.stderr == ""


def test_paragraphs_are_separated(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    result = run("--paragraphs", tmp_path)
    assert result.stdout == "TS. Nam sống ở TP. HCM.\nÔng dạy học.\n\nXem thêm\n\n"


def test_jsonl_goes_to_a_file_with_exact_offsets(tmp_path):
    (tmp_path / "a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    out = tmp_path / "out.jsonl"
    result = run("--format", "jsonl", "--lang", "vi", tmp_path / "a.txt", "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    source = TEXT.replace("\n", "\r\n")
    assert [source[row["start"] : row["end"]] for row in rows] == [row["text"] for row in rows]
    assert [row["flag"] for row in rows] == [None, None, "boilerplate:navigation"]
    assert {row["article"] for row in rows} == {"a.txt"}


def test_a_bad_file_does_not_stop_the_good_one(tmp_path):
    (tmp_path / "fr.txt").write_text("Les paysans du village sont allés couper le riz.", encoding="utf-8")
    (tmp_path / "en.txt").write_text("The rain came. The rice was cut and the people went home.", encoding="utf-8")
    result = run(tmp_path / "fr.txt", tmp_path / "missing.txt", tmp_path / "en.txt")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["The rain came.", "The rice was cut and the people went home."]
    assert "fr.txt" in result.stderr
    assert "missing.txt" in result.stderr


def test_nothing_of_use_is_one_clear_line(tmp_path, capsys):
    out = tmp_path / "out.txt"
    with pytest.raises(SystemExit) as leave:
        main(["split", str(tmp_path / "missing.txt"), "-o", str(out)])
    assert leave.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "missing.txt" in error
    assert not out.exists()


def test_paragraphs_belong_to_text(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    result = run("--paragraphs", "--format", "spans", tmp_path / "a.txt")
    assert result.exit_code == 2
    assert "--paragraphs" in result.stderr
