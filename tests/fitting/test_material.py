from __future__ import annotations

from pathlib import Path

import pytest
from gold_folders import all_lines, write_gold, write_lines, write_ordered, write_unordered

from align.errors import InputError
from align.fitting import read_material
from align.fitting.training import training_of
from align.matching import Bead

VI, EN = all_lines()


def test_each_kind_is_found_wherever_it_lies(tmp_path: Path) -> None:
    found = read_material(write_gold(tmp_path))
    assert [(one.name, len(one.documents)) for one in found.ordered] == [("ordered", 2)]
    assert [(one.name, len(one.documents)) for one in found.lines] == [("lines", 2)]
    assert [(one.name, len(one.documents)) for one in found.unordered] == [("any_order", 3)]
    assert [(one.name, len(one.documents)) for one in found.own_pools] == [("pool", 1)]
    assert found.left_out == []
    assert set(found.pools) == {"any_order", "lines", "pool"}
    assert set(found.pair_files) == {"lines", "pool"}
    assert "2 document pairs with beads in order, 2 of parallel lines" in found.counts()


def test_gold_line_by_line_makes_parallel_lines_of_a_folder(tmp_path: Path) -> None:
    identity = [Bead((i,), (i,)) for i in range(8)]
    write_ordered(tmp_path / "a" / "one", VI[:8], EN[:8], identity)
    write_ordered(tmp_path / "b" / "one", VI[:8], EN[:8], identity)
    write_ordered(tmp_path / "b" / "two", VI[:8], EN[:7], [*identity[:7], Bead((7,), ())])
    found = read_material(tmp_path)
    assert [one.name for one in found.lines] == ["a"]
    assert [one.name for one in found.ordered] == ["b"]


def test_articles_that_are_there_in_any_order_are_no_second_pool(tmp_path: Path) -> None:
    write_lines(tmp_path / "told" / "01_a", (VI[:8], EN[:8]))
    write_lines(tmp_path / "manuals" / "m", (VI[8:16], EN[8:16]))
    write_unordered(tmp_path / "shuffled" / "01_a", (VI[:8], EN[:8]), range(7, -1, -1))
    found = read_material(tmp_path)
    assert set(found.pools) == {"shuffled", "manuals"}
    assert list(found.pair_files) == ["told", "manuals"]
    assert [one.name for one in found.retold_lines] == ["told"]
    made = training_of(found)
    assert {document.name for document in made.reports} == {"01_a"}
    assert made.small_pools == made.unordered


def test_without_gold_in_any_order_reports_are_made_of_all_lines(tmp_path: Path) -> None:
    write_lines(tmp_path / "m", (VI[:40], EN[:40]))
    made = training_of(read_material(tmp_path))
    assert made.unordered == []
    assert made.small_pools == made.reports != []


def test_long_files_are_cut_and_the_pieces_are_articles_of_their_own(tmp_path: Path) -> None:
    write_lines(tmp_path / "corpus", (VI * 3, EN * 3))
    (lines,) = read_material(tmp_path).lines
    assert [len(document.vi) for document in lines.documents] == [60, 60, 60, 60, 48]
    assert len({document.article for document in lines.documents}) == 5
    assert [line for document in lines.documents for line in document.vi] == list(VI) * 3


@pytest.mark.parametrize(
    ("vi", "en", "reason"),
    [
        (VI[:8], EN[:7], "8 lines in .vi and 7 in .en"),
        ([" ".join(VI[:4]), " ".join(VI[4:8])], [" ".join(EN[:4]), " ".join(EN[4:8])], "4.0 sentences a line"),
        (["—"], ["—"], "no line with words"),
    ],
)
def test_what_cannot_serve_is_said_and_the_rest_serves(tmp_path: Path, vi: list, en: list, reason: str) -> None:
    write_lines(tmp_path / "bad", (vi, en))
    with pytest.raises(InputError, match=f"nothing to fit on.*{reason}"):
        read_material(tmp_path)
    write_lines(tmp_path / "good", (VI[:8], EN[:8]))
    found = read_material(tmp_path)
    assert [document.name for one in found.lines for document in one.documents] == ["good"]
    assert len(found.left_out) == 1
    assert reason in found.left_out[0]


def test_texts_that_something_else_is_said_of_are_no_parallel_lines(tmp_path: Path) -> None:
    write_lines(tmp_path / "page", (VI[:8], EN[:8]))
    (tmp_path / "page.blocks.tsv").write_text("0,1\t0,1\n")
    with pytest.raises(InputError, match="nothing to fit on"):
        read_material(tmp_path)


def test_a_folder_that_is_none_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_material(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"nothing to fit on; expected X\.vi and X\.en with X\.gold"):
        read_material(tmp_path)


def test_wordless_lines_do_not_shift_the_gold(tmp_path: Path) -> None:
    write_unordered(tmp_path / "a", ([*VI[:4], "***"], [*EN[:4], "***"]), (4, 2, 0, 1, 3))
    (document,) = read_material(tmp_path).unordered[0].documents
    assert len(document.gold) == 4
    for bead in document.gold:
        assert VI.index(document.vi[bead.vi[0]]) == EN.index(document.en[bead.en[0]])
