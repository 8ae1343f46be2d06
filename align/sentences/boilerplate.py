"""Name the lines of a web page that are no part of its article: navigation, credits, bare dates and the like.

The rules are conservative. A whole line or sentence must have the form of boilerplate; a true sentence that merely
mentions an agency, a date or a photograph is left alone. Phrases come from data files, both languages at once,
since a Vietnamese page has English buttons too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from align.sentences.folding import fold
from align.sentences.rules import LANGUAGES, read_sections

_PREFIX = "boilerplate:"
_LONGEST = 300  # characters; no rule is meant for more
_EDGES = " \t:;>|-•*·→←↑↓▶►+[](){}\"'"  # of folded text: » is " there
_LIST_NUMBER = re.compile(r"^\(?\d{1,3}[.)]\s+")
_ENDS = re.compile(r"[.?!]['\")\]]*$")
_WORD = re.compile(r"[^\W\d_]+")

_READ_TIME = re.compile(
    r"(?i)(?:\d+|a|an|one)[ -]?(?:min|mins|minute|minutes|phút)[ -](?:read|đọc|to read)(?: time)?\W*"
)
_CONTRIBUTION = re.compile(
    r"(?i)[^.]{3,120}\bcontributed (?:reporting )?to this (?:report|story|article|piece)\W*"
    r"|\W*(?:additional )?(?:reporting|writing|editing|edited|written|translated|compiled|translation) by:? "
    r"(?P<by>.{2,160})"
    r"|(?:biên dịch|biên tập|người dịch|dịch giả|tổng hợp|tác giả|thực hiện|bài và ảnh): (?P<vi>.{2,80})"
)
_NO_NAME = frozenset(["and", "và", "in", "at", "with", "for", "by", "editing", "writing", "reporting", "additional"])
_COPYRIGHT = re.compile(
    r"(?i)(?:©|\(c\) \d|copyright(?: ©| \(c\)| \d|s? by\b)|bản quyền (?:©|thuộc)|® ).{0,200}"
    r"|[^.?!]{0,120}\b(?:all rights reserved|mọi quyền được bảo lưu|giữ bản quyền)\W*"
    r"|.{0,80}\bghi rõ nguồn\b.{0,120}\bphát hành lại\b.{0,120}"
)
_ADDRESS = re.compile(
    r"(?i)(?:(?:(?:e-?mail|web(?:site)?|link|url|nguồn|source|via)\s*:\s*)?"
    r"(?:https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@\w+|[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|vn)(?:/\S*)?)[\s,;|]*)+"
)
_COUNT = re.compile(
    r"(?i)\(?(?:[\d.,]+[km]?|no) ?(?:comments?|shares?|views?|likes?|replies|retweets?|bình luận|ý kiến|lượt xem|"
    r"lượt chia sẻ|lượt thích|lượt đọc|phản hồi)\)?"
    r"|(?:comments?|shares?|views?|bình luận|lượt xem|chia sẻ|ý kiến) ?\(?[\d.,]+[km]?\)?"
)
_BRACKET_TAIL = re.compile(r"\s(?=\[|\([^()]*/)[\[(]([^\[\]()]{2,80})[\])]$")
_INITIALS_LINE = re.compile(r"[a-z]{2,4}(?:[,/] ?[a-z]{2,4})* \((?P<agencies>[^()]{2,60})\)")
_TIME = re.compile(r"\d{1,2}(?::\d{2}){1,2}|\d{1,4}(?:[-/.]\d{1,4}){1,2}|\d{1,2}(?:st|nd|rd|th|h\d{0,2})|\d{1,4}", re.I)


@dataclass(frozen=True, slots=True)
class _Phrases:
    navigation: frozenset[str]
    opens: tuple[str, ...]
    social: frozenset[str]
    agency: frozenset[str]
    date: frozenset[str]
    credit_line: re.Pattern[str]
    credit_tail: re.Pattern[str]


def boilerplate_rule(text: str) -> str | None:
    """Return the flag of a line or sentence that is boilerplate as a whole, such as "boilerplate:navigation".

    The rules are navigation, social, read-time, credit, agency, date, contribution, copyright, address, count and
    letterless; None means that `text` is none of them.

    >>> boilerplate_rule("1. Skip to content")
    'boilerplate:navigation'
    >>> boilerplate_rule("Ảnh: TTXVN")
    'boilerplate:credit'
    >>> boilerplate_rule("Reuters reported the attack on October 20, 2021.") is None
    True
    """
    return folded_rule(fold(text[: _LONGEST + 1]))


def folded_rule(plain: str) -> str | None:
    """Return `boilerplate_rule` of a text that was folded already."""
    if len(plain) > _LONGEST:
        return None
    if not _WORD.search(plain):
        return _PREFIX + "letterless"
    for name, rule in _RULES:
        if rule(plain):
            return _PREFIX + name
    return None


def flag_lines(lines: list[str], sentences: list[tuple[int, str]]) -> list[str | None]:
    """Return the flag of each sentence, given as (number of its line, text), in the light of its line.

    A sentence is flagged by itself or with its whole line. A line without a full stop that says again what an
    earlier line of the article said, such as a headline above and inside the page, is "boilerplate:repeated".
    """
    by_line = [boilerplate_rule(line) for line in lines]
    repeated = _repeated_headlines(lines)
    flags = []
    for number, text in sentences:
        own = by_line[number] or (None if text == lines[number] else boilerplate_rule(text))
        flags.append(own or (_PREFIX + "repeated" if number in repeated else None))
    return flags


def _repeated_headlines(lines: list[str]) -> set[int]:
    seen: set[str] = set()
    repeated = set()
    for number, line in enumerate(lines):
        plain = fold(line[: _LONGEST + 1]).lower()
        if not plain or len(plain) > _LONGEST or _ENDS.search(plain):
            continue
        if plain in seen:
            repeated.add(number)
        seen.add(plain)
    return repeated


def _is_navigation(text: str) -> bool:
    phrases = _phrases()
    bare = _LIST_NUMBER.sub("", text).lower().strip(_EDGES).removesuffix("...").strip(_EDGES)
    if bare in phrases.navigation:
        return True
    if len(bare.split()) > 12 or not text[:1].isprintable():
        return False
    opening = _LIST_NUMBER.sub("", text).lower().lstrip(_EDGES)
    return opening.startswith(phrases.opens) and not _ENDS.search(text.removesuffix("."))


def _is_social(text: str) -> bool:
    words = re.split(r"[\s,|/•·]+", text.lower().strip(_EDGES))
    known = _phrases().social
    at = 0
    while at < len(words):
        size = next((size for size in (2, 1) if " ".join(words[at : at + size]) in known), 0)
        if size == 0:
            return False
        at += size
    return True


def _is_credit(text: str) -> bool:
    phrases = _phrases()
    line = phrases.credit_line.fullmatch(text.strip("()[] "))
    if line is not None and (len(text.split()) <= 6 or _are_names(line[1])):
        return True
    tail = phrases.credit_tail.search(text) if ":" in text else None  # the search is dear, and most have no colon
    if tail is not None:
        return _names_agency(tail[1])
    bracket = _BRACKET_TAIL.search(text)  # a caption with its credit; a sentence has its full stop before it
    return bracket is not None and not _ENDS.search(text[: bracket.start()].rstrip()) and _names_agency(bracket[1])


def _names_agency(credit: str) -> bool:
    """Return whether one part of `A/B/C` is an agency or a picture service."""
    parts = [part.strip(" .()[]") for part in re.split(r"[/,|;]| via ", credit)]
    return any(part in _phrases().agency for part in parts)


def _is_contribution(text: str) -> bool:
    match = _CONTRIBUTION.fullmatch(text)
    if match is None:
        return False
    names = match["by"] or match["vi"]
    return names is None or _are_names(names)  # "Reporting by a free press is rare." names nobody


def _are_names(text: str) -> bool:
    return all(word[0].isupper() or word.lower() in _NO_NAME for word in _WORD.findall(text))


def _is_agency_line(text: str) -> bool:
    initials = _INITIALS_LINE.fullmatch(text)
    if initials is not None:
        return _names_agency(initials["agencies"])
    bare = re.sub(r"^(?:Theo|Nguồn|Source|Via|via|With|By)\b:?\s*", "", text.strip("()[]-. "))
    parts = [part.strip(" ()[]") for part in re.split(r"[/,;|&-]| and | và ", bare) if part.strip(" ()[]")]
    known = _phrases().agency
    return bare in known or (bool(parts) and all(part in known for part in parts))


def _is_date(text: str) -> bool:
    rest, numbers = _TIME.subn(" ", text)
    if not numbers or len(text.split()) > 14 or re.search(r"[^\s\w.,:;|()/+-]", rest):
        return False
    words = [word.lower() for word in _WORD.findall(rest)]
    return all(word in _phrases().date for word in words) and not (len(words) > 3 and _ENDS.search(text))


def _whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("navigation", _is_navigation),
    ("social", _is_social),
    ("read-time", _whole(_READ_TIME)),
    ("credit", _is_credit),
    ("agency", _is_agency_line),
    ("date", _is_date),
    ("contribution", _is_contribution),
    ("copyright", _whole(_COPYRIGHT)),
    ("address", _whole(_ADDRESS)),
    ("count", _whole(_COUNT)),
)


@cache
def _phrases() -> _Phrases:
    sections: dict[str, list[str]] = {}
    for lang in LANGUAGES:
        for section, phrases in read_sections(f"boilerplate.{lang}.txt").items():
            sections.setdefault(section, []).extend(map(fold, phrases))
    credit = "|".join(sorted(map(re.escape, sections["credit"]), key=len, reverse=True))
    return _Phrases(
        navigation=frozenset(sections["navigation"]),
        opens=tuple(sections["opens"]),
        social=frozenset(sections["social"]),
        agency=frozenset(sections["agency"]),
        date=frozenset(sections["date"]),
        credit_line=re.compile(rf"(?i:{credit})\s?:\s?([^.?!:]{{2,80}})\.?"),
        credit_tail=re.compile(rf"(?i:{credit})\s?:\s?([^.?!:]{{2,80}})\.?\)?$"),
    )
