"""Files and folders to the articles table.

The id of an article is its path below the given folder, with / between the parts (for a file given directly, its
name). JSONL and Parquet rows have their own `id`; a row without one is "FILE#ROW". An id that another file has already
taken becomes "FILE#ID" with a note; an id twice in one file is a problem, and the first row is kept.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from align.articles.encodings import decode
from align.articles.html import read_html
from align.articles.record import Article, Problem, is_unicode
from align.articles.repair import repair as repair_text
from align.articles.rows import read_jsonl, read_parquet
from align.articles.schema import ARTICLE_SCHEMA
from align.errors import DecodingError, InputError, MissingExtraError
from align.progress import Progress, silent

KINDS = {
    ".txt": "txt",
    ".txt.gz": "txt",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".parquet": "parquet",
}
"""File name ending (any case) -> kind."""

MAX_BYTES = 1 << 30
"""Size of a file, after unpacking, above which it is refused: a guard against a wrong file and against gzip bombs."""


@dataclass(frozen=True)
class ArticleSet:
    """What was read: a polars DataFrame of `ARTICLE_SCHEMA`, sorted by id, and what could not be used."""

    table: pl.DataFrame
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _File:
    path: Path
    key: str  # path below the given folder
    kind: str


def read_articles(
    path: str | Path, *, encoding: str | None = None, repair: bool = False, progress: Progress = silent
) -> ArticleSet:
    """Read the articles of a file, or of a folder and its subfolders.

    Kinds: .txt, .html, .htm, .jsonl, .parquet, and .txt.gz, .jsonl.gz. Other files, hidden files and links to folders
    are passed over. One article, row or file that cannot be used never stops the others: it is named in `problems`.

    Args:
        path: a file or folder.
        encoding: any Python codec or "tcvn3", "vni", "viscii"; None to find out for each file. Not for Parquet.
        repair: undo mojibake; offsets then refer to the repaired text.
        progress: called as `progress("read", files_done, files)`.

    Returns:
        The table, one row per article, and the problems in the order of the files.

    Raises:
        InputError: `path` does not exist, holds no file of a readable kind, or gives not one article.
        MissingExtraError: only .html files are there, and trafilatura is not.
        OptionError: `encoding` is no known name.

    Example:
        >>> read_articles("examples/vi").table["id"].to_list()[:3]
        ['chay-lu.txt', 'dien-mat-troi.html', 'non-la.txt']
    """
    root = Path(path)
    files, problems = _find(root)
    if not files and not problems:
        endings = " ".join(KINDS)
        raise InputError(f"{root}: {_nothing_found(root)}; readable are files ending in {endings}")
    found = _Collection(repair)
    missing: MissingExtraError | None = None
    progress("read", 0, len(files))
    for done, file in enumerate(files, 1):
        try:
            for item in _read(file, encoding):
                found.add(file.key, item)
        except MissingExtraError as error:
            missing = error
            found.problems.append(Problem(str(file.path), str(error)))
        except (DecodingError, OSError, EOFError, zlib.error) as error:
            found.problems.append(Problem(str(file.path), _reason(error, file)))
        progress("read", done, len(files))
    problems += found.problems
    if not found.articles:
        raise _nothing_usable(root, problems, missing)
    return ArticleSet(_to_table(found.articles), tuple(problems))


def _find(root: Path) -> tuple[list[_File], list[Problem]]:
    """Return the readable files, rows last so that the names of files are taken before the ids of rows."""
    try:
        root.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{root}: {reason}; give a file or folder that exists") from error
    problems: list[Problem] = []
    if root.is_dir():
        candidates = [(place, place.relative_to(root).as_posix()) for place in _walk(root, problems)]
    else:
        candidates = [(root, root.name)]
    files = []
    for place, key in candidates:
        kind = _kind(place.name)
        if kind is None or (place.exists() and not place.is_file()):
            continue  # pipes would block; a dead link goes on, to be reported
        if is_unicode(key):
            files.append(_File(place, key, kind))
        else:
            problems.append(Problem(ascii(key), "the file's name is not UTF-8; rename it"))
    return sorted(files, key=lambda file: (file.kind in ("jsonl", "parquet"), file.key)), problems


def _walk(root: Path, problems: list[Problem]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        problems.append(Problem(str(error.filename), f"the folder cannot be read: {error.strerror}"))

    for folder, subfolders, names in os.walk(root, onerror=note):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _kind(name: str) -> str | None:
    return next((kind for ending, kind in KINDS.items() if name.lower().endswith(ending)), None)


def _read(file: _File, encoding: str | None) -> Iterator[Article | Problem]:
    data = _load(file.path)
    source = str(file.path)
    if not data:
        yield Problem(source, "empty; remove the file or give it a text")
    elif file.kind == "jsonl":
        yield from read_jsonl(data, source, file.key, encoding)
    elif file.kind == "parquet":
        yield from read_parquet(data, source, file.key)
    elif file.kind == "html":
        yield read_html(data, source, file.key, encoding)
    else:
        decoded = decode(data, encoding, name=source)
        yield Article(file.key, decoded.text, source, source, notes=decoded.notes)


def _load(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if path.suffix.lower() == ".gz":
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(0, f"larger than {MAX_BYTES >> 30} GiB; split it into smaller files")
    return data


class _Collection:
    """The articles so far, by id."""

    def __init__(self, repair: bool) -> None:
        self.articles: dict[str, Article] = {}
        self.problems: list[Problem] = []
        self._repair = repair

    def add(self, key: str, item: Article | Problem) -> None:
        """Take the article, or note why it cannot be taken; `key` names its file."""
        if isinstance(item, Problem):
            self.problems.append(item)
        elif not item.text.strip():
            self.problems.append(Problem(item.place, "empty: nothing but white space; remove it or give it a text"))
        else:
            self._add_unique(key, _repaired(item) if self._repair else item)

    def _add_unique(self, key: str, article: Article) -> None:
        first = self.articles.get(article.id)
        if first is not None and first.source != article.source:
            note = f"id {article.id!r} is taken by {first.place}; named after its file"
            article = dataclasses.replace(article, id=f"{key}#{article.id}", notes=(*article.notes, note))
            first = self.articles.get(article.id)
        if first is None:
            self.articles[article.id] = article
            return
        message = f"id {article.id!r} is taken by {first.place}, which was kept; give each article its own id"
        self.problems.append(Problem(article.place, message))


def _repaired(article: Article) -> Article:
    text = repair_text(article.text)
    title = None if article.title is None else repair_text(article.title).text
    return dataclasses.replace(article, text=text.text, title=title, notes=article.notes + text.notes)


def _to_table(articles: dict[str, Article]) -> pl.DataFrame:
    rows = [articles[key] for key in sorted(articles)]
    columns = {name: [getattr(row, name) for row in rows] for name in ARTICLE_SCHEMA if name != "notes"}
    return pl.DataFrame({**columns, "notes": [list(row.notes) for row in rows]}, schema=ARTICLE_SCHEMA)


def _reason(error: Exception, file: _File) -> str:
    if isinstance(error, DecodingError):
        return str(error).removeprefix(f"{file.path}: ")
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"damaged gzip file ({error}); pack it again"


def _nothing_found(root: Path) -> str:
    return "holds no file of a readable kind" if root.is_dir() else "not a file of a readable kind"


def _nothing_usable(root: Path, problems: list[Problem], missing: MissingExtraError | None) -> Exception:
    """Return the error to raise when there is no article at all."""
    if not problems:
        return InputError(f"{root}: holds no article; give files with text in them")
    first, *others = problems
    if missing is not None and all(problem.message == str(missing) for problem in problems):
        return missing
    if not others:
        return InputError(str(first))
    return InputError(f"{root}: none of the {len(problems)} articles can be used; the first problem: {first}")
