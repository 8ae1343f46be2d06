"""Choose which pieces of XLM-R's 250,000 a Vietnamese-English vocabulary keeps."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import sentencepiece
import spm_file
from syllables import VIETNAMESE_LETTERS
from text import Text

SIZE = 40_000
SPACE = "▁"
Piece = tuple[str, float]


def choose(pieces: Sequence[Piece], text: Text, size: int = SIZE) -> list[str]:
    """Return the `size` most useful pieces in their original order, by what `text` needs.

    First come the special pieces, every single Latin letter, digit and symbol (so that nothing is unknown), then
    pieces that occur in the text, by relative frequency averaged over the two languages, then those of dictionary
    words and, until the size is reached, other pieces in ASCII or Vietnamese letters by XLM-R's own unigram score.
    """
    tokeniser = sentencepiece.SentencePieceProcessor(model_proto=spm_file.model_bytes(pieces))
    in_text = [_count(tokeniser, lines) for lines in (text.vi, text.en)]
    in_words = [_count(tokeniser, forms(words)) for words in (text.vi_words, text.en_words)]
    keys = [_key(i, piece, in_text, in_words) for i, piece in enumerate(pieces)]
    best = sorted(range(len(pieces)), key=keys.__getitem__)[:size]
    return [pieces[i][0] for i in sorted(best)]


def forms(words: Iterable[str]) -> list[str]:
    """Return every word as it stands, in lower case, capitalised and in capitals, without repetitions."""
    return list(dict.fromkeys(f for w in words for f in (w, w.lower(), w.capitalize(), w.upper())))


def _count(tokeniser: sentencepiece.SentencePieceProcessor, lines: list[str]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for start in range(0, len(lines), 10_000):
        for ids in tokeniser.encode(lines[start : start + 10_000], num_threads=1):
            counts.update(ids)
    return counts


def _key(i: int, piece: Piece, in_text: list[Counter[int]], in_words: list[Counter[int]]) -> tuple[int, float]:
    """Return a sort key: smaller is kept first."""
    surface, score = piece
    script = _script(surface)
    frequency = sum(counts[i] / counts.total() for counts in in_text)
    if i < len(spm_file.SPECIALS):
        return 0, i
    if len(surface.replace(SPACE, "")) <= 1 and script != "other":
        return 1, i
    if script != "other" and (sum(counts[i] for counts in in_text) >= 2 or in_words[0][i]):
        return 2, -frequency
    if script != "other" and (frequency or in_words[1][i]):
        return 3, -score
    return {"vi-en": 4, "latin": 5, "other": 6}[script], -score


def _script(surface: str) -> str:
    """Return "vi-en" for ASCII, Vietnamese letters and symbols of any kind, "latin" for other Latin, else "other"."""
    script = "vi-en"
    for character in surface:
        if character.isascii() or character in VIETNAMESE_LETTERS or unicodedata.category(character)[0] not in "LM":
            continue
        if not unicodedata.name(character, "").startswith("LATIN"):
            return "other"
        script = "latin"
    return script


def check(tokeniser: sentencepiece.SentencePieceProcessor, vi_words: Iterable[str]) -> None:
    """Prove that nothing Vietnamese or English is unknown to the tokeniser.

    Raises:
        ValueError: a printable ASCII character or a Vietnamese letter is no piece, or a word has an unknown part.
    """
    unknown = tokeniser.unk_id()
    letters = [chr(c) for c in range(33, 127)] + list(VIETNAMESE_LETTERS)
    missing = [c for c in letters if tokeniser.piece_to_id(c) == unknown]
    missing += [word for word in forms(vi_words) if unknown in tokeniser.encode(word)]
    if missing:
        raise ValueError(f"{len(missing)} characters or words are unknown to the vocabulary, such as {missing[:5]}")
