"""Message catalogues: files that hold messages under a key, or English and Vietnamese together.

A reader for one file of both languages returns pairs (Vietnamese, English); a reader for one language returns the
messages by key, and two such files are joined on the keys that both have.
"""

from __future__ import annotations

import ast
import json
import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

Pairs = list[tuple[str, str]]  # Vietnamese, English


def gettext(content: bytes) -> Pairs:
    """Read a compiled gettext catalogue (.mo): the singular forms, without contexts.

    Raises:
        ValueError: this is no compiled catalogue.
    """
    order = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}.get(content[:4])
    if order is None:
        raise ValueError(f"no compiled gettext catalogue: it starts with {content[:4]!r}")
    count, ids, strings = struct.unpack_from(order + "3I", content, 8)
    pairs = []
    for i in range(count):
        english, vietnamese = (_entry(content, order, table + 8 * i) for table in (ids, strings))
        pairs.append((vietnamese, without_context(english)))
    return [(vietnamese, english) for vietnamese, english in pairs if vietnamese and english]


def _entry(content: bytes, order: str, position: int) -> str:
    length, offset = struct.unpack_from(order + "2I", content, position)
    return content[offset : offset + length].decode("utf-8", errors="replace").split("\0")[0]


def without_context(message: str) -> str:
    """Return an English message without what tells translators where it is used.

    Four conventions: gettext's own (context, EOT), KDE's ("_: context" on the first line), Wesnoth's ("context^")
    and GNOME's old one ("Context|message", one word before the bar). Credits of translators give "".

    >>> without_context("female^Mage of Light"), without_context("_: a verb\\nOpen"), without_context("Menu|Open")
    ('Mage of Light', 'Open', 'Open')
    """
    message = message.split("\4")[-1]
    if re.match(r"NAME OF TRANSLATORS|EMAIL OF TRANSLATORS|translator-credits|Your (names|emails)$", message):
        return ""
    message = re.sub(r"^_: ?[^\n]*\n", "", message)
    message = re.sub(r"^[^\s^]+(?: [^\s^]+){0,5}\^", "", message)
    return re.sub(r"^[A-Za-z-]+\|(?=[^|]+$)", "", message)


def po(content: bytes) -> Pairs:
    """Read a gettext source catalogue (.po): the singular forms; fuzzy and obsolete entries are left out."""
    pairs = []
    for entry in re.split(r"\n\s*\n", content.decode("utf-8", errors="replace")):
        if re.search(r"^#,.*\bfuzzy\b", entry, re.M):
            continue
        english, vietnamese = (_po_string(entry, keyword) for keyword in ("msgid", r"msgstr(?:\[0\])?"))
        if english and vietnamese:
            pairs.append((vietnamese, without_context(english)))
    return pairs


def _po_string(entry: str, keyword: str) -> str:
    found = re.search(rf'^{keyword}\s+((?:"(?:[^"\\]|\\.)*"\s*)+)', entry, re.M)
    # A .po string is written like a C string, which Python's own literals include.
    return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', found[1])) if found else ""


def debconf(content: bytes) -> Pairs:
    """Read the questions and notices of a Debian package (its control file `templates`), by paragraph."""
    pairs: Pairs = []
    for stanza in content.decode("utf-8", errors="replace").split("\n\n"):
        fields = _fields(stanza)
        english, vietnamese = fields.get("Description", ""), fields.get("Description-vi.UTF-8", "")
        both = [text.split("\n\n") for text in (vietnamese, english)]
        if len(both[0]) == len(both[1]):  # a translation out of date may have other paragraphs
            pairs += [(v, e) for v, e in zip(*both, strict=True) if v and e]
    return pairs


def _fields(stanza: str) -> dict[str, str]:
    """Return the fields of a stanza; a summary and the paragraphs after it are separated by empty lines."""
    fields: dict[str, str] = {}
    for field in re.finditer(r"^([\w.-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M):
        first, *rest = field[2].split("\n")
        text = first + "\n\n" + "\n".join("" if line.strip() == "." else line for line in rest)
        # Lines indented further are lists and examples, which are no running text.
        fields[field[1]] = re.sub(r"\n {2,}\S.*", "\n", text).strip()
    return fields


def json_messages(content: bytes) -> dict[str, str]:
    """Read messages by key from JSON: nested objects, or objects with the text in "string" or "message"."""
    return dict(_json_strings("", json.loads(content)))


def _json_strings(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name in ("string", "message"):
            if isinstance(value.get(name), str):
                yield key, value[name]
                return
        for name, inner in value.items():
            if not name.startswith("@"):  # "@metadata" of the Wikimedia projects
                yield from _json_strings(f"{key}/{name}", inner)


def php_messages(content: bytes) -> dict[str, str]:
    """Read the assignments `$lang['key'] = 'text';` of a PHP language file."""
    text = content.decode("utf-8", errors="replace")
    found = re.findall(r"""^\$lang((?:\['\w+'\])+)\s*=\s*'((?:[^'\\]|\\.)*)';""", text, re.M)
    return {key: value.replace("\\'", "'") for key, value in found}


def chromium_messages(content: bytes) -> dict[str, str]:
    """Read a Chromium data pack (.pak, version 5) of UTF-8 strings by resource number.

    Raises:
        ValueError: another version or encoding.
    """
    version, encoding, count, _ = struct.unpack_from("<IB3xHH", content)
    if (version, encoding) != (5, 1):
        raise ValueError(f"data pack of version {version}, encoding {encoding}; only version 5 in UTF-8 is read")
    entries = [struct.unpack_from("<HI", content, 12 + 6 * i) for i in range(count + 1)]
    return {
        str(number): content[start:end].decode("utf-8", errors="replace")
        for (number, start), (_, end) in pairwise(entries)
    }


def openttd_messages(content: bytes) -> dict[str, str]:
    """Read a language pack of OpenTTD 13 by the number of the string.

    A header of 573 bytes holds, from byte 88, the sizes of 32 tables; each string has its length before it, in two
    bytes from 192 on. Private-use characters are the game's codes: numbers and names become placeholders, colours and
    sizes nothing.

    Raises:
        ValueError: the number of strings is not the one in the header.
    """
    expected, position, strings = sum(struct.unpack_from("<32H", content, 88)), 573, []
    while position < len(content):
        length = content[position]
        position += 1
        if length >= 0xC0:
            length = (length & 0x3F) << 8 | content[position]
            position += 1
        strings.append(content[position : position + length])
        position += length
    if len(strings) != expected:
        raise ValueError(f"language pack of {len(strings)} strings; its header says {expected}")
    return {str(i): _openttd_text(raw.decode("utf-8", errors="replace")) for i, raw in enumerate(strings)}


def _openttd_text(text: str) -> str:
    text = re.sub("[\ue001-\ue004\ue03f-\ue050]", "", text)
    return re.sub("[\ue005-\ue03e]", lambda code: f"{{x{ord(code[0]):x}}}", text)
