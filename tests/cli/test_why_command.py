from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from programs import align, align_here, refusal, write

from align.corpus import read_corpus, write_corpus
from align.quality.filters import FILTERS

VI = """\
Tuyến xe buýt số 7 bắt đầu chạy từ ngày 3/5. Mỗi ngày có 24 chuyến, giá vé là 8.000 đồng.
Học sinh được đi miễn phí. Bến cuối nằm cạnh chợ Bình Tây.
"""
EN = """\
Bus line 7 starts running on 3 May. There are 20 trips a day, and a ticket costs 8,000 dong.
Pupils ride for free. The last stop is next to Binh Tay market.
"""
VI_OTHER = "Học sinh được đi miễn phí. Thư viện mở cửa cả ngày Chủ nhật.\n"
EN_OTHER = "The library is open all day on Sundays. Pupils travel free of charge.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over four small articles, then filtered."""
    folder = tmp_path_factory.mktemp("why")
    write(folder / "vi" / "bus.txt", VI)
    write(folder / "en" / "bus.txt", EN)
    write(folder / "vi" / "other.txt", VI_OTHER)
    write(folder / "en" / "other.txt", EN_OTHER)
    done = align("run", "vi", "en", "-o", "corpus.tsv", "--pairing", "name", cwd=folder)
    assert done.returncode == 0, done.stderr
    done = align(
        "filter", "corpus.tsv", "-o", "clean.tsv", "--filters", "facts", "--rejects", "rejects.jsonl", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return folder


def identity(folder: Path, part: str) -> str:
    pairs = read_corpus(folder / "corpus.tsv")
    [found] = pairs.filter(pl.col("vi").str.contains(part, literal=True))["id"]
    return str(found)


def test_a_refused_pair_from_article_to_decision(folder: Path) -> None:
    pair = identity(folder, "24 chuyến")
    done = align("why", pair[:10], "clean.tsv", "rejects.jsonl", "--articles", "vi", "en", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"pair {pair}"
    assert lines[1] == "  refused by facts: 1 facts disagree, at most 0: number:24|20 (rejects.jsonl, row 0)"
    assert "Vietnamese: Mỗi ngày có 24 chuyến, giá vé là 8.000 đồng." in lines
    assert "  bus.txt, sentences 1, characters 45:89" in lines
    assert "  disagree: number:24|20" in lines
    assert "  agree: money: 8.000 đồng = 8,000 dong" in lines
    assert any(line.startswith("  run: align-vi-en|encoder:e5-small-vien@") for line in lines)
    assert any(line.startswith("  facts ") and "refuses: 1 facts disagree" in line for line in lines)
    assert any(line.startswith("  length ") and "keeps  (length_vi 44, " in line for line in lines)
    around = lines[lines.index("in bus.txt:") + 1 :][:4]
    assert [line[:6] for line in around] == ["    0:", "  > 1:", "    2:", "    3:"]
    near = lines[lines.index("nearest to the Vietnamese side:") + 1 :][:4]
    assert near[0].startswith("  > cosine 0.")
    assert near[0].endswith(": There are 20 trips a day, and a ticket costs 8,000 dong.  (bus.txt, sentence 1)")
    assert [line[:4] for line in near[1:]] == ["    "] * 3


def test_json_says_it_all_and_the_margin_is_the_run_s(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pair = identity(folder, "Bến cuối")
    files = [folder / "clean.tsv", folder / "rejects.jsonl"]
    done = align_here(capfd, "why", pair, *files, "--json", "--articles", folder / "vi", folder / "en")
    found = json.loads(done.stdout)
    assert [(each["file"], each["row"], each["reason"]) for each in found["found"]] == [(str(files[0]), 2, None)]
    assert found["facts"]["mismatches"] == []
    assert [each["filter"] for each in found["verdicts"]] == [name for name in FILTERS if not FILTERS[name].stateful]
    own = found["found"][0]["pair"]
    for side in found["surroundings"]:
        [nearest] = [each for each in side["neighbours"] if each["own"]]
        assert nearest == side["neighbours"][0]
        assert abs(nearest["cosine"] - own["cosine"]) < 6e-6  # the corpus has five decimals
        assert abs(nearest["margin"] - own["margin"]) < 6e-6
        assert len(side["neighbours"]) == 4


def test_other_pairs_with_the_same_sentence(folder: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pairs = read_corpus(folder / "corpus.tsv")
    pair = identity(folder, "24 chuyến")
    [row] = pairs.filter(pl.col("id") == pair).rows(named=True)
    wider = {**row, "id": "00" * 8, "en_start": 0, "en_sentences": [0, 1], "bead": "1-2"}
    elsewhere = {**row, "id": "11" * 8, "vi_article": "third.txt", "en_article": "third.txt"}
    write_corpus(pl.DataFrame([wider, elsewhere], schema=pairs.schema), tmp_path / "more.parquet")
    done = align_here(capfd, "why", pair, folder / "corpus.tsv", tmp_path / "more.parquet", "--json")
    assert [each["pair"]["id"] for each in json.loads(done.stdout)["others"]] == ["00" * 8]


def test_pairs_without_provenance_are_traced_by_their_texts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.tsv", "Có.\tYes.\nKhông.\tNo.\nCó.\tIndeed.\nCó.\tYes.\n")
    assert align_here(capfd, "filter", tmp_path / "in.tsv", "-o", tmp_path / "out.tsv").returncode == 0
    pair = read_corpus(tmp_path / "out.tsv")["id"][0]
    done = align_here(capfd, "why", pair[:8], tmp_path / "in.tsv")
    assert f"  kept: {tmp_path}/in.tsv, row 0\n  kept: {tmp_path}/in.tsv, row 3\n" in done.stdout
    assert "\nother pairs with its sentences:\n" in done.stdout
    assert f"kept: {tmp_path}/in.tsv, row 2: Có. | Indeed.\n" in done.stdout
    assert "probability: not known\n" in done.stdout


def test_chosen_filters_with_their_thresholds(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ("--filters", "length", "--set", "length.max_words=5", "--json")
    done = align_here(capfd, "why", identity(folder, "Bến cuối"), folder / "corpus.tsv", *options)
    [verdict] = json.loads(done.stdout)["verdicts"]
    assert verdict["reason"] == "vi words 7, at most 5"
    assert verdict["scores"]["length_vi_words"] == 7


def test_an_ambiguous_id_lists_the_candidates(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"a{number:015x}\tCâu {number}.\tSentence {number}.\n" for number in range(12))
    write(tmp_path / "in.tsv", "id\tvi\ten\n" + rows)
    message = refusal(align_here(capfd, "why", "a00", tmp_path / "in.tsv"))
    assert message.startswith("12 pairs have an id that starts with 'a00': a000000000000000, a000000000000001, ")
    assert message.endswith(", ...; give more digits")
    assert align_here(capfd, "why", "A00000000000000B", tmp_path / "in.tsv").stdout.startswith("pair a00000000000000b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ffff", "corpus.tsv"), "no pair in corpus.tsv has an id that starts with 'ffff'"),
        (("", "corpus.tsv"), "the id is empty"),
        (("ID", "-"), "file is '-'; allowed: files that can be read twice"),
        (("ID", "missing.tsv"), "missing.tsv: not read: No such file or directory"),
        (("ID", "corpus.tsv", "--articles", "en", "vi"), "en is English and vi Vietnamese: swapped"),
        (("ID", "corpus.tsv", "--articles", "changed", "en"), "'bus.txt' has another text at 45:89 than the pair"),
        (("ID", "corpus.tsv", "--articles", "fewer", "en"), "'bus.txt' is not among the articles given for vi"),
        (("ID", "corpus.tsv", "--articles", "vi", "en", "--encoder", "nothing"), "nothing"),
        (("ID", "corpus.tsv", "--filters", "lenght"), "filters is 'lenght'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_told_is_one_line(
    folder: Path,
    arguments: tuple[str, ...],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    write(folder / "changed" / "bus.txt", "Hôm nay " + VI)
    write(folder / "fewer" / "other.txt", VI_OTHER)
    pair = identity(folder, "24 chuyến")
    given = [pair if argument == "ID" else argument for argument in arguments]
    assert message in refusal(align_here(capfd, "why", *given))


def test_another_encoder_than_the_run_s_is_said(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pairs = read_corpus(folder / "corpus.tsv")
    other = pairs.with_columns(run=pl.lit("align-vi-en|encoder:e5-small-vien@0000|mode:auto"))
    write_corpus(other, folder / "other.tsv")
    pair = identity(folder, "24 chuyến")
    done = align_here(capfd, "why", pair, folder / "other.tsv", "--articles", folder / "vi", folder / "en")
    assert done.returncode == 0
    assert done.stderr.startswith("the pair was made with the encoder e5-small-vien@0000, but e5-small-vien@")


def test_thresholds_without_filters_are_wrong_usage(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "why", "ab", folder / "corpus.tsv", "--set", "length.max_words=5")
    assert done.returncode == 2
    assert "--set goes with --filters" in done.stderr
