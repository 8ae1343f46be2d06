from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from marian_files import VI, converted, many_languages, marian_files, spm_model, write_files

from align.encoders.manifest import find_manifest
from align.errors import ModelError, OptionError
from align.translation import load_translator
from align.translation.folders import direction_of, inspect


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("models") / "mt", marian_files("vi-en"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "mt"))


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_translator(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_marian_folder_says_its_direction_by_its_pieces(made: Path, tmp_path: Path) -> None:
    layout = inspect(made)
    assert (layout.kind, layout.source_spm, layout.target_spm) == ("marian", "source.spm", "target.spm")
    assert set(layout.files) == {path.name for path in made.iterdir()}
    assert load_translator(made).directions == ("vi-en",)
    assert load_translator(converted(tmp_path / "back", marian_files("en-vi"))).directions == ("en-vi",)


def test_what_else_lies_there_is_no_part_of_the_translator(folder: Path) -> None:
    before = load_translator(folder).fingerprint
    write_files(folder, {"README.md": b"notes", "generation_config.json": b"{}"})
    assert load_translator(folder).fingerprint == before


def test_two_languages_that_are_not_told_apart_need_a_direction(folder: Path) -> None:
    shutil.copyfile(folder / "target.spm", folder / "source.spm")
    with pytest.raises(OptionError, match=r"direction is None; allowed: vi-en, en-vi: the files of .* do not say"):
        load_translator(folder)
    assert load_translator(folder, direction="vi-en").directions == ("vi-en",)


def test_directions_are_told_by_letters_of_vietnamese_alone() -> None:
    assert direction_of(["▁nước", "a", "ệ"], ["▁water", "b", "c"]) == ("vi-en",)
    assert direction_of(["▁water"], ["▁ĐƯỜNG"]) == ("en-vi",)
    assert direction_of(["▁été", "▁à"], ["▁summer"]) == ()
    assert direction_of(["▁việt"], ["▁việt"]) == ()
    assert direction_of([], []) == ()


def test_one_sentencepiece_model_without_language_tokens_is_of_the_kind_of_opennmt(tmp_path: Path) -> None:
    folder = many_languages(tmp_path / "onmt", ("｟a｠", "｟b｠"))
    assert inspect(folder).kind == "sentencepiece"
    with pytest.raises(OptionError, match="direction is None"):
        load_translator(folder)
    translator = load_translator(folder, direction="en-vi")
    assert len(translator.translate(["It is raining."], "en-vi")) == 1


def test_vocabularies_of_older_converters_are_read(folder: Path) -> None:
    tokens = json.loads((folder / "shared_vocabulary.json").read_text("utf-8"))
    before = load_translator(folder).translate(VI, "vi-en")
    (folder / "shared_vocabulary.json").unlink()
    (folder / "shared_vocabulary.txt").write_text("\n".join(tokens) + "\n", "utf-8")
    assert load_translator(folder).translate(VI, "vi-en") == before
    (folder / "shared_vocabulary.txt").unlink()
    for side in ("source", "target"):
        (folder / f"{side}_vocabulary.json").write_text(json.dumps(tokens), "utf-8")
    assert load_translator(folder).translate(VI, "vi-en") == before


def test_an_end_that_ctranslate2_does_not_add_is_added(folder: Path) -> None:
    before = load_translator(folder).translate(VI, "vi-en")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    # So are models that came through Transformers.
    (folder / "config.json").write_text(json.dumps(config | {"add_source_eos": False}), "utf-8")
    assert load_translator(folder).translate(VI, "vi-en") == before


def test_an_encoder_is_named_as_such(tmp_path: Path) -> None:
    encoder = find_manifest("e5-small-vien").folder
    for name in ("model.bin", "config.json", "vocabulary.json", "spm.model"):
        shutil.copyfile(encoder / name, tmp_path / name)
    said = refusal(tmp_path)
    assert said.startswith(f"{tmp_path}: model.bin holds TransformerEncoderSpec, which is no translator; allowed: ")
    assert refusal(encoder).startswith("model 'e5-small-vien' is an encoder (kind 'e5-ctranslate2'), no translator; ")


def test_a_transformers_checkpoint_is_answered_with_the_commands_that_convert_it(tmp_path: Path) -> None:
    write_files(
        tmp_path / "hub", {"config.json": b"{}", "model.safetensors": b"", "source.spm": b"", "target.spm": b""}
    )
    folder = tmp_path / "hub"
    assert refusal(folder) == (
        f"{folder}: a Transformers checkpoint that is not converted; run: "
        f'pip install "align-vi-en[mt]", then: ct2-transformers-converter --model {folder} --output_dir {folder}-ct2 '
        "--quantization int8 --copy_files source.spm target.spm"
    )


def test_a_marian_model_is_answered_with_the_command_that_adds_it(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "marian", marian_files("vi-en"))
    assert refusal(folder).endswith(f"a Marian model that is not converted; run: align models add NAME {folder}")
    (tmp_path / "a.zip").write_bytes(b"")
    assert refusal(tmp_path / "a.zip").endswith(f"run: align models add NAME {tmp_path / 'a.zip'}")


def test_a_sentencepiece_model_of_another_translator_is_found_by_its_pieces(folder: Path) -> None:
    other = ("Ще не вмерла України.", "Садок вишневий коло хати.", "Реве та стогне Дніпр широкий.")
    (folder / "source.spm").write_bytes(spm_model(other, 60))
    assert "source.spm: the model's vocabulary knows " in refusal(folder)
    assert "expected at least 80%: they do not belong together; take the one that" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("model.bin", None, "no model.bin in it; allowed: a folder that a converter of CTranslate2 wrote"),
        ("model.bin", b"", "model.bin: cannot be read as a model: "),
        ("model.bin", b"\x80\x02}q\x00." * 20, "model.bin: is no CTranslate2 model, or a damaged one"),
        ("shared_vocabulary.json", None, "no vocabulary in it; allowed: source_vocabulary.json, "),
        ("shared_vocabulary.json", b"{}", "shared_vocabulary.json: is no list of tokens"),
        ("shared_vocabulary.json", b"[1]", "shared_vocabulary.json: is no list of tokens"),
        ("shared_vocabulary.json", b'["a"', "shared_vocabulary.json: cannot be read: "),
        ("config.json", b"{", "config.json: cannot be read: "),
        ("source.spm", None, "sentencepiece models: target.spm; allowed: source.spm and target.spm, or one"),
        ("source.spm", b"", "source.spm: 0 bytes are no sentencepiece model"),
        ("target.spm", b"not a model", "target.spm: 11 bytes are no sentencepiece model"),
    ],
)
def test_a_file_that_is_missing_or_damaged_is_named(
    folder: Path, name: str, content: bytes | None, complaint: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    assert complaint in refusal(folder)


def test_no_or_too_many_sentencepiece_models(folder: Path) -> None:
    (folder / "source.spm").rename(folder / "a.model")
    allowed = "allowed: source.spm and target.spm, or one *.model"
    assert refusal(folder) == f"{folder}: sentencepiece models: a.model, target.spm; {allowed}"
    for name in ("a.model", "target.spm"):
        (folder / name).unlink()
    assert refusal(folder) == f"{folder}: sentencepiece models: none; {allowed}"


def test_a_file_of_a_later_ctranslate2(folder: Path) -> None:
    content = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(b"\x63" + content[1:])
    assert "cannot load the model: Unsupported model binary version." in refusal(folder)
    assert refusal(folder).endswith("; update it: pip install --upgrade ctranslate2")


def test_a_file_cut_short(folder: Path) -> None:
    content = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(content[: len(content) // 2])
    assert refusal(folder).endswith("; convert or fetch it anew")


def test_what_is_not_there() -> None:
    said = refusal(Path("no/such/folder"))
    assert said == (
        "no translator 'no/such/folder'; installed: none; to pull: nllb-200-distilled-600M, opus-mt-en-vi, "
        "opus-mt-vi-en; or give a folder that a converter of CTranslate2 wrote"
    )
