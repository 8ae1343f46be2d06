from __future__ import annotations

import re

import numpy as np
import pytest
from stranger import Stranger

from align.encoders import Encoder
from align.errors import ModelError
from align.matching.calibration import load_calibration
from align.matching.sides import Side
from align.matching.spans import centre_of, unit_rows
from align.matching.yardstick import language_centre, measures, scales_of, yardstick
from align.sentences import split


def test_the_reports_have_one_sentence_a_line_in_their_language() -> None:
    reports = yardstick()
    assert len(reports) == 12
    for report in reports:
        assert len(report.vi) == len(report.en) == 8
        for lang, lines in (("vi", report.vi), ("en", report.en)):
            assert all(len(split(line, lang)) == 1 for line in lines)
        assert re.search("[ạảấầậẫệộốờđưướ]", " ".join(report.vi))
        assert " ".join(report.en).isascii()
    texts = [line for report in reports for line in (*report.vi, *report.en)]
    assert len(set(texts)) == len(texts)


def test_scales_are_those_of_a_plain_computation() -> None:
    draw = np.random.default_rng(1)
    meaning = draw.normal(size=(15, 32))
    vi, en = (unit_rows(meaning + draw.normal(size=meaning.shape)) for _ in range(2))
    centres = centre_of(vi, None, 0.0), centre_of(en, None, 0.0)
    blocks = [slice(5 * n, 5 * n + 5) for n in range(3)]
    sides = [
        [Side(rows[b], np.ones(5), centre) for b in blocks] for rows, centre in zip((vi, en), centres, strict=True)
    ]
    found = scales_of(*sides)
    pairs = [(i, j) for b in blocks for i in range(b.start, b.stop) for j in range(b.start, b.stop)]
    null = [float(vi[i] @ en[j]) for i, j in pairs if i != j]
    match = [float(vi[i] @ en[i]) for i in range(15)]
    assert found.raw.null_mean == pytest.approx(np.mean(null), abs=1e-6)
    assert found.raw.null_deviation == pytest.approx(np.std(null), abs=1e-6)
    assert found.raw.match_mean == pytest.approx(np.mean(match), abs=1e-6)
    assert found.raw.match_deviation == pytest.approx(np.std(match), abs=1e-6)
    margins = []
    for b in blocks:
        table = vi[b] @ en[b].T
        rows = np.sort(table, axis=1)[:, -4:].mean(axis=1)
        columns = np.sort(table, axis=0)[-4:].mean(axis=0)
        margins += [table[n, n] - (rows[n] + columns[n]) / 2 for n in range(5)]
    assert found.margin.match_mean == pytest.approx(np.mean(margins), abs=1e-6)
    assert found.centred.match_mean > found.centred.null_mean
    assert found.article.match_mean > found.article.null_mean


def test_the_bundled_calibration_holds_the_scales_of_its_encoder(encoder: Encoder) -> None:
    found, stored = measures(encoder).scales, load_calibration().scales
    for name in ("raw", "centred", "margin", "centred_margin", "article"):
        for figure in ("null_mean", "null_deviation", "match_mean", "match_deviation"):
            # vectors differ a little between processors
            assert getattr(getattr(found, name), figure) == pytest.approx(
                getattr(getattr(stored, name), figure), abs=0.01
            )


def test_an_encoder_is_measured_once(encoder: Encoder) -> None:
    stranger = Stranger("measured once", encoder)
    assert measures(stranger) is measures(stranger)
    assert len(stranger.encoded) == 192


def test_an_encoder_without_mean_vectors_gets_those_of_the_reports(encoder: Encoder) -> None:
    stranger = Stranger("no centre", encoder)
    lines = [line for report in yardstick() for line in report.vi]
    np.testing.assert_allclose(language_centre(stranger, "vi"), encoder.encode(lines).mean(axis=0), atol=1e-5)
    np.testing.assert_array_equal(language_centre(encoder, "en"), encoder.centre("en"))


def test_an_encoder_that_gives_something_else_is_named(encoder: Encoder) -> None:
    broken = Stranger("broken", encoder, lambda rows: rows * np.float32(np.nan))
    with pytest.raises(ModelError, match="'broken'"):
        measures(broken)
    narrow = Stranger("narrow", encoder)
    narrow.dim = 5
    with pytest.raises(ModelError, match=r"expected finite ones, \(96, 5\)"):
        measures(narrow)
