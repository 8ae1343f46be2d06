"""A side in another language than its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import ENGLISH_WORDS, VIETNAMESE_WORDS, prose, words
from align.sentences.language import UNKNOWN, sentence_language

# Share of words that are plainly of a language: function words, Vietnamese ones with its letters too. The classifier
# errs on short sentences, which it is mostly asked about.
_OWN_SHARE = {"vi": 0.25, "en": 0.12}
_MARKED = frozenset("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")


@dataclass(frozen=True)
class Language(PairFilter):
    """Refuses pairs with a side that is certainly not in its language: untranslated, swapped, in a third language.

    Scores: the language of either side (`align.sentences.language.sentence_language`), "unknown" for short ones, and
    the letters that the answer rests on. A side that seems to be in the other language is asked again without its
    names: "Nguyễn Văn An (Hà Nội), Trần Thị Bình (Huế)" is of no language. Unknown is kept.
    """

    min_letters: int = 12
    min_letters_third: int = 30
    """For a language that is neither Vietnamese nor English, of which the classifier is less sure."""

    name: ClassVar[str] = "language"
    columns: ClassVar = {
        "language_vi": pl.String(),
        "language_en": pl.String(),
        "language_vi_letters": pl.Float64(),
        "language_en_letters": pl.Float64(),
    }

    def score_pair(self, vi: str, en: str) -> tuple[str, str, float, float]:
        """Return both languages, then the letters that they were found by."""
        vi_language, vi_letters = _language_of(vi, "vi")
        en_language, en_letters = _language_of(en, "en")
        return vi_language, en_language, vi_letters, en_letters

    def reason(self, vi: str, en: str, vi_letters: float, en_letters: float) -> str | None:
        """Name the side that is in another language."""
        vi_wrong, en_wrong = self._is_wrong(vi, "vi", vi_letters), self._is_wrong(en, "en", en_letters)
        if vi_wrong and en_wrong and (vi, en) == ("en", "vi"):
            return "swapped: vi is en and en is vi"
        if vi_wrong:
            return f"vi is {vi}, by {vi_letters:.0f} letters"
        return f"en is {en}, by {en_letters:.0f} letters" if en_wrong else None

    def _is_wrong(self, language: str, wanted: str, letters: float) -> bool:
        if language in (wanted, UNKNOWN):
            return False
        return letters >= (self.min_letters if language in _OWN_SHARE else self.min_letters_third)


def _language_of(text: str, wanted: str) -> tuple[str, float]:
    """Return the language and the number of letters that speak for it."""
    plain = prose(text)
    shout = plain.isupper()
    language = sentence_language(plain.lower() if shout else plain)
    found = words(text)
    letters = float(sum(map(len, found)))
    if language in (wanted, UNKNOWN):
        return language, letters
    if not shout:
        found = tuple(word for word in found if not word[0].isupper())
        letters = float(sum(map(len, found)))
        language = sentence_language(" ".join(found))
    if language != UNKNOWN and _has_own_words(found, wanted):
        return wanted, letters
    return language, letters


def _has_own_words(found: tuple[str, ...], wanted: str) -> bool:
    """Tell whether the words themselves say more for the wanted language than for the other one."""
    lower = [word.lower() for word in found]
    english = sum(map(ENGLISH_WORDS.__contains__, lower))
    vietnamese = sum(word in VIETNAMESE_WORDS or not _MARKED.isdisjoint(word) for word in lower)
    own, other = (vietnamese, english) if wanted == "vi" else (english, vietnamese)
    return own > other and own >= _OWN_SHARE[wanted] * len(lower)
