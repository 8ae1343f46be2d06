"""Judge whether a terminator ends a sentence, by the words beside it.

Every function looks at a bounded stretch of text, so that a judgement costs the same anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from align.sentences.rules import Rules

WINDOW = 48  # characters looked at on either side of a mark; the longest listed word has fewer than 12

_QUOTES = "\"'”’»"
_STEM = re.compile(r"[\w\u0300-\u036f]*\Z")
_WORD = re.compile(r"[^\W\d_](?:[\w\u0300-\u036f]|['’](?=\w))*")
_LIST_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[ivxlIVXL]{1,4}|[^\W\d_])\)?\Z")
_ROMAN = re.compile(r"[IVXLCDM]+\b")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\Z")
_DASH = re.compile("[-–—]")
_ADDRESS = re.compile(r"[/@=\\_]|\bwww\b")
_ENDING = re.compile(r"(?i)(?:com|net|org|edu|gov|vn|info|html?|php|js|py|exe|pdf|docx?|xlsx?|zip|tv)\Z")
_INITIAL = re.compile(r"[^\W\d_]\.")
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{1,3}\Z")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A terminator and its surroundings.

    `head` is the text before the mark within the sentence, at most `WINDOW` characters; `short` says that this is
    the whole sentence. `close` are the closing marks, `following` is the first character after all opening marks,
    `tail` the text from there on, `spaced` says that white space lies between.
    """

    head: str
    short: bool
    mark: str
    close: str
    spaced: bool
    open: str
    tail: str

    @property
    def quoted(self) -> bool:
        """Whether the terminator closes a quotation."""
        return bool(self.close) and self.close[-1] in _QUOTES


def ends_sentence(candidate: Candidate, rules: Rules) -> bool:
    """Return whether `candidate` is the end of a sentence."""
    head = candidate.head
    if not head or head[-1] in "([" or not any(map(str.isalnum, head)):
        return False
    if candidate.quoted and _DASH.search(candidate.open):
        return False  # "Đi đi!" - Nam nói
    word = _WORD.match(candidate.tail)
    opener = _is_opener(word, rules)
    if not opener and not _may_open_sentence(candidate):
        return False
    if not candidate.spaced and not _is_missing_space(candidate, word, opener):
        return False
    mark = candidate.mark
    if mark == ".":
        return _full_stop_ends(candidate, opener, rules)
    if "?" in mark or "!" in mark:
        return _strong_mark_ends(candidate, opener, rules)
    return not candidate.tail[0].isdigit()  # an ellipsis before a number is a pause: chỉ... 20 đồng


def _is_opener(word: re.Match[str] | None, rules: Rules) -> bool:
    if word is None or _nfc(word[0]) not in rules.openers:
        return False
    return len(word[0]) > 1 or word.string[1:2] != "."  # the A of "J. A. Smith" is an initial


def _may_open_sentence(candidate: Candidate) -> bool:
    """Return whether what follows can open a sentence: no small letter, no punctuation."""
    first = candidate.tail[0]
    if not first.isalnum() and not candidate.spaced:
        return False
    if first.islower():
        return candidate.spaced and candidate.tail[1:2].isupper()  # iPhone, eBay
    if first.isalnum():
        return True
    return first in "#@" or unicodedata.category(first) in ("Sc", "So")


def _is_missing_space(candidate: Candidate, word: re.Match[str] | None, opener: bool) -> bool:
    """Return whether a space was forgotten after the mark (xong.Sau đó), rather than a name or address written so."""
    if candidate.quoted or candidate.open:
        return True
    token = _last_token(candidate.head)
    if word is None or _ADDRESS.search(token) or candidate.tail[word.end() : word.end() + 1] in _AFTER_NAME:
        return False
    if candidate.mark == "." and _ENDING.match(word[0]):
        return False
    stem = _stem(token)
    if len(stem) < 2:
        return not token[-1:].isalnum() and len(word[0]) > 1  # 5%.Theo, (IS).Các
    if opener:
        return True
    return word[0][1:].islower() and (stem[1:].islower() or stem.isdigit())


_AFTER_NAME = frozenset("(@/=_\\.")


def _full_stop_ends(candidate: Candidate, opener: bool, rules: Rules) -> bool:
    head = candidate.head
    if head[-1].isspace():
        return True  # a detached mark: no abbreviation is written so
    if candidate.short and _LIST_NUMBER.match(head.strip()):
        return False
    token = _nfc(_last_token(head)).lstrip("([{\"'“‘«")
    stem = _stem(token)
    digit = candidate.tail[0].isdigit()
    if not stem:
        return True
    if stem in rules.closes or token in rules.closes:
        return opener or "(" not in candidate.open  # Apple Inc. (AAPL)
    if stem in rules.joins or token in rules.joins:
        return False
    if stem in rules.number and (digit or _ROMAN.match(candidate.tail)):
        return False
    if len(stem) == 1 and stem.isupper() and token == stem:
        return opener or candidate.quoted or _is_label(candidate, stem, rules)
    if stem in rules.state and _is_after_comma(head):
        return opener or candidate.quoted
    if stem in rules.end or _ACRONYM.match(token) or _NO_VOWEL.match(stem):
        return opener or candidate.quoted
    return True


def _is_after_comma(head: str) -> bool:
    words = head.split()
    return len(words) > 1 and words[-2].endswith(",")


def _is_label(candidate: Candidate, letter: str, rules: Rules) -> bool:
    """Return whether a single capital letter is a label (vitamin C, quý I) and no initial of a name."""
    if _INITIAL.match(candidate.tail):
        return False
    words = candidate.head.split()
    before = _nfc(words[-2]) if len(words) > 1 else ""
    if before.endswith(".") and len(before) == 2:
        return False  # U. S. C. 1101
    if candidate.tail[0].isdigit() or before in rules.before:
        return True
    return before[-1:].isdigit() or (letter == "I" and before.islower())


def _strong_mark_ends(candidate: Candidate, opener: bool, rules: Rules) -> bool:
    if opener:
        return True
    if candidate.quoted:
        return not _names_speaker(_nfc(candidate.tail), rules)
    return _last_token(candidate.head) + candidate.mark not in rules.name


def _names_speaker(tail: str, rules: Rules) -> bool:
    """Return whether the quotation is followed by who said it: "Who is it?" Mary Ann asked."""
    words = [word.rstrip(".,:;") for word in tail.split()[:6]]
    for position, word in enumerate(words):
        if word in rules.says or " ".join(words[position : position + 2]) in rules.says:
            return position > 0
        if not word[:1].isupper():
            return False
    return False


def _last_token(head: str) -> str:
    tokens = head.split()
    return tokens[-1] if tokens else ""


def _stem(token: str) -> str:
    match = _STEM.search(token)
    return _nfc(match[0]) if match else ""


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
