"""LASER's tokenisation against what the original made of the same strings, kept in tests/data."""

from __future__ import annotations

import io
import time

import laser_golden
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st
from laser_checkpoints import SPECIAL, sentences, write_tokeniser
from laser_hard_strings import BY_HAND, hard_strings

from align.encoders.laser.punctuation import normalise
from align.encoders.laser.tokeniser import LaserTokeniser, read_cvocab, write_cvocab
from align.errors import InputError, ModelError, OptionError

GOLDEN = laser_golden.read()
INPUTS = [text for text, _ in GOLDEN]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[bytes, bytes]:
    folder = tmp_path_factory.mktemp("laser")
    write_tokeniser(folder, pieces=400)
    return (folder / "laser2.spm").read_bytes(), (folder / "laser2.cvocab").read_bytes()


@pytest.fixture(scope="module")
def tokeniser(files) -> LaserTokeniser:
    return LaserTokeniser(*files)


def as_the_original_looks_up(pieces: str, cvocab: bytes) -> list[int]:
    """What `SentenceEncoder._tokenize` does to a line of pieces."""
    dictionary = read_cvocab(cvocab)
    return [*(dictionary.get(piece, 3) for piece in pieces.split()), 2]


def test_the_golden_file_holds_the_hard_strings():
    assert laser_golden.inputs() == INPUTS
    assert len(GOLDEN) > 300


@pytest.mark.parametrize("company", [1, len(GOLDEN)])
def test_text_is_cleaned_as_the_original_cleans_it(company):
    cleaned = [line for i in range(0, len(GOLDEN), company) for line in normalise(INPUTS[i : i + company])]
    assert [(text, line) for text, line in zip(INPUTS, cleaned, strict=True) if (text, line) not in GOLDEN] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Giá tăng 7 % , “thật” đấy .", 'giá tăng 7% , "thật" đấy .'),
        ("“Đi”, bà nói", '"đi," bà nói'),
        ("it’s ‘so’", 'it"s'.replace('"', "'") + ' "so"'),
        ("1\u00a0000 « a »", '1.000 " a "'),
        ("a\u200bb\tc\ud800d", "a b c d"),
        ("va\u0300ng", "va\u0300ng"),
        ("İ ẞ Σ", "i\u0307 ß σ"),
    ],
)
def test_rules_that_readers_of_the_table_should_know(text, expected):
    assert normalise([text]) == [expected]


@given(st.lists(st.text(st.characters()), max_size=6))
def test_a_line_is_cleaned_alike_in_any_company(texts):
    assert normalise(texts) == [line for text in texts for line in normalise([text])]


@pytest.mark.parametrize("unit", ["( ", ") ; ", '"', '",.', "9 % ", "a’", "1\u00a0", "« ", "  ", "\u0378", "\u00a0"])
def test_the_time_is_linear_in_the_characters(unit):
    def seconds(count: int) -> float:
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            normalise([unit * count])
            best = min(best, time.process_time() - start)
        return best

    # 16 times the text: a quadratic rule would take 256 times as long.
    assert seconds(160_000) < 80 * max(seconds(10_000), 1e-4)


def test_ids_are_those_of_the_pieces_in_the_dictionary(tokeniser, files):
    texts = [*hard_strings(2000), *sentences(400)]
    pieces = tokeniser.pieces(texts)
    assert len(set(pieces)) > 2000
    assert tokeniser.encode(texts) == [as_the_original_looks_up(line, files[1]) for line in pieces]


def test_pieces_are_those_that_sentencepiece_cuts(tokeniser, files):
    processor = sentencepiece.SentencePieceProcessor(model_proto=files[0])
    expected = [" ".join(processor.encode(line, out_type=str)) for _, line in GOLDEN]
    assert tokeniser.pieces(INPUTS) == expected


def test_known_words_have_no_unknown_piece_and_foreign_ones_have(tokeniser):
    assert all(3 not in row for row in tokeniser.encode(list(sentences(200))))
    assert all(3 in row for row in tokeniser.encode(["中文", "a 👍 b", "<s>"]))


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b\ufeff\x00", "\u3000"])
def test_nothing_is_only_an_end(tokeniser, text):
    assert tokeniser.encode([text]) == [[2]]
    assert tokeniser.pieces([text]) == [""]


def test_no_texts_no_rows(tokeniser):
    assert tokeniser.encode([]) == []
    assert tokeniser.pieces([]) == []


def test_threads_and_company_do_not_change_ids(tokeniser, files):
    texts = list(hard_strings(700))
    expected = [row for text in texts for row in tokeniser.encode([text])]
    assert tokeniser.encode(texts) == expected
    assert LaserTokeniser(*files, threads=3).encode(texts) == expected


def test_an_unknown_piece_that_the_dictionary_has_gets_its_id(files):
    spm, cvocab = files
    extended = LaserTokeniser(spm, cvocab + "中文 1\n".encode())
    assert extended.encode(["中文", "中"]) == [[4, extended.size - 1, 2], [4, 3, 2]]


def test_a_piece_is_split_at_white_space_within(tmp_path):
    """A model without a normaliser leaves no-break spaces in its pieces; the original splits there."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([f"{word}\u00a0đồng tiền" for word in ["một", "hai", "ba", "bốn", "năm"]] * 20),
        model_writer=model,
        vocab_size=60,
        hard_vocab_limit=False,
        normalization_rule_name="identity",
        model_type="bpe",
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = [processor.id_to_piece(i) for i in range(3, processor.get_piece_size())]
    assert any("\u00a0" in piece for piece in pieces)
    cvocab = "".join(f"{piece} 1\n" for piece in ["▁một", "đồng", "▁tiền", "m"]).encode()
    tokeniser = LaserTokeniser(model.getvalue(), cvocab)
    texts = ["một\u00a0đồng tiền", "hai\u00a0đồng", "x\u00a0y", "\u2003一\u2003二"]
    rows = tokeniser.encode(texts)
    assert rows == [as_the_original_looks_up(line, cvocab) for line in tokeniser.pieces(texts)]
    assert [len(row) - 1 for row in rows] != [len(processor.encode(text)) for text in texts]


@pytest.mark.parametrize("texts", ["một câu", b"bytes", ["một câu", None], [b"bytes"]])
def test_what_is_no_list_of_texts_is_refused(tokeniser, texts):
    with pytest.raises(InputError, match="texts"):
        tokeniser.encode(texts)


@pytest.mark.parametrize("spm", [b"", b"no model", b"\x08\x01"])
def test_a_file_that_is_no_sentencepiece_model_is_refused(files, spm):
    with pytest.raises(ModelError, match="no sentencepiece model"):
        LaserTokeniser(spm, files[1])


@pytest.mark.parametrize("threads", [0, -1, True, "2"])
def test_threads_are_a_number_from_1(files, threads):
    with pytest.raises(OptionError, match="threads"):
        LaserTokeniser(*files, threads=threads)


def test_a_cvocab_is_read_as_fairseq_reads_it():
    special = dict(zip(SPECIAL, range(4), strict=True))
    assert read_cvocab(b"") == special
    assert read_cvocab("▁của 7\n▁the 1\r\n. 1".encode()) == special | {"▁của": 4, "▁the": 5, ".": 6}
    assert read_cvocab(b"a b 1\na 1 #fairseq:overwrite\na 2 #fairseq:overwrite\n") == special | {"a b": 4, "a": 6}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1\nb\n", "line 2: 'b'"),
        (b"a one\n", "line 1: 'a one'"),
        (b"a 1\n\nb 1\n", "line 2: ''"),
        (b"a 1\nb 1\na 1\n", "line 3: 'a' stands there twice"),
        (b"<s> 1\n", "line 1: '<s>' stands there twice"),
        (b"a 1\n\xff 1\n", "byte 4 is not UTF-8"),
    ],
)
def test_a_damaged_cvocab_is_refused_with_the_place(content, message):
    with pytest.raises(ModelError, match=message):
        read_cvocab(content)


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1), unique=True))
def test_a_dictionary_survives_its_file(words):
    dictionary = {word: i for i, word in enumerate([*SPECIAL, *(word for word in words if word not in SPECIAL)])}
    assert read_cvocab(write_cvocab(dictionary)) == dictionary


@pytest.mark.parametrize("change", [{"a": 5}, {"a": 3}, {"<s>": 1, "<pad>": 0}, {"a\nb": 4}, {"": 4}])
def test_a_dictionary_that_no_file_can_hold_is_refused(change):
    with pytest.raises(ModelError, match=f"dictionary of {len(change.keys() | set(SPECIAL))} pieces"):
        write_cvocab(dict(zip(SPECIAL, range(4), strict=True)) | change)


def test_hard_strings_by_hand_come_first():
    assert hard_strings(5) == BY_HAND[:5]
    assert len(hard_strings(3000)) == 3000
