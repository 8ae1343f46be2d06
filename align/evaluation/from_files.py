"""Evaluations whose gold and system output are files or folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from align.errors import InputError
from align.evaluation import proposals, reading
from align.evaluation.beads import compare_beads, evaluate_beads
from align.evaluation.calibration_scores import equal_width_edges
from align.evaluation.groups import evaluate_groups
from align.evaluation.mining import compare_mining, evaluate_mining, evaluate_pairing
from align.evaluation.reliability import evaluate_reliability
from align.evaluation.retrieval import Vectors, evaluate_retrieval
from align.evaluation.split import evaluate_split, find_text_difference
from align.files import read_lines
from align.matching.beads import Bead, parse_beads

_Read = TypeVar("_Read")


def evaluate_bead_files(
    gold: Path, predicted: Path, other: Path | None = None, *, empty_beads: bool, resamples: int, seed: int
) -> dict[str, Any]:
    """Score files or folders of beads; with `other`, compare the two systems.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    gold_beads, beads = _documents(gold, predicted, reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS, _beads)
    if other is None:
        return evaluate_beads(gold_beads, beads, empty_beads=empty_beads, resamples=resamples, seed=seed)
    other_beads = _documents(gold, other, reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS, _beads)[1]
    return compare_beads(gold_beads, beads, other_beads, empty_beads=empty_beads, resamples=resamples, seed=seed)


def evaluate_mining_files(
    gold: Path, predicted: Path, other: Path | None = None, *, resamples: int, seed: int
) -> dict[str, Any]:
    """Score files or folders of line-number pairs; with `other`, compare the two systems.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    endings = (reading.GOLD_PAIR_ENDINGS, reading.PAIR_ENDINGS)
    gold_pairs, pairs = _documents(gold, predicted, *endings, reading.read_index_pairs)
    if other is None:
        return evaluate_mining(gold_pairs, pairs, resamples=resamples, seed=seed)
    other_pairs = _documents(gold, other, *endings, reading.read_index_pairs)[1]
    return compare_mining(gold_pairs, pairs, other_pairs, resamples=resamples, seed=seed)


def evaluate_reliability_files(gold: Path, predicted: Path, *, bins: int, resamples: int, seed: int) -> dict[str, Any]:
    """Compare the probabilities of files or folders of mined pairs or beads with gold.

    A proposed bead is right when gold has the same bead. What is proposed twice is two statements. The bootstrap draws
    documents when there are several, else pairs.

    Returns:
        What `evaluate_reliability` returns, with `missing_documents` and `extra_documents`.

    Raises:
        InputError: a file cannot be used, the message names file and line; or nothing is proposed.
        OptionError: `bins`, `resamples` or `seed` is out of range.
    """
    edges = equal_width_edges(bins)
    files, predicted_files = reading.match_files(gold, predicted, proposals.GOLD_ENDINGS, proposals.ENDINGS)
    gold_beads = {name: proposals.read_gold(path) for name, path in files.items()}
    stated = [
        (bead.score, (bead.vi, bead.en) in gold_beads[name], name)
        for name, beads in _read_known(predicted_files, files, proposals.read_proposals).items()
        for bead in beads
    ]
    if not stated:
        raise InputError(f"{predicted}: nothing is proposed; expected pairs or beads with text on both sides")
    probability, right, units = zip(*stated, strict=True)
    return {
        **evaluate_reliability(probability, right, edges=edges, resamples=resamples, seed=seed, units=units),
        "missing_documents": sorted(set(files) - set(predicted_files)),
        "extra_documents": sorted(set(predicted_files) - set(files)),
    }


def evaluate_pairing_files(gold: Path, predicted: Path, *, resamples: int, seed: int) -> dict[str, Any]:
    """Score a file of article pairs.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    pairs = [reading.read_name_pairs(path) for path in (gold, predicted)]
    return evaluate_pairing(pairs[0], pairs[1], resamples=resamples, seed=seed)


def evaluate_group_files(gold: Path, predicted: Path, *, resamples: int, seed: int) -> dict[str, Any]:
    """Score a folder of beads against a folder of `*.blocks.tsv` files.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    files, predicted_files = reading.match_files(gold, predicted, reading.BLOCK_ENDINGS, reading.BEAD_ENDINGS)
    blocks = {name: reading.read_blocks(path) for name, path in files.items()}
    return evaluate_groups(blocks, _read_known(predicted_files, files, _beads), resamples=resamples, seed=seed)


def evaluate_split_files(gold: Path, predicted: Path, *, resamples: int, seed: int) -> dict[str, Any]:
    """Score a file of sentences, paragraphs separated by blank lines.

    Raises:
        InputError: a file cannot be used, or the texts differ; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    own, other = reading.read_paragraphs(gold), reading.read_paragraphs(predicted)
    difference = find_text_difference(own.sentences, other.sentences)
    if difference is not None:
        places = [
            _place(path, split, difference.paragraph, sentence)
            for path, split, sentence in (
                (gold, own, difference.gold_sentence),
                (predicted, other, difference.predicted_sentence),
            )
        ]
        raise InputError(
            f"the texts differ: {places[0]} has {difference.gold!r}, {places[1]} has {difference.predicted!r} "
            "(spaces aside); both files must hold the same paragraphs"
        )
    return evaluate_split(own.sentences, other.sentences, resamples=resamples, seed=seed)


def evaluate_retrieval_files(
    vi: Path, en: Path, encode: Callable[[list[str]], Vectors], *, k: int, resamples: int, seed: int
) -> dict[str, Any]:
    """Encode two files of one sentence a line, line i translating line i, and score the retrieval.

    Raises:
        InputError: a file cannot be read, holds no line, or the numbers of lines differ.
        OptionError: `k`, `resamples` or `seed` is out of range.
    """
    vi_texts, en_texts = read_lines(vi), read_lines(en)
    if len(vi_texts) != len(en_texts) or not vi_texts:
        raise InputError(
            f"{vi} has {len(vi_texts)} lines, {en} has {len(en_texts)}; "
            "line i of one must translate line i of the other"
        )
    return evaluate_retrieval(
        encode(vi_texts),
        encode(en_texts),
        vi_texts=vi_texts,
        en_texts=en_texts,
        k=k,
        resamples=resamples,
        seed=seed,
    )


def _beads(path: Path) -> list[Bead]:
    return parse_beads(read_lines(path), str(path))


def _documents(
    gold: Path,
    predicted: Path,
    gold_endings: tuple[str, ...],
    endings: tuple[str, ...],
    read: Callable[[Path], _Read],
) -> tuple[dict[str, _Read], dict[str, _Read]]:
    gold_files, files = reading.match_files(gold, predicted, gold_endings, endings)
    return {name: read(path) for name, path in gold_files.items()}, _read_known(files, gold_files, read)


def _read_known(
    files: Mapping[str, Path], gold_files: Mapping[str, Path], read: Callable[[Path], _Read]
) -> dict[str, _Read]:
    """Read the files that have gold: another file in the folder may be anything."""
    return {name: read(path) for name, path in files.items() if name in gold_files}


def _place(path: Path, split: reading.Paragraphs, paragraph: int, sentence: int | None) -> str:
    if paragraph >= len(split.first_lines):
        return f"{path}, after its last paragraph,"
    lines = split.sentences[paragraph]
    return f"{path}, line {split.first_lines[paragraph] + (len(lines) - 1 if sentence is None else sentence)}"
