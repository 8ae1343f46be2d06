"""Which language an article or a sentence is written in.

py3langid decides; a count of function words corrects it where names mislead it: an English sentence full of
Vietnamese names is English. Vietnamese without diacritics looks like many languages to a classifier; it is called
"vi" when enough unmistakable bare words (khong, duoc, nguoi ...) are among its words, otherwise whatever the
classifier says.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from align.errors import OutputError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "unknown"
_SAMPLE = 5000  # characters of an article that are looked at: more changes nothing
_ARTICLE_LETTERS = 20
_SENTENCE_LETTERS = 8
_WORD = re.compile(r"[^\W\d_]+")

# ruff: noqa: SIM905 - word lists read better as text
_ENGLISH = frozenset(
    "the of and to in is was are were be been has have had with for from that this which who it he she they we you "
    "at by on as not but or an his her their its will would can could said after before when where about".split()
)
# Words that are none in English and hardly any elsewhere; those that names hold too (An, Nam) are left out.
_VIETNAMESE = frozenset(
    "và của là các có được trong với những không một đã đang sẽ cho này khi người đến từ về ở tại trên bị cũng như "
    "để ra vào nhiều năm ngày ông bà họ tôi nó rằng thì mà nhưng vì nên còn theo sau trước cùng".split()
)
_BARE_VIETNAMESE = frozenset(
    "cua khong duoc nhung nguoi trong voi cac mot dang nay nhieu nhu cung rang truoc ngay viec nuoc theo den tren "
    "chinh phu thi truong hoc sinh cho biet".split()
)


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of an article, "unknown" when it has fewer than 20 letters.

    Looks at the first 5,000 characters. The classifier is loaded (about a second) for the first
    article whose function words do not decide.

    >>> detect_language("Hội nghị bàn về hợp tác giữa các nước trong khu vực.")
    'vi'
    """
    return _detect(text[:_SAMPLE], _ARTICLE_LETTERS)


def sentence_language(text: str) -> str:
    """Return the ISO 639-1 code of a sentence, "unknown" when it has fewer than 8 letters or two words.

    >>> sentence_language("He visited Hồ Chí Minh City and Đà Nẵng.")
    'en'
    >>> sentence_language("123.456")
    'unknown'
    """
    return _detect(text, _SENTENCE_LETTERS)


def _detect(text: str, letters: int) -> str:
    normal = unicodedata.normalize("NFC", text)
    words = _WORD.findall(normal.lower())
    if sum(map(len, words)) < letters or len(words) < 2:
        return UNKNOWN
    english, vietnamese, bare = (sum(map(known.__contains__, words)) for known in _KNOWN)
    # The rules below overrule every guess of the classifier here, and it costs more than all of them.
    if english > vietnamese and _is_share(english, words, 0.25):
        return "en"
    if vietnamese > english and _is_share(vietnamese, words, 0.15):
        return "vi"
    guess = str(_classifier().classify(normal)[0])
    if guess != "en" and english > vietnamese and _is_share(english, words, 0.2 if guess == "vi" else 0.25):
        return "en"
    if guess != "vi" and vietnamese > english and _is_share(vietnamese, words, 0.1 if guess == "en" else 0.15):
        return "vi"
    if guess not in ("en", "vi") and bare >= 3 and _is_share(bare, words, 0.2):
        return "vi"
    return guess


_KNOWN = (_ENGLISH, _VIETNAMESE, _BARE_VIETNAMESE)


def _is_share(count: int, words: list[str], share: float) -> bool:
    return count >= share * len(words)


@cache
def _classifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # An instance of our own: languages set on the shared one by other code would change our answers.
    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    except OSError as error:  # the model is unpacked into a temporary file of some 20 MB
        reason = f"{error.strerror or error}; free space there or set TMPDIR to another folder"
        raise OutputError(tempfile.gettempdir(), reason) from error
