from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from gold_folders import all_lines, write_gold, write_lines

from align.encoders import Encoder
from align.errors import InputError, MissingExtraError, OptionError
from align.fitting import Fitted, differences, fit_calibration, read_material, to_toml
from align.matching import align_sentences
from align.matching.calibration import load_calibration, parse_calibration, read_calibration

VI, EN = all_lines()


class Renamed:
    """The bundled encoder under another name."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = self.fingerprint = "another"
        self.dim, self.pooling, self._encoder = encoder.dim, encoder.pooling, encoder

    def encode(self, texts):
        return self._encoder.encode(texts)

    def centre(self, lang: str):
        return self._encoder.centre(lang)


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gold(tmp_path_factory.mktemp("gold"))


@pytest.fixture(scope="module")
def fitted(gold: Path, encoder: Encoder) -> Fitted:
    return fit_calibration(read_material(gold), encoder, folds=False)


def test_all_is_fitted_and_the_file_can_be_read(fitted: Fitted, tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text(fitted.text, encoding="utf-8")
    found = read_calibration(path)
    assert found.encoder == "e5-small-vien"
    assert found.rescaled_for == ""
    assert differences(path, fitted.calibration) == []
    bundled = load_calibration()
    for name in ("length", "pooled", "joined", "mining", "mixture", "comparable", "trust"):
        assert getattr(found, name) != getattr(bundled, name), name
    assert found.limits == bundled.limits


def test_the_head_says_what_on(fitted: Fitted) -> None:
    head = [line for line in fitted.text.splitlines() if line.startswith("#")]
    assert head[0] == "# Written by `align fit`; never edit by hand."
    assert "2 document pairs with beads in order, 2 of parallel lines, 3 with pairs in any order, 1 pools" in head[1]
    assert [line.split(":")[0] for line in head[2:6]] == [
        *("# Fitted in-order weights", "# Fitted mining weights", "# Fitted comparable weights", "# Fitted facts"),
    ]


def test_the_fitted_constants_match(fitted: Fitted, encoder: Encoder) -> None:
    vi = [*VI[:3], f"{VI[3]} {VI[4]}", *VI[5:8]]
    beads = align_sentences(vi, EN[:8], encoder=encoder, mode="parallel", calibration=fitted.calibration)
    assert [(bead.vi, bead.en) for bead in beads][2:5] == [((2,), (2,)), ((3,), (3, 4)), ((4,), (5,))]


def test_the_same_gold_gives_the_same_constants_with_folds_and_without(tmp_path: Path, encoder: Encoder) -> None:
    for number in range(2):
        report = VI[8 * number : 8 * number + 6], EN[8 * number : 8 * number + 6]
        write_lines(tmp_path / "lines" / f"{number}_report", report)
    material = read_material(tmp_path)
    parts = ("in-order", "mining", "comparable")
    first, second = (fit_calibration(material, encoder, parts=parts, folds=folds) for folds in (True, False))
    assert to_toml(first.calibration) == to_toml(second.calibration)
    said = "\n".join(first.remarks)
    for figures in ("F1 of two folds", "lines pooled", "lines joined", "reports made of lines", "probabilities, par"):
        assert figures in said


def test_collections_are_measured_by_weights_from_the_others(gold: Path, encoder: Encoder) -> None:
    material = read_material(gold)
    found = fit_calibration(material, encoder, parts=("mining", "trust"), start=load_calibration())
    said = "\n".join(found.remarks)
    for kind in ("mining of one collection by weights from the others", "pairs made elsewhere, half of them spoilt"):
        assert kind in said
    for name in ("any_order", "lines", "pool"):
        assert f"\n{name:24} F1 " in said


def test_another_start_changes_nothing_that_is_fitted(fitted: Fitted, gold: Path, encoder: Encoder) -> None:
    bundled = load_calibration()
    start = replace(bundled, pooled=replace(bundled.pooled, cosine=1.0), limits=replace(bundled.limits, add_floor=-0.2))
    found = fit_calibration(read_material(gold), encoder, parts=("mining",), start=start, folds=False)
    assert found.calibration.pooled == start.pooled
    assert found.calibration.limits == start.limits
    assert found.calibration.mining != bundled.mining
    said = "\n".join(found.remarks)
    assert "Not fitted, from e5-small-vien: in-order, comparable, trust" in said
    assert "Figures were not asked for." in said


def test_what_there_is_no_gold_for_comes_from_the_bundled_encoder_rescaled(tmp_path: Path, encoder: Encoder) -> None:
    write_lines(tmp_path / "lines" / "a", (VI[:6], EN[:6]))
    found = fit_calibration(read_material(tmp_path), Renamed(encoder), parts=("in-order",))
    assert found.calibration.encoder == "another"
    assert found.calibration.rescaled_for == ""
    # The same vectors have the same scales.
    assert found.calibration.comparable.alone == pytest.approx(load_calibration().comparable.alone, abs=1e-4)
    said = "\n".join(found.remarks)
    assert "Not fitted, from e5-small-vien, rescaled to another: mining, comparable, trust" in said
    assert "No figures: there are too few articles for two folds." in said


def test_every_step_is_reported(tmp_path: Path, encoder: Encoder) -> None:
    write_lines(tmp_path / "a", (VI[:6], EN[:6]))
    steps: list[tuple[int, int]] = []
    fit_calibration(
        read_material(tmp_path),
        encoder,
        parts=("in-order",),
        folds=False,
        progress=lambda stage, done, total: steps.append((done, total)),
    )
    assert steps == [(0, 1), (1, 1)]


def test_a_part_without_gold_is_named(tmp_path: Path, encoder: Encoder) -> None:
    write_lines(tmp_path / "a", (VI[:2], EN[:2]))
    with pytest.raises(InputError, match="there is no gold to fit in-order on; found: 0 document pairs"):
        fit_calibration(read_material(tmp_path), encoder, parts=("in-order",))


def test_unknown_parts_are_refused(gold: Path, encoder: Encoder) -> None:
    with pytest.raises(OptionError, match="parts is 'bead'; allowed: in-order, mining, comparable, trust"):
        fit_calibration(read_material(gold), encoder, parts=("bead",))


def test_without_scipy_the_extra_is_named_before_any_work(
    gold: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else found(name, *rest)
    )
    with pytest.raises(MissingExtraError, match=r'pip install "align-vi-en\[fit\]"'):
        fit_calibration(read_material(gold), encoder)


def test_a_text_of_constants_is_the_constants() -> None:
    calibration = load_calibration()
    text = to_toml(calibration, ["One remark."])
    assert text.startswith("# Written by `align fit`; never edit by hand.\n# One remark.\n\nencoder = ")
    assert "-0.0000" not in text
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    assert parse_calibration(tomllib.loads(text)) == calibration


def test_differences_name_the_tables(tmp_path: Path) -> None:
    calibration = load_calibration()
    path = tmp_path / "calibration.toml"
    path.write_text(to_toml(calibration), encoding="utf-8")
    other = replace(calibration, mining=replace(calibration.mining, margin=1.0), centre_sentences=5.0)
    assert differences(path, other) == ["centre_sentences", "mining"]
    assert len(differences(path, calibration)) == 0
