from __future__ import annotations

import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from lxml import etree
from pair_tables import tables, true_pairs

from align.corpus import read_corpus, write_corpus
from align.errors import InputError

# The declarations of TMX 1.4b (specification of 2005, section 3) that this package's documents come under.
DTD = """
<!ELEMENT tmx (header, body)>
<!ATTLIST tmx version CDATA #FIXED "1.4">
<!ELEMENT header (note | prop | ude)*>
<!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED
    segtype (block | paragraph | sentence | phrase) #REQUIRED o-tmf CDATA #REQUIRED adminlang CDATA #REQUIRED
    srclang CDATA #REQUIRED datatype CDATA #REQUIRED o-encoding CDATA #IMPLIED creationdate CDATA #IMPLIED
    creationid CDATA #IMPLIED changedate CDATA #IMPLIED changeid CDATA #IMPLIED>
<!ELEMENT body (tu*)>
<!ELEMENT tu ((note | prop)*, tuv+)>
<!ATTLIST tu tuid CDATA #IMPLIED o-encoding CDATA #IMPLIED datatype CDATA #IMPLIED usagecount CDATA #IMPLIED
    srclang CDATA #IMPLIED segtype (block | paragraph | sentence | phrase) #IMPLIED>
<!ELEMENT tuv ((note | prop)*, seg)>
<!ATTLIST tuv xml:lang CDATA #REQUIRED o-encoding CDATA #IMPLIED datatype CDATA #IMPLIED>
<!ELEMENT seg (#PCDATA)>
<!ELEMENT prop (#PCDATA)>
<!ATTLIST prop type CDATA #REQUIRED xml:lang CDATA #IMPLIED o-encoding CDATA #IMPLIED>
<!ELEMENT note (#PCDATA)>
<!ELEMENT ude EMPTY>
"""

FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
  <header creationtool="OtherTool" creationtoolversion="7" segtype="sentence" o-tmf="x" adminlang="en-US"
    srclang="en-US" datatype="html"><prop type="x-align-margin">not of a unit</prop></header>
  <body>
    <tu tuid="12">
      <prop type="Txt::Project">sông nước</prop>
      <tuv xml:lang="en-US"><prop type="x-note">n</prop>
        <seg>The <bpt i="1">&lt;b&gt;</bpt>old<ept i="1">&lt;/b&gt;</ept>
        <hi>ferry</hi><ph x="1">&lt;br/&gt;<sub>alt</sub></ph> left.</seg></tuv>
      <tuv xml:lang="vi-VN"><seg>Chuyến phà cũ đã rời bến.</seg></tuv>
      <tuv xml:lang="vi"><seg>Bản dịch thứ hai.</seg></tuv>
    </tu>
    <tu><tuv xml:lang="fr"><seg>Non.</seg></tuv><tuv xml:lang="EN"><seg>No.</seg></tuv></tu>
    <tu><tuv lang="VI"><seg>C&#243;.</seg></tuv><tuv lang="EN_gb"><seg>Yes &amp; no.</seg></tuv></tu>
  </body>
</tmx>
"""


def _read(tmp_path: Path, content: str, name: str = "in.tmx") -> pl.DataFrame:
    (tmp_path / name).write_text(content, encoding="utf-8")
    return read_corpus(tmp_path / name)


def _valid(path: Path) -> bool:
    dtd = etree.DTD(io.StringIO(DTD))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return bool(dtd.validate(etree.parse(str(path), parser)))


def test_the_document_is_valid_and_carries_the_provenance(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.tmx")
    assert _valid(tmp_path / "out.tmx")
    root = etree.parse(str(tmp_path / "out.tmx")).getroot()
    assert root.find("header").get("srclang") == "vi"
    unit = root.findall("body/tu")[1]
    assert unit.get("tuid") == true_pairs()["id"][1]
    assert [node.get("{http://www.w3.org/XML/1998/namespace}lang") for node in unit.findall("tuv")] == ["vi", "en"]
    props = {node.get("type"): node.text for node in unit.findall("prop")}
    assert props["x-align-vi_sentences"] == "1,2"
    assert props["x-align-probability"] == "0.75"
    assert "x-align-mt_chrf" not in props


@settings(max_examples=30, deadline=None)
@given(table=tables())
def test_hostile_texts_give_valid_documents(tmp_path_factory: pytest.TempPathFactory, table: pl.DataFrame) -> None:
    path = tmp_path_factory.mktemp("tmx") / "out.tmx"
    write_corpus(table, path)
    assert _valid(path)


def test_forbidden_characters_are_shown_as_replaced(tmp_path: Path) -> None:
    write_corpus(true_pairs()[:1].with_columns(vi=pl.lit("một\x01hai")), tmp_path / "out.tmx")
    content = (tmp_path / "out.tmx").read_text(encoding="utf-8")
    assert "<seg>một\ufffdhai</seg>" in content
    assert '<prop type="x-align-vi">một\\u0001hai</prop>' in content


@pytest.mark.parametrize("compressed", [False, True])
def test_documents_of_other_programs_are_read(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "in.tmx"
    path.write_bytes(gzip.compress(FOREIGN.encode()) if compressed else FOREIGN.encode())
    table = read_corpus(path)
    assert table.select("id", "vi", "en").rows() == [
        ("12", "Chuyến phà cũ đã rời bến.", "The old ferry left."),
        (None, "Có.", "Yes & no."),
    ]
    assert table["margin"].null_count() == 2


def test_utf16_is_read(tmp_path: Path) -> None:
    (tmp_path / "in.tmx").write_bytes(FOREIGN.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert read_corpus(tmp_path / "in.tmx")["vi"][1] == "Có."


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<tmx version="1.4"><header/><body><tu><tuv xml:lang="vi"><seg>&c;</seg></tuv></tu></body></tmx>"""

OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<tmx version="1.4"><header/><body><tu><tuv xml:lang="vi"><seg>&x;</seg></tuv></tu></body></tmx>"""

UNDECLARED = """<?xml version="1.0"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header/><body>
<tu><tuv xml:lang="vi"><seg>&eacute;</seg></tuv></tu></body></tmx>"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LAUGHS, "line 2: a document type declaration with an internal subset is refused"),
        (OUTSIDE, "line 2: a document type declaration with an internal subset is refused"),
        (UNDECLARED, "line 4: the entity 'eacute' is refused"),
        (UNDECLARED.replace('<!DOCTYPE tmx SYSTEM "tmx14.dtd">', ""), "line 4: not well-formed XML: undefined entity"),
        ("<tmx>\n<body>\n</tmx>", "line 3: not well-formed XML: mismatched tag"),
        ("<tmx>\n<body>", "not well-formed XML: no element found"),
        ("", "not well-formed XML: no element found"),
        ("<html><body/></html>", "no TMX file: its root element is not 'tmx'"),
        ('<?xml version="1.0" encoding="klingon"?><tmx/>', "encoding"),
        (
            '<tmx><tu><tuv xml:lang="fr"><seg>a</seg></tuv><tuv xml:lang="en"><seg>b</seg></tuv></tu></tmx>',
            "no unit has both Vietnamese and English; languages found: en, fr",
        ),
    ],
)
def test_what_cannot_be_read_or_trusted_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, content)
    assert message in str(caught.value)
    assert "in.tmx" in str(caught.value)


def test_a_wrong_value_of_ours_is_named_with_its_line(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.tmx")
    content = (tmp_path / "out.tmx").read_text(encoding="utf-8").replace(">0.75<", ">viel<")
    with pytest.raises(InputError, match=r"unit at line 2\d: x-align-probability is 'viel'; allowed: a number"):
        _read(tmp_path, content)


def test_a_pair_without_text_has_no_unit(tmp_path: Path) -> None:
    table = true_pairs().with_columns(en=pl.Series(["a", None, "c"]))
    with pytest.raises(InputError, match="row 1: a TMX unit needs both texts"):
        write_corpus(table, tmp_path / "out.tmx")
    assert list(tmp_path.iterdir()) == []
