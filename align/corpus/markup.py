"""What the XML formats share: a parser that trusts nothing and the escapes of a writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from align.corpus.cells import XML_ILLEGAL
from align.corpus.inputs import Input
from align.errors import InputError

_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_TEXT |= {ord(character): "\ufffd" for character in XML_ILLEGAL}
# A parser turns plain white space in attributes into spaces; references keep it.
_ATTRIBUTE = _TEXT | {ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}


def escape_text(text: str) -> str:
    """Return `text` as XML character data; characters that XML 1.0 forbids become U+FFFD.

    >>> escape_text("a < b & c")
    'a &lt; b &amp; c'
    """
    return text.translate(_TEXT)


def attribute(name: str, value: str) -> str:
    """Return ` name="value"` with its leading space, escaped as `escape_text` and for double quotes.

    >>> attribute("type", 'x-"note"')
    ' type="x-&quot;note&quot;"'
    """
    return f' {name}="{value.translate(_ATTRIBUTE)}"'


class Handler:
    """What `parse` calls; subclasses override what they need."""

    def __init__(self) -> None:
        """Stand at no line until `parse` sets the position."""
        self.line: Callable[[], int] = int

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `self.line()` is the line of its tag (1-based)."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, characters: str) -> None:
        """Text stands here; a long one comes in pieces."""


def parse(path: Path, handler: Handler) -> None:
    """Read an XML file (plain or gzip) and tell `handler` what is in it.

    A document type declaration may name an external DTD, which is never fetched. One with an internal subset is
    refused, and so is every entity beyond the five of XML itself: they can read other files and exhaust memory.

    Raises:
        InputError: the file is not well-formed or uses entities; the message names the file and the line.
    """
    for _ in parse_pieces(Input.of(path), handler):
        pass


def parse_pieces(source: Input, handler: Handler) -> Iterator[None]:
    """Do what `parse` does a megabyte at once, so that what the handler has found can be taken from it in between."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def fail(reason: str) -> None:
        raise InputError(f"{source.name}, line {parser.CurrentLineNumber}: {reason}")

    def doctype(name: str, system: str | None, public: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            fail("a document type declaration with an internal subset is refused; remove it")

    def entity(name: str, *_: object) -> None:
        fail(f"the entity {name!r} is refused; write the characters themselves")

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = entity
    parser.SkippedEntityHandler = entity
    handler.line = lambda: parser.CurrentLineNumber
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    try:
        for piece in source.pieces():
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise InputError(
            f"{source.name}, line {error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}"
        ) from error
    except (LookupError, ValueError) as error:
        raise InputError(f"{source.name}: unknown encoding: {error}; save the file as UTF-8") from error
