from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from align.errors import DecodingError, InputError
from align.evaluation.bead_errors import Key
from align.evaluation.texts import DocumentTexts, find_texts, keep_fitting, read_texts, text_length

ENDINGS = (".gold", ".beads", ".txt")


def written(path: Path, text: str = "") -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_length_of_a_text_depends_on_no_form_of_its_letters() -> None:
    text = "Nước  lũ rút.\n"
    assert text_length(text) == len("Nước lũ rút.")
    assert text_length(unicodedata.normalize("NFD", text)) == text_length(text)


def test_texts_beside_the_gold(tmp_path: Path) -> None:
    gold = {name: written(tmp_path / f"{name}.gold") for name in ("flood", "rice", "rain")}
    written(tmp_path / "flood.vi", "Lũ rút.\n\nMưa tạnh.\n")
    written(tmp_path / "flood.en", "The flood is over.\n")
    written(tmp_path / "rice.vi", "Lúa chín.\n")
    found = find_texts(gold, ENDINGS)
    assert found.vi == {"flood": ["Lũ rút.", "", "Mưa tạnh."]}
    assert found.en == {"flood": ["The flood is over."]}
    assert found.left_out == ["rain", "rice"]
    assert found.lengths(["flood"]) == ({"flood": [7, 0, 9]}, {"flood": [18]})
    assert found.lengths(gold) == (None, None)
    (tmp_path / "flood.en").unlink()
    assert find_texts(gold, ENDINGS) == DocumentTexts({}, {}, [])


@pytest.mark.parametrize("name", ["dev.gold", "dev.beads", "dev.txt", "dev.other", "dev"])
def test_any_ending_of_one_gold_file(tmp_path: Path, name: str) -> None:
    gold = {name: written(tmp_path / name)}
    written(tmp_path / "dev.vi", "Lũ rút.\n")
    written(tmp_path / "dev.en", "The flood is over.\n")
    assert find_texts(gold, ENDINGS).en == {name: ["The flood is over."]}


def test_texts_of_beads_that_do_not_fit() -> None:
    texts = DocumentTexts({"a": ["Lũ."], "b": ["Lũ."]}, {"a": ["A flood."], "b": ["A flood."]}, ["c"])
    gold: dict[str, list[Key]] = {"a": [((0,), (0,)), ((), ())], "b": [((0,), ())]}
    assert keep_fitting(texts, gold, {"a": []}) == texts
    fitting = keep_fitting(texts, gold, {"b": [((0,), (0, 1))]})
    assert (fitting.vi, fitting.left_out) == ({"a": ["Lũ."]}, ["b", "c"])


def test_texts_where_the_user_says(tmp_path: Path) -> None:
    gold = {"a": tmp_path / "a.gold", "b": tmp_path / "b.gold"}
    for name in gold:
        written(tmp_path / f"{name}.vi", "Lũ.\n")
        written(tmp_path / f"{name}.en", "A flood.\n")
    assert read_texts(gold, ENDINGS, tmp_path, tmp_path).vi == {"a": ["Lũ."], "b": ["Lũ."]}
    with pytest.raises(InputError, match="one file for 2 documents"):
        read_texts(gold, ENDINGS, tmp_path / "a.vi", tmp_path)
    (tmp_path / "b.en").write_bytes(b"\xff\n")
    with pytest.raises(DecodingError, match=r"b\.en, line 1"):
        read_texts(gold, ENDINGS, tmp_path, tmp_path)
