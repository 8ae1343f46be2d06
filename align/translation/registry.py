"""From the name of a translator, or its folder, to the translator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from align.download import file_sha256
from align.encoders.manifest import MANIFEST_NAME, Manifest, find_models, names_in_words, read_manifest
from align.errors import ModelError, OptionError
from align.progress import Progress, silent
from align.translation.base import DIRECTIONS, Direction, Entropies, Translator, check_direction
from align.translation.engine import DEFAULT_BATCH_TOKENS, DEFAULT_BEAM, CTranslate2Translator
from align.translation.folders import inspect


def load_translator(
    name_or_path: str | Path,
    *,
    direction: str | None = None,
    threads: int | None = None,
    device: str = "auto",
    beam: int = DEFAULT_BEAM,
    batch_tokens: int = DEFAULT_BATCH_TOKENS,
    compute_type: str | None = None,
    max_tokens: int | None = None,
    progress: Progress = silent,
) -> Translator:
    """Load a translator.

    Args:
        name_or_path: a model that `align models list` shows; a folder in the form of CTranslate2, with its
            sentencepiece models; or two of these with a comma between, one for each direction.
        direction: "vi-en" or "en-vi"; None is for all that the model can do. A folder of one direction whose files do
            not say which one needs it.
        threads: batches computed at the same time; None takes every core. Translations do not depend on it.
        device: "cpu", "cuda", or "auto": a GPU if there is one.
        beam: hypotheses kept; 1 is greedy search.
        batch_tokens: source tokens translated at once; larger is hungrier.
        compute_type: of CTranslate2, such as "float32"; None is int8. See `CTranslate2Translator` on what stays equal.
        max_tokens: longest row that the model takes; None is what is known of it, else 512.
        progress: called as progress("translate", done, total) and progress("score", done, total).

    Example:
        translator = load_translator("opus-mt-vi-en")
        translator.translate(["Trời đang mưa."], "vi-en")

    Raises:
        ModelError: there is no such translator, it is not pulled, a file of it is missing or damaged, or it is
            something else, such as an encoder.
        OptionError: an option is outside the allowed set, or a direction is missing.
    """
    options: dict[str, Any] = {"threads": threads, "device": device, "beam": beam, "batch_tokens": batch_tokens}
    options |= {"compute_type": compute_type, "max_tokens": max_tokens, "progress": progress}
    wanted = () if direction is None else (check_direction(direction),)
    first, comma, second = str(name_or_path).partition(",")
    if comma and not Path(name_or_path).exists():
        return TranslatorPair([_load(each.strip(), wanted, options) for each in (first, second)])
    return _load(str(name_or_path), wanted, options)


class TranslatorPair:
    """Two translators as one, for what needs both directions."""

    def __init__(self, parts: Sequence[Translator]) -> None:
        """Take translators of which each adds a direction.

        Raises:
            OptionError: one of them adds none.
        """
        self._parts: dict[Direction, Translator] = {}
        for part in parts:
            new = [each for each in part.directions if each not in self._parts]
            if not new:
                raise OptionError("translator", part.name, "one for the other direction than the model before it")
            self._parts |= dict.fromkeys(new, part)
        self.directions = tuple(each for each in DIRECTIONS if each in self._parts)
        self.name = ",".join(part.name for part in parts)
        self.fingerprint = "-".join(part.fingerprint for part in parts)

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        """Return the translation of every text, as the translator for this direction makes it."""
        return self._part(direction).translate(texts, direction)

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        """Return float64 (n,), what the translator for this direction thinks of the targets."""
        return self._part(direction).cross_entropy(sources, targets, direction)

    def _part(self, direction: Direction) -> Translator:
        return self._parts[check_direction(direction, self.directions)]


def _load(name: str, wanted: Sequence[Direction], options: dict[str, Any]) -> Translator:
    models = find_models()
    if name in models:
        return _named(read_manifest(models[name]), wanted, options)
    folder = Path(name)
    if (folder / MANIFEST_NAME).is_file():
        return _named(read_manifest(folder), wanted, options)
    if folder.is_dir():
        layout = inspect(folder)
        hashes = {each: _sha256(folder / each) for each in layout.files}
        return CTranslate2Translator(folder, layout, hashes, name=folder.resolve().name, directions=wanted, **options)
    if folder.is_file():
        raise ModelError(f"{folder}: a file, not a folder; an archive of OPUS-MT: run: align models add NAME {folder}")
    there = names_in_words(translators=True)
    raise ModelError(f"no translator {name!r}; {there}; or give a folder that a converter of CTranslate2 wrote")


def _named(manifest: Manifest, wanted: Sequence[Direction], options: dict[str, Any]) -> Translator:
    if not manifest.is_translator:
        there = names_in_words(translators=True)
        raise ModelError(f"model {manifest.name!r} is an encoder (kind {manifest.kind!r}), no translator; {there}")
    manifest.check()
    layout = inspect(manifest.folder, manifest.files)
    if layout.kind != manifest.kind:
        raise ModelError(f"{manifest.folder}: the files are of kind {layout.kind!r}, model.toml says {manifest.kind!r}")
    stated = tuple(check_direction(each) for each in manifest.directions)
    directions = tuple(check_direction(each, stated) for each in wanted) or stated
    if options["max_tokens"] is None and manifest.max_tokens:
        options = options | {"max_tokens": manifest.max_tokens}
    hashes = {name: file.sha256 for name, file in manifest.files.items()}
    return CTranslate2Translator(manifest.folder, layout, hashes, name=manifest.name, directions=directions, **options)


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
