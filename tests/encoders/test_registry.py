from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from typing import Literal, Union

import numpy as np
import pytest
from made_encoders import HashEncoder

from align.encoders import Encoder, load_encoder, parse_options
from align.encoders.plugins import check_encoder, plugin_names
from align.encoders.settings import parse_settings, settings_of
from align.errors import MissingExtraError, ModelError, OptionError

MODULE = """
from __future__ import annotations
from typing import Literal, TYPE_CHECKING
import numpy as np
if TYPE_CHECKING:
    from nowhere import Progress

class Letters:
    '''Counts letters; as good as it sounds.'''
    name, pooling, fingerprint = "letters", "mean", "v1"

    def __init__(self, dim: int = 26, *, weighting: Literal["count", "share"] = "count"):
        self.dim, self.weighting = dim, weighting

    def encode(self, texts):
        rows = np.ones((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts):
            for letter in text.lower():
                row[ord(letter) % self.dim] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def centre(self, lang):
        return None

def anything(**options):
    encoder = Letters()
    encoder.options = options
    return encoder

def unresolvable(dim: int = 5, progress: Progress | None = None):
    encoder = Letters(dim)
    encoder.progress = progress
    return encoder

def broken():
    return 1 / 0

constant = 3
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages with one distribution that offers encoders."""
    (tmp_path / "own_encoders.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "falling.py").write_text("raise RuntimeError('no luck')", encoding="utf-8")
    offer(tmp_path, "own", "letters = own_encoders:Letters\nsmall.letters = own_encoders:unresolvable\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("own_encoders", None)


def offer(folder: Path, distribution: str, lines: str) -> None:
    """Write what pip leaves of an installed distribution."""
    info = folder / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[align.encoders]\n{lines}", encoding="utf-8")


def test_a_plug_in_is_found_by_its_name() -> None:
    assert plugin_names() == ["letters", "small.letters"]
    encoder = load_encoder("letters", dim=30)
    assert isinstance(encoder, Encoder)
    assert (encoder.name, encoder.encode(["Xin chào"]).shape) == ("letters", (1, 30))


def test_a_plug_in_is_found_by_its_import_path_without_being_installed() -> None:
    assert load_encoder("own_encoders:Letters").dim == 26
    assert load_encoder("own_encoders:anything", level=3, mode="x").options == {"level": 3, "mode": "x"}


def test_progress_goes_only_to_those_who_take_it() -> None:
    def progress(stage: str, done: int, total: int) -> None: ...

    assert load_encoder("letters", progress=progress).dim == 26
    assert load_encoder("small.letters", progress=progress).progress is progress
    assert load_encoder("own_encoders:anything", progress=progress).options == {"progress": progress}


def test_none_is_the_encoder_s_own_default() -> None:
    assert load_encoder("letters", dim=None, threads=None).dim == 26


def test_an_unknown_option_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(OptionError, match="encoder option is 'threads'; allowed: dim, weighting"):
        load_encoder("letters", threads=2)
    with pytest.raises(OptionError, match="encoder option is 'batch'; allowed: threads, batch_tokens"):
        load_encoder("e5-small-vien", batch=2)


def test_an_installed_model_is_not_replaced_by_a_plug_in(site: Path) -> None:
    offer(site, "bad", "e5-small-vien = falling:Encoder\n")
    assert load_encoder("e5-small-vien").dim == 384


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    with pytest.raises(ModelError) as caught:
        load_encoder("labse")
    message = str(caught.value)
    assert message.startswith("no model 'labse' is installed; installed: e5-small-vien")
    assert message.endswith("; plug-ins: letters, small.letters; sentence-transformers models: st:NAME or st:FOLDER")


def test_two_plug_ins_of_one_name_are_named(site: Path) -> None:
    offer(site, "second", "letters = falling:Encoder\n")
    message = "encoder 'letters' is offered twice: falling:Encoder, own_encoders:Letters; uninstall one"
    with pytest.raises(ModelError, match=message):
        load_encoder("letters")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("falling:Encoder", "encoder 'falling:Encoder': cannot be imported: RuntimeError: no luck"),
        ("nowhere.at.all:Encoder", "cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("own_encoders:Nothing", "cannot be imported: AttributeError: module 'own_encoders' has no attribute"),
        ("own_encoders:constant", "encoder 'own_encoders:constant': is of type int; allowed: a class or function"),
        ("own_encoders:broken", "encoder 'own_encoders:broken': cannot be made: ZeroDivisionError: division by zero"),
        ("builtins:dict", "encoder 'builtins:dict': is no encoder, it has no 'name'; needed: name, dim, "),
        ("c:/models/labse", "no model 'c:/models/labse' is installed"),
    ],
)
def test_a_plug_in_that_does_not_work_is_named(name: str, complaint: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_encoder(name)
    assert complaint in str(caught.value)


class Rows:
    """An `encode` that returns what `change` makes of good rows."""

    def __init__(self, change) -> None:
        self.change = change

    def __call__(self, texts):
        return self.change(HashEncoder().encode(texts))


@pytest.mark.parametrize(
    ("member", "value", "complaint"),
    [
        ("name", "", "x: name is ''; allowed: a str, not empty"),
        ("fingerprint", None, "x: fingerprint is None; allowed: a str"),
        ("dim", 0, "x: dim is 0; allowed: an int from 1"),
        ("dim", True, "x: dim is True; allowed: an int from 1"),
        (
            "encode",
            HashEncoder(9).encode,
            r"x: encode of two texts gave float32 \(2, 9\); allowed: numpy float32 \(2, 8\)",
        ),
        ("pooling", "cls", "x: pooling is 'cls'; allowed: mean, max"),
        ("encode", Rows(lambda rows: rows * 2), r"x: encode gave rows of length \[2.0, 2.0\]; allowed: length 1"),
        ("encode", Rows(lambda rows: rows * np.float32("nan")), r"rows of length \[nan, nan\]"),
        ("encode", Rows(lambda rows: rows.astype(np.float64)), r"gave float64 \(2, 8\); allowed: numpy float32"),
        ("encode", Rows(np.ndarray.tolist), r"gave list; allowed: numpy float32 \(2, 8\)"),
        ("encode", lambda texts: HashEncoder().encode(texts or ["a"]), r"encode of no text gave float32 \(1, 8\)"),
        ("encode", lambda texts: texts[5], "x: fails on two sentences: IndexError: list index out of range"),
        ("centre", lambda lang: [0.0] * 8, r"x: centre gave list; allowed: numpy float32 \(8,\)"),
    ],
)
def test_what_a_plug_in_returns_is_checked(member: str, value: object, complaint: str) -> None:
    encoder = HashEncoder()
    check_encoder(encoder, "x")
    setattr(encoder, member, value)
    with pytest.raises(ModelError, match=complaint):
        check_encoder(encoder, "x")


def test_a_recipe_that_was_not_pulled_says_how_to_pull_it() -> None:
    with pytest.raises(ModelError, match=r"^model laser2 is not pulled yet; run: align models pull laser2$"):
        load_encoder("laser2")


def test_a_recipe_without_its_extra_gives_the_pip_command_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("align.encoders.preparations.importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        MissingExtraError, match=r'laser2 needs the extra \'laser\': pip install "align-vi-en\[laser\]"'
    ):
        load_encoder("laser2")


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is not None, reason="the extra st is installed")
def test_a_missing_extra_is_answered_with_the_pip_command() -> None:
    with pytest.raises(MissingExtraError, match=r'st:LaBSE needs the extra \'st\': pip install "align-vi-en\[st\]"'):
        load_encoder("st:LaBSE")


def takes(
    count: int,
    *,
    share: float = 0.5,
    quiet: bool = False,
    precision: Literal["int8", "fp32"] = "int8",
    bits: Literal[8, 16] = 8,
    threads: int | None = None,
    size: Union[int, str] = 1,  # noqa: UP007
    untyped=3,
    text="",
) -> None: ...


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("count=3", 3),
        ("count=-3", -3),
        ("share=0.25", 0.25),
        ("share=1", 1.0),
        ("quiet=true", True),
        ("quiet=False", False),
        ("precision=fp32", "fp32"),
        ("bits=16", 16),
        ("threads=2", 2),
        ("size=3", 3),
        ("size=large", "large"),
        ("untyped=4", 4),
        ("text=query: a=b", "query: a=b"),
        ("text=", ""),
    ],
)
def test_values_are_read_as_the_type_of_their_option(pair: str, value: object) -> None:
    [(_, found)] = parse_settings([pair], settings_of(takes)).items()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        ("count=three", "encoder option count is 'three'; allowed: an integer"),
        ("share=", "encoder option share is ''; allowed: a number"),
        ("quiet=yes", "encoder option quiet is 'yes'; allowed: true, false"),
        ("precision=fp16", "encoder option precision is 'fp16'; allowed: int8, fp32"),
        ("bits=32", "encoder option bits is '32'; allowed: 8, 16"),
        ("threads=1.5", "encoder option threads is '1.5'; allowed: an integer"),
        ("colour=red", "encoder option is 'colour'; allowed: count, share, quiet, precision, bits, threads, size, "),
        ("count", "encoder option is 'count'; allowed: KEY=VALUE"),
        ("=3", "encoder option is '=3'; allowed: KEY=VALUE"),
    ],
)
def test_options_that_cannot_be_are_refused(pair: str, complaint: str) -> None:
    with pytest.raises(OptionError, match=f"^{complaint}"):
        parse_settings([pair], settings_of(takes))


def test_the_last_of_equal_keys_wins_and_dashes_are_underscores() -> None:
    assert parse_options("e5-small-vien", ["batch-tokens=1", "batch_tokens=2"]) == {"batch_tokens": 2}


def test_what_a_factory_takes_is_seen_through_partials_classes_and_inheritance() -> None:
    class Base:
        def __init__(self, folder: str, *, size: int = 1) -> None: ...

    class Own(Base): ...

    assert settings_of(functools.partial(Own, "here")) == {"size": int}
    assert settings_of(Own) == {"folder": str, "size": int}
    assert settings_of(lambda **options: None) is None
    assert parse_options("own_encoders:anything", ["level=3"]) == {"level": "3"}
    assert parse_options("small.letters", ["dim=7"]) == {"dim": 7}
    with pytest.raises(OptionError, match=r"allowed: dim$"):
        parse_options("small.letters", ["progress=7"])


def test_an_encoder_without_options_says_so() -> None:
    with pytest.raises(OptionError, match="allowed: none, this encoder has no options"):
        parse_options("own_encoders:broken", ["a=1"])
