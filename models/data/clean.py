"""From raw messages and paragraphs to plain sentence pairs: marks resolved, placeholders filled, bad pairs named.

Every function is pure; what a pair is refused for is a word that build.py counts.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator

from align.sentences import split

MIN_WORDS = 3
MAX_WORDS = 90
MAX_PLACEHOLDERS = 3

# Letters that Vietnamese has and the languages that English text quotes hardly use.
_VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u0300\u0301\u0303\u0309\u0323\u0306\u031b]")
_PLACEHOLDER = re.compile(
    r"%\((?P<pyname>\w+)\)[#0 +-]*\d*(?:\.\d+)?(?P<pytype>[sdifr])"
    r"|%(?:(?P<position>\d+)\$)?[#0+-]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|q|j|z|t|L)?(?P<type>[sdiufgxXcp])(?![a-z])"
    r"|%(?P<qt>[1-9])(?!\d)"
    r"|[%$]?\{\{?(?P<brace>\w*)(?::[^{}]*)?\}\}?"
    r"|\$(?:\((?P<paren>\w+)\)|(?P<dollar>[A-Za-z_][\w.]*)\|?|(?P<number>[1-9]))"
)
_NUMERIC = re.compile(r"num|count|total|size|days|hours|minutes|seconds|year|percent|amount|quantity|^n$", re.I)
# What stands for a placeholder: names and file names, the same in both languages.
_NAMES = [
    *("Minh", "Lan", "Anna", "Peter", "Hùng", "Maria", "Omega", "Delta", "Kyoto", "Paris", "Oslo", "Huế", "Sigma"),
    *("Nova", "Atlas", "Orion", "Linh", "Tuấn", "Mercury", "Danube", "Quang", "Emma", "Project-7", "Alpha-2"),
    *("notes.txt", "photo.jpg", "list.csv", "report.pdf"),
]


def plain(text: str, marks: str) -> str:
    """Return the text without markup, in NFC with single spaces.

    `marks` says what else stands in it: "ui" messages with accelerator keys (`&File`, `_File`, `~File`), "wiki"
    messages of MediaWiki, "text" nothing.
    """
    text = unicodedata.normalize("NFC", text.replace("\\n", "\n"))
    text = _other_form(text)
    if marks == "wiki":
        text = _wiki(text)
    text = re.sub(r"\[([^\[\]]+)\]\((?:https?:|[/#{%$])[^()\s]*\)", r"\1", text)  # [label](address) of Markdown
    text = re.sub(r"(\*\*|`)(?=\S)([^*`]+)(?<=\S)\1", r"\2", text)
    text = re.sub(r"<(?:br|p|li|/p|/li|hr|div|/div)\b[^<>]*>", " ", text, flags=re.I)
    text = re.sub(r"</?[A-Za-z!][^<>]{0,300}>", "", text)
    text = html.unescape(text)
    if marks == "ui":
        text = re.sub(r"[&~](?=\w)|\((?:&|_|~)\w\)|(?<!\w)_(?=\w)", "", text)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return re.sub(r" ([,;:.!?])(?=\s|$)", r"\1", text) if marks == "text" else text


def without_accelerators(vietnamese: str, english: str) -> tuple[str, str]:
    """Return two messages without the underscore inside a word that marks an accelerator key (`Sa_ve`).

    A word with an underscore in both texts is an identifier and stays.
    """
    marked = [{word.strip(".,:;()'\"") for word in text.split() if "_" in word} for text in (vietnamese, english)]
    if marked[0] & marked[1]:
        return vietnamese, english
    cut = [text.replace("_", "") if text.count("_") == 1 else text for text in (vietnamese, english)]
    return cut[0], cut[1]


def _other_form(text: str) -> str:
    """Resolve the plurals of ICU messages, `{COUNT, plural, one {# file} other {# files}}`, to their last form.

    >>> _other_form("Delete {COUNT, plural, =1 {one file} other {# files}}?")
    'Delete {COUNT} files?'
    """
    start = re.search(r"\{\s*(\w+)\s*,\s*(?:plural|select|selectordinal)\s*,", text)
    if start is None:
        return text
    depth, end = 1, start.end()
    while end < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    form = re.search(r"\bother\s*\{(.*)\}\s*\}$", text[start.start() : end], re.S)
    if depth or form is None:
        return text
    inner = _other_form(form[1]).replace("#", f"{{{start[1]}}}")
    return text[: start.start()] + inner + _other_form(text[end:])


def _wiki(text: str) -> str:
    """Resolve the wiki text of MediaWiki's messages: the last form of a plural, the label of a link."""
    for _ in range(3):  # innermost first
        text = re.sub(r"\{\{(?:PLURAL|GENDER|plural|gender):[^{}|]*\|(?:[^{}]*\|)?([^{}|]*)\}\}", r"\1", text)
    text = text.replace("{{SITENAME}}", "Wikipedia")
    text = re.sub(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]", r"\1", text)
    text = re.sub(r"\[(?:https?:)?//\S+ ([^\[\]]*)\]|\[\$\d ([^\[\]]*)\]", lambda m: m[1] or m[2], text)
    return re.sub(r"'{2,5}|^[*#:;=]+\s*|=+$|<!--.*?-->", "", text, flags=re.M)


def fill(vietnamese: str, english: str) -> tuple[str, str] | None:
    """Put the same name or number for each placeholder into both texts; None where they do not agree.

    What is put in follows from the English text alone, so it is the same in every run.

    >>> fill("Đã xóa %d tập tin của %s.", "Deleted %d files of %s.")
    ('Đã xóa 61 tập tin của Linh.', 'Deleted 61 files of Linh.')
    """
    keys = [_keys(text) for text in (vietnamese, english)]
    if sorted(keys[0]) != sorted(keys[1]) or len(keys[1]) > MAX_PLACEHOLDERS:
        return None
    values: dict[str, str] = {}
    for key in keys[1]:
        values.setdefault(key, _value(key, english, set(values.values())))
    filled = []
    for text, names in zip((vietnamese, english), keys, strict=True):
        supply = iter(names)
        # `supply` is bound now: the function is used before the loop goes on.
        filled.append(_PLACEHOLDER.sub(lambda _, supply=supply: values[next(supply)], text).replace("%%", "%"))  # type: ignore[misc]
    return filled[0], filled[1]


def _keys(text: str) -> list[str]:
    """Return a name for each placeholder, in order; placeholders without one are counted by their type."""
    keys: list[str] = []
    for found in _PLACEHOLDER.finditer(text):
        groups = {name: value for name, value in found.groupdict().items() if value}
        kind = "number" if groups.get("type", groups.get("pytype", "s")) in "diufgxX" else "name"
        name = next(
            (groups[g] for g in ("pyname", "position", "qt", "brace", "paren", "dollar", "number") if g in groups), ""
        )
        if not name:
            name = f"#{sum(key.startswith(kind + ' #') for key in keys)}"
        keys.append(f"{kind} {name}")
    return keys


def _value(key: str, english: str, taken: set[str]) -> str:
    """Return a number or a name, the same for the same message, and another one for each placeholder in it."""
    start = int.from_bytes(hashlib.sha256(f"{key}\n{english}".encode()).digest()[:4], "big")
    kind, name = key.split(" ", 1)
    numeric = kind == "number" or _NUMERIC.search(name)
    supply = [str(number) for number in range(2, 99)] if numeric else _NAMES
    return next(value for step in range(len(supply)) if (value := supply[(start + step) % len(supply)]) not in taken)


def refusal(vietnamese: str, english: str) -> str:
    """Return why a pair is no training text, or "" for a good one."""
    v_words, e_words = vietnamese.split(), english.split()
    shared = sum(word in set(e_words) and word.isalpha() for word in v_words)
    checks = (
        ("untranslated", vietnamese.casefold() == english.casefold() or shared > 0.6 * len(v_words)),
        ("short", min(len(v_words), len(e_words)) < MIN_WORDS),
        ("long", max(len(v_words), len(e_words)) > MAX_WORDS),
        ("not Vietnamese", not _VIETNAMESE.search(unicodedata.normalize("NFD", vietnamese))),
        ("not English", sum(c.isascii() for c in english) < 0.9 * len(english)),
        (
            "markup",
            bool(
                re.search(
                    r"[{}|\\<>\x00-\x1f\ue000-\uf8ff\ufffd]|@\w+@|\$\w|%\w|\w_\w*_|::|[=&]\w+[=&;]",
                    vietnamese + " " + english,
                )
            ),
        ),
        ("few letters", _letters(vietnamese) < 0.7 or _letters(english) < 0.7),
        ("lengths", not 0.45 < (len(vietnamese) + 15) / (len(english) + 15) < 2.2),
        ("numbers", _numbers(vietnamese) != _numbers(english)),
    )
    return next((reason for reason, holds in checks if holds), "")


def _letters(text: str) -> float:
    visible = [c for c in text if not c.isspace()]
    return sum(c.isalpha() for c in visible) / max(1, len(visible))


def _numbers(text: str) -> set[str]:
    """Return the numbers of two digits and more, which translations keep (small ones may be words)."""
    return set(re.findall(r"\d{2,}", text))


def sentences(vietnamese: str, english: str) -> Iterator[tuple[str, str]]:
    """Yield the sentence pairs of a paragraph, or the paragraph where the two are not cut alike."""
    parts = [[s.text for s in split(text, lang)] for text, lang in ((vietnamese, "vi"), (english, "en"))]
    alike = len(parts[0]) == len(parts[1]) and all(
        0.45 < (len(v) + 15) / (len(e) + 15) < 2.2 for v, e in zip(*parts, strict=True)
    )
    if alike:
        yield from zip(*parts, strict=True)
    else:
        yield vietnamese, english


def digest(text: str) -> str:
    """Return a short hash of the folded text, by which a text can be named without being shown."""
    return hashlib.sha256(folded(text).encode()).hexdigest()[:20]


def folded(text: str) -> str:
    """Return what two texts have in common when they differ in case, punctuation, spaces or the place of a tone.

    >>> folded("Hoà  Bình!") == folded("hòa bình")
    True
    """
    # Decomposed, with the marks of a word after its letters: "oà" and "òa" become one.
    words = re.sub(r"[^\w\u0300-\u036f]+|_", " ", unicodedata.normalize("NFKD", text).casefold()).split()
    return " ".join(_marks_last(word) for word in words)


def _marks_last(word: str) -> str:
    marks = "".join(sorted(c for c in word if unicodedata.combining(c)))
    return "".join(c for c in word if not unicodedata.combining(c)) + marks
