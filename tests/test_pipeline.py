from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import align
from align.articles import read_articles
from align.collection import collect
from align.corpus import PAIR_SCHEMA
from align.corpus.verify import verify_corpus
from align.encoders import Encoder
from align.errors import InputError, ModelError, OptionError
from align.options import Options, make_options
from align.pipeline import Result, pair_paths, run

VI = {
    "cau.txt": (
        "Cây cầu mới qua sông Lam được khánh thành hôm Chủ nhật.\n"
        "Hàng nghìn người dân đã đi bộ qua cầu trong buổi sáng đầu tiên.\n"
        "Công trình có giá 480 tỷ đồng và hoàn thành sớm ba tháng.\n"
        "Từ nay học sinh không còn phải chờ đò mỗi ngày.\n"
    ),
    "ca-phe.txt": (
        "Giá cà phê ở Tây Nguyên tăng tuần thứ năm liên tiếp.\n"
        "Nhiều nông dân giữ hàng lại vì hy vọng giá còn lên nữa.\n"
        "Các nhà xuất khẩu lo không đủ hàng giao cho khách ở châu Âu.\n"
        "Năm ngoái, hạn hán đã làm sản lượng giảm 15%.\n"
    ),
}
EN = {
    "bridge.txt": (
        "The new bridge over the Lam River was opened on Sunday.\n"
        "Thousands of residents walked across it on the first morning.\n"
        "The project cost 480 billion dong and was finished three months early.\n"
        "From now on, pupils no longer have to wait for the ferry every day.\n"
    ),
    "coffee.txt": (
        "Coffee prices in the Central Highlands have risen for the fifth week in a row.\n"
        "Many farmers are holding back their stock in the hope that prices will climb further.\n"
        "Exporters fear that they will not have enough to deliver to customers in Europe.\n"
        "Last year, drought cut production by 15%.\n"
    ),
}


@pytest.fixture(scope="module")
def result(examples: Path) -> Result:
    return run(examples / "vi", examples / "en")


@pytest.fixture(scope="module")
def gold(examples: Path) -> pl.DataFrame:
    return pl.read_csv(examples / "gold.tsv", separator="\t", quote_char=None)


def write_folder(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return write_folder(tmp_path / "vi", VI), write_folder(tmp_path / "en", EN)


def article_pairs(pairs: pl.DataFrame) -> set[tuple[str, str]]:
    return set(pairs.select("vi_article", "en_article").rows())


def test_a_corpus_has_the_pair_schema(result: Result) -> None:
    assert dict(result.pairs.schema) == PAIR_SCHEMA
    assert result.pairs.height > 30
    assert result.pairs["id"].is_unique().all()
    assert result.pairs["probability"].is_between(0, 1).all()
    assert result.pairs["mt_chrf"].is_null().all()
    assert result.pairs["run"].n_unique() == 1


def test_the_articles_prove_the_corpus(result: Result, examples: Path) -> None:
    tables = [read_articles(examples / lang).table for lang in ("vi", "en")]
    assert verify_corpus(result.pairs, *tables) == []


def test_the_corpus_holds_the_gold_pairs_and_hardly_any_other(result: Result, gold: pl.DataFrame) -> None:
    columns = ["vi_article", "en_article", "vi", "en"]
    wanted, found = set(gold.select(columns).rows()), set(result.pairs.select(columns).rows())
    faithful = set(gold.filter(pl.col("kind") == "faithful").select(columns).rows())
    assert len(wanted) == 38
    assert len(faithful & found) >= 30  # of 31
    assert len(wanted & found) >= 36
    assert len(found - wanted) <= 2


def test_articles_without_a_counterpart_are_left_out(result: Result, gold: pl.DataFrame) -> None:
    assert article_pairs(result.pairs) == article_pairs(gold)
    assert not {"non-la.txt"} & set(result.article_pairs["vi_article"])
    assert not {"chess-club.txt"} & set(result.article_pairs["en_article"])


def test_what_was_done_is_told_for_every_article_pair(result: Result) -> None:
    rows = {row["vi_article"]: row for row in result.article_pairs.iter_rows(named=True) if row["pairs"]}
    assert rows["chay-lu.txt"]["mode"] == "comparable"
    assert {rows[name]["mode"] for name in ("thu-vien.txt", "dien-mat-troi.html", "tin-01", "tin-02")} == {"parallel"}
    assert all(row["reason"].startswith(row["mode"]) for row in rows.values())
    counted = dict(result.pairs.group_by("vi_article").len().rows())
    assert {name: row["pairs"] for name, row in rows.items()} == counted


def test_flags_name_the_mode_and_crossing_pairs(result: Result) -> None:
    modes = dict(result.article_pairs.filter(pl.col("pairs") > 0).select("vi_article", "mode").rows())
    for row in result.pairs.iter_rows(named=True):
        assert row["flags"][0] == modes[row["vi_article"]]
    crossing = result.pairs.filter(pl.col("flags").list.contains("crossing"))
    assert set(crossing["vi_article"]) == {"chay-lu.txt"}  # one sentence of the retold report has moved


@pytest.mark.parametrize("threads", [None, 1, 2])
def test_runs_and_threads_give_the_same_corpus(threads: int | None, result: Result, examples: Path) -> None:
    again = run(examples / "vi", examples / "en", Options(threads=threads))
    assert again.pairs.equals(result.pairs, null_equal=True)
    assert again.article_pairs.equals(result.article_pairs)
    assert again.notes == result.notes


def test_build_corpus_is_the_run_without_its_report(folders: tuple[Path, Path]) -> None:
    assert align.build_corpus(*folders).equals(run(*folders).pairs, null_equal=True)
    assert align.build_corpus(*map(str, folders)).height == 8


@pytest.mark.parametrize("pairing", ["auto", "content"])
def test_articles_are_paired_by_what_they_say(pairing: str, folders: tuple[Path, Path]) -> None:
    pairs = align.build_corpus(*folders, pairing=pairing)
    assert article_pairs(pairs) == {("cau.txt", "bridge.txt"), ("ca-phe.txt", "coffee.txt")}
    assert pairs.filter(pl.col("vi_article") == "cau.txt")["bead"].to_list() == ["1-1"] * 4


def test_articles_are_paired_by_name(tmp_path: Path) -> None:
    vi = write_folder(tmp_path / "vi", {"1.vi.txt": VI["cau.txt"], "2.vi.txt": VI["ca-phe.txt"]})
    en = write_folder(tmp_path / "en", {"1.en.txt": EN["bridge.txt"], "3.en.txt": EN["coffee.txt"]})
    by_name = align.build_corpus(vi, en, pairing="name")
    assert article_pairs(by_name) == {("1.vi.txt", "1.en.txt")}
    both = align.build_corpus(vi, en)
    assert article_pairs(both) == {("1.vi.txt", "1.en.txt"), ("2.vi.txt", "3.en.txt")}


def test_names_that_never_agree_are_an_error(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="--pairing content"):
        align.build_corpus(*folders, pairing="name")


def test_all_pairs_each_article_with_each(folders: tuple[Path, Path]) -> None:
    found = run(*folders, Options(pairing="all"))
    assert found.article_pairs.height == 4
    assert article_pairs(found.pairs) == {("cau.txt", "bridge.txt"), ("ca-phe.txt", "coffee.txt")}


def test_single_files_are_a_pair_whatever_their_names(folders: tuple[Path, Path]) -> None:
    pairs = align.build_corpus(folders[0] / "cau.txt", folders[1] / "bridge.txt")
    assert pairs.height == 4
    assert pairs["vi"][2] == "Công trình có giá 480 tỷ đồng và hoàn thành sớm ba tháng."


def test_pairing_alone_gives_the_article_pairs(folders: tuple[Path, Path]) -> None:
    table, notes = pair_paths(*folders, Options())
    assert table.columns == ["vi_article", "en_article", "score", "mode", "reason"]
    assert article_pairs(table) == {("cau.txt", "bridge.txt"), ("ca-phe.txt", "coffee.txt")}
    assert notes == []


def test_a_forced_mode_is_obeyed(folders: tuple[Path, Path]) -> None:
    for mode in ("parallel", "comparable"):
        assert set(run(*folders, Options(mode=mode)).article_pairs["mode"]) == {mode}


def test_a_higher_threshold_keeps_the_surest_pairs(result: Result, examples: Path) -> None:
    strict = run(examples / "vi", examples / "en", Options(min_probability=0.97)).pairs
    assert 0 < strict.height < result.pairs.height
    assert (strict["probability"] >= 0.97).all()


def test_one_folder_with_both_languages_may_be_given_twice(tmp_path: Path) -> None:
    both = write_folder(tmp_path / "news", {**VI, **EN})
    found = run(both, both)
    assert article_pairs(found.pairs) == {("cau.txt", "bridge.txt"), ("ca-phe.txt", "coffee.txt")}
    assert found.pairs.height == 8
    assert "bridge.txt: language is en, not vi; left out" in found.notes
    assert "cau.txt: language is vi, not en; left out" in found.notes


def test_an_article_in_a_third_language_is_left_out_and_named(folders: tuple[Path, Path]) -> None:
    text = "Die neue Brücke über den Fluss wurde am Sonntag eröffnet. Tausende Menschen kamen zu Fuß.\n"
    write_folder(folders[1], {"bruecke.txt": text})
    found = run(*folders)
    assert found.pairs.height == 8
    assert [note for note in found.notes if note.startswith("bruecke.txt: left out")] != []


def test_folders_in_the_wrong_order_are_an_error(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="Vietnamese path first"):
        align.build_corpus(folders[1], folders[0])
    with pytest.raises(InputError, match="no Vietnamese article"):
        align.build_corpus(folders[1], folders[1])


def test_an_article_of_nothing_but_boilerplate_gives_no_pairs(folders: tuple[Path, Path]) -> None:
    write_folder(folders[0], {"trong.txt": "***\n\n---\n\n2024\n", "menu.txt": "Trang chủ\n\nĐăng nhập\n\nLiên hệ\n"})
    found = run(*folders)
    assert found.pairs.height == 8
    assert not {"trong.txt", "menu.txt"} & set(found.article_pairs["vi_article"])


def test_sides_without_anything_in_common_give_an_empty_corpus(folders: tuple[Path, Path]) -> None:
    pairs = align.build_corpus(folders[0] / "cau.txt", folders[1] / "coffee.txt")
    assert pairs.height == 0
    assert dict(pairs.schema) == PAIR_SCHEMA


def test_lines_that_say_nothing_are_never_paired(tmp_path: Path) -> None:
    vi = write_folder(tmp_path / "vi", {"a.txt": VI["cau.txt"].replace("\n", "\n\n* * *\n\n2024\n\n")})
    en = write_folder(tmp_path / "en", {"b.txt": EN["bridge.txt"].replace("\n", "\n\n* * *\n\n2024\n\n")})
    pairs = align.build_corpus(vi, en)
    assert pairs.height == 4
    assert all(any(letter.isalpha() for letter in text) for text in [*pairs["vi"], *pairs["en"]])


def test_headings_are_joined_with_no_sentence(encoder: Encoder) -> None:
    """A place stays free before and after a heading, so that no span of sentences holds one."""
    texts = ["Cầu mới qua sông Lam\n\n" + VI["cau.txt"] + "\nĐường dẫn lên cầu\n\nĐường dài hai cây số.\n"]
    articles = pl.DataFrame({"id": ["a"], "text": texts})
    side = collect(articles, "vi", encoder, []).sides[0]
    follows = (np.diff(side.positions) == 1).tolist()
    assert follows == [False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": 3}, "option is 'speed'; allowed: mode, pairing, encoder"),
        ({"mode": "fast"}, "mode is 'fast'; allowed: auto, parallel, comparable"),
        ({"pairing": "title"}, "pairing is 'title'; allowed: auto, name, content, all"),
        ({"min_probability": 1.01}, r"min_probability is 1.01; allowed: 0 to 1"),
        ({"min_probability": float("nan")}, "min_probability is nan"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_options_outside_their_range_are_refused(
    options: dict[str, object], message: str, folders: tuple[Path, Path]
) -> None:
    with pytest.raises(OptionError, match=message):
        align.build_corpus(*folders, **options)


@pytest.mark.parametrize(("option", "value"), [("encoder", "laser9"), ("calibration", "laser9.toml")])
def test_an_encoder_or_calibration_that_there_is_not_is_refused_before_the_work(option: str, value: str) -> None:
    with pytest.raises(ModelError, match=value):
        align.build_corpus("no-such-folder", "no-such-folder", **{option: value})


def test_options_come_with_their_defaults() -> None:
    assert make_options() == Options()
    assert make_options(mode="parallel").mode == "parallel"


@pytest.mark.parametrize("name", ["no-such-folder", "empty"])
def test_a_path_without_articles_is_named(name: str, folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name):
        align.build_corpus(folders[0], tmp_path / name)


def test_progress_tells_every_stage(folders: tuple[Path, Path]) -> None:
    seen: dict[str, list[tuple[int, int]]] = {}
    run(*folders, progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)))
    assert {"read", "split", "encode", "pair", "match"} <= seen.keys()
    assert all(steps[-1][0] == steps[-1][1] for steps in seen.values())
