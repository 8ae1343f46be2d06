"""Documents in two files of one make-up: blocks of text in order, paired where the two files agree in structure.

A block is (name, text). Where names are unique (paragraph ids) blocks are joined by name; elsewhere the sequences of
names must be equal, or the document is left out: a guess would put wrong pairs into the training text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from html.parser import HTMLParser
from xml.etree import ElementTree

Block = tuple[str, str]
Reader = Callable[[bytes], list[Block]]

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "title", "caption"})
_SILENT = frozenset({"script", "style", "pre", "nav"})


class _Html(HTMLParser):
    """Collects block elements with their tag and id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, str, list[str]]] = []
        self._open = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.blocks.append((tag, dict(attrs).get("id") or "", []))
            self._open = True
        elif tag == "br" and self._open:
            self.blocks[-1][2].append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._open = self._open and tag not in _BLOCKS

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self.blocks[-1][2].append(data)


def _html_blocks(content: bytes) -> list[tuple[str, str, str]]:
    parser = _Html()
    parser.feed(content.decode("utf-8", errors="replace"))
    parser.close()
    return [(tag, name, "".join(parts).strip()) for tag, name, parts in parser.blocks if "".join(parts).strip()]


def html(content: bytes) -> list[Block]:
    """Read the blocks of an HTML page, named by their tags."""
    return [(tag, text) for tag, _, text in _html_blocks(content)]


def html_by_id(content: bytes) -> list[Block]:
    """Read the blocks of an HTML page that have an id, named by it."""
    return [(name, text) for _, name, text in _html_blocks(content) if name]


def mallard(content: bytes) -> list[Block]:
    """Read the paragraphs and titles of a Mallard help page (GNOME); credits and code are left out."""
    blocks: list[Block] = []

    def visit(element: ElementTree.Element) -> None:
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "comment"
        if tag in ("credit", "code", "screen", "comment"):
            return
        if tag in ("p", "title", "desc"):
            blocks.append((tag, "".join(element.itertext())))
            return
        for inner in element:
            visit(inner)

    visit(ElementTree.fromstring(content))
    return blocks


def svg(content: bytes) -> list[Block]:
    """Read the text elements of an SVG drawing, as Inkscape's tutorials hold their paragraphs."""
    root = ElementTree.fromstring(content)
    texts = ("".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text"))
    return [("text", text) for text in texts]


def paragraphs(content: bytes) -> list[Block]:
    """Read paragraphs of plain text, named by the way they start: heading, list item, indented or running text."""
    blocks = []
    for paragraph in re.split(r"\n\s*\n", content.decode("utf-8", errors="replace").replace("\r", "")):
        if paragraph.strip():
            start = re.match(r"\s*(=+|\*|-|\d+\.|~+)?", paragraph)
            blocks.append(((start[1] or "")[:1] if start else "", re.sub(r"={2,}", "", paragraph).strip()))
    return blocks


def fortunes(content: bytes) -> list[Block]:
    """Read a fortune file: sayings between lines of one per cent sign; the number in a saying names it."""
    blocks = []
    for saying in re.split(r"\n%\n?", content.decode("utf-8", errors="replace")):
        number = re.match(r"\D{0,20}(\d+):\s*", saying)
        if number:
            blocks.append((number[1], saying[number.end() :]))
    return blocks


def pair_by_name(vietnamese: list[Block], english: list[Block]) -> list[tuple[str, str]]:
    """Join two documents on the names of their blocks, in the order of the English one."""
    texts = dict(vietnamese)
    return [(texts[name], text) for name, text in dict(english).items() if name in texts]


def pair_between_anchors(vietnamese: list[Block], english: list[Block]) -> list[tuple[str, str]]:
    """Pair two documents of which many blocks are not translated: the same text in both, so that they fix the order.

    Between two such blocks the others are paired one by one if both sides have as many of them.
    """
    texts = [[" ".join(text.split()) for _, text in side] for side in (vietnamese, english)]
    pairs: list[tuple[str, str]] = []
    for kind, v0, v1, e0, e1 in SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if kind == "replace" and v1 - v0 == e1 - e0:
            pairs += zip(texts[0][v0:v1], texts[1][e0:e1], strict=True)
    return pairs


def pair_in_order(vietnamese: list[Block], english: list[Block]) -> list[tuple[str, str]]:
    """Pair two documents block by block; a document whose names differ in any place gives nothing."""
    if [name for name, _ in vietnamese] != [name for name, _ in english]:
        return []
    return [(v, e) for (_, v), (_, e) in zip(vietnamese, english, strict=True)]
