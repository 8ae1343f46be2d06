from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from programs import align, align_here, names, refusal, write

from align.corpus import read_corpus, write_corpus

PAIRS = [
    ("Trận lụt tháng trước đã cuốn trôi hai cây cầu gỗ.", "Last month's flood swept away two wooden bridges."),
    ("Chuyến phà cuối cùng rời bến lúc chín giờ tối.", "The last ferry leaves the pier at nine in the evening."),
    ("Bà ngoại tôi vẫn dệt chiếu cói bằng tay.", "My grandmother still weaves sedge mats by hand."),
    ("Thư viện mới có 24.000 cuốn sách.", "The new library holds 24,000 books."),
    ("Giá cà phê tăng mạnh trong quý ba.", "The price of coffee rose sharply in the third quarter."),
    ("Hai đội hòa nhau không bàn thắng.", "The two teams drew without a goal."),
]
FALSE = [(PAIRS[0][0], PAIRS[2][1]), (PAIRS[1][0], PAIRS[4][1])]
WRONG = ("Thư viện mới có 24.000 cuốn sách.", "The new library holds 42,000 books.")


def lines(*pairs: tuple[str, str]) -> str:
    return "".join("\t".join(pair) + "\n" for pair in pairs)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pairs of somebody's, scored."""
    folder = tmp_path_factory.mktemp("score")
    write(folder / "in.tsv", lines(*PAIRS, *FALSE, WRONG))
    done = align("score", "in.tsv", "-o", "out.tsv", cwd=folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.splitlines()[-1] == "9 pairs scored, written to out.tsv"
    return folder


def test_true_pairs_score_higher_than_false_ones(scored: Path) -> None:
    table = read_corpus(scored / "out.tsv")
    assert table.select("vi", "en").rows() == [*PAIRS, *FALSE, WRONG]
    for score in ("probability", "margin", "cosine"):
        values = table[score].to_list()
        assert min(values[:6]) > max(values[6:8]), score
    assert table["probability"].is_between(0, 1).all()
    assert table["id"].n_unique() == 9
    assert "number:24.000|42,000" in table["flags"][8].to_list()
    assert not any(flag.startswith("number:") for flag in table["flags"][3])


def test_scores_are_replaced_texts_and_provenance_stay(scored: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = read_corpus(scored / "out.tsv")
    provenance = {"id": "00" * 8, "vi_article": "a.txt", "vi_start": 3, "vi_end": 60, "run": "theirs", "note": "n"}
    mine = table.with_columns(*(pl.lit(value).alias(name) for name, value in provenance.items()), probability=0.0)
    write_corpus(mine, scored / "again.parquet")
    target = scored / "again.jsonl"
    assert align_here(capfd, "score", scored / "again.parquet", "-o", target).returncode == 0
    again = read_corpus(target)
    assert again.select(list(provenance)).row(5) == tuple(provenance.values())
    assert again["probability"].to_list() == table["probability"].to_list()
    assert again["flags"].to_list() == table["flags"].to_list()  # labels are replaced, not added to


def test_the_same_bytes_again_and_from_a_pipe(scored: Path) -> None:
    done = align("score", "-", "-o", "-", "--threads", 1, input=lines(*PAIRS, *FALSE, WRONG), cwd=scored)
    assert done.stdout.encode() == (scored / "out.tsv").read_bytes()


def test_scored_pairs_can_be_filtered(scored: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = read_corpus(scored / "out.tsv")
    limit = float(table["probability"][:6].min())  # type: ignore[arg-type]
    done = align_here(
        capfd, "filter", scored / "out.tsv", "-o", tmp_path / "out.tsv", "--filters", "none", "--min-probability", limit
    )
    assert done.returncode == 0
    assert set(read_corpus(tmp_path / "out.tsv").select("vi", "en").rows()[:6]) == set(PAIRS)


def test_uncertain_pairs_are_checked_with_translators(
    scored: Path, small_marian: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    models = ",".join(str(small_marian / way / "ctranslate2") for way in ("vi-en", "en-vi"))
    options = ("--back-translate", models, "--mt-check", "both", "--mt-cache", tmp_path / "mt.cache")
    done = align_here(capfd, "score", scored / "in.tsv", "-o", tmp_path / "out.jsonl", *options)
    assert done.returncode == 0, done.stderr
    before, after = read_corpus(scored / "out.tsv"), read_corpus(tmp_path / "out.jsonl")
    uncertain = before["probability"].is_between(0.05, 0.95).to_list()
    assert after["mt_chrf"].is_not_null().to_list() == uncertain
    assert after["mt_xent"].is_not_null().to_list() == uncertain
    changed = (before["probability"] != after["probability"]).to_list()
    assert not any(change and not unsure for change, unsure in zip(changed, uncertain, strict=True))
    assert (tmp_path / "mt.cache").exists() == any(uncertain)


def test_broken_lines_are_left_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.tsv", lines(PAIRS[0]) + "broken\n" + lines(PAIRS[1]))
    done = align_here(capfd, "score", tmp_path / "in.tsv", "-o", tmp_path / "out.tmx")
    assert done.returncode == 0
    assert f"align: note: {tmp_path}/in.tsv, line 2: 1 columns; expected 2 as in line 1; left out\n" in done.stderr
    assert "1 line left out as broken\n2 pairs scored" in done.stderr
    assert read_corpus(tmp_path / "out.tmx").height == 2


def test_a_corpus_without_pairs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.tsv", "")
    done = align_here(capfd, "score", tmp_path / "in.tsv", "-o", tmp_path / "out.tsv")
    assert (done.returncode, done.stderr) == (0, f"0 pairs scored, written to {tmp_path}/out.tsv\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--encoder", "nothing"), "nothing"),
        (("--back-translate", "nothing"), "nothing"),
        (("--format", "xces"), "format is 'xces'; allowed: tsv, jsonl, parquet, tmx, moses"),
        (("--from", "tmx"), "in.tsv, line 1: not well-formed XML"),
        (("--calibration", "nowhere.toml"), "nowhere.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_line(
    options: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.tsv", lines(*PAIRS))
    assert message in refusal(align_here(capfd, "score", "in.tsv", "-o", "out.tsv", *options))
    assert names(tmp_path) == ["in.tsv"]
