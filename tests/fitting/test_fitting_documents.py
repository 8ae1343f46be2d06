from __future__ import annotations

from pathlib import Path

import pytest
from gold_folders import write_ordered, write_unordered
from hypothesis import given
from hypothesis import strategies as st

from align.errors import InputError
from align.fitting.documents import Document, cut, ordered_document, unordered_document, without_wordless
from align.matching import Bead

VI = ["Trời mưa.", "Đường ngập.", "Trường đóng cửa."]
EN = ["It rains.", "The streets are flooded.", "The school is closed."]


def written(folder: Path, gold: str) -> Path:
    write_ordered(folder / "rain", VI, EN, [])
    path = folder / "rain.gold"
    path.write_text(gold)
    return path


def test_gold_in_order_is_read_and_completed(tmp_path: Path) -> None:
    found = ordered_document(written(tmp_path, "[0]:[0]:0.9\n\n[1, 2]:[2]\n"))
    assert (found.name, found.vi, found.en) == ("rain", VI, EN)
    assert [(bead.vi, bead.en) for bead in found.gold] == [((0,), (0,)), ((), (1,)), ((1, 2), (2,))]


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ("[0]:[0]\n[1]:[3]\n", r"rain\.gold, line 2: there is no sentence 3 of 3 on the side en"),
        ("[0]:[0]\n[0]:[1]\n", r"rain\.gold, line 2: sentence 0 has stood above already on the side vi"),
        ("[1]:[1]\n\n[0]:[0]\n", r"rain\.gold, line 3: stands before a bead above it"),
        ("[0, 2]:[0]\n", r"rain\.gold, line 1: the sentences \[0, 2\] do not follow one another"),
        ("[0]:[0]\nzero\n", r"rain\.gold, line 2: 'zero' is no bead"),
    ],
)
def test_wrong_gold_is_named_by_file_and_line(tmp_path: Path, gold: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ordered_document(written(tmp_path, gold))


def test_a_shape_beyond_the_model_is_refused_unless_only_measured(tmp_path: Path) -> None:
    lines = [f"Câu số {number}." for number in range(20)]
    english = [f"Sentence {number}." for number in range(20)]
    write_ordered(tmp_path / "long", lines, english, [Bead(tuple(range(20)), tuple(range(20)))])
    with pytest.raises(InputError, match=r"long\.gold, line 1: a bead of the shape 20-20 is beyond the model"):
        ordered_document(tmp_path / "long.gold")
    assert len(ordered_document(tmp_path / "long.gold", known_shapes=False).gold) == 1


def test_gold_without_its_texts_names_the_missing_one(tmp_path: Path) -> None:
    path = written(tmp_path, "[0]:[0]\n")
    (tmp_path / "rain.en").unlink()
    with pytest.raises(InputError, match=r"there is no rain\.en beside it"):
        ordered_document(path)


@pytest.mark.parametrize(("line", "said"), [("0", "'' is no line number"), ("0\t9", "there is no line 9 of 3")])
def test_wrong_index_pairs_are_named_by_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    write_unordered(tmp_path / "rain", (VI, EN), (2, 0, 1))
    gold = tmp_path / "rain.gold.tsv"
    gold.write_text(f"0\t1\n{line}\n")
    with pytest.raises(InputError, match=rf"rain\.gold\.tsv, line 2: {said}"):
        unordered_document(gold, "rain", tmp_path / "rain.vi", tmp_path / "rain.en")


def test_index_pairs_may_have_a_header_and_more_columns(tmp_path: Path) -> None:
    write_unordered(tmp_path / "rain", (VI, EN), (2, 0, 1))
    gold = tmp_path / "rain.gold.tsv"
    gold.write_text("vi_index\ten_index\tscore\n0\t1\t0.9\n0\t1\t0.9\n2\t0\t0.8\n")
    found = unordered_document(gold, "rain", tmp_path / "rain.vi", tmp_path / "rain.en")
    assert [(bead.vi, bead.en) for bead in found.gold] == [((0,), (1,)), ((2,), (0,))]


@pytest.mark.parametrize(
    ("name", "article"), [("012_bbc.33", 12), ("7_b", 7), ("2021x", sum(map(ord, "2021x"))), ("ab", 195)]
)
def test_copies_of_an_article_share_its_number(name: str, article: int) -> None:
    assert Document(name, [], [], []).article == article


def test_wordless_lines_leave_the_gold_of_the_others_alone() -> None:
    document = Document("d", ["***", *VI], [*EN[:1], "—", *EN[1:]], [])
    gold = [Bead((0,), ()), Bead((1,), (0,)), Bead((2, 3), (1, 2)), Bead((), (3,))]
    found = without_wordless(Document("d", document.vi, document.en, gold))
    assert (found.vi, found.en) == (VI, EN)
    assert found.gold == [Bead((0,), (0,)), Bead((1, 2), (1,)), Bead((), (2,))]


@given(st.lists(st.sampled_from([(1, 1), (1, 2), (2, 1), (1, 0), (0, 1), (3, 3)]), max_size=30), st.integers(1, 12))
def test_cutting_keeps_every_bead_and_its_text(shapes: list[tuple[int, int]], most: int) -> None:
    vi: list[str] = []
    en: list[str] = []
    gold = []
    for a, b in shapes:
        gold.append(Bead(tuple(range(len(vi), len(vi) + a)), tuple(range(len(en), len(en) + b))))
        vi += [f"câu {len(vi) + k}" for k in range(a)]
        en += [f"line {len(en) + k}" for k in range(b)]
    pieces = cut(Document("d", vi, en, gold), most)
    assert [line for piece in pieces for line in piece.vi] == vi
    assert [line for piece in pieces for line in piece.en] == en
    texts = [
        ([piece.vi[i] for i in bead.vi], [piece.en[j] for j in bead.en]) for piece in pieces for bead in piece.gold
    ]
    assert texts == [([vi[i] for i in bead.vi], [en[j] for j in bead.en]) for bead in gold]
    assert all(len(piece.vi) + len(piece.en) <= most or len(piece.gold) == 1 for piece in pieces)
