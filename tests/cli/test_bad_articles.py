"""`align run` on articles that it cannot use: one clear line, and the good ones go on."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
from pathlib import Path

import polars as pl
import pytest
from programs import COMMAND, EN, VI, align, align_here, names, refusal, write

FRENCH = "Les paysans du village sont allés couper le riz avant la pluie, puis ils sont rentrés chez eux.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "vi" / "a.txt", VI)
    write(tmp_path / "en" / "a.txt", EN)
    return tmp_path


def run(folder: Path, vi: str = "vi", en: str = "en", out: str = "out.tsv", **options) -> subprocess.CompletedProcess:
    return align("run", vi, en, "-o", out, cwd=folder, **options)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.txt", b"", "e.txt: empty; remove the file or give it a text"),
        ("e.txt", " \r\n\t\n", "e.txt: empty: nothing but white space; remove it or give it a text"),
        (
            "p.txt",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "p.txt: binary file (a PNG image), not text; save it as UTF-8 text",
        ),
        ("z.txt", b"PK\x03\x04\x14\0\0\0\x08\0", "z.txt: binary file (a ZIP, DOCX or ODT file), not text; save it as"),
        ("u.txt", (VI * 3).encode()[:-80] + b"\xff\xfe" + VI.encode(), "u.txt: damaged UTF-8: byte 0xFF at offset "),
        ("r.txt", random.Random(5).randbytes(3000), "r.txt: binary file ("),
        ("w.docx", b"PK\x03\x04", "w.docx: not a file of a readable kind; readable are files ending in .txt "),
        ("f.txt", FRENCH, "f.txt: no article in Vietnamese or English: f.txt: left out: its language seems to be fr; "),
        ("j.jsonl", '{"txt": "Một câu."}\n', "j.jsonl:1: has no 'text'; give each article its text"),
        ("j.jsonl", '{"text": "Một câu."\n', "j.jsonl:1: broken JSON ("),
        ("q.parquet", b"PAR1 and nothing more PAR1", "q.parquet: not a whole Parquet file ("),
        ("g.txt.gz", b"\x1f\x8b\x08\0 cut", "g.txt.gz: damaged gzip file ("),
    ],
)
def test_a_file_without_an_article(
    folder: Path,
    name: str,
    content: str | bytes,
    message: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    write(folder / name, content)
    assert refusal(align_here(capfd, "run", name, "en", "-o", "out.tsv")).startswith(message)
    assert names(folder) == sorted(["en", name, "vi"])


@pytest.mark.parametrize(
    ("vi", "en", "message"),
    [
        ("nowhere", "en", "nowhere: No such file or directory; give a file or folder that exists"),
        ("vi", "void", "void: holds no file of a readable kind; readable are files ending in .txt .txt.gz .html "),
        ("vi", "vi", "vi: no English article, all 1 are Vietnamese; give the Vietnamese path first, then the English"),
        ("en", "en", "en: no Vietnamese article, all 1 are English; give the Vietnamese path first, then the English"),
        ("en", "vi", "en is English and vi Vietnamese: swapped; give the Vietnamese path first"),
    ],
)
def test_folders_without_an_article_of_the_language(
    folder: Path, vi: str, en: str, message: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "void").mkdir()
    assert refusal(align_here(capfd, "run", vi, en, "-o", "out.tsv")).startswith(message)
    assert names(folder) == ["en", "vi", "void"]


def test_broken_articles_are_named_and_the_others_go_on(folder: Path) -> None:
    write(folder / "vi" / "b.txt", b"")
    write(folder / "vi" / "c.txt", b"\x89PNG\r\n\x1a\n")
    write(folder / "vi" / "d.txt", FRENCH)
    write(folder / "vi" / "e.txt", EN)
    story = json.dumps({"id": "chợ", "text": "Chợ nổi họp từ năm giờ sáng. Ghe bán trái cây và bún nóng."})
    write(folder / "vi" / "f.jsonl", f'{story}\n{{"id": "cut", "te\n')
    story = json.dumps({"id": "market", "text": "The floating market opens at five. Boats sell fruit and hot noodles."})
    write(folder / "en" / "f.jsonl", f"[1]\n{story}\n")
    done = run(folder, out="out.jsonl")
    assert done.returncode == 0
    assert done.stdout == ""
    for message in (
        "vi/b.txt: empty; remove the file",
        "vi/c.txt: binary file (a PNG image)",
        "d.txt: left out: its language seems to be fr",
        "e.txt: language is en, not vi; left out",
        "vi/f.jsonl:2: broken JSON (",
        "en/f.jsonl:1: a JSON list, not an object",
        "a.txt + a.txt: 3 pairs; parallel",
    ):
        assert message in done.stderr
    assert done.stderr.splitlines()[-1].endswith(" article pairs written to out.jsonl")
    pairs = pl.read_ndjson(folder / "out.jsonl")
    assert pairs.filter(pl.col("vi_article") == "a.txt")["en"].to_list() == EN.replace(". ", ".\n").splitlines()
    assert {"vi": "Chợ nổi họp từ năm giờ sáng.", "en": "The floating market opens at five."} in pairs.select(
        "vi", "en"
    ).to_dicts()


def test_html_without_trafilatura_gives_the_pip_command(folder: Path) -> None:
    # A module of that name that cannot be imported stands before the installed one.
    write(folder / "blocked" / "trafilatura.py", "raise ModuleNotFoundError('blocked', name='trafilatura')\n")
    write(folder / "vi.html", f"<html lang='vi'><body><article><p>{VI}</p></article></body></html>")
    path = os.pathsep.join(filter(None, (str(folder / "blocked"), os.environ.get("PYTHONPATH"))))
    message = refusal(run(folder, vi="vi.html", env={"PYTHONPATH": path}))
    assert message.endswith("needs the extra 'web': pip install \"align-vi-en[web]\"")


def test_one_sentence_against_a_thousand(folder: Path) -> None:
    wells = [f"Village number {n} got {n * 7 % 13} new wells in the dry season." for n in range(999)]
    wells.insert(700, "The city council has passed the budget for next year.")
    write(folder / "many.txt", "\n".join(wells))
    write(folder / "one.txt", VI.split(". ")[0] + ".")
    # One sentence tells matching little about the collection: the probability is low.
    done = align("run", "one.txt", "many.txt", "-o", "-", "--min-probability", 0.1, cwd=folder)
    assert done.returncode == 0
    assert [line.split("\t")[1] for line in done.stdout.splitlines()[1:]] == [wells[700]]


def test_nul_bytes_stay_in_the_text_and_the_offsets_right(folder: Path) -> None:
    write(folder / "vi" / "a.txt", VI.replace(" ngân", "\0 ngân"))
    # The filter of noise would leave this pair out.
    assert align("run", "vi", "en", "-o", "out.parquet", "--filters", "none", cwd=folder).returncode == 0
    assert pl.read_parquet(folder / "out.parquet")["vi"][0] == "Hội đồng thành phố đã thông qua\0 ngân sách năm tới."
    done = align("verify", "out.parquet", "vi", "en", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "verified 3 pairs: all offsets proved\n")


def test_a_line_of_twenty_megabytes_is_left_out_in_seconds(folder: Path) -> None:
    words = "hội đồng thành phố đã thông qua ngân sách năm tới và nói rằng "
    write(folder / "vi" / "long.txt", words * (20_000_000 // len(words.encode())))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    note = "long.txt: 1 times more than 5000 characters without the end of a sentence; left out"
    assert done.stderr.splitlines()[0] == note
    assert done.stderr.splitlines()[-1] == "3 pairs of 1 article pairs written to out.tsv"
    assert after.ru_utime - before.ru_utime < 30
    assert after.ru_maxrss < 1_500_000  # kilobytes, of the largest child so far


def test_the_longest_line_of_beads_and_embed_is_cut_for_its_vector(folder: Path) -> None:
    """The row must exist, so the encoder looks at the beginning of what is no sentence."""
    write(folder / "x.vi", "ngân sách năm tới " * 100_000 + "\n" + VI.splitlines()[1] + "\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = align("embed", "x.vi", "-o", "x.npy", cwd=folder)
    assert done.returncode == 0
    assert done.stderr.startswith("x.npy: 2 vectors of 384 numbers, e5-small-vien ")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 30


def test_the_reader_of_a_pipe_may_leave(folder: Path) -> None:
    command = [*COMMAND, "run", "vi", "en", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()  # before the first byte comes
        errors = process.stderr.read().decode()
    assert process.returncode == 0
    assert "error" not in errors
