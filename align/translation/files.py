"""Files of one sentence a line, translated or scored."""

from __future__ import annotations

from pathlib import Path

from align.errors import InputError
from align.files import read_lines, write_text
from align.translation.base import Direction, Translator


def translate_file(path: str | Path, output: str | Path, translator: Translator, direction: Direction) -> int:
    """Write the translation of every line of `path`; "-" is the standard input or output.

    Line i of the output belongs to line i; an empty line stays empty. Returns the number of lines.

    Raises:
        InputError, DecodingError: the file cannot be read or is not UTF-8.
        OutputError: `output` could not be written.
    """
    lines = translator.translate(read_lines(path), direction)
    write_text(output, "".join(f"{line}\n" for line in lines))
    return len(lines)


def score_files(
    path: str | Path, translations: str | Path, output: str | Path, translator: Translator, direction: Direction
) -> int:
    """Write what the translator thinks of line i of `translations` as a translation of line i of `path`.

    It is `Translator.cross_entropy` in nats per token with six digits after the point; `nan` where a line is empty.
    Returns the number of lines.

    Raises:
        InputError: the files have not the same number of lines, or cannot be read.
        DecodingError: a file is not UTF-8.
        OutputError: `output` could not be written.
    """
    sources, targets = read_lines(path), read_lines(translations)
    if len(sources) != len(targets):
        message = f"{path} has {len(sources)} lines and {translations} {len(targets)}; give a line for every line"
        raise InputError(message)
    scores = translator.cross_entropy(sources, targets, direction)
    write_text(output, "".join(f"{score:.6f}\n" for score in scores))
    return len(sources)
