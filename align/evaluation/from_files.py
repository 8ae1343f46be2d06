"""Evaluations whose gold and system output are files or folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from align.errors import InputError, OptionError
from align.evaluation import proposals, reading
from align.evaluation.bead_diff import diff_beads
from align.evaluation.bead_lists import BeadLike
from align.evaluation.beads import compare_beads, evaluate_beads
from align.evaluation.calibration_scores import equal_width_edges
from align.evaluation.groups import evaluate_groups
from align.evaluation.mining import compare_mining, compare_pairing, diff_mining, evaluate_mining, evaluate_pairing
from align.evaluation.reliability import evaluate_reliability
from align.evaluation.retrieval import Vectors, compare_retrieval, evaluate_retrieval
from align.evaluation.split import compare_split, evaluate_split, find_text_difference
from align.evaluation.texts import DocumentTexts, find_texts, keep_fitting, read_texts
from align.files import read_lines
from align.matching.beads import Bead, parse_beads

Encode: TypeAlias = Callable[[list[str]], Vectors]
_Read = TypeVar("_Read")


def evaluate_bead_files(
    gold: Path,
    predicted: Path,
    other: Path | None = None,
    *,
    texts: tuple[Path, Path] | None = None,
    diff: bool = False,
    empty_beads: bool,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Score files or folders of beads; with `other`, compare the two systems.

    Args:
        gold: file or folder of gold beads.
        predicted: file or folder of a system's beads.
        other: the same of a second system.
        texts: file or folder of the Vietnamese sentences and of the English ones; by default X.vi and X.en beside each
            gold file X.gold are taken where they are there and fit the beads. Character scores need the texts of all
            documents.
        diff: whether to add what `diff_beads` returns as `diff`; needs `other`.
        empty_beads: as for `evaluate_beads`.
        resamples: bootstrap resamples; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        What `evaluate_beads` or `compare_beads` returns, with `documents_without_texts`: those that kept the character
        scores from being made, while others have texts.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range, or `diff` is asked for without `other`.
    """
    _check_diff(diff, other)
    endings = (reading.GOLD_BEAD_ENDINGS, reading.BEAD_ENDINGS)
    gold_files, files = reading.match_files(gold, predicted, *endings)
    gold_beads, beads = _read_known(gold_files, gold_files, _beads), _read_known(files, gold_files, _beads)
    systems = [beads] if other is None else [beads, _documents(gold, other, *endings, _beads)[1]]
    known = _texts(gold_files, reading.GOLD_BEAD_ENDINGS, texts, gold_beads, *systems)
    vi_lengths, en_lengths = known.lengths(gold_files)
    settings: dict[str, Any] = {"vi_lengths": vi_lengths, "en_lengths": en_lengths, "empty_beads": empty_beads}
    settings |= {"resamples": resamples, "seed": seed}
    if len(systems) == 1:
        result = evaluate_beads(gold_beads, beads, **settings)
    else:
        result = compare_beads(gold_beads, *systems, **settings)
    result["documents_without_texts"] = known.left_out
    if diff:
        result["diff"] = diff_beads(gold_beads, *systems, vi_texts=known.vi or None, en_texts=known.en or None)
    return result


def evaluate_mining_files(
    gold: Path,
    predicted: Path,
    other: Path | None = None,
    *,
    texts: tuple[Path, Path] | None = None,
    diff: bool = False,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Score files or folders of line-number pairs; with `other`, compare the two systems.

    Args:
        gold: file or folder of gold pairs.
        predicted: file or folder of a system's pairs.
        other: the same of a second system.
        texts: as for `evaluate_bead_files`; only the diff shows them.
        diff: whether to add what `diff_mining` returns as `diff`; needs `other`.
        resamples: bootstrap resamples; 0 for none.
        seed: seed of the bootstrap.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range, or `diff` is asked for without `other`.
    """
    _check_diff(diff, other)
    endings = (reading.GOLD_PAIR_ENDINGS, reading.PAIR_ENDINGS)
    gold_files, files = reading.match_files(gold, predicted, *endings)
    read = reading.read_index_pairs
    gold_pairs, pairs = _read_known(gold_files, gold_files, read), _read_known(files, gold_files, read)
    if other is None:
        return evaluate_mining(gold_pairs, pairs, resamples=resamples, seed=seed)
    systems = [pairs, _documents(gold, other, *endings, read)[1]]
    result = compare_mining(gold_pairs, *systems, resamples=resamples, seed=seed)
    if diff:
        as_beads = [
            {name: [((vi,), (en,)) for vi, en in listed] for name, listed in documents.items()}
            for documents in (gold_pairs, *systems)
        ]
        known = _texts(gold_files, reading.GOLD_PAIR_ENDINGS, texts, *as_beads)
        result["diff"] = diff_mining(gold_pairs, *systems, vi_texts=known.vi or None, en_texts=known.en or None)
    return result


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


def evaluate_pairing_files(
    gold: Path, predicted: Path, other: Path | None = None, *, resamples: int, seed: int
) -> dict[str, Any]:
    """Score a file of article pairs; with `other`, compare the two systems.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    pairs = [reading.read_name_pairs(path) for path in (gold, predicted, other) if path is not None]
    if other is None:
        return evaluate_pairing(*pairs, resamples=resamples, seed=seed)
    return compare_pairing(*pairs, resamples=resamples, seed=seed)


def evaluate_group_files(gold: Path, predicted: Path, *, resamples: int, seed: int) -> dict[str, Any]:
    """Score a folder of beads against a folder of `*.blocks.tsv` files.

    Raises:
        InputError: a file cannot be used; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    files, predicted_files = reading.match_files(gold, predicted, reading.BLOCK_ENDINGS, reading.BEAD_ENDINGS)
    blocks = {name: reading.read_blocks(path) for name, path in files.items()}
    return evaluate_groups(blocks, _read_known(predicted_files, files, _beads), resamples=resamples, seed=seed)


def evaluate_split_files(
    gold: Path, predicted: Path, other: Path | None = None, *, resamples: int, seed: int
) -> dict[str, Any]:
    """Score a file of sentences, paragraphs separated by blank lines; with `other`, compare the two systems.

    Raises:
        InputError: a file cannot be used, or the texts differ; the message names file and line.
        OptionError: `resamples` or `seed` is out of range.
    """
    own = reading.read_paragraphs(gold)
    systems = [_paragraphs_of(path, gold, own) for path in (predicted, other) if path is not None]
    if other is None:
        return evaluate_split(own.sentences, *systems, resamples=resamples, seed=seed)
    return compare_split(own.sentences, *systems, resamples=resamples, seed=seed)


def evaluate_retrieval_files(
    vi: Path, en: Path, encode: Encode, other: Encode | None = None, *, k: int, resamples: int, seed: int
) -> dict[str, Any]:
    """Encode two files of one sentence a line, line i translating line i, and score the retrieval.

    With `other`, compare the two encoders.

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
    settings: dict[str, Any] = {"vi_texts": vi_texts, "en_texts": en_texts, "k": k, "resamples": resamples}
    vectors = [(one(vi_texts), one(en_texts)) for one in (encode, other) if one is not None]
    if other is None:
        return evaluate_retrieval(*vectors[0], **settings, seed=seed)
    return compare_retrieval(*vectors, **settings, seed=seed)


def _check_diff(diff: bool, other: Path | None) -> None:
    if diff and other is None:
        raise OptionError("diff", diff, "false without a second system to compare with")


def _texts(
    gold_files: Mapping[str, Path],
    endings: Sequence[str],
    named: tuple[Path, Path] | None,
    *systems: Mapping[str, Sequence[BeadLike]],
) -> DocumentTexts:
    """Read the texts that are named, or those found beside the gold that fit."""
    if named is not None:
        return read_texts(gold_files, endings, *named)
    return keep_fitting(find_texts(gold_files, endings), *systems)


def _paragraphs_of(path: Path, gold_path: Path, gold: reading.Paragraphs) -> list[list[str]]:
    """Read the paragraphs of a system and compare their text with that of gold."""
    split = reading.read_paragraphs(path)
    difference = find_text_difference(gold.sentences, split.sentences)
    if difference is None:
        return split.sentences
    places = [
        _place(gold_path, gold, difference.paragraph, difference.gold_sentence),
        _place(path, split, difference.paragraph, difference.predicted_sentence),
    ]
    raise InputError(
        f"the texts differ: {places[0]} has {difference.gold!r}, {places[1]} has {difference.predicted!r} "
        "(spaces aside); both files must hold the same paragraphs"
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
