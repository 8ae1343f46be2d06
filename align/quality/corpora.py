"""Whole corpora through filters or a scorer, batch by batch: memory does not grow with the file."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import polars as pl

from align.corpus import PAIR_SCHEMA, CorpusWriter, format_of, pair_ids, read_batches
from align.corpus.inputs import OnError
from align.corpus.streams import work_folder
from align.errors import OptionError
from align.files import check_writable
from align.quality.filters import Filter, apply_filters

REJECTS_FORMATS = ("tsv", "jsonl", "parquet")
"""Formats with a place for reasons and scores and for pairs that lack a text."""

DECIMALS = 6  # of filters' scores: more would differ between machines
_DRAW = "draw"


@dataclass
class Filtered:
    """What filtering a corpus came to.

    Attributes:
        read: pairs of the corpus.
        kept: pairs that no filter refused.
        reasons: name of a filter -> pairs that it refused, the most frequent first.
        without_probability: pairs that no threshold on the probability could judge.
    """

    read: int = 0
    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    without_probability: int = 0


def check_outputs(source: str, target: str, target_format: str | None, rejects: str | None = None) -> None:
    """Find out before the work whether the outputs can be written and go together.

    Raises:
        OptionError: a format is unknown or cannot be written batch by batch; the rejects have the name of another
            file, or a format without a place for reasons.
        OutputError: a file cannot be written.
    """
    check_writable(target)
    CorpusWriter(target, target_format)
    check_rejects(rejects, {"the output": target, "the input": source})


def check_rejects(rejects: str | None, others: Mapping[str, str]) -> None:
    """Find out before the work whether rejects can be written, where they are asked for.

    Args:
        rejects: file to write; None asks for none.
        others: what other files are, and their names: the rejects must not replace them.

    Raises:
        OptionError: the rejects have the name of another file, or a format without a place for reasons.
        OutputError: the file cannot be written.
    """
    if rejects is None:
        return
    check_writable(rejects)
    if (name := format_of(rejects)) not in REJECTS_FORMATS:
        raise OptionError("format of the rejects", name, f"{', '.join(REJECTS_FORMATS)}, which hold reasons")
    for what, other in others.items():
        if rejects == other or Path(rejects).absolute() == Path(other).absolute():
            raise OptionError("rejects", rejects, f"another file than {what}")


def filter_corpus(
    source: str | Path,
    target: str | Path,
    filters: Sequence[Filter],
    *,
    rejects: str | Path | None = None,
    source_format: str | None = None,
    target_format: str | None = None,
    on_error: OnError | None = None,
) -> Filtered:
    """Write the pairs that every filter keeps to `target`, and the others with their reasons to `rejects`.

    Pairs stay in their order, texts, provenance and scores as they are; an identity that is null is computed, so that
    `align why` finds the pair. The rejects have the columns `reason` (the filter), `detail` (value and limit) and the
    scores of the filters behind those of the corpus.

    Args:
        source, target, rejects: corpus files; "-" is the standard input or output.
        filters: from `make_filters`, made for this corpus alone: some remember what they saw.
        source_format, target_format: keys of `align.corpus.FORMATS`; by default the endings decide.
        on_error: takes the fault of a line that does not fit, which is then left out; None raises it.

    Raises:
        OptionError: a format is unknown or cannot be written in this way.
        InputError: the corpus cannot be read, or its pairs have no place in the format of the target.
        OutputError: a file could not be written; then neither is there.
    """
    found = Filtered()
    scores = [name for judge in filters for name, dtype in judge.columns.items() if dtype.is_float()]
    with contextlib.ExitStack() as stack:
        kept_to = stack.enter_context(CorpusWriter(target, target_format))
        rejects_to = None if rejects is None else stack.enter_context(CorpusWriter(rejects))
        for batch in read_batches(source, source_format, on_error=on_error):
            kept, rejected = apply_filters(fill_ids(batch), filters)
            kept_to.write(kept)
            if rejects_to is not None:
                rejects_to.write(rejected.with_columns(pl.col(scores).round(DECIMALS)))
            found.read += batch.height
            found.kept += kept.height
            found.reasons.update(rejected["reason"].to_list())
            found.without_probability += batch["probability"].null_count()
    found.reasons = Counter(dict(sorted(found.reasons.items(), key=lambda item: (-item[1], item[0]))))
    return found


def score_corpus(
    source: str | Path,
    target: str | Path,
    score: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    check: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] | None = None,
    source_format: str | None = None,
    target_format: str | None = None,
    on_error: OnError | None = None,
) -> int:
    """Write a corpus with the scores that `score` gives to each batch; return how many pairs there were.

    Pairs stay in their order, texts and provenance as they are; an identity that is null is computed.

    Args:
        source, target: corpus files; "-" is the standard input or output.
        score: takes a table of `align.corpus.PAIR_SCHEMA`, returns it with scores in place of those it had.
        check: takes a scored batch and a sample of the corpus's confident pairs, the same one with every batch, and
            returns the batch checked, such as `align.quality.translation_check.check_pairs`. The scored corpus waits
            in a temporary file until the sample is known.
        source_format, target_format: keys of `align.corpus.FORMATS`; by default the endings decide.
        on_error: takes the fault of a line that does not fit, which is then left out; None raises it.

    Raises:
        OptionError: a format is unknown or cannot be written in this way.
        InputError: the corpus cannot be read, or its pairs have no place in the format of the target.
        OutputError: the file could not be written.
    """
    read = read_batches(source, source_format, on_error=on_error)
    batches: Iterator[pl.DataFrame] = (score(fill_ids(batch)) for batch in read)
    with CorpusWriter(target, target_format) as writer, contextlib.ExitStack() as stack:
        if check is not None:
            folder = stack.enter_context(work_folder(target))
            batches = _checked(batches, check, Path(folder, "scored.parquet"))
        for batch in batches:
            writer.write(batch)
    return writer.rows


def _checked(
    batches: Iterable[pl.DataFrame], check: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame], file: Path
) -> Iterator[pl.DataFrame]:
    """Yield the batches checked, after all of them have been seen for the sample."""
    sample = ConfidentSample()
    with CorpusWriter(file) as writer:
        for batch in batches:
            sample.add(batch)
            writer.write(batch)
    for batch in read_batches(file):
        yield check(batch, sample.pairs)


class ConfidentSample:
    """A sample of at most `size` confident pairs of a stream: the same one for batches of any size.

    Articles are drawn, not pairs, so that pairs that are neighbours in an article stay so; a pair without an article
    is drawn by its identity.

    Args:
        size: pairs to keep; the last article drawn may be cut.
        least: probability from which a pair is confident.
    """

    def __init__(self, size: int = 1000, least: float = 0.99) -> None:
        """Start with no pairs."""
        self._size, self._least = size, least
        self._pairs = pl.DataFrame(schema=PAIR_SCHEMA).with_columns(pl.lit("").alias(_DRAW)).clear()

    @property
    def pairs(self) -> pl.DataFrame:
        """Return the sample, in an order of no meaning but for neighbours: a table of `align.corpus.PAIR_SCHEMA`."""
        return self._pairs.drop(_DRAW)

    def add(self, batch: pl.DataFrame) -> None:
        """Show the next pairs of the stream."""
        sure = batch.select(list(PAIR_SCHEMA)).filter(pl.col("probability") >= self._least)
        keys = (article or own for article, own in sure.select("vi_article", "id").iter_rows())
        draw = [blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() for key in keys]
        sure = sure.with_columns(pl.Series(_DRAW, draw, pl.String()))
        self._pairs = pl.concat([self._pairs, sure]).sort(_DRAW, maintain_order=True).head(self._size)


def fill_ids(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return a table of `PAIR_SCHEMA` with every identity that is null computed."""
    return pairs.with_columns(id=pairs["id"].fill_null(pair_ids(pairs))) if pairs["id"].null_count() else pairs
