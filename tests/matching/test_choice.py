from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from bilingual_texts import FERRY
from stranger import Stranger

from align.encoders import Encoder
from align.errors import ModelError, UncalibratedWarning
from align.matching import align_sentences, calibration_for, load_calibration, mine_sentences, read_calibration
from align.matching.calibration import FOLDER
from align.matching.choice import FILE_NAME, label_of
from align.pipeline import pair_articles

BUNDLED = FOLDER / "e5-small-vien.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A calibration for another encoder."""
    path = tmp_path / "own.toml"
    path.write_text(BUNDLED.read_text("utf-8").replace('encoder = "e5-small-vien"', 'encoder = "own"'), "utf-8")
    return path


@pytest.fixture(autouse=True)
def _no_warning_goes_unseen():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UncalibratedWarning)
        yield


def test_the_bundled_encoder_has_its_own_and_no_label(encoder: Encoder) -> None:
    assert calibration_for(encoder) == load_calibration()
    assert label_of(load_calibration(), encoder) is None


@pytest.mark.parametrize("function", [align_sentences, mine_sentences])
def test_an_encoder_without_one_is_named_and_goes_on(function, encoder: Encoder) -> None:
    stranger = Stranger("my-encoder", encoder)
    with pytest.warns(UncalibratedWarning) as caught:
        found = function(*FERRY, encoder=stranger)
    assert len(found) == len(FERRY[0])
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "'my-encoder'" in message
    assert "e5-small-vien" in message
    assert "align fit DATA_DIR --encoder my-encoder -o calibration.toml" in message
    assert "\n" not in message


def test_rescaled_constants_say_for_whom(encoder: Encoder) -> None:
    stranger = Stranger("my-encoder", encoder)
    with pytest.warns(UncalibratedWarning):
        found = calibration_for(stranger)
    assert found.rescaled_for == "my-encoder"
    assert label_of(found, stranger) == "e5-small-vien,rescaled"


def test_what_is_given_wins_as_object_and_as_file(file: Path, encoder: Encoder) -> None:
    assert calibration_for(encoder, file) == calibration_for(encoder, str(file)) == read_calibration(file)
    given = replace(load_calibration(), centre_sentences=2.0)
    assert calibration_for(Stranger("my-encoder", encoder), given) is given
    label = label_of(given, encoder)
    assert label is not None
    assert label.startswith("e5-small-vien@")
    assert label != load_calibration().label
    assert label == replace(load_calibration(), centre_sentences=2.0).label


@pytest.mark.parametrize("function", [align_sentences, mine_sentences, pair_articles])
def test_functions_of_texts_take_a_file(function, file: Path, encoder: Encoder) -> None:
    found = function(*FERRY, encoder=Stranger("my-encoder", encoder), calibration=file)
    assert len(found) >= 0


def test_an_encoder_may_name_its_own_file(file: Path, encoder: Encoder) -> None:
    stranger = Stranger("my-encoder", encoder)
    stranger.calibration = file
    assert calibration_for(stranger).encoder == "own"


def test_the_folder_of_a_model_may_hold_it(
    file: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "my-encoder"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text("", "utf-8")  # what makes a folder a model's; it is not read here
    file.rename(folder / FILE_NAME)
    monkeypatch.setenv("ALIGN_MODELS", str(tmp_path / "models"))
    assert calibration_for(Stranger("my-encoder", encoder)).encoder == "own"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "no calibration of this version"),
        (b"encoder = 1", "no calibration of this version"),
        (b"encoder = [", "no calibration of this version"),
    ],
)
def test_a_file_that_is_none_is_named(content: bytes | None, message: str, tmp_path: Path, encoder: Encoder) -> None:
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message) as caught:
        calibration_for(encoder, path)
    assert "bad.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"cosine = [\d.]+", 'cosine = "much"'),
        (r"cosine = [\d.]+", "cosine = nan"),
        (r"cosine = [\d.]+", "cosine = true"),
        (r'"1-1" = [-\d.]+, ', ""),
        (r"alone = \[[-\d.]+, ", "alone = ["),
        (r"context = \[[-\d.]+, ", "context = ["),
        ('encoder = "e5-small-vien"', "encoder = 5"),
    ],
)
def test_a_file_whose_constants_cannot_serve_is_refused(old: str, new: str, tmp_path: Path) -> None:
    text = BUNDLED.read_text("utf-8")
    bad, changes = re.subn(old, new, text, count=1)
    assert changes == 1
    path = tmp_path / "bad.toml"
    path.write_text(bad, "utf-8")
    with pytest.raises(ModelError, match="no calibration of this version"):
        read_calibration(path)
