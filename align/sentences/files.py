"""From article files to a file of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from align.articles import read_articles
from align.errors import InputError
from align.files import whole_file, write_standard_output
from align.sentences.formats import paragraph_lines, sentence_lines
from align.sentences.tables import assign_languages, split_articles

_LINES_AT_ONCE = 1000


def split_files(
    files: Sequence[str | Path],
    output: str | Path = "-",
    *,
    lang: str = "auto",
    form: str = "text",
    paragraphs: bool = False,
    encoding: str | None = None,
) -> list[str]:
    """Write the sentences of article files (or folders) to `output`, "-" for the standard output.

    Args:
        files: read one after the other; an article id is unique within one of them.
        output: written whole or not at all.
        lang: "vi", "en" or "auto", as `assign_languages` takes it.
        form: "text", "jsonl" or "spans", as `sentence_lines` takes it.
        paragraphs: an empty line after each line of an article; `form` is then "text".
        encoding: as `read_articles` takes it.

    Returns:
        What could not be used, one message each; everything else was written.

    Raises:
        InputError: not one article is of use.
        OptionError: `lang`, `form` or `encoding` has a value that is not allowed.
        OutputError: `output` cannot be written.
    """
    problems: list[str] = []
    lines = _lines(files, problems, lang, form, paragraphs, encoding)
    if str(output) == "-":
        while part := "".join(islice(lines, _LINES_AT_ONCE)):
            write_standard_output(part.encode("utf-8"))
    else:
        with whole_file(output) as partial, partial.open("wb") as stream:
            # Bytes: whatever the system's encoding and line break.
            stream.writelines(line.encode("utf-8") for line in lines)
    return problems


def _lines(
    files: Sequence[str | Path], problems: list[str], lang: str, form: str, paragraphs: bool, encoding: str | None
) -> Iterator[str]:
    used = 0
    for file in files:
        try:
            found = read_articles(file, encoding=encoding)
        except InputError as error:
            problems.append(str(error))  # the other files are of use all the same
            continue
        problems += [f"{problem.source}: {problem.message}" for problem in found.problems]
        articles, left_out = assign_languages(found.table, lang)
        problems += [f"{name}: {reason}" for name, reason in left_out]
        used += articles.height
        sentences = split_articles(articles)
        yield from paragraph_lines(sentences, articles) if paragraphs else sentence_lines(sentences, form)
    if not used:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(f"no article to split: {problems[0]}{more}")
