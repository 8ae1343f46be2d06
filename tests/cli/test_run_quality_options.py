"""`align run` with filters, rejects and translators, as users give them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from programs import align, align_here, names, refusal, write

from align.corpus import PAIR_SCHEMA, read_corpus
from align.quality.filters import FILTERS

VI = """\
Bà Cúc đã gửi chiếc xe tải thứ năm cho bà Hoa vì trời lạnh.
Vào năm 2009, bà Thảo không bảo vệ cây đàn.
Vào tháng chín, có hai con chó sau trường học.
Tỷ số các hiệp: 25, 21, 19, 25, 15, 11.
Vào tháng chín, có hai con chó sau trường học.
"""
EN = """\
Mrs Cuc sent the fifth truck to Mrs Hoa because it was cold.
In 2009, Mrs Thao did not guard the guitar.
In September, there were two dogs behind the school.
The scores of the sets: 25, 21, 19, 25, 15, 11.
In September, there were two dogs behind the school.
"""
REFUSED = [("Tỷ số các hiệp: 25, 21, 19, 25, 15, 11.", "numbers"), (VI.splitlines()[4], "duplicates")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over one pair of articles, filtered, in a process of its own."""
    folder = tmp_path_factory.mktemp("trusted")
    write(folder / "vi" / "a.txt", VI)
    write(folder / "en" / "a.txt", EN)
    done = align("run", "vi", "en", "-o", "corpus.tsv", "--rejects", "rejects.tsv", cwd=folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    write(folder / "stderr", done.stderr)
    return folder


@pytest.fixture
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


def test_the_default_filters_refuse_and_say_how_many(folder: Path) -> None:
    told = (folder / "stderr").read_text(encoding="utf-8").splitlines()
    assert told[0].startswith("a.txt + a.txt: 3 pairs; parallel")
    assert told[-3:] == [
        "left out by the filter duplicates: 1",
        "left out by the filter numbers: 1",
        "3 pairs of 1 article pairs written to corpus.tsv",
    ]
    corpus, rejects = read_corpus(folder / "corpus.tsv"), read_corpus(folder / "rejects.tsv")
    assert corpus["vi"].to_list() == VI.splitlines()[:3]
    assert rejects.select("vi", "reason").rows() == REFUSED
    assert rejects.columns[: len(PAIR_SCHEMA) + 2] == [*PAIR_SCHEMA, "reason", "detail"]
    assert float(rejects["numbers"][0]) == 6


def test_without_filters_their_pairs_are_kept(inside: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "run", "vi", "en", "-o", "all.tsv", "--filters", "none", "--rejects", "none.tsv")
    assert done.returncode == 0
    assert "left out by" not in done.stderr
    assert "5 pairs of 1 article pairs written to all.tsv" in done.stderr
    kept, left = read_corpus(inside / "all.tsv"), read_corpus(inside / "none.tsv")
    assert {vi for vi, _ in REFUSED} <= set(kept["vi"])
    assert left.columns == [*PAIR_SCHEMA, "reason", "detail"]
    assert left.height == 0


def test_every_pair_and_every_reject_can_be_traced(inside: Path, capfd: pytest.CaptureFixture[str]) -> None:
    corpus, rejects = read_corpus("corpus.tsv"), read_corpus("rejects.tsv")
    for row in corpus.iter_rows(named=True):
        done = align_here(capfd, "why", row["id"], "corpus.tsv", "rejects.tsv")
        assert "  kept: corpus.tsv, row " in done.stdout
        assert f"probability: {row['probability']:.6g}\n" in done.stdout
    for place, row in enumerate(rejects.iter_rows(named=True)):
        done = align_here(capfd, "why", row["id"], "corpus.tsv", "rejects.tsv")
        assert f"  refused by {row['reason']}: {row['detail']} (rejects.tsv, row {place})\n" in done.stdout


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_rejects_in_other_formats_say_the_same(form: str, inside: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "run", "vi", "en", "-o", "again.tmx", "--rejects", f"rejects.{form}")
    assert done.returncode == 0
    columns = [*PAIR_SCHEMA, "reason", "detail"]
    assert read_corpus(f"rejects.{form}").select(columns).equals(read_corpus("rejects.tsv").select(columns))


def test_the_same_bytes_with_and_without_a_cache(inside: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for options in ((), ("--cache", "vectors.cache"), ("--cache", "vectors.cache"), ("--threads", "1")):
        done = align_here(capfd, "run", "vi", "en", "-o", "same.tsv", "--rejects", "same_rejects.tsv", *options)
        assert done.returncode == 0
        assert Path("same.tsv").read_bytes() == Path("corpus.tsv").read_bytes()
        assert Path("same_rejects.tsv").read_bytes() == Path("rejects.tsv").read_bytes()


def translators(small_marian: Path) -> str:
    return ",".join(str(small_marian / way / "ctranslate2") for way in ("vi-en", "en-vi"))


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles of which one side tells things in another way, so that matching is unsure of some pairs."""
    folder = tmp_path_factory.mktemp("unsure")
    vi = [*VI.splitlines()[:3], "Sáu tháng trước, con trai của khách du lịch không kiểm tra con bò."]
    en = [*EN.splitlines()[:3], "In the middle of the year nobody looked after the animals."]
    write(folder / "vi" / "a.txt", "\n".join([*vi, "Vào ngày 18 tháng mười, có 85 bức tranh trên núi."]))
    write(folder / "en" / "a.txt", "\n".join([*en, "A painter likes mountains."]))
    return folder


@pytest.mark.parametrize("method", ["chrf", "both"])
def test_small_translators_check_what_is_uncertain_and_nothing_else(
    method: str,
    unsure: Path,
    small_marian: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(unsure)
    assert align_here(capfd, "run", "vi", "en", "-o", "plain.jsonl", "--rejects", "plain_r.jsonl").returncode == 0
    options = ("--back-translate", translators(small_marian), "--mt-check", method, "--mt-cache", f"{method}.cache")
    for name in ("one", "two"):  # the second from the cache
        done = align_here(
            capfd,
            "run",
            "vi",
            "en",
            "-o",
            f"{name}.jsonl",
            "--rejects",
            f"{name}_r.jsonl",
            "--direction",
            "vi-en",
            *options,
        )
        assert done.returncode == 0, done.stderr
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()
    assert Path("one_r.jsonl").read_bytes() == Path("two_r.jsonl").read_bytes()
    columns = [name for name in PAIR_SCHEMA if name != "run"]
    before = pl.concat([read_corpus(f"plain{part}.jsonl").select(columns) for part in ("", "_r")]).sort("id")
    after = pl.concat([read_corpus(f"one{part}.jsonl").select(columns) for part in ("", "_r")]).sort("id")
    inside = before["probability"].is_between(0.05, 0.95)
    assert 1 <= inside.sum() < before.height
    assert after["id"].equals(before["id"])
    assert after["mt_chrf"].is_not_null().equals(inside)
    assert (after["probability"] != before["probability"]).equals(inside)
    [signature] = set(read_corpus("one.jsonl")["run"])
    assert "|mt:chrf,vi-en:" in signature
    assert ("+xent,vi-en:" in signature) == (method == "both")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--filters", "lenght"), "filters is 'lenght'; allowed: default, strict, none, or names joined with commas: "),
        (("--filters", "lenght"), f"commas: {', '.join(FILTERS)}"),
        (("--rejects", "out.tsv"), "rejects is 'out.tsv'; allowed: another file than the output"),
        (("--rejects", "./out.tsv"), "rejects is './out.tsv'; allowed: another file than the output"),
        (("--rejects", "out.tmx"), "format of the rejects is 'tmx'; allowed: tsv, jsonl, parquet, which hold reasons"),
        (("--rejects", "nowhere/r.tsv"), "nowhere"),
        (("--back-translate", "no-such-model"), "no-such-model"),
        (("--back-translate", "vi"), "vi"),
        (("--rejects", "c.tsv", "--cache", "c.tsv"), "rejects is 'c.tsv'; allowed: another file than the cache"),
        (("--mt-cache", "nowhere/mt.cache"), "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    options: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "vi" / "a.txt", VI)
    write(tmp_path / "en" / "a.txt", EN)
    assert message in refusal(align_here(capfd, "run", "vi", "en", "-o", "out.tsv", *options))
    assert names(tmp_path) == ["en", "vi"]


def test_rejects_do_not_replace_the_articles(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = [f'{{"id": "a", "text": "{text.strip()}"}}\n' for text in (VI.replace("\n", " "), EN.replace("\n", " "))]
    vi, en = (write(tmp_path / f"{lang}.jsonl", line) for lang, line in zip(("vi", "en"), lines, strict=True))
    for path in (vi, en):
        before = path.read_bytes()
        message = refusal(align_here(capfd, "run", vi, en, "-o", tmp_path / "out.tsv", "--rejects", path))
        assert "another file than the" in message
        assert path.read_bytes() == before


def test_the_corpus_does_not_replace_an_article(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    texts = {"vi.jsonl": "Trời mưa to suốt đêm.", "en.jsonl": "It rained hard all night."}
    for name, text in texts.items():
        (tmp_path / name).write_text(f'{{"id": "a", "text": "{text}"}}\n', encoding="utf-8")
    paths = [tmp_path / name for name in texts]
    done = align_here(capfd, "run", *paths, "-o", paths[0])
    assert refusal(done).endswith("allowed: another file than the articles")
    assert texts["vi.jsonl"] in paths[0].read_text(encoding="utf-8")
