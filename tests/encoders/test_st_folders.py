"""What is asked of a sentence-transformers folder before anything is loaded; needs neither torch nor the extra."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from st_models import module_list, write_frame

from align.encoders.st_folders import find_folder, fingerprint_of, full_name, pooling_of, read_modules
from align.errors import ModelError, OptionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_frame(tmp_path / "model", {"pooling_mode_mean_tokens": True})
    (tmp_path / "model" / "model.safetensors").write_bytes(b"weights")
    return tmp_path / "model"


def test_the_steps_of_a_model_are_read(folder: Path) -> None:
    places = [folder, folder / "1_Pooling", folder / "2_Normalize"]
    assert read_modules(folder) == list(zip(["Transformer", "Pooling", "Normalize"], places, strict=True))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "modules.json: is damaged: JSONDecodeError: "),
        ("[]", "modules.json: lists no module"),
        ("[3]", "modules.json: is damaged: TypeError: "),
        ('[{"type": "x"}]', "modules.json: is damaged: KeyError: 'path'"),
        (
            '[{"type": "custom_st.Transformer", "path": ""}]',
            "the module 'custom_st.Transformer' is code of the",
        ),
        ('[{"type": "sentence_transformers.models.Pooling", "path": "../x"}]', "'../x' is no folder inside the model"),
        ('[{"type": "sentence_transformers.models.Pooling", "path": ".."}]', "'..' is no folder inside the model"),
        (module_list("Transformer", "Pooling", "Dense"), "2_Dense: no weights in safetensors form"),
    ],
)
def test_a_list_of_modules_that_is_not_trusted(folder: Path, text: str, complaint: str) -> None:
    (folder / "modules.json").write_text(text, "utf-8")
    with pytest.raises(ModelError) as caught:
        read_modules(folder)
    assert complaint in str(caught.value)


def test_pickled_weights_are_refused_with_the_way_to_convert_them(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    message = r"no weights in safetensors form, .* convert it: SentenceTransformer\(FOLDER\).save\(NEW_FOLDER\)$"
    with pytest.raises(ModelError, match=message):
        read_modules(folder)


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path}: no sentence-transformers model, modules.json cannot be read"):
        read_modules(tmp_path)


@pytest.mark.parametrize(
    ("config", "kinds", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False}, (), "mean"),
        ({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False}, (), "max"),
        ({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}, (), "mean"),
        ({"pooling_mode_cls_token": True}, (), "mean"),
        ({"pooling_mode": "max"}, (), "max"),
        ({"pooling_mode": ["max"]}, (), "max"),
        ({"pooling_mode": ["max", "mean"]}, (), "mean"),
        ({"pooling_mode": "cls"}, (), "mean"),
        ({"pooling_mode": "max"}, ("Transformer", "Pooling"), "max"),
        # The maximum of what a dense layer made of maxima is no maximum over tokens.
        ({"pooling_mode": "max"}, ("Transformer", "Pooling", "Dense", "Normalize"), "mean"),
    ],
)
def test_how_vectors_of_sentences_combine(
    tmp_path: Path, config: dict[str, object], kinds: tuple[str, ...], pooling: str
) -> None:
    folder = write_frame(tmp_path / "m", config, *kinds)
    for place in (folder, folder / "2_Dense"):
        place.mkdir(exist_ok=True)
        (place / "model.safetensors").write_bytes(b"x")
    assert pooling_of(folder, read_modules(folder)) == pooling


def test_a_pooling_without_configuration_is_named(folder: Path) -> None:
    modules = read_modules(folder)
    for content in ("[", "[]"):
        (folder / "1_Pooling" / "config.json").write_text(content, "utf-8")
        with pytest.raises(ModelError, match=r"1_Pooling.config\.json: cannot be read: "):
            pooling_of(folder, modules)


def test_the_fingerprint_follows_what_vectors_depend_on(folder: Path) -> None:
    modules = read_modules(folder)
    before = fingerprint_of(folder, modules, ["cpu", ""])
    assert len(before) == 16
    for name in ("README.md", "pytorch_model.bin", ".gitattributes"):
        (folder / name).write_text("not read", "utf-8")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}", "utf-8")
    assert fingerprint_of(folder, modules, ["cpu", ""]) == before
    seen = {before, fingerprint_of(folder, modules, ["cuda", ""]), fingerprint_of(folder, modules, ["cpu", "query: "])}
    for path in (folder / "model.safetensors", folder / "1_Pooling" / "config.json"):
        path.write_bytes(path.read_bytes() + b" ")
        seen.add(fingerprint_of(folder, modules, ["cpu", ""]))
    assert len(seen) == 5


def test_a_folder_goes_before_the_hub_and_has_no_revisions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert find_folder("model", None, quiet=True) == Path("model")
    with pytest.raises(OptionError, match="revision is 'main'; allowed: none for a folder"):
        find_folder("model", "main", quiet=True)


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere", "a/b/c", "~/models/x", "", "a\\b"])
def test_a_folder_that_there_is_not_is_not_asked_of_the_hub(name: str) -> None:
    with pytest.raises(ModelError, match=r"there is no such folder$"):
        find_folder(name, None, quiet=True)


def test_a_name_without_owner_is_the_family_s() -> None:
    assert full_name("LaBSE") == "sentence-transformers/LaBSE"
    assert full_name("intfloat/multilingual-e5-small") == "intfloat/multilingual-e5-small"


def test_the_list_of_modules_is_json() -> None:
    assert json.loads(module_list("Transformer"))[0]["path"] == ""
