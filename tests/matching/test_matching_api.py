from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from made_vectors import two_sides
from numpy.typing import NDArray
from stranger import Stranger

from align.encoders import Encoder
from align.errors import InputError, OptionError
from align.matching import Bead, align_sentences, align_vectors, mine_sentences, mine_vectors
from align.matching.api import text_side

VI, EN = (FERRY[n] + BEES[n] + ROBOTS[n] for n in (0, 1))


def spans_of(beads: list[Bead]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.vi, bead.en) for bead in beads]


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
def test_translations_in_order_are_aligned_one_to_one(mode: str, encoder: Encoder) -> None:
    beads = align_sentences(*FERRY, encoder=encoder, mode=mode)
    assert spans_of(beads) == [((i,), (i,)) for i in range(8)]
    assert all(bead.score > 0.5 for bead in beads)


@pytest.mark.parametrize("mode", ["auto", "parallel"])
def test_a_sentence_that_became_two_is_found(mode: str, encoder: Encoder) -> None:
    vi, en = [*FERRY[0]], [*FERRY[1]]
    vi[1] = vi[1].removesuffix(".") + ", và chuyến cuối cùng rời bến lúc chín giờ tối."
    en.insert(2, "The last boat left the dock at nine in the evening.")
    vi[4:6] = [" ".join(vi[4:6])]
    expected = [((0,), (0,)), ((1,), (1, 2)), ((2,), (3,)), ((3,), (4,)), ((4,), (5, 6)), ((5,), (7,)), ((6,), (8,))]
    assert spans_of(align_sentences(vi, en, encoder=encoder, mode=mode)) == expected


def test_shuffled_articles_are_matched_out_of_order(encoder: Encoder) -> None:
    order = np.random.default_rng(3).permutation(8)
    beads = align_sentences(FERRY[0], [FERRY[1][n] for n in order] + BEES[1][:3], encoder=encoder)
    found = {(bead.vi[0], int(order[bead.en[0]])) for bead in beads if bead.en[0] < 8}
    assert len(found & {(i, i) for i in range(8)}) >= 7
    assert len(beads) <= 8


def test_what_has_no_counterpart_is_left_alone(encoder: Encoder) -> None:
    en = [*FERRY[1][:3], *ROBOTS[1][:2], *FERRY[1][3:]]
    beads = align_sentences(FERRY[0], en, encoder=encoder, mode="parallel")
    assert [bead.en for bead in beads if not bead.vi] == [((3,)), ((4,))]
    assert all(bead.score < 0.5 for bead in align_sentences(FERRY[0], BEES[1], encoder=encoder))


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
def test_sentences_without_words_are_never_paired(mode: str, encoder: Encoder) -> None:
    vi = ["", FERRY[0][0], "* * *", FERRY[0][1], "—", FERRY[0][2], "\u200b"]
    en = [FERRY[1][0], "", "* * *", FERRY[1][1], FERRY[1][2], "...", ""]
    beads = align_sentences(vi, en, encoder=encoder, mode=mode)
    both = [(bead.vi, bead.en) for bead in beads if bead.vi and bead.en]
    assert both == [((1,), (0,)), ((3,), (3,)), ((5,), (4,))]
    if mode != "comparable":  # every index once
        assert [i for bead in beads for i in bead.vi] == list(range(7))
        assert [j for bead in beads for j in bead.en] == list(range(7))
    assert mine_sentences(vi, en, encoder=encoder).select("vi_index", "en_index").rows() == [(1, 0), (3, 3), (5, 4)]


def test_nothing_but_empty_sentences(encoder: Encoder) -> None:
    assert align_sentences(["", "-"], ["", "-"], encoder=encoder) == []
    gaps = [((0,), ()), ((1,), ()), ((), (0,))]
    assert spans_of(align_sentences(["", "-"], [""], encoder=encoder, mode="parallel")) == gaps
    assert mine_sentences(["", "-"], [""], encoder=encoder).height == 0


def test_no_bead_joins_sentences_over_one_without_words(encoder: Encoder) -> None:
    vi = [*FERRY[0][:2], "Cây cầu mới dài 820 m,", "***", "có bốn làn xe.", *FERRY[0][3:]]
    beads = align_sentences(vi, FERRY[1], encoder=encoder, mode="parallel")
    assert all(bead.vi == tuple(range(bead.vi[0], bead.vi[-1] + 1)) for bead in beads if bead.vi)
    assert not any({2, 4} <= set(bead.vi) for bead in beads)


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
def test_the_same_sentence_many_times(mode: str, encoder: Encoder) -> None:
    """Headings and refrains repeat; beads stay disjoint and, in order, one to one."""
    vi, en = [FERRY[0][2]] * 4 + FERRY[0][3:], [FERRY[1][2]] * 4 + FERRY[1][3:]
    beads = align_sentences(vi, en, encoder=encoder, mode=mode)
    used_vi, used_en = [i for b in beads for i in b.vi], [j for b in beads for j in b.en]
    assert len(used_vi) == len(set(used_vi))
    assert len(used_en) == len(set(used_en))
    assert {((i,), (i,)) for i in range(4, 9)} <= set(spans_of(beads))
    if mode == "parallel":
        assert spans_of(beads) == [((i,), (i,)) for i in range(9)]


def test_spelling_that_matching_folds_does_not_matter(encoder: Encoder) -> None:
    plain = align_sentences(["Bà Thúy khỏe rồi.", "Trời mưa to."], ["Thuy is well again.", "It is raining hard."])
    odd = align_sentences(["Bà  Thuý khoẻ rồi.", "Trời mưa to."], ["Thuy is well again.", "It is raining hard."])
    assert plain == odd
    assert spans_of(align_sentences(*FERRY, encoder=encoder)) == spans_of(align_sentences(*FERRY))


GOODS = ("rice", "coffee", "cotton", "rubber", "pepper", "tea", "salt", "timber", "paper", "steel")
PLACES = ("north", "south", "east", "west", "capital", "delta", "highlands", "islands", "border", "coast")
NEWS = [
    f"In the {place} the price of {good} {what}."
    for place in PLACES
    for good in GOODS
    for what in ("rose", "fell", "has halved since May", "is a secret")
]


@pytest.fixture(scope="module")
def many(encoder: Encoder) -> tuple[NDArray[np.float32], list[int]]:
    """Vectors and lengths of 401 English sentences; that at 200 is about bees."""
    texts = [*NEWS[:200], BEES[1][0], *NEWS[200:]]
    return encoder.encode(texts), [len(text) for text in texts]


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
def test_one_sentence_against_hundreds(
    mode: str, many: tuple[NDArray[np.float32], list[int]], encoder: Encoder
) -> None:
    """What is chance among so many is not taken for a translation, and every sentence is accounted for."""
    vi, (en, lengths) = encoder.encode(BEES[0][:1]), many
    beads = align_vectors(vi, en, vi_lengths=[len(BEES[0][0])], en_lengths=lengths, mode=mode)
    assert spans_of([bead for bead in beads if bead.vi and bead.en]) in ([((0,), (200,))], [])
    if mode == "parallel":
        assert [j for bead in beads for j in bead.en] == list(range(401))


def test_mining_finds_one_sentence_among_hundreds(
    many: tuple[NDArray[np.float32], list[int]], encoder: Encoder
) -> None:
    vi, (en, lengths) = encoder.encode(BEES[0][:1]), many
    found = mine_vectors(vi, en, vi_lengths=[len(BEES[0][0])], en_lengths=lengths)
    assert found.select("vi_index", "en_index").rows() == [(0, 200)]


@pytest.mark.parametrize("mode", ["auto", "parallel", "comparable"])
@pytest.mark.parametrize(("vi", "en"), [([], []), ([], ["One."]), (["Một."], [])])
def test_an_empty_side_has_no_pairs(vi: list[str], en: list[str], mode: str, encoder: Encoder) -> None:
    beads = align_sentences(vi, en, encoder=encoder, mode=mode)
    assert len(beads) == (len(vi) + len(en) if mode == "parallel" else 0)
    assert all(not (bead.vi and bead.en) for bead in beads)


def test_texts_and_their_vectors_give_the_same_pairs(encoder: Encoder) -> None:
    lengths = [[len(text) for text in texts] for texts in (VI, EN)]
    beads = align_vectors(encoder.encode(VI), encoder.encode(EN), vi_lengths=lengths[0], en_lengths=lengths[1])
    assert spans_of(beads) == spans_of(align_sentences(VI, EN, encoder=encoder)) == [((i,), (i,)) for i in range(20)]


def test_rows_need_not_have_length_one() -> None:
    vi, en = two_sides(12, 1)
    lengths = {"vi_lengths": vi.lengths, "en_lengths": en.lengths}
    scaled = align_vectors(vi.vectors * np.arange(1, 13)[:, None], (en.vectors * 0.01).tolist(), **lengths)
    plain = align_vectors(vi.vectors, en.vectors, **lengths)
    assert spans_of(scaled) == spans_of(plain)


def test_mining_finds_what_two_pools_share(encoder: Encoder) -> None:
    found = mine_sentences(VI[:14], EN[:5:-1], encoder=encoder)
    assert dict(found.schema) == {
        "vi_index": pl.Int64,
        "en_index": pl.Int64,
        "score": pl.Float64,
        "probability": pl.Float64,
    }
    pairs = {(i, 19 - j) for i, j in found.select("vi_index", "en_index").rows()}
    assert len(pairs & {(i, i) for i in range(6, 14)}) >= 7
    assert len(pairs) <= 9
    assert found["vi_index"].is_sorted()


def test_mining_keeps_what_is_probable_enough(encoder: Encoder) -> None:
    everything = mine_sentences(VI[:14], EN[5:], encoder=encoder, min_probability=0)
    some = mine_sentences(VI[:14], EN[5:], encoder=encoder, min_probability=0.9)
    assert some.equals(everything.filter(pl.col("probability") >= 0.9))
    assert 0 < some.height < everything.height


def test_mined_vectors_and_texts_agree(encoder: Encoder) -> None:
    lengths = [[len(text) for text in texts] for texts in (VI, EN)]
    vectors = encoder.encode(VI), encoder.encode(EN)
    found = mine_vectors(*vectors, vi_lengths=lengths[0], en_lengths=lengths[1], min_probability=0)
    expected = mine_sentences(VI, EN, encoder=encoder, min_probability=0)
    pairs = ["vi_index", "en_index"]
    shared = found.join(expected, on=pairs)
    assert shared.height >= 19  # centres differ: vectors come without the encoder's prior


TEXT_FUNCTIONS = [align_sentences, mine_sentences]


@pytest.mark.parametrize("function", TEXT_FUNCTIONS)
def test_a_text_instead_of_a_list_is_refused(function, encoder: Encoder) -> None:
    with pytest.raises(InputError, match=r"vi is one str; expected a list of sentences \(see align\.split\)"):
        function("Một câu.", ["One sentence."], encoder=encoder)
    with pytest.raises(InputError, match="en is one bytes"):
        function(["Một câu."], b"One sentence.", encoder=encoder)


@pytest.mark.parametrize("function", TEXT_FUNCTIONS)
def test_a_sentence_that_is_no_string_is_refused_with_its_index(function, encoder: Encoder) -> None:
    with pytest.raises(InputError, match=r"en\[1\] is None, a NoneType; expected a str"):
        function(["Một câu."], ["One sentence.", None], encoder=encoder)


def test_an_unknown_mode_is_refused_with_the_known_ones(encoder: Encoder) -> None:
    with pytest.raises(OptionError, match="mode is 'fast'; allowed: auto, parallel, comparable"):
        align_sentences(*FERRY, encoder=encoder, mode="fast")
    with pytest.raises(ValueError, match="fast"):
        align_vectors([[1.0]], [[1.0]], vi_lengths=[1], en_lengths=[1], mode="fast")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"k": 0}, "k is 0"), ({"min_probability": 1.5}, "min_probability is 1.5"), ({"min_probability": -0.1}, "-0.1")],
)
def test_mining_options_outside_their_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        mine_vectors([[1.0]], [[1.0]], vi_lengths=[1], en_lengths=[1], **options)


VECTOR_FUNCTIONS = [align_vectors, mine_vectors]


@pytest.mark.parametrize("function", VECTOR_FUNCTIONS)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vi_lengths": [1, 2]}, r"vi_lengths has the shape \(2,\); expected \(3,\)"),
        ({"en_lengths": [1, 2, -3]}, "en_lengths holds a value that is negative"),
        ({"en_vectors": [[1.0, 0.0]] * 3}, "vi_vectors has 3 dimensions and en_vectors 2"),
        ({"vi_vectors": [[1, 0, 0], [0, 1, 0], [0, np.nan, 1]]}, "vi_vectors, row 2: holds a value that is not finite"),
        ({"vi_vectors": [1.0, 2.0]}, r"vi_vectors has the shape \(2,\)"),
    ],
)
def test_vectors_and_lengths_that_do_not_fit_are_refused(function, changes: dict, message: str) -> None:
    arguments = {"vi_vectors": np.eye(3), "en_vectors": np.eye(3), "vi_lengths": [9] * 3, "en_lengths": [9] * 3}
    with pytest.raises(InputError, match=message):
        function(**{**arguments, **changes})


@pytest.mark.parametrize("mode", ["parallel", "comparable"])
def test_beads_of_vectors_are_pooled_as_asked_for(mode: str) -> None:
    """The English pieces are disjoint parts of what the Vietnamese sentence says: only their maximum is its vector."""
    draw = np.random.default_rng(3)
    whole = np.abs(draw.normal(size=(6, 64)))
    half = draw.integers(0, 2, size=64).astype(bool)
    vi = whole
    en = np.vstack([whole[:2], whole[2] * half, 3 * whole[2] * ~half, whole[3:]])
    lengths = {"vi_lengths": [80] * 6, "en_lengths": [75, 75, 38, 38, 75, 75, 75]}
    beads = align_vectors(vi, en, **lengths, mode=mode, pooling="max")
    assert ((2,), (2, 3)) in [(bead.vi, bead.en) for bead in beads]
    means = align_vectors(vi, en, **lengths, mode=mode)
    assert mode == "comparable" or means != beads  # out of order a bead has the probability of its best pair
    assert means == align_vectors(vi, en, **lengths, mode=mode, pooling="mean")


def test_an_unknown_pooling_is_refused(encoder: Encoder) -> None:
    with pytest.raises(OptionError, match="pooling is 'cls'; allowed: mean, max"):
        align_vectors([[1.0]], [[1.0]], vi_lengths=[1], en_lengths=[1], pooling="cls")
    with pytest.raises(OptionError, match="pooling is 'cls'"):
        text_side(["Một câu."], "vi", Stranger("cls", encoder, pooling="cls"))


def test_texts_are_pooled_as_their_encoder_pools(encoder: Encoder) -> None:
    assert text_side(["Một câu."], "vi", encoder).pooling == "mean"
    assert text_side(["Một câu."], "vi", Stranger("maximum", encoder, pooling="max")).pooling == "max"
