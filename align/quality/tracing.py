"""Why a pair is in a corpus or not: one pair traced through files, facts and filters (what `align why` says)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from align.corpus import PAIR_SCHEMA, read_batches
from align.corpus.formats import STDOUT
from align.corpus.inputs import OnError
from align.errors import InputError, OptionError
from align.quality.corpora import fill_ids
from align.quality.facts import FACT_FEATURES, compare_facts, fact_features
from align.quality.filters import DEFAULT, FILTERS, Filter, make_filters
from align.sentences.folding import fold

if TYPE_CHECKING:
    from align.matching.calibration import FactWeights

SCORES = ("probability", "margin", "cosine", "mt_chrf")
MOST_CANDIDATES = 10
MOST_OTHERS = 20
_SIGNATURE = re.compile(r"(?:^|\|)encoder:(?P<name>[^|@]+)@(?P<fingerprint>[^|]*)")


@dataclass(frozen=True)
class Occurrence:
    """A row of a file.

    Attributes:
        file: the name of the file.
        row: 0-based, broken lines not counted.
        reason, detail: which filter refused the pair and why; None where the pair was kept.
        pair: the fields of `align.corpus.PAIR_SCHEMA`.
        scores: what the file says beyond these fields, such as the scores of filters; nulls left out.
    """

    file: str
    row: int
    reason: str | None
    detail: str | None
    pair: dict[str, Any]
    scores: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What a filter says of the pair.

    Attributes:
        filter: its name.
        reason: None keeps the pair, else value and limit.
        scores: name -> value.
        default: it is of the default set.
    """

    filter: str
    reason: str | None
    scores: dict[str, Any]
    default: bool


@dataclass(frozen=True)
class FactsSaid:
    """Facts of a pair.

    Attributes:
        agreed: facts that both sides state, as "VI TEXT = EN TEXT".
        mismatches: labels, such as "number:5|7".
    """

    agreed: tuple[str, ...]
    mismatches: tuple[str, ...]


@dataclass(frozen=True)
class Weighing:
    """How the probability of a pair came about.

    Attributes:
        kind: which weights were used: "parallel", "comparable" or "pairs" (scored from a file).
        without_facts: the probability that vectors, lengths and the pairs around give; None where a translation check
            has moved it since.
        facts: log-odds that the facts of each kind add, those that add nothing left out.
    """

    kind: str
    without_facts: float | None
    facts: dict[str, float]


@dataclass(frozen=True)
class Trace:
    """Everything that files alone say about one pair.

    Attributes:
        id: identity of the pair, 16 hex digits.
        found: where it stands; the first one's texts and scores are the pair's.
        facts: which agree and which do not.
        weighing: how the probability came about, None where it is not known.
        verdicts: of every filter without a memory.
        others: rows that use a sentence of this pair, with another sentence or in another pair of articles.
        more_others: how many more of these there are.
    """

    id: str
    found: tuple[Occurrence, ...]
    facts: FactsSaid
    weighing: Weighing | None
    verdicts: tuple[Verdict, ...]
    others: tuple[Occurrence, ...]
    more_others: int

    @property
    def pair(self) -> dict[str, Any]:
        """Return the fields of the pair where it was found first."""
        return self.found[0].pair


def trace_pair(
    identity: str,
    files: Sequence[str | Path],
    *,
    format: str | None = None,
    filters: Sequence[Filter] | None = None,
    on_error: OnError | None = None,
) -> Trace:
    """Trace one pair through corpora and files of rejects.

    The files are read twice, as streams. A row without an identity goes by the one that its content gives, as in the
    outputs of `align filter` and `align score`.

    Args:
        identity: the first digits of the pair's identity, as many as make it the only one.
        files: corpus files; in those with a column `reason` the rows that have one were refused.
        format: a key of `align.corpus.FORMATS` for all files; by default their endings decide.
        filters: whose verdicts to tell; by default all that have no memory, with their own thresholds.
        on_error: takes the fault of a line that does not fit, which is then left out; None raises it.

    Raises:
        InputError: no pair has such an identity, or several have; the message lists them.
    """
    if STDOUT in map(str, files):
        raise OptionError("file", STDOUT, "files that can be read twice")
    found = _find(identity.strip().lower(), files, format, on_error)
    pair = found[0].pair
    others = list(_rows(files, format, (pl.col("id") != pair["id"]) & _shares(pair), _pass))
    return Trace(
        pair["id"],
        tuple(found),
        say_facts(pair["vi"] or "", pair["en"] or ""),
        weigh(pair, found[0].scores),
        tuple(verdicts(pair, stateless_filters() if filters is None else filters)),
        tuple(others[:MOST_OTHERS]),
        max(0, len(others) - MOST_OTHERS),
    )


def encoder_of(run: str | None) -> tuple[str, str] | None:
    """Return name and fingerprint of the encoder that the signature of a run names, None when it names none.

    >>> encoder_of("align-vi-en|encoder:e5-small-vien@1f2e3d|mode:auto")
    ('e5-small-vien', '1f2e3d')
    """
    match = _SIGNATURE.search(run or "")
    return (match["name"], match["fingerprint"]) if match else None


def weigh(pair: dict[str, Any], scores: Mapping[str, Any] | None = None) -> Weighing | None:
    """Say what the facts of a pair add to its probability, by the constants that this version has for its encoder.

    None where the pair has no probability, or was scored with constants of the user's own.

    Args:
        pair: the fields of `align.corpus.PAIR_SCHEMA`.
        scores: what its file says beyond these fields; an `mt_xent` there is of a translation check.
    """
    from align.matching.calibration import DEFAULT_ENCODER, calibrated_encoders, load_calibration

    run = pair["run"] or ""
    if pair["probability"] is None or "|calibration:" in run or not (pair["vi"] and pair["en"]):
        return None
    made = encoder_of(run)
    encoder = made[0] if made and made[0] in calibrated_encoders() else DEFAULT_ENCODER
    kind = next((mode for mode in ("parallel", "comparable") if mode in (pair["flags"] or ())), "pairs")
    weights: FactWeights = getattr(load_calibration(encoder).trust, kind)
    counts = fact_features([fold(pair["vi"])], [fold(pair["en"])])[0]
    added = {name: weights.facts[name] * float(count) for name, count in zip(FACT_FEATURES, counts, strict=True)}
    without = None
    checked = pair["mt_chrf"] is not None or (scores or {}).get("mt_xent") is not None
    if not checked and 0 < pair["probability"] < 1 and weights.log_odds > 0:
        total = math.log(pair["probability"] / (1 - pair["probability"]))
        odds = (total - weights.constant - math.fsum(added.values())) / weights.log_odds
        without = 1 / (1 + math.exp(-max(min(odds, 700), -700)))
    return Weighing(kind, without, {name: value for name, value in added.items() if value})


def stateless_filters() -> list[Filter]:
    """Return every filter whose verdict on a pair rests on this pair alone."""
    return make_filters(",".join(name for name, kind in FILTERS.items() if not kind.stateful))


def verdicts(pair: dict[str, Any], filters: Iterable[Filter]) -> list[Verdict]:
    """Return what each filter says of a pair, with its scores."""
    table = pl.DataFrame([pair], schema=PAIR_SCHEMA)
    told = []
    for judge in filters:
        scores = judge.score(table)
        [reason] = judge.reasons(scores)
        told.append(Verdict(judge.name, reason, scores.row(0, named=True), judge.name in DEFAULT))
    return told


def say_facts(vi: str, en: str) -> FactsSaid:
    """Compare the facts of two texts and put the outcome into words."""
    compared = compare_facts(vi, en)
    agreed = tuple(f"{first.kind}: {first.text} = {second.text}" for first, second in compared.agreed)
    return FactsSaid(agreed, tuple(mismatch.label for mismatch in compared.mismatches))


def _find(prefix: str, files: Sequence[str | Path], format: str | None, on_error: OnError | None) -> list[Occurrence]:
    if not prefix:
        raise InputError("the id is empty; give the first digits of a pair's id")
    found = list(_rows(files, format, pl.col("id").str.starts_with(prefix), on_error))
    known = dict.fromkeys(row.pair["id"] for row in found)
    where = ", ".join(map(str, files))
    if not known:
        raise InputError(f"no pair in {where} has an id that starts with {prefix!r}; ids stand in the column 'id'")
    if prefix in known:
        return [row for row in found if row.pair["id"] == prefix]
    if len(known) > 1:
        listed = ", ".join(list(known)[:MOST_CANDIDATES]) + (", ..." if len(known) > MOST_CANDIDATES else "")
        raise InputError(f"{len(known)} pairs have an id that starts with {prefix!r}: {listed}; give more digits")
    return found


def _rows(
    files: Sequence[str | Path], format: str | None, wanted: pl.Expr, on_error: OnError | None
) -> Iterator[Occurrence]:
    """Yield the rows of the files for which an expression is true."""
    for file in files:
        first = 0
        for batch in read_batches(file, format, on_error=on_error):
            numbered = fill_ids(batch).with_row_index("", offset=first)
            first += batch.height
            yield from (_occurrence(str(file), row) for row in numbered.filter(wanted).iter_rows(named=True))


def _pass(fault: InputError) -> None:
    """The first reading told of the fault."""


def _shares(pair: dict[str, Any]) -> pl.Expr:
    """Return what is true of rows with a sentence of this pair: by the offsets, or by the text where there are none."""
    either = pl.lit(False)
    for side in ("vi", "en"):
        article, start, end = pair[f"{side}_article"], pair[f"{side}_start"], pair[f"{side}_end"]
        if None not in (article, start, end):
            same = (pl.col(f"{side}_article") == article) & (pl.col(f"{side}_start") < end)
            either |= (same & (pl.col(f"{side}_end") > start)).fill_null(False)
        elif pair[side]:
            either |= (pl.col(side) == pair[side]).fill_null(False)
    return either


def _occurrence(file: str, row: dict[str, Any]) -> Occurrence:
    reason, detail = row.get("reason"), row.get("detail")
    own = ("", "reason", "detail")
    scores = {k: v for k, v in row.items() if k not in PAIR_SCHEMA and k not in own and v is not None}
    return Occurrence(file, row[""], reason, detail, {name: row[name] for name in PAIR_SCHEMA}, scores)
