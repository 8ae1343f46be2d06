from __future__ import annotations

from align.encoders import Encoder
from align.encoders.e5 import LONGEST_TEXT


def test_what_follows_the_first_characters_is_not_looked_at(encoder: Encoder) -> None:
    long = "Mưa rơi trên những mái nhà. " * 2000
    rows = encoder.encode([long, long[:LONGEST_TEXT], long[: LONGEST_TEXT // 2]])
    assert (rows[0] == rows[1]).all()
    assert (rows[0] != rows[2]).any()
    assert rows[0] @ rows[2] > 0.99
