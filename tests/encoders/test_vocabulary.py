"""The tokeniser of the bundled model: nothing Vietnamese or English is unknown to it."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import pytest
import sentencepiece

from align.encoders.manifest import find_manifest

FOLDER = Path(__file__).parents[2] / "models" / "e5-small-vien"


@pytest.fixture(scope="module")
def tokeniser() -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=find_manifest("e5-small-vien").read("spm.model"))


@pytest.fixture
def program(monkeypatch):
    """Import a module of the build program, which is no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and Path(sys.modules[name].__file__).parent == FOLDER:
            del sys.modules[name]


def test_every_character_of_ascii_and_vietnamese_is_a_piece(tokeniser, program):
    letters = program("syllables").VIETNAMESE_LETTERS
    assert len(letters) == 134
    assert {"ă", "Đ", "ỹ", "Ự", "ặ"} <= set(letters)
    unknown = [c for c in [*map(chr, range(33, 127)), *letters] if tokeniser.piece_to_id(c) == tokeniser.unk_id()]
    assert unknown == []


def test_every_syllable_is_tokenised_without_unknown_pieces(tokeniser, program):
    syllables = list(program("syllables").all_syllables())
    assert {"nghiêng", "khuỷu", "hoà", "hòa", "quyển", "giường", "ở", "tuyệt"} <= set(syllables)
    sample = list(itertools.islice(syllables, 0, None, 5))
    forms = [*sample, *map(str.capitalize, sample), *map(str.upper, sample)]
    assert not any(tokeniser.unk_id() in ids for ids in tokeniser.encode(forms))


def test_common_syllables_stay_whole(tokeniser):
    common = "của và những người được trong không một với các thành phố nước chính năm nghiên cứu quốc gia"
    assert [word for word in common.split() if len(tokeniser.encode(word)) > 1] == []


def test_ids_are_rows_of_the_embedding(tokeniser):
    manifest = find_manifest("e5-small-vien")
    assert tokeniser.get_piece_size() == manifest.extra["pieces"] == 40_000
    assert [tokeniser.id_to_piece(i) for i in range(4)] == ["<s>", "<pad>", "</s>", "<unk>"]


def test_the_model_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 45_000_000


def test_the_committed_tokeniser_is_what_the_program_writes(tokeniser, program):
    """Rebuild spm.model from its own pieces and scores: the writer and the committed bytes must agree."""
    spm_file = program("spm_file")
    rows = [(tokeniser.id_to_piece(i), tokeniser.get_score(i)) for i in range(tokeniser.get_piece_size())]
    assert spm_file.model_bytes(rows) == (FOLDER / "spm.model").read_bytes()
    assert "".join(f"{piece}\n" for piece, _ in rows) == (FOLDER / "pieces.txt").read_bytes().decode()


def test_the_writer_refuses_other_special_pieces(program):
    with pytest.raises(ValueError, match="the first pieces must be"):
        program("spm_file").model_bytes([("<pad>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)])


def test_four_bit_rows_are_read_as_written(program):
    """A tiny E5S1 file: one matrix of two rows, one vector, five pieces."""
    import struct

    import numpy as np

    words = ["<s>", "<pad>", "</s>", "<unk>", "▁nhà"]
    blob = "".join(words).encode()
    offsets = np.cumsum([0] + [len(w.encode()) for w in words]).astype("<u4")
    codes = np.arange(64).reshape(2, 32) % 16
    rows = b"".join(
        struct.pack("<e", 0.5 * (i + 1)) + bytes((row[16:] << 4 | row[:16]).astype(np.uint8))
        for i, row in enumerate(codes)
    )
    vector = struct.pack("<3f", 1, 2, 3)

    def file(base: int) -> bytes:
        head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 1, 64, 5, 8, 1, 1e-12, 32)
        head += struct.pack("<5iQ", 5, 0, 2, 1, 3, len(blob)) + offsets.tobytes() + np.zeros(5, "<f4").tobytes() + blob
        head += struct.pack("<iI", 0, 0) + struct.pack("<i", 2)
        for name, offset, size in (("m.w", base, len(rows)), ("v", base + len(rows), len(vector))):
            head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, offset, size)
        return head + rows + vector

    start = len(file(0)) - len(rows) - len(vector)
    read = program("e5_file").parse(file(start))
    assert read.pieces == words
    expected = (codes - 8) * np.array([[0.5], [1.0]])
    np.testing.assert_array_equal(read.matrix("m.w", 32), expected)
    np.testing.assert_array_equal(read.matrix("m.w", 32, [1]), expected[1:])
    np.testing.assert_array_equal(read.floats("v"), [1, 2, 3])
    with pytest.raises(ValueError, match="not an E5S1 file"):
        program("e5_file").parse(b"XXXX" + file(start)[4:])
