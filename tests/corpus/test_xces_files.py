from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from lxml import etree
from pair_tables import EN_ARTICLES, VI_ARTICLES, indices, tables, texts, true_pairs

from align.corpus import fill_texts, read_corpus, verify_corpus, write_corpus
from align.errors import InputError

KEPT = ["id", "vi_article", "en_article", "vi_sentences", "en_sentences", "probability", "margin", "cosine", "bead"]

OPUS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">
<cesAlign version="1.0">
<linkGrp targType="s" fromDoc="en/1.xml.gz" toDoc="vi/1.xml.gz" >
<link id="SL0" xtargets="1 2;2" certainty="0.5" />
<link id="SL1" xtargets=";3" />
<link id="SL2" xtargets="s3;s4 s5"/>
</linkGrp>
</cesAlign>
"""


def _read(tmp_path: Path, content: str) -> pl.DataFrame:
    (tmp_path / "in.xces").write_text(content, encoding="utf-8")
    return read_corpus(tmp_path / "in.xces")


def test_links_stand_in_groups_of_article_pairs(tmp_path: Path) -> None:
    table = pl.concat([true_pairs(), true_pairs()[:1].with_columns(en_article=pl.lit("a & b"))])[[0, 3, 1, 2]]
    write_corpus(table, tmp_path / "out.xces")
    root = etree.parse(str(tmp_path / "out.xces")).getroot()
    assert root.tag == "cesAlign"
    assert [(group.get("fromDoc"), group.get("toDoc"), len(group)) for group in root] == [
        ("cho.txt", "market.txt", 3),
        ("cho.txt", "a & b", 1),
    ]
    assert dict(root[0][1].attrib) == {
        "id": f"SL{true_pairs()['id'][1]}",
        "xtargets": "s2 s3;s2 s3",
        "certainty": "0.75",
        "margin": "1.2034",
        "cosine": "0.8812",
    }


def test_references_come_back_and_articles_give_the_texts(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.xces")
    found = read_corpus(tmp_path / "out.xces")
    assert found.select(KEPT).equals(true_pairs().select(KEPT))
    assert found["vi"].null_count() == found["en"].null_count() == 3
    filled = fill_texts(found, VI_ARTICLES, EN_ARTICLES)
    lost = ["flags", "run"]
    assert filled.drop(lost).equals(true_pairs().drop(lost))
    assert verify_corpus(filled, VI_ARTICLES, EN_ARTICLES) == []


@settings(max_examples=25, deadline=None)
@given(table=tables(vi_article=texts, en_article=texts, vi_sentences=indices, en_sentences=indices))
def test_hostile_names_give_well_formed_documents(
    tmp_path_factory: pytest.TempPathFactory, table: pl.DataFrame
) -> None:
    path = tmp_path_factory.mktemp("xces") / "out.xces"
    write_corpus(table, path)
    etree.parse(str(path))
    assert read_corpus(path).height == table.height


def test_alignments_of_opus_are_read(tmp_path: Path) -> None:
    table = _read(tmp_path, OPUS)
    assert table.select("id", "bead", "vi_article", "vi_sentences", "en_sentences", "probability").rows() == [
        (None, "1-2", "vi/1.xml.gz", [1], [0, 1], 0.5),
        (None, "2-1", "vi/1.xml.gz", [3, 4], [2], None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"s3;s4 s5"', '"s5.1;s4"', "line 7: xtargets is 's5.1;s4'; allowed: numbered sentences"),
        ('"s3;s4 s5"', '"s3"', "line 7: xtargets is 's3'"),
        ('"0.5"', '"high"', "line 5: certainty is 'high'; allowed: a number"),
        ('<linkGrp targType="s" fromDoc="en/1.xml.gz" toDoc="vi/1.xml.gz" >', "<x>", "line 5: a 'link' outside"),
        ("cesAlign version", "cesDoc version", "line 9: not well-formed XML: mismatched tag"),
        ('cesAlign//EN" "">', 'cesAlign//EN" "" [<!ENTITY a "b">]>', "line 2: a document type declaration with"),
    ],
)
def test_a_broken_link_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, OPUS.replace(old, new).replace("</linkGrp>", "</x>" if new == "<x>" else "</linkGrp>"))
    assert message in str(caught.value)


def test_another_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its root element is not 'cesAlign'"):
        _read(tmp_path, "<tmx/>")


@pytest.mark.parametrize("column", ["vi_article", "en_sentences"])
def test_a_pair_without_provenance_has_no_link(tmp_path: Path, column: str) -> None:
    table = true_pairs().with_columns(pl.when(pl.col("bead") == "2-2").then(None).otherwise(column).alias(column))
    with pytest.raises(InputError, match=f"row 1: no '{column}'"):
        write_corpus(table, tmp_path / "out.xces")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vi_article": "nowhere.txt"}, "row 0: 'nowhere.txt' is not among the Vietnamese articles"),
        ({"en_sentences": [9]}, r"row 0: sentences \[9\] of 'market.txt', which has 4"),
        ({"en_article": None}, "row 0: neither text nor sentences on the side 'en'"),
    ],
)
def test_references_that_lead_nowhere_are_named(change: dict[str, object], message: str) -> None:
    columns = {name: pl.Series([value], dtype=true_pairs()[name].dtype) for name, value in change.items()}
    table = true_pairs()[:1].with_columns(vi=pl.lit(None), en=pl.lit(None), **columns)
    with pytest.raises(InputError, match=message):
        fill_texts(table, VI_ARTICLES, EN_ARTICLES)
