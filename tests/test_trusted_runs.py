"""Runs that filter, keep what they leave out, and ask a translator; tests/test_pipeline.py has what any run does."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from align.articles import read_articles
from align.corpus import PAIR_SCHEMA
from align.corpus.verify import verify_corpus
from align.errors import ModelError, OptionError
from align.options import Options
from align.pairs import REJECT_COLUMNS
from align.pipeline import Result, check_again, run
from align.quality.translation_check import BAND, TranslationCheck
from align.translation import Direction, Translator

MATCHING = ("probability", "competition")


class Answers:
    """A translator that knows some sentences and says the same of all others."""

    name, fingerprint = "answers", "0123abcd"
    directions: tuple[Direction, ...] = ("vi-en",)

    def __init__(self, known: Mapping[str, str], other: str = "Nothing of the kind was said.") -> None:
        self.known, self.other = known, other
        self.asked: list[str] = []

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        self.asked += texts
        return [self.known.get(text, self.other) for text in texts]

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> np.ndarray:
        self.asked += sources
        known = [self.known.get(source) == target for source, target in zip(sources, targets, strict=True)]
        return np.where(known, 0.5, 6.0)


class Moody(Answers):
    """A translator that confirms the half of all pairs that a seed chooses."""

    def __init__(self, known: Mapping[str, str], seed: int) -> None:
        super().__init__({vi: en for vi, en in known.items() if zlib.crc32(f"{seed}{vi}".encode()) % 2})


@pytest.fixture(scope="module")
def paths(examples: Path) -> tuple[Path, Path]:
    return examples / "vi", examples / "en"


@pytest.fixture(scope="module")
def plain(paths: tuple[Path, Path]) -> Result:
    return run(*paths, Options(keep_rejects=True))


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two articles a side that end with the same sentence; one has a line of results."""
    folder = tmp_path_factory.mktemp("twice")
    last = "Mời bạn đọc gửi ảnh cho tòa soạn.", "Readers are invited to send pictures to the editors."
    texts = {
        "vi/cho.txt": ("Chợ cá mở lại sau trận bão.", "Bốn chiếc thuyền đã về bến sáng nay.", last[0]),
        "vi/doi.txt": ("Đội bóng chuyền huyện lại thắng.", "Tỷ số các hiệp: 25, 21, 19, 25, 15, 11.", last[0]),
        "en/cho.txt": ("The fish market has reopened after the storm.", "Four boats came in this morning.", last[1]),
        "en/doi.txt": (
            "The district's volleyball team has won again.",
            "The scores of the sets: 25, 21, 19, 25, 15, 11.",
            last[1],
        ),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(text), encoding="utf-8")
    return folder / "vi", folder / "en"


def everything(result: Result) -> pl.DataFrame:
    """Return kept and rejected pairs, by identity."""
    assert result.rejects is not None
    return pl.concat([result.pairs.select(list(PAIR_SCHEMA)), result.rejects.select(list(PAIR_SCHEMA))]).sort("id")


def inside_band(pairs: pl.DataFrame) -> pl.Series:
    return pairs["probability"].is_between(*BAND)


def places(pairs: pl.DataFrame) -> list[tuple[str, str, int]]:
    return [
        (lang, article, place)
        for lang in ("vi", "en")
        for article, own in pairs.select(f"{lang}_article", f"{lang}_sentences").rows()
        for place in own
    ]


def test_rejects_are_returned_only_when_asked_for(plain: Result, paths: tuple[Path, Path]) -> None:
    without = run(*paths)
    assert without.rejects is None
    assert without.pairs.equals(plain.pairs)
    assert without.article_pairs.equals(plain.article_pairs)
    assert without.refused.equals(plain.refused)


def test_the_rejects_are_rows_of_a_corpus_with_reason_detail_and_scores(
    plain: Result, examples: Path, twice: tuple[Path, Path]
) -> None:
    filtered = run(*twice, Options(keep_rejects=True, pairing="name", filters="duplicates,numbers"))
    for result in (plain, filtered):
        rejects = result.rejects
        assert rejects is not None
        assert rejects.columns[: len(PAIR_SCHEMA) + 2] == [*PAIR_SCHEMA, *REJECT_COLUMNS]
        assert rejects["reason"].null_count() == rejects["detail"].null_count() == 0
        assert rejects["id"].is_unique().all()
        assert not set(rejects["id"]) & set(result.pairs["id"])
    assert plain.rejects is not None
    assert (
        verify_corpus(
            plain.rejects.select(list(PAIR_SCHEMA)), *(read_articles(examples / x).table for x in ("vi", "en"))
        )
        == []
    )
    assert set(plain.rejects["reason"]) == set(MATCHING)
    assert filtered.rejects is not None
    assert filtered.rejects.columns[len(PAIR_SCHEMA) + 2 :] == ["numbers", "numbers_share", "duplicates"]


def test_filters_move_pairs_to_the_rejects_and_lose_none(twice: tuple[Path, Path]) -> None:
    unfiltered = run(*twice, Options(keep_rejects=True, pairing="name", filters="none"))
    filtered = run(*twice, Options(keep_rejects=True, pairing="name", filters="duplicates,numbers"))
    assert unfiltered.pairs.height == 6
    assert filtered.rejects is not None
    refused = filtered.rejects.filter(~pl.col("reason").is_in(MATCHING))
    assert refused.select("vi", "reason").rows() == [
        ("Tỷ số các hiệp: 25, 21, 19, 25, 15, 11.", "numbers"),
        ("Mời bạn đọc gửi ảnh cho tòa soạn.", "duplicates"),
    ]
    assert refused["numbers"].to_list() == [6.0, 0.0]
    run_differs = pl.all().exclude("run")
    assert everything(filtered).select(run_differs).equals(everything(unfiltered).select(run_differs))
    assert filtered.refused.rows() == [("duplicates", 1), ("numbers", 1)]
    assert unfiltered.refused.rows() == []


def test_article_pairs_count_the_pairs_of_the_written_corpus(twice: tuple[Path, Path]) -> None:
    for filters, counts in (("none", [3, 3]), ("duplicates,numbers", [3, 1])):
        result = run(*twice, Options(pairing="name", filters=filters))
        assert result.article_pairs["pairs"].to_list() == counts
        counted = result.pairs.group_by("vi_article", "en_article", maintain_order=True).len()
        assert counted.rows() == [(a, b, n) for a, b, _, _, _, n in result.article_pairs.rows()]


def test_article_pairs_that_were_asked_for_are_named_even_without_a_pair(twice: tuple[Path, Path]) -> None:
    named = run(*twice, Options(pairing="all", min_probability=1.0))
    assert named.pairs.height == 0
    assert named.article_pairs["pairs"].to_list() == [0, 0, 0, 0]
    assert run(*twice, Options(pairing="content", min_probability=1.0)).article_pairs.height == 0


def test_a_threshold_only_moves_pairs_of_parallel_articles(plain: Result, paths: tuple[Path, Path]) -> None:
    strict = run(*paths, Options(keep_rejects=True, min_probability=0.9998))
    assert strict.rejects is not None
    parallel = pl.col("flags").list.contains("parallel")
    before, after = (everything(result).filter(parallel).drop("run", "flags") for result in (plain, strict))
    assert after.equals(before)
    moved = strict.rejects.filter(parallel)
    assert moved.height > 0
    assert set(moved["reason"]) == {"probability"}
    assert (moved["probability"] < 0.9998).all()
    assert (strict.pairs["probability"] >= 0.9998).all()


def test_the_signature_names_filters_and_translator(plain: Result, twice: tuple[Path, Path]) -> None:
    assert "|filters:" not in plain.pairs["run"][0]
    assert "|mt:" not in plain.pairs["run"][0]
    checked = run(*twice, Options(filters="none", back_translate=Answers({}), mt_check="both"))
    assert "|filters:none|mt:chrf,vi-en:answers@0123abcd+xent,vi-en:answers@0123abcd|" in checked.pairs["run"][0]


@pytest.fixture(scope="module")
def truth(plain: Result) -> dict[str, str]:
    """What the kept sentences mean, as far as this corpus says."""
    return dict(plain.pairs.select("vi", "en").rows())


def test_only_candidates_inside_the_band_are_translated(
    plain: Result, paths: tuple[Path, Path], truth: dict[str, str]
) -> None:
    translator = Answers(truth)
    checked = run(*paths, Options(keep_rejects=True, back_translate=translator))
    before, after = everything(plain), everything(checked)
    assert after["id"].equals(before["id"])
    assert plain.rejects is not None
    lost = plain.rejects.filter(pl.col("reason") == "competition")["id"]
    asked = inside_band(before) & ~before["id"].is_in(lost.to_list())
    assert after["mt_chrf"].is_not_null().equals(asked)
    assert set(before.filter(asked)["vi"]) <= set(translator.asked)
    unmoved = before["probability"] == after["probability"]
    assert unmoved.filter(~asked).all()
    assert not unmoved.filter(asked).any()
    assert asked.sum() >= 5
    assert len(plain.pairs.filter(inside_band(plain.pairs))) >= 1


def test_a_doubtful_pair_that_the_translator_confirms_is_taken(
    plain: Result, paths: tuple[Path, Path], truth: dict[str, str]
) -> None:
    doubtful = plain.pairs.filter(inside_band(plain.pairs)).sort("probability").row(0, named=True)
    least = doubtful["probability"] + 0.001
    strict = run(*paths, Options(keep_rejects=True, min_probability=least))
    assert strict.rejects is not None
    refused = strict.rejects.filter(pl.col("id") == doubtful["id"]).row(0, named=True)
    assert refused["reason"] == "probability"
    answers = Answers({**truth, doubtful["vi"]: doubtful["en"]})
    checked = run(*paths, Options(keep_rejects=True, min_probability=least, back_translate=answers))
    taken = checked.pairs.filter(pl.col("id") == doubtful["id"]).row(0, named=True)
    assert taken["probability"] >= least
    assert taken["mt_chrf"] == 100.0
    assert taken["flags"] == refused["flags"]
    assert set(strict.pairs["id"]) <= set(checked.pairs["id"])
    own = checked.pairs.filter(pl.col("vi_article") == doubtful["vi_article"])
    assert own["vi_start"].is_sorted()
    counts = dict(checked.article_pairs.group_by("vi_article").agg(pl.col("pairs").sum()).rows())
    assert counts[doubtful["vi_article"]] == own.height


def test_an_uncertain_pair_that_the_translator_denies_is_left_out(
    plain: Result, paths: tuple[Path, Path], truth: dict[str, str]
) -> None:
    unsure = plain.pairs.filter(inside_band(plain.pairs)).sort("probability").row(0, named=True)
    denied = {vi: en for vi, en in truth.items() if vi != unsure["vi"]}
    checked = run(*paths, Options(keep_rejects=True, back_translate=Answers(denied)))
    assert checked.rejects is not None
    row = checked.rejects.filter(pl.col("id") == unsure["id"]).row(0, named=True)
    assert row["reason"] == "probability"
    assert row["detail"] == f"probability {row['probability']:.4f}, least 0.4"
    assert row["probability"] < 0.4 < unsure["probability"]
    assert row["mt_chrf"] is not None


@pytest.mark.parametrize("seed", range(2))
def test_whatever_a_translator_says_each_sentence_serves_once_and_no_pair_is_lost(
    seed: int, plain: Result, paths: tuple[Path, Path]
) -> None:
    known = dict(everything(plain).select("vi", "en").rows())
    checked = run(*paths, Options(keep_rejects=True, back_translate=Moody(known, seed)))
    used = places(checked.pairs)
    assert len(used) == len(set(used))
    assert checked.rejects is not None
    assert not set(checked.pairs["id"]) & set(checked.rejects["id"])
    assert everything(checked)["id"].equals(everything(plain)["id"])
    assert (checked.pairs["probability"] >= 0.4).all()


@pytest.mark.parametrize("method", ["xent", "both"])
def test_cross_entropies_stand_in_a_column_of_their_own(
    method: str, plain: Result, paths: tuple[Path, Path], truth: dict[str, str]
) -> None:
    options = Options(keep_rejects=True, back_translate=Answers(truth), mt_check=method)  # type: ignore[arg-type]
    checked = run(*paths, options)
    assert checked.rejects is not None
    assert checked.pairs.columns == [*PAIR_SCHEMA, "mt_xent"]
    unsure = checked.pairs["id"].is_in(plain.pairs.filter(inside_band(plain.pairs))["id"].to_list())
    kept_before = checked.pairs["id"].is_in(plain.pairs["id"].to_list())
    assert (checked.pairs["mt_xent"].is_not_null() == unsure).filter(kept_before).all()
    assert checked.pairs["mt_chrf"].null_count() == (checked.pairs.height if method == "xent" else (~unsure).sum())
    assert checked.rejects["mt_xent"].is_not_null().any()


def test_without_candidates_nothing_is_asked() -> None:
    empty = pl.DataFrame(schema=PAIR_SCHEMA)
    translator = Answers({})
    kept, left_out = check_again(
        empty, pl.DataFrame(schema=PAIR_SCHEMA | REJECT_COLUMNS), TranslationCheck(translator), 0.4
    )
    assert (kept.height, left_out.height, translator.asked) == (0, 0, [])
    assert left_out.columns == [*PAIR_SCHEMA, *REJECT_COLUMNS]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"filters": "lenght"}, OptionError, "filters is 'lenght'; allowed: default, strict, none, or names joined"),
        ({"mt_check": "bleu"}, OptionError, "mt_check is 'bleu'; allowed: chrf, xent, both"),
        ({"mt_direction": "en"}, OptionError, "mt_direction is 'en'; allowed: auto, vi-en, en-vi, both"),
        ({"back_translate": Answers({}), "mt_direction": "en-vi"}, OptionError, "direction is 'en-vi'; allowed: vi-en"),
        ({"back_translate": "no-such-model"}, ModelError, "no-such-model"),
        ({"back_translate": Path("no", "such", "folder")}, ModelError, "folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_any_article_is_read(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run("no-such-articles", "no-such-articles", Options(**options))  # type: ignore[arg-type]


def test_the_stub_is_a_translator() -> None:
    assert isinstance(Answers({}), Translator)
