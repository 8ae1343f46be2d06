from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pair_tables import true_pairs

from align.corpus import read_corpus, write_corpus
from align.errors import InputError, OutputError


def _write(tmp_path: Path, vi: str = "Có.\nKhông.\n", en: str = "Yes.\nNo.\n", ids: str | None = None) -> Path:
    (tmp_path / "in.vi").write_text(vi, encoding="utf-8")
    (tmp_path / "in.en").write_text(en, encoding="utf-8")
    if ids is not None:
        (tmp_path / "in.ids").write_text(ids, encoding="utf-8")
    return tmp_path / "in"


def test_line_n_of_three_files_belongs_together(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "c.vi-en", "moses")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.vi-en.en", "c.vi-en.ids", "c.vi-en.vi"]
    lines = [(tmp_path / f"c.vi-en.{end}").read_text(encoding="utf-8").splitlines() for end in ("vi", "en", "ids")]
    assert lines[0] == true_pairs()["vi"].to_list()
    assert lines[1][2] == "By eight o'clock the market is over."
    assert lines[2][1].split("\t")[:5] == ["cho.txt", "market.txt", "s2 s3", "s2 s3", "0.75"]


@pytest.mark.parametrize("ending", ["", ".vi", ".en", ".ids"])
def test_any_of_the_three_names_will_do(tmp_path: Path, ending: str) -> None:
    write_corpus(true_pairs(), tmp_path / f"corpus{ending}", "moses")
    assert (tmp_path / "corpus.ids").exists()
    assert read_corpus(tmp_path / f"corpus{ending}", "moses").equals(true_pairs())


def test_a_segment_is_one_line(tmp_path: Path) -> None:
    write_corpus(true_pairs()[:1].with_columns(vi=pl.lit(" một\r\nhai\u2028ba ")), tmp_path / "c", "moses")
    assert (tmp_path / "c.vi").read_bytes().decode() == "một hai ba\n"


def test_texts_alone_are_a_corpus(tmp_path: Path) -> None:
    table = read_corpus(_write(tmp_path), "moses")
    assert table.select("vi", "en", "vi_article").rows() == [("Có.", "Yes.", None), ("Không.", "No.", None)]


def test_ids_of_opus_give_articles_and_sentences(tmp_path: Path) -> None:
    name = _write(tmp_path, ids="vi/1.xml.gz\ten/1.xml.gz\t1 2\ts7\t0.9\nvi/1.xml.gz\ten/1.xml.gz\t5.1\t8\t0.8\n")
    table = read_corpus(name, "moses")
    assert table.select("vi_article", "vi_sentences", "en_sentences").rows() == [
        ("vi/1.xml.gz", [0, 1], [6]),
        ("vi/1.xml.gz", None, [7]),
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"vi": "Có.\n"}, "in.vi has 1 lines, "),
        ({"ids": "a\tb\t1\t1\n"}, "in.ids has 1 lines, but the texts have 2"),
        ({"ids": "a\tb\t1\t1\na\tb\t1\n"}, "in.ids, line 2: 3 columns"),
    ],
)
def test_files_that_do_not_fit_are_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_corpus(_write(tmp_path, **files), "moses")
    assert message in str(caught.value)


def test_a_broken_score_is_named(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "c", "moses")
    ids = (tmp_path / "c.ids").read_text(encoding="utf-8").replace("\t0.75\t", "\thigh\t")
    (tmp_path / "c.ids").write_text(ids, encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.ids, line 2: probability is 'high'; allowed: a number"):
        read_corpus(tmp_path / "c", "moses")


def test_a_missing_side_is_named(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "in.en").unlink()
    with pytest.raises(InputError, match=r"in\.en: not read: No such file"):
        read_corpus(tmp_path / "in", "moses")


def test_all_three_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "c.vi").write_text("cũ\n", encoding="utf-8")
    (tmp_path / "c.en").mkdir()
    with pytest.raises(OutputError):
        write_corpus(true_pairs(), tmp_path / "c", "moses")
    with pytest.raises(InputError, match="row 0: a line of Moses files needs both texts"):
        write_corpus(true_pairs().with_columns(en=pl.lit(None)), tmp_path / "c", "moses")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.en", "c.vi"]
    assert (tmp_path / "c.vi").read_text(encoding="utf-8") == "cũ\n"
