"""HTML pages: the main text, one paragraph a line, without menus, captions and footers; title, address and date.

The work is trafilatura's (Barbaresi 2021), an optional dependency: the extra `web`.
"""

from __future__ import annotations

import importlib
import logging
import re
from types import ModuleType

from align.articles.encodings import Decoded, decode, is_known
from align.articles.record import Article, Problem
from align.articles.rows import read_language
from align.errors import DecodingError, MissingExtraError

# As browsers do, look for the declaration in the first bytes only.
_HEAD = 4096
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^>]*?\slang\s*=\s*[\"']?([A-Za-z_-]+)", re.IGNORECASE)
# Pages set in VNI and ABC fonts declare one of these: what they say does not count.
_UNTRUSTED = re.compile(r"(?:iso-?8859-?1|latin-?1|us-ascii|ascii|(?:windows-|cp)1252|x-user-defined)\Z", re.IGNORECASE)
# The date is what the page declares: guessing from the text would take the day of an event for that of the page, and
# the default upper bound, today, would make results depend on the day of the run.
_DATES = {"extensive_search": False, "original_date": True, "max_date": "2100-12-31"}


def read_html(data: bytes, source: str, key: str, encoding: str | None) -> Article | Problem:
    """Return the article of one page.

    Args:
        data: the bytes of the file.
        source: its path, for messages.
        key: the id of the article.
        encoding: as for `decode`; None to follow the byte-order mark, then the page's declaration, then the bytes.

    Raises:
        DecodingError: as `decode`.
        MissingExtraError: trafilatura is not installed.
    """
    trafilatura = _load()
    page = decode_page(data, encoding, name=source)
    if not page.text.strip():
        return Problem(source, "empty; remove the file or give it a text")
    try:
        document = trafilatura.bare_extraction(
            page.text, with_metadata=True, include_comments=False, date_extraction_params=_DATES
        )
    except Exception as error:  # whatever a hostile page makes of a parser, the other pages go on
        return Problem(source, f"the page cannot be parsed ({error}); save its text as .txt")
    if document is None or not (document.text or "").strip():
        return Problem(source, "no main text found in the page; save its text as .txt")
    declared = _LANG.search(page.text[:_HEAD])
    lang, notes = read_language(declared[1]) if declared else (None, ())
    return Article(
        id=key,
        text=document.text,
        source=source,
        place=source,
        lang=lang,
        title=document.title or None,
        url=document.url or None,
        date=document.date or None,
        notes=page.notes + notes,
    )


def decode_page(data: bytes, encoding: str | None = None, *, name: str = "page") -> Decoded:
    """Decode an HTML page: the named `encoding`, else its byte-order mark, its declaration, its bytes.

    Raises:
        DecodingError: as `decode`.
        OptionError: `encoding` is no known name.
    """
    label = None if encoding is not None else _declared(data)
    if label is None:
        return decode(data, encoding, name=name)
    try:
        return decode(data, label, name=name)
    except DecodingError:  # a wrong declaration; the bytes tell
        return decode(data, name=name)


def _declared(data: bytes) -> str | None:
    """Return the charset that a page without byte-order mark declares, if it can be believed."""
    match = _CHARSET.search(data[:_HEAD])
    if match is None or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return None
    label = match[1].decode("ascii")
    # A declaration that can be read as ASCII is itself the proof that the page is not in UTF-16.
    if _UNTRUSTED.match(label) or label.lower().startswith(("utf-16", "utf-32")) or not is_known(label):
        return None
    return label


def _load() -> ModuleType:
    # Where nobody has set up logging, Python prints the warnings of trafilatura; what matters is a Problem here.
    logger = logging.getLogger("trafilatura")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        return importlib.import_module("trafilatura")
    except ImportError as error:
        raise MissingExtraError("reading .html", "web") from error
