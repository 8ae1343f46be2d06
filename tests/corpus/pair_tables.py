"""Articles, pairs and strategies that the corpus tests share. All texts were written for these tests."""

from __future__ import annotations

import polars as pl
from hypothesis import strategies as st

from align.articles.schema import ARTICLE_SCHEMA
from align.corpus import PAIR_SCHEMA, pair_ids

VI_TEXT = (
    "Chợ nổi họp từ lúc trời chưa sáng.\r\n\r\n"
    "Người bán treo một trái bí\n lên cây sào để ai cũng biết thuyền bán gì. "
    "Đến tám giờ thì chợ tan.\n"
)
EN_TEXT = (
    "The floating market opens before dawn.\n\n"
    "Sellers hang a pumpkin from a pole. It shows everyone   what the boat sells.\n"
    "By eight o'clock the market is over.\n"
)


def articles(**texts: str) -> pl.DataFrame:
    """Return an articles table from identities (`_` stands for a point) and texts."""
    rows = [{"id": name.replace("_", "."), "text": text} for name, text in texts.items()]
    return pl.DataFrame(rows, schema=ARTICLE_SCHEMA)


VI_ARTICLES = articles(cho_txt=VI_TEXT, khac_txt="Một bài khác.")
EN_ARTICLES = articles(market_txt=EN_TEXT)


def true_pairs() -> pl.DataFrame:
    """Return three pairs that the articles prove: beads 1-1, 2-2 (a line break cuts) and 1-1."""
    rows = [
        _pair(("Chợ nổi", "sáng."), ("The floating", "dawn."), [0], [0], 0.9871, []),
        _pair(("Người bán", "bán gì."), ("Sellers", "boat sells."), [1, 2], [1, 2], 0.75, ["crossing"]),
        _pair(("Đến tám", "tan."), ("By eight", "over."), [3], [3], 0.9, []),
    ]
    table = pl.DataFrame(rows, schema=PAIR_SCHEMA)
    return table.with_columns(pair_ids(table))


def _pair(
    vi: tuple[str, str], en: tuple[str, str], vi_at: list[int], en_at: list[int], probability: float, flags: list[str]
) -> dict[str, object]:
    vi_start, vi_end = _span(VI_TEXT, *vi)
    en_start, en_end = _span(EN_TEXT, *en)
    return {
        "vi": " ".join(VI_TEXT[vi_start:vi_end].split()),
        "en": " ".join(EN_TEXT[en_start:en_end].split()),
        "probability": probability,
        "margin": 1.2034,
        "cosine": 0.8812,
        "bead": f"{len(vi_at)}-{len(en_at)}",
        "vi_article": "cho.txt",
        "en_article": "market.txt",
        "vi_sentences": vi_at,
        "en_sentences": en_at,
        "vi_start": vi_start,
        "vi_end": vi_end,
        "en_start": en_start,
        "en_end": en_end,
        "flags": flags,
        "run": "align 0.1.0 mode=auto",
    }


def _span(text: str, first: str, last: str) -> tuple[int, int]:
    start = text.index(first)
    return start, text.index(last, start) + len(last)


NASTY = (
    "Bà nói: \"Không\" — rồi 'thôi'.",
    "a\\b \\t \\n \\\\ \\u0001 \\e \\c",
    "thẻ <b>&amp;</b> ]]> <!-- x -->",
    "tab\there, line\nbreak, return\rhere",
    "\x00\x01\x0b\x0c\x1f\x7f\x85\u2028\u2029\ufffe\uffff",
    "đau đầu 🤕 👩‍👩‍👧 𠀀",
    "Tie\u0302\u0301ng Vie\u0323\u0302t",  # NFD
    "\u202eשלום \u0645\u0631\u062d\u0628\u0627\u202c",
    "\ufeffBOM",
    "NULL",
    "nan",
    "",
    " ",
    ",",
    "[]",
    "{}",
)

texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec="utf-8"), max_size=12))
segments = texts.map(lambda text: " ".join(text.split()) or "x")
numbers = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(2**63), 2**63 - 1)
indices = st.lists(st.integers(0, 2**40), min_size=1, max_size=3)

_FIELDS = {
    pl.String(): texts,
    pl.Float64(): numbers,
    pl.Int64(): whole,
    pl.List(pl.Int64()): indices,
    pl.List(pl.String()): st.lists(texts, max_size=3),
}
_REQUIRED = {"vi": texts, "en": texts, "flags": _FIELDS[pl.List(pl.String())]}


def tables(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[pl.DataFrame]:
    """Return tables with hostile content; texts and flags are there, every other field may be null."""
    row = {
        name: fields.get(name, _REQUIRED.get(name, st.none() | _FIELDS[dtype])) for name, dtype in PAIR_SCHEMA.items()
    }
    rows = st.lists(st.fixed_dictionaries(row), max_size=4)
    return rows.map(lambda found: pl.DataFrame(found, schema=PAIR_SCHEMA, orient="row"))
