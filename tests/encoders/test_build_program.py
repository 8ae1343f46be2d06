"""The program that makes the bundled model: reading free text, choosing pieces, and the whole build."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "models" / "e5-small-vien"


@pytest.fixture
def program(monkeypatch):
    """The modules `text` and `pieces` of the program, which is no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import pieces
    import text

    yield text, pieces
    for name in ("text", "pieces", "spm_file", "syllables"):
        sys.modules.pop(name, None)


def catalogue(messages: list[tuple[str, str]]) -> bytes:
    """A compiled gettext catalogue, little-endian, without a hash table."""
    sides = [[message[side].encode() for message in messages] for side in (0, 1)]
    body, tables = b"", [b"", b""]
    start = 28 + 16 * len(messages)
    for side in (0, 1):
        for string in sides[side]:
            tables[side] += struct.pack("<2I", len(string), start + len(body))
            body += string + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(messages), 28, 28 + 8 * len(messages), 0, 0)
    return head + tables[0] + tables[1] + body


def test_catalogues_give_message_pairs_without_markup(program):
    text, _ = program
    read = text.Text()
    raw = catalogue(
        [
            ("", "Language: vi\n"),
            ("OK", "OK"),
            ("context\4one <b>house</b>\0many houses", "một  ngôi\n<i>nhà</i>"),
        ]
    )
    text._READERS["catalogue"](raw, read)
    assert read.pairs == [("một ngôi nhà", "one house")]


def test_pages_give_blocks_without_scripts(program):
    text, _ = program
    read = text.Text()
    page = "<head><title>x</title></head><p>Một <b>câu</b>.</p><script>var a;</script><p>Câu hai.</p>"
    text._READERS["html-vi"](page.encode(), read)
    assert [block for block in map(text.fold, read.vi) if block] == ["Một câu.", "Câu hai."]


def test_choice_keeps_specials_letters_and_what_the_text_needs(program):
    text, pieces = program
    specials = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    words = [("▁nhà", -3.0), ("▁house", -3.5), ("▁maison", -2.0), ("▁дом", -1.0)]
    letters = [(c, -9.0) for c in "▁nhàousemiдом"]
    corpus = text.Text(vi=["nhà nhà"], en=["house house"])
    kept = pieces.choose([*specials, *words, *letters], corpus, 4 + 2 + 10)
    assert kept[:6] == ["<s>", "<pad>", "</s>", "<unk>", "▁nhà", "▁house"]
    assert set(kept[6:]) == set("▁nhàousemi")


def test_a_package_with_another_hash_is_refused(program, tmp_path):
    text, _ = program
    for source in text._sources():
        (tmp_path / source["file"]).write_bytes(b"another")
    with pytest.raises(ValueError, match=r"sha256 is .*, expected "):
        text.read(tmp_path)


@pytest.mark.slow
def test_the_raw_model_is_what_was_pinned_and_the_shipped_one_has_its_embedding():
    done = subprocess.run([sys.executable, FOLDER / "build.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert '"embedding"' in done.stdout
