"""The program that makes the training text: readers, pairing, cleaning, the overlap check."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(__file__).parents[1] / "models" / "data"
MODULES = ("build", "catalogues", "check_overlap", "clean", "documents", "packages")


@pytest.fixture(scope="module")
def program():
    """The modules of the program, which is no package."""
    sys.path.insert(0, str(FOLDER))
    import build
    import catalogues
    import check_overlap
    import clean
    import documents
    import packages

    class Program:
        pass

    found = Program()
    for module in (build, catalogues, check_overlap, clean, documents, packages):
        setattr(found, module.__name__, module)
    yield found
    sys.path.remove(str(FOLDER))
    for name in MODULES:
        sys.modules.pop(name, None)


def catalogue(messages: list[tuple[str, str]], order: str = "<") -> bytes:
    """A compiled gettext catalogue without a hash table."""
    sides = [[message[side].encode() for message in messages] for side in (0, 1)]
    body, tables = b"", [b"", b""]
    start = 28 + 16 * len(messages)
    for side in (0, 1):
        for string in sides[side]:
            tables[side] += struct.pack(order + "2I", len(string), start + len(body))
            body += string + b"\0"
    head = struct.pack(order + "7I", 0x950412DE, 0, len(messages), 28, 28 + 8 * len(messages), 0, 0)
    return head + tables[0] + tables[1] + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_compiled_catalogue_gives_singulars_without_context(program, order):
    content = catalogue(
        [
            ("", "Language: vi\n"),
            ("menu\4Open the door", "Mở cửa"),
            ("One wolf came\0%d wolves came", "Một con sói đã đến\0%d con sói đã đến"),
            ("Not yet", ""),
        ],
        order,
    )
    assert program.catalogues.gettext(content) == [("Mở cửa", "Open the door"), ("Một con sói đã đến", "One wolf came")]


def test_what_is_no_catalogue_is_refused(program):
    with pytest.raises(ValueError, match="no compiled gettext catalogue"):
        program.catalogues.gettext(b"msgid")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("_: a verb\nOpen the gate", "Open the gate"),
        ("female^Mage of Light", "Mage of Light"),
        ("Menu|Open the gate", "Open the gate"),
        ("either this | or that", "either this | or that"),
        ("2^10 is 1024", "10 is 1024"),
        ("translator-credits", ""),
    ],
)
def test_hints_for_translators_are_no_text(program, message, text):
    assert program.catalogues.without_context(message) == text


def test_a_source_catalogue_leaves_fuzzy_and_obsolete_entries_out(program):
    content = """
msgid ""
msgstr "Language: vi\\n"

#: map.txt:1
msgid "The bridge "
"is \\"closed\\"."
msgstr "Cây cầu "
"đã \\"đóng\\"."

#, c-format, fuzzy
msgid "The river"
msgstr "Ngọn núi"

#~ msgid "The inn"
#~ msgstr "Quán trọ"
"""
    assert program.catalogues.po(content.encode()) == [('Cây cầu đã "đóng".', 'The bridge is "closed".')]


DEBCONF = """Template: bell/ring
Type: boolean
Default: true
Description: Ring the bell at noon?
 The bell can ring every day.
 It is loud.
 .
 Say no if people sleep.
 .
   bell --quiet
Description-de.UTF-8: Mittags läuten?
Description-vi.UTF-8: Rung chuông lúc trưa không?
 Chuông có thể rung hàng ngày.
 Nó kêu to.
 .
 Hãy từ chối nếu có người ngủ.
 .
   bell --quiet

Template: bell/old
Type: note
Description: The bell was moved
 It hangs in the tower now.
 .
 Climb with care.
Description-vi.UTF-8: Chuông đã được chuyển
 Bây giờ nó treo trên tháp.
"""


def test_debconf_questions_are_paired_by_paragraph_if_both_have_as_many(program):
    pairs = [tuple(" ".join(text.split()) for text in pair) for pair in program.catalogues.debconf(DEBCONF.encode())]
    assert pairs == [
        ("Rung chuông lúc trưa không?", "Ring the bell at noon?"),
        ("Chuông có thể rung hàng ngày. Nó kêu to.", "The bell can ring every day. It is loud."),
        ("Hãy từ chối nếu có người ngủ.", "Say no if people sleep."),
    ]


def test_json_messages_are_found_at_any_depth(program):
    content = {"@metadata": {"authors": ["Lan"]}, "a": {"b": "Xin chào"}, "c": {"string": "Tạm biệt", "note": "x"}}
    assert program.catalogues.json_messages(json.dumps(content).encode()) == {"/a/b": "Xin chào", "/c": "Tạm biệt"}


def test_php_messages(program):
    content = b"<?php\n$lang['who'] = 'It\\'s you';\n$lang['js']['go'] = 'Go on';\n$conf['x'] = 'no';\n"
    assert program.catalogues.php_messages(content) == {"['who']": "It's you", "['js']['go']": "Go on"}


def pak(strings: dict[int, str], version: int = 5) -> bytes:
    body, entries = b"", b""
    start = 12 + 6 * (len(strings) + 1)
    for number, string in strings.items():
        entries += struct.pack("<HI", number, start + len(body))
        body += string.encode()
    return (
        struct.pack("<IB3xHH", version, 1, len(strings), 0) + entries + struct.pack("<HI", 0, start + len(body)) + body
    )


def test_data_packs_are_read_by_resource_number(program):
    strings = {7: "Trang này không tìm thấy", 9: "", 300: "Thử lại"}
    assert program.catalogues.chromium_messages(pak(strings)) == {str(k): v for k, v in strings.items()}
    with pytest.raises(ValueError, match="version 4"):
        program.catalogues.chromium_messages(pak(strings, version=4))


def language_pack(strings: list[str]) -> bytes:
    head = bytearray(573)
    struct.pack_into("<2H", head, 88, len(strings) - 1, 1)
    body = b""
    for string in strings:
        raw = string.encode()
        size = bytes([0xC0 | len(raw) >> 8, len(raw) & 0xFF]) if len(raw) >= 0xC0 else bytes([len(raw)])
        body += size + raw
    return bytes(head) + body


def test_language_packs_turn_codes_into_placeholders(program):
    long = "Tàu đã đến. " * 30
    found = program.catalogues.openttd_messages(language_pack(["", "\ue047Tàu \ue02d đã đến\ue04b!", long]))
    assert found == {"0": "", "1": "Tàu {xe02d} đã đến!", "2": long}
    with pytest.raises(ValueError, match="its header says 3"):
        program.catalogues.openttd_messages(language_pack(["", "a", "b"]) + b"\x01c")


HTML = {
    "vi": "<html><head><title>x</title></head><body><h1>Con mèo</h1><script>no()</script>"
    "<p id='a'>Nó <b>ngủ</b><br>ngày.</p><p id='b'>Nó ăn đêm &amp; sáng.</p></body></html>",
    "en": "<html><body><h1>The cat</h1><p id='b'>It eats at night &amp; in the morning.</p>"
    "<p id='a'>It sleeps by day.</p></body></html>",
}


def test_pages_are_joined_by_the_ids_of_their_paragraphs(program):
    assert program.build.join("html-id", HTML["vi"].encode(), HTML["en"].encode()) == [
        ("Nó ăn đêm & sáng.", "It eats at night & in the morning."),
        ("Nó ngủ ngày.", "It sleeps by day."),
    ]


def test_pages_of_another_structure_give_nothing(program):
    one, two = b"<h1>Con m\xc3\xa8o</h1><p>N\xc3\xb3 ng\xe1\xbb\xa7.</p>", b"<h1>The cat</h1><p>It sleeps.</p>"
    assert program.build.join("html", one, two) == [("Con mèo", "The cat"), ("Nó ngủ.", "It sleeps.")]
    assert program.build.join("html", one, two + b"<p>It eats.</p>") == []


MALLARD = """<page xmlns="http://projectmallard.org/1.0/"><info><credit><name>{0}</name><p>{0}</p></credit>
<desc>{1}</desc></info><title>{2}</title><section><p>{3} <gui>{4}</gui>.</p><code>x=1</code></section></page>"""


def test_help_pages_are_paired_without_credits_and_code(program):
    vietnamese = MALLARD.format("Lan", "Nghe nhạc", "Âm thanh", "Bấm nút", "Phát").encode()
    english = MALLARD.format("Ann", "Hear music", "Sound", "Press the button", "Play").replace("<code>x=1</code>", "")
    assert program.build.join("mallard", vietnamese, english.encode()) == [
        ("Nghe nhạc", "Hear music"),
        ("Âm thanh", "Sound"),
        ("Bấm nút Phát.", "Press the button Play."),
    ]
    assert program.build.join("mallard", vietnamese, b"<page><p>open") == []


def svg(*texts: str) -> bytes:
    inner = "".join(f"<text><tspan>{text[:3]}</tspan>{text[3:]}</text>" for text in texts)
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g>{inner}</g></svg>'.encode()


def test_untranslated_blocks_hold_a_half_translated_document_together(program):
    vietnamese = svg("Người dịch: Lan", "Ctrl+A", "Chọn tất cả", "Not translated", "Một", "Hai ba")
    english = svg("Ctrl+A", "Select all", "Not translated", "One two three")
    assert program.build.join("svg", vietnamese, english) == [("Chọn tất cả", "Select all")]


def test_fortunes_are_joined_by_their_numbers(program):
    vietnamese = "Gợi ý 1: Hãy đọc sách.\n%\nGợi ý 3: Hãy nghỉ ngơi.\n%\n"
    english = "Tip 1: Read the book.\n%\nTip 2: Ask a friend.\n%\nTip 3: Take a rest.\n%\n"
    assert program.build.join("fortunes", vietnamese.encode(), english.encode()) == [
        ("Hãy đọc sách.", "Read the book."),
        ("Hãy nghỉ ngơi.", "Take a rest."),
    ]


def test_plain_paragraphs_pair_by_the_way_they_start(program):
    vietnamese, english = "== Nhà ==\n\nMái\ntôn\n\n* một\n", "== House ==\n\nA tin\nroof\n\n* one\n"
    pairs = program.build.join("paragraphs", vietnamese.encode(), english.encode())
    assert [tuple(" ".join(t.split()) for t in pair) for pair in pairs] == [
        ("Nhà", "House"),
        ("Mái tôn", "A tin roof"),
        ("* một", "* one"),
    ]


@pytest.mark.parametrize(
    ("text", "marks", "plain"),
    [
        ("Mở <b>cửa</b> &amp; cổng<br/>ngay", "text", "Mở cửa & cổng ngay"),
        ("&Save _as", "ui", "Save as"),
        ("~Lưu mọi thứ (~S)", "ui", "Lưu mọi thứ"),
        ("Biến my_name đã có", "ui", "Biến my_name đã có"),
        ("Xem [[Trợ giúp:Mục lục|mục lục]] và '''đọc'''", "wiki", "Xem mục lục và đọc"),
        ("{{PLURAL:$1|one page|$1 pages}} of {{SITENAME}}", "wiki", "$1 pages of Wikipedia"),
        ("Read [the guide](https://example.org/a_b) `now`", "text", "Read the guide now"),
        ("Xoá {N, plural, one {một tệp} other {# tệp}}.", "text", "Xoá {N} tệp."),
        ("hoa\u0300  bi\u0300nh .", "text", "hoà bình."),
    ],
)
def test_markup_is_resolved(program, text, marks, plain):
    assert program.clean.plain(text, marks) == plain


@pytest.mark.parametrize(
    ("vietnamese", "english"),
    [
        ("Đã xoá %d tệp của %s.", "Deleted %d files of %s."),
        ("Tệp của %2$s có %1$d dòng.", "%1$d lines are in the file of %2$s."),
        ("%(user)s đã gửi {count} thư.", "{count} letters were sent by %(user)s."),
        ("Chào $name|, đi tới ${place}!", "Hello $name|, go to ${place}!"),
        ("Bản %1 của {0}", "Version %1 of {0}"),
    ],
)
def test_a_placeholder_becomes_the_same_in_both_languages(program, vietnamese, english):
    filled = program.clean.fill(vietnamese, english)
    assert filled is not None
    assert program.clean.fill(vietnamese, english) == filled
    assert not set("%{}$|") & set("".join(filled))
    differing = [set(f.split()) - set(raw.split()) for f, raw in zip(filled, (vietnamese, english), strict=True)]
    assert {word.strip(".,!") for word in differing[0]} == {word.strip(".,!") for word in differing[1]}
    assert len(differing[0]) == 2


def test_an_underscore_in_both_languages_is_no_accelerator(program):
    assert program.clean.without_accelerators("Lư_u tệp", "Sa_ve file") == ("Lưu tệp", "Save file")
    identifier = ("Biến my_name thiếu", "my_name is missing")
    assert program.clean.without_accelerators(*identifier) == identifier


def test_placeholders_that_disagree_refuse_the_pair(program):
    assert program.clean.fill("Đã xoá tệp.", "Deleted %d files.") is None
    assert program.clean.fill("%s %s %s %s", "%s %s %s %s") is None
    assert program.clean.fill("Giảm 50% hôm nay, 100%% thật", "50% off today, 100%% true") == (
        "Giảm 50% hôm nay, 100% thật",
        "50% off today, 100% true",
    )


@pytest.mark.parametrize(
    ("vietnamese", "english", "reason"),
    [
        ("Con mèo ngủ trên ghế.", "The cat sleeps on the chair.", ""),
        ("Open the main window", "Open the main window", "untranslated"),
        ("Mở hộp Open the main window", "Open the main window here", "untranslated"),
        ("Mở cửa", "Open the door", "short"),
        ("mèo " * 91, "cat " * 91, "long"),
        ("Con meo ngu tren ghe.", "The cat sleeps on the chair.", "not Vietnamese"),
        ("Con mèo ngủ trên ghế.", "Кошка спит на стуле.", "not English"),
        ("Mở tệp {name} ngay bây giờ", "Open the file {name} right now", "markup"),
        ("Phần: 1 2 3 4 5 6 7 8 9", "Section: 1 2 3 4 5 6 7 8 9", "few letters"),
        ("Con mèo ngủ.", "The cat sleeps on the chair in the garden behind the old house.", "lengths"),
        ("Có 25 con mèo ở đây.", "There are 52 cats here.", "numbers"),
    ],
)
def test_pairs_are_refused_for_a_named_reason(program, vietnamese, english, reason):
    assert program.clean.refusal(vietnamese, english) == reason


def test_paragraphs_are_cut_where_both_languages_agree(program):
    cut = list(program.clean.sentences("Trời mưa. Đường ướt.", "It rains. The road is wet."))
    assert cut == [("Trời mưa.", "It rains."), ("Đường ướt.", "The road is wet.")]
    whole = ("Trời mưa nên đường ướt.", "It rains. The road is wet.")
    assert list(program.clean.sentences(*whole)) == [whole]


@settings(deadline=None, max_examples=50)
@given(text=st.text(alphabet="aàáoòóhHbB .,!«»-_\u0300\u0301", max_size=30))
def test_folding_is_idempotent(program, text):
    assert program.clean.folded(program.clean.folded(text)) == program.clean.folded(text)


@pytest.mark.parametrize(
    ("one", "two"), [("Hoà bình!", "hòa  bình"), ("THUỶ - thuý", "thủy thúy"), ("“Đúng”, anh nói", "đúng anh nói")]
)
def test_folding_ignores_case_marks_and_where_the_tone_stands(program, one, two):
    assert program.clean.folded(one) == program.clean.folded(two)
    assert program.clean.folded(one) != program.clean.folded(one + " không")


def debian(folder: Path, name: str, files: dict[str, bytes], control: dict[str, bytes]) -> Path:
    """A Debian package made by hand: an ar archive of two compressed tar files."""

    def tar(members: dict[str, bytes]) -> bytes:
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w:gz") as archive:
            for path, content in members.items():
                info = tarfile.TarInfo("./" + path)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return raw.getvalue()

    parts = {"debian-binary": b"2.0\n", "control.tar.gz": tar(control), "data.tar.gz": tar(files)}
    path = folder / name
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        for part, content in parts.items():
            file.write(f"{part:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content)
            file.write(b"\n" * (len(content) % 2))
    return path


def has_dpkg() -> bool:
    try:
        return subprocess.run(["dpkg-deb", "--version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not has_dpkg(), reason="dpkg-deb is a Debian program")
def test_members_of_a_debian_package_and_its_control_files(program, tmp_path):
    control = b"Package: bell\nVersion: 1\nArchitecture: all\nMaintainer: Lan <lan@example.org>\nDescription: bell\n"
    files = {"usr/share/a/vi.po": b"vi", "usr/share/a/en.po": b"en"}
    path = debian(tmp_path, "bell_1_all.deb", files, {"control": control, "templates": DEBCONF.encode()})
    assert program.packages.members(path, ["usr/*/vi.po"]) == {"usr/share/a/vi.po": b"vi"}
    assert program.packages.members(path, ["control/templates"]) == {"control/templates": DEBCONF.encode()}


def npm(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "tale-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo("package/" + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def wheel(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "lesson-2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


TALE = {
    "vi": {"a": "Ngày xưa có một con cáo.", "b": "Con cáo gặp {name} bên sông. Nó chào.", "c": "Stay here", "d": "Hết"},
    "en": {
        "a": "Once there was a fox.",
        "b": "The fox met {name} at the river. It bowed.",
        "c": "Stay here",
        "d": "End",
    },
}
LESSON = {
    "vi": {"a": "Ngày xưa có một con cáo!", "b": "Mặt trời mọc ở phía đông."},
    "en": {"a": "A fox lived long ago.", "b": "The sun rises in the east."},
}


@pytest.fixture
def recipe(program, tmp_path, monkeypatch):
    """A recipe of two packages that are there already, one of npm and one of PyPI."""
    folder = tmp_path / "packages"
    folder.mkdir()
    files = {f"i18n/{lang}.json": json.dumps(TALE[lang]).encode() for lang in TALE}
    other = {f"lesson/{lang}.json": json.dumps(LESSON[lang]).encode() for lang in LESSON}
    lines = []
    for origin, name, path in (("npm", "tale", npm(folder, files)), ("pypi", "lesson", wheel(folder, other))):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines += ["[[package]]", f'name = "{name}"', f'origin = "{origin}"', 'version = "1"', f'file = "{path.name}"']
        lines += [f'sha256 = "{digest}"', 'licence = "MIT"']
    for name in ("tale", "lesson"):
        lines += ["[[source]]", f'name = "{name}"', f'register = "{name}s"', 'format = "json"', f'package = "{name}"']
        lines += ['vi = ["*/vi.json"]', 'swap = [["/vi.json", "/en.json"]]']
    (tmp_path / "sources.toml").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(program.build, "SOURCES", tmp_path / "sources.toml")
    monkeypatch.setattr(program.build, "WITHHELD", tmp_path / "withheld.txt")
    monkeypatch.setattr(program.check_overlap, "WITHHELD", tmp_path / "withheld.txt")
    return folder


def run(module, monkeypatch, *arguments: object) -> int | None:
    monkeypatch.setattr(sys, "argv", ["program", *map(str, arguments)])
    return module.main()


def test_the_whole_recipe(program, recipe, tmp_path, monkeypatch):
    output = tmp_path / "pairs.tsv.gz"
    arguments = ("-o", output, "--packages", recipe, "--figures", tmp_path / "figures.tsv")
    run(program.build, monkeypatch, *arguments)
    rows = [line.split("\t") for line in gzip.decompress(output.read_bytes()).decode().splitlines()]
    assert [row[2:] for row in rows] == [
        ["tale", "tales", "i18n/vi.json", "0"],
        ["tale", "tales", "i18n/vi.json", "1"],
        ["lesson", "lessons", "lesson/vi.json", "1"],
    ]
    assert rows[0][:2] == ["Ngày xưa có một con cáo.", "Once there was a fox."]
    assert rows[2][:2] == ["Mặt trời mọc ở phía đông.", "The sun rises in the east."]
    before = output.read_bytes()
    run(program.build, monkeypatch, *arguments)
    assert output.read_bytes() == before
    head, tale, lesson = ((tmp_path / "figures.tsv").read_text(encoding="utf-8")).splitlines()
    figures = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in (tale, lesson)]
    assert (figures[0]["pairs"], figures[0]["untranslated"], figures[0]["short"]) == ("2", "1", "2")
    assert (figures[1]["pairs"], figures[1]["repeated"]) == ("1", "1")


def test_a_package_with_other_bytes_stops_the_build(program, recipe, tmp_path, monkeypatch):
    with (recipe / "tale-1.0.0.tgz").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ValueError, match="sha256 is"):
        run(program.build, monkeypatch, "-o", tmp_path / "out.gz", "--packages", recipe)
    assert not (tmp_path / "out.gz").exists()


def test_packages_that_are_gone_are_named_or_skipped(program, recipe, tmp_path, monkeypatch):
    (recipe / "tale-1.0.0.tgz").unlink()
    monkeypatch.setattr(program.packages, "_run", lambda command, folder: False)  # as if no client could help
    with pytest.raises(ValueError, match=r"not to be had: tale 1; .*--skip-missing"):
        run(program.build, monkeypatch, "-o", tmp_path / "out.gz", "--packages", recipe)
    run(program.build, monkeypatch, "-o", tmp_path / "out.gz", "--packages", recipe, "--skip-missing")
    rows = gzip.decompress((tmp_path / "out.gz").read_bytes()).decode().splitlines()
    assert [row.split("\t")[2] for row in rows] == ["lesson", "lesson"]


def test_evaluation_text_is_found_and_then_left_out(program, recipe, tmp_path, monkeypatch, capsys):
    data = tmp_path / "data"
    data.mkdir()
    (data / "dev.vi").write_text("Một câu khác hẳn.\nmặt trời, mọc ở PHÍA đông\n", encoding="utf-8")
    output = tmp_path / "pairs.tsv.gz"
    run(program.build, monkeypatch, "-o", output, "--packages", recipe)
    assert run(program.check_overlap, monkeypatch, output, data, "--withhold") == 1
    assert "equal: 1" in capsys.readouterr().out
    assert "mặt" not in (tmp_path / "withheld.txt").read_text(encoding="utf-8").casefold()
    run(program.build, monkeypatch, "-o", output, "--packages", recipe)
    assert run(program.check_overlap, monkeypatch, output, data) == 0
    assert b"\tlesson\t" not in gzip.decompress(output.read_bytes())


def test_near_matches_are_reported_without_failing(program, recipe, tmp_path, monkeypatch, capsys):
    data = tmp_path / "data"
    data.mkdir()
    (data / "dev.en").write_text("They say the sun rises in the east every day.\n", encoding="utf-8")
    output = tmp_path / "pairs.tsv.gz"
    run(program.build, monkeypatch, "-o", output, "--packages", recipe)
    assert run(program.check_overlap, monkeypatch, output, data, "--near", 5) == 0
    assert "5 words in common: 1" in capsys.readouterr().out


def test_a_limit_keeps_long_texts_first_and_the_order(program):
    pairs = [
        program.build.Pair("v", text, "s", "r", "d", i)
        for i, text in enumerate(["a b", "a b c d e f", "c d", "g h i j k l"])
    ]
    assert [pair.position for pair in program.build.limited(pairs, 2)] == [1, 3]
    assert [pair.position for pair in program.build.limited(pairs, 3)][-1] == 3
    assert program.build.limited(pairs, 9) == pairs


def test_the_recipe_itself_is_consistent(program):
    packages, sources = program.build.load()
    assert Counter(source.name for source in sources).most_common(1)[0][1] == 1
    formats = {*program.build.BOTH_IN_ONE, *program.build.KEYED, *program.build.BY_NAME, *program.build.IN_ORDER}
    for source in sources:
        assert source.format in formats | set(program.build.ANCHORED)
        assert source.package in packages
        assert not source.english or source.english in packages
        assert source.format in program.build.BOTH_IN_ONE or source.swap
    used = {name for source in sources for name in (source.package, source.english)}
    for package in packages.values():
        assert package.name in used
        assert package.origin in ("debian", "npm", "pypi")
        assert package.licence
        assert len(package.sha256) == 64


def test_the_published_figures_are_those_of_the_recipe(program):
    head, *lines = (FOLDER / "figures.tsv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    _, sources = program.build.load()
    assert [row["source"] for row in rows] == [source.name for source in sources]
    assert [row["register"] for row in rows] == [source.register for source in sources]
    totals = [f"{sum(int(row[column]) for row in rows):,}" for column in ("pairs", "vi_words", "en_words")]
    assert f"| all | | {' | '.join(totals)} | |" in (FOLDER / "README.md").read_text(encoding="utf-8")
