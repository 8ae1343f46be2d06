"""What kind of translator a folder holds, told from its files; whatever else it is gets a clear refusal."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from align.errors import DISTRIBUTION, ModelError
from align.translation.base import DIRECTIONS, Direction

_T = TypeVar("_T")

LANGUAGE_TOKENS = {"nllb": {"vi": "vie_Latn", "en": "eng_Latn"}, "m2m100": {"vi": "__vi__", "en": "__en__"}}
"""Kind of a many-language model -> what stands before a text of each language."""

ENOUGH = 0.8
"""Share of a sentencepiece model's pieces that the vocabulary has to know: those that do not belong together have less
than half in common, while vocabularies made from training text lack only pieces that never occurred in it."""

_TARGET_TOKEN = re.compile(r">>(\w+)<<")
_TARGET_NAMES = {"vi": ("vie", "vi", "vie_Latn"), "en": ("eng", "en", "eng_Latn")}

_ALLOWED = "a folder that a converter of CTranslate2 wrote, with its sentencepiece models"
_CONVERT = "ct2-transformers-converter --model {folder} --output_dir {folder}-ct2 --quantization int8 --copy_files "
# Vietnamese has them and no other language written in Latin letters with its own spelling does.
_VIETNAMESE = re.compile("[ăâđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


@dataclass(frozen=True)
class Layout:
    """The parts of a translator.

    Attributes:
        kind: marian: source.spm and target.spm; nllb, m2m100: one sentencepiece model for all languages, and a token
            that names the language; sentencepiece: one model for both sides and no such token, as OpenNMT has.
        source_spm, target_spm: names of the sentencepiece models, which can be the same file.
        files: names of all files that the translator is made of.
        directions: what it can do, as far as the files say; () if they do not.
        source_tokens, target_tokens: the vocabulary of either side.
        adds_end: whether CTranslate2 itself puts the end token behind a source.
    """

    kind: str
    source_spm: str
    target_spm: str
    files: tuple[str, ...]
    directions: tuple[Direction, ...]
    source_tokens: frozenset[str]
    target_tokens: frozenset[str]
    adds_end: bool

    def target_token(self, direction: Direction) -> str | None:
        """Return the token that tells a Marian model of several target languages which one is wanted, if it has such.

        Raises:
            ModelError: it has such tokens, but none for this language.
        """
        known = sorted(token for token in self.source_tokens if _TARGET_TOKEN.fullmatch(token))
        if self.kind != "marian" or not known:
            return None
        for name in _TARGET_NAMES[direction[-2:]]:
            if f">>{name}<<" in known:
                return f">>{name}<<"
        languages = f"{', '.join(known[:8])}{' ...' if len(known) > 8 else ''}"
        raise ModelError(f"direction {direction}: this model translates into {languages} only; give another model")


def inspect(folder: Path, names: Collection[str] | None = None) -> Layout:
    """Tell what translator the files of `folder` make.

    Args:
        folder: where they are.
        names: those that may be used, by default all.

    Raises:
        ModelError: they make none: an encoder, a checkpoint that is not converted, a file is missing or damaged.
    """
    names = {path.name for path in folder.iterdir()} if names is None else set(names)
    _check_converted(folder, names)
    tokens = {side: _vocabulary(folder, names, side) for side in ("source", "target")}
    used = ["model.bin", *({"config.json"} & names), *sorted({name for name, _ in tokens.values()})]
    known = {side: frozenset(found) for side, (_, found) in tokens.items()}
    kind, spm = _tokenisation(folder, names, known["source"])
    directions: tuple[Direction, ...] = DIRECTIONS if kind in LANGUAGE_TOKENS else ()
    if kind == "marian" and any(f">>{name}<<" in known["source"] for name in _TARGET_NAMES["vi"]):
        directions = ("en-vi",)
    files = (*used, *dict.fromkeys(spm))
    return Layout(kind, *spm, files, directions, known["source"], known["target"], _adds_end(folder, names))


def language_share(pieces: Collection[str]) -> float:
    """Return the share of pieces with a letter that only Vietnamese has."""
    return sum(1 for piece in pieces if _VIETNAMESE.search(piece.lower())) / max(len(pieces), 1)


def direction_of(source: Collection[str], target: Collection[str]) -> tuple[Direction, ...]:
    """Tell the direction from the pieces of two sentencepiece models; () if neither or both are of Vietnamese.

    >>> direction_of(["▁nước", "▁việt"], ["▁water", "▁viet"])
    ('vi-en',)
    """
    vi, en = language_share(source), language_share(target)
    if max(vi, en) < 0.05 or min(vi, en) * 5 > max(vi, en):
        return ()
    return ("vi-en",) if vi > en else ("en-vi",)


def _check_converted(folder: Path, names: set[str]) -> None:
    if "model.bin" in names:
        spec = _spec_name(folder / "model.bin")
        if spec == "TransformerSpec":
            return
        raise ModelError(f"{folder}: model.bin holds {spec}, which is no translator; allowed: {_ALLOWED}")
    if "decoder.yml" in names:
        raise ModelError(f"{folder}: a Marian model that is not converted; run: align models add NAME {folder}")
    if {"pytorch_model.bin", "model.safetensors", "pytorch_model.bin.index.json"} & names:
        spm = sorted(name for name in names if name.endswith((".spm", ".model"))) or ["sentencepiece.bpe.model"]
        command = (_CONVERT.format(folder=folder) + " ".join(spm)).strip()
        extra = f'pip install "{DISTRIBUTION}[mt]"'
        raise ModelError(f"{folder}: a Transformers checkpoint that is not converted; run: {extra}, then: {command}")
    raise ModelError(f"{folder}: no model.bin in it; allowed: {_ALLOWED}")


def _spec_name(path: Path) -> str:
    """Read the name of the architecture from the head of a CTranslate2 model: uint32 version, uint16 length, text."""
    try:
        with path.open("rb") as file:
            _, length = struct.unpack("<IH", file.read(6))
            name = file.read(min(length, 64))
    except (OSError, struct.error) as error:
        raise ModelError(f"{path}: cannot be read as a model: {error}; convert or fetch it anew") from error
    text = name.rstrip(b"\0").decode("latin-1")
    if not text.isidentifier():
        raise ModelError(f"{path}: is no CTranslate2 model, or a damaged one; convert or fetch it anew")
    return text


def _vocabulary(folder: Path, names: set[str], side: str) -> tuple[str, list[str]]:
    """Return the name of the file with the tokens of one side, and the tokens."""
    forms = [f"{what}_vocabulary.{ending}" for what in (side, "shared") for ending in ("json", "txt")]
    name = next((name for name in forms if name in names), None)
    if name is None:
        raise ModelError(f"{folder}: no vocabulary in it; allowed: {', '.join(forms)}")
    text = _read(folder / name, lambda path: path.read_text("utf-8"))
    # One token a line, and a token may be a line separator of its own.
    found = _read(folder / name, lambda _: json.loads(text)) if name.endswith("json") else text.split("\n")
    if not isinstance(found, list) or not all(isinstance(token, str) for token in found):
        raise ModelError(f"{folder / name}: is no list of tokens; convert the model anew")
    return name, [token.removesuffix("\r") for token in found]


def _tokenisation(folder: Path, names: set[str], known: frozenset[str]) -> tuple[str, tuple[str, str]]:
    if {"source.spm", "target.spm"} <= names:
        return "marian", ("source.spm", "target.spm")
    models = sorted(name for name in names if name.endswith((".spm", ".model")))
    if len(models) != 1 or models[0] in ("source.spm", "target.spm"):
        found = ", ".join(models) or "none"
        raise ModelError(f"{folder}: sentencepiece models: {found}; allowed: source.spm and target.spm, or one *.model")
    kind = next(
        (kind for kind, tokens in LANGUAGE_TOKENS.items() if known.issuperset(tokens.values())), "sentencepiece"
    )
    return kind, (models[0], models[0])


def _adds_end(folder: Path, names: set[str]) -> bool:
    if "config.json" not in names:
        return False
    config = _read(folder / "config.json", lambda path: json.loads(path.read_text("utf-8")))
    return isinstance(config, dict) and config.get("add_source_eos") is True


def _read(path: Path, read: Callable[[Path], _T]) -> _T:
    try:
        return read(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; convert or fetch the model anew") from error
