from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.sentences import language
from align.sentences.language import sentence_language

WORDS = ["the", "of", "was", "và", "của", "không", "khong", "nguoi", "duoc", "Reuters", "table", "mưa", "Haus"]


@given(st.lists(st.sampled_from(WORDS), min_size=8, max_size=16), st.sampled_from(["en", "vi", "fr", "zh"]))
def test_words_that_overrule_every_guess_are_not_guessed_at(words: list[str], guess: str) -> None:
    """Whatever the classifier would say, the answer is the one without it, where it is not asked."""
    asked = []

    class Classifier:
        def classify(self, text: str) -> tuple[str, float]:
            asked.append(text)
            return guess, 0.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_classifier", Classifier)
        answer = sentence_language(" ".join(words))
    english, vietnamese = (sum(map(known.__contains__, words)) for known in (language._ENGLISH, language._VIETNAMESE))
    if not asked:
        expected = "en" if english > vietnamese else "vi"
        assert answer == expected
        assert max(english, vietnamese) >= (0.25 if answer == "en" else 0.15) * len(words)
    elif english == vietnamese:
        assert answer in (guess, "vi")  # bare Vietnamese words may still decide
