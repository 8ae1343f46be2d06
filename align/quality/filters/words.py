"""What several filters ask of a text: its words, which of them are names or addresses, plain letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from align.sentences.folding import fold

# ruff: noqa: SIM905 - word lists read better as text

BATCH = 2048
"""Pairs that pass the filters together: their texts are remembered from one filter to the next."""
_KEPT = 4 * BATCH

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ADDRESS = re.compile(
    r"(?i)\b(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|vn)\b(?:/\S*)?"
)
_MAY_BE_CODE = re.compile(r"(?:^|\s)-|[_/\\=$#<>{}|~@]|\w\.\w")
_CODE = frozenset("_/\\=$#<>{}|~@")
_EDGES = "\"'.,:;!?()[]"

ENGLISH_WORDS = frozenset(
    "the of and with that which from were been this these those their they would could should have has had not are was "
    "is who what when where while because but about after before into between through than there".split()
)
"""Function words of English that are no Vietnamese syllables, in lower case."""

VIETNAMESE_WORDS = frozenset(
    "và của là các được với những không một đã đang sẽ này khi người đến từ ở tại bị cũng như để nhiều năm ngày ông bà "
    "họ rằng thì nhưng vì nên còn trước cùng trong cho có".split()
)
"""Function words of Vietnamese, in lower case, NFC; "cho" and "trong" are neither English words nor names there."""


@lru_cache(maxsize=_KEPT)
def folded(text: str) -> str:
    """Return `align.sentences.folding.fold(text)`; texts of the current batch are remembered."""
    return fold(text)


@lru_cache(maxsize=_KEPT)
def prose(text: str) -> str:
    """Return the folded text without addresses and without code: options, paths, names with underscores.

    >>> prose("Gõ ls --all ở /etc hay xem www.example.com")
    'Gõ ls ở hay xem'
    """
    plain = folded(text)
    if _MAY_BE_CODE.search(plain) is None:
        return plain
    return " ".join(token for token in without_addresses(plain).split() if not _is_code(token))


@lru_cache(maxsize=_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Return the words of the prose of a text: letters only, "don't" is one.

    >>> words("Xem 12 ảnh ở www.example.com, don’t miss")
    ('Xem', 'ảnh', 'ở', "don't", 'miss')
    """
    return tuple(_WORD.findall(prose(text)))


@lru_cache(maxsize=_KEPT)
def lower_words(text: str) -> tuple[str, ...]:
    """Return `words(text)` in lower case."""
    return tuple(map(str.lower, words(text)))


def without_addresses(text: str) -> str:
    """Return `text` with a space for each web or mail address.

    >>> without_addresses("Gửi về toasoan@bao.example.vn nhé")
    'Gửi về   nhé'
    """
    return _ADDRESS.sub(" ", text) if "." in text else text


def _is_code(token: str) -> bool:
    return (token[0] == "-" and token[1:2].isalnum()) or token[:2] == "--" or not _CODE.isdisjoint(token.strip(_EDGES))


@lru_cache(maxsize=_KEPT)
def bare(word: str) -> str:
    """Return `word` in lower case without diacritics, đ as d.

    >>> bare("Đồng")
    'dong'
    """
    word = word.lower()
    if word.isascii():
        return word
    plain = "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))
    return plain.replace("đ", "d")
