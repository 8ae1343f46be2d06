"""Pull a model: fetch what its recipe names, make the files of the model, and put its folder in place whole."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path

from align.download import download, file_sha256, remote_size
from align.encoders.manifest import (
    MANIFEST_NAME,
    Manifest,
    ModelFile,
    Source,
    find_manifest,
    manifest_text,
    model_roots,
    pull_folder,
    read_manifest,
)
from align.encoders.preparations import PRECISIONS, Preparation, Request, preparation
from align.errors import ModelError, OptionError, OutputError
from align.files import whole_file
from align.locking import alone
from align.progress import Progress, silent


def pull(
    name: str,
    *,
    source: str | Path | None = None,
    precision: str = "int8",
    keep_checkpoint: bool = False,
    base_url: str | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Make the model `name` in the user's folder of models (`align.encoders.manifest.pull_folder`).

    Each file of the recipe is taken from what an earlier pull left; from the folder `source`, if there is one, else
    from caches of other programs (laser_encoders' own) or the address in the recipe. Only files with the right
    SHA-256 are used. The model appears whole or not at all; what has been fetched when a pull is broken off serves the
    next one. Of two pulls at the same time the second waits, then uses what the first has made.

    A model that has everything asked for is returned as it is. Files that it has in addition stay: another
    `precision` is added.

    Args:
        name: as `align models list` shows it.
        source: folder with the files of the recipe, for machines without a network; nothing is downloaded then.
        precision: "int8", "fp32" or "both": which networks to make, for models of a kind where that is a choice.
        keep_checkpoint: whether the file that networks are made from stays in the model's folder.
        base_url: address of a mirror; the files are BASE_URL/NAME there.
        progress: called as progress("download NAME, MB", ...) and progress("convert", ...).

    Raises:
        ModelError: there is no such model or nothing to pull for it, or a file cannot be had as it should be.
        MissingExtraError: the model could not be run; nothing was fetched.
        OptionError: an option is outside the allowed set.
        OutputError: the folder cannot be written.
    """
    request = _request(precision, keep_checkpoint)
    recipe = find_recipe(name)
    kind = preparation(recipe)
    target = pull_folder() / name
    state = _State.of(target, recipe, kind, request)
    if state.manifest is not None and not state.lacking:
        return state.manifest
    kind.check(recipe)
    _make_folder(target.parent)
    with alone(target.with_name(f".{name}.lock"), stage=f"wait for another pull of {name}", progress=progress):
        state = _State.of(target, recipe, kind, request)
        if state.manifest is not None and not state.lacking:
            return state.manifest
        with _work_folder(target.with_name(f".{name}.pull")) as work:
            needed = recipe.sources if set(state.lacking) - set(recipe.sources) else state.lacking
            origins = _Origins(target, None if source is None else Path(source), kind.caches, base_url)
            _gather(work, {each: recipe.sources[each] for each in needed}, origins, progress)
            made = [each for each in state.lacking if each not in recipe.sources]
            if made:
                kind.make(work, recipe, made, progress)
            _install(work, target, recipe, state)
    return read_manifest(target)


def is_whole(name: str, *, precision: str = "int8", keep_checkpoint: bool = False) -> bool:
    """Say whether a pull with these options would find nothing to do; reads all files of the model.

    Raises:
        ModelError: there is no such model or nothing to pull for it.
        OptionError: an option is outside the allowed set.
    """
    request = _request(precision, keep_checkpoint)
    recipe = find_recipe(name)
    state = _State.of(pull_folder() / name, recipe, preparation(recipe), request)
    return state.manifest is not None and not state.lacking


def find_recipe(name: str) -> Manifest:
    """Return the first manifest of the model `name` that says where its files come from.

    One that cannot be read, such as that of a damaged model, does not hide the recipe of the package.

    Raises:
        ModelError: there is no such model, or it came with the package and has nothing to pull.
    """
    for root in model_roots(strict=False):
        with contextlib.suppress(ModelError):
            # The name is no path: it is looked up, not joined.
            folder = next((path for path in root.iterdir() if path.name == name), None)
            if folder is not None and (manifest := read_manifest(folder)).sources:
                return manifest
    find_manifest(name)
    raise ModelError(f"model {name!r} has nothing to pull: its files come with the package")


def _request(precision: str, keep_checkpoint: bool) -> Request:
    if precision not in PRECISIONS:
        raise OptionError("precision", precision, ", ".join(PRECISIONS))
    return Request(precision, keep_checkpoint)


@dataclasses.dataclass(frozen=True)
class _State:
    """What a model's folder has and lacks."""

    manifest: Manifest | None
    whole: dict[str, ModelFile]
    lacking: list[str]

    @classmethod
    def of(cls, folder: Path, recipe: Manifest, kind: Preparation, request: Request) -> _State:
        """Look at the folder; files whose content is not what its manifest says are lacking."""
        manifest = None
        with contextlib.suppress(ModelError):
            manifest = read_manifest(folder)
        listed = manifest.files if manifest else {}
        known = kind.files(recipe, Request("both", keep_checkpoint=True))
        whole = {name: file for name, file in listed.items() if not _fault(folder / name, file)}
        wanted = dict.fromkeys([*kind.files(recipe, request), *(name for name in listed if name in known)])
        lost = any(name not in whole and name not in known for name in listed)
        return cls(None if lost else manifest, whole, [name for name in wanted if name not in whole])


@dataclasses.dataclass(frozen=True)
class _Origins:
    """Where a file may come from, besides what an earlier pull left: in this order."""

    model: Path
    given: Path | None
    caches: Sequence[str]
    base_url: str | None

    def folders(self) -> list[Path]:
        """Return the folders that may have it."""
        if self.given is not None:
            return [self.model, self.given]
        return [self.model, *(Path(os.path.expanduser(cache)) for cache in self.caches)]

    def url(self, name: str, source: Source) -> str:
        """Return the address that has it."""
        if self.base_url is None:
            return source.url
        return f"{self.base_url.rstrip('/')}/{urllib.parse.quote(name)}"


def _gather(work: Path, sources: dict[str, Source], origins: _Origins, progress: Progress) -> None:
    """Put all `sources` into `work`; from a folder that the user gave, all or none."""
    missing = {name: source for name, source in sources.items() if _fault(work / name, source)}
    found = {name: _found(name, source, origins.folders()) for name, source in missing.items()}
    if origins.given is not None and None in found.values():
        _refuse_folder(origins.given, {name: missing[name] for name, path in found.items() if path is None})
    for name, source in missing.items():
        path = found[name]
        if path is None:
            url = origins.url(name, source)
            size = source.size or remote_size(url)
            download(url, work / name, size=size, sha256=source.sha256, progress=progress)
        else:
            _copy(path, work / name, source)


def _found(name: str, source: Source, folders: Sequence[Path]) -> Path | None:
    return next((folder / name for folder in folders if not _fault(folder / name, source)), None)


def _refuse_folder(folder: Path, sources: dict[str, Source]) -> None:
    complaints = [
        f"{folder / name}: {_fault(folder / name, source)}, expected {source.size or 'a number of'} bytes with sha256 "
        f"{source.sha256}"
        for name, source in sources.items()
    ]
    addresses = " ".join(source.url for source in sources.values())
    raise ModelError(f"{'; '.join(complaints)}; fetch there: {addresses}")


def _fault(path: Path, expected: Source | ModelFile) -> str:
    """Say in a few words why the file is not the expected one; "" if it is."""
    try:
        size = path.stat().st_size
        if expected.size and size != expected.size:
            return f"{size} bytes"
        found = file_sha256(path)
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    return "" if found == expected.sha256 else f"sha256 is {found}"


def _copy(origin: Path, path: Path, source: Source) -> None:
    with whole_file(path) as partial:
        shutil.copyfile(origin, partial)
        if fault := _fault(partial, source):
            raise ModelError(f"{origin}: changed while it was copied ({fault}); try again")


@contextlib.contextmanager
def _work_folder(path: Path) -> Iterator[Path]:
    """Make the folder in which the model is made; after an error it stays if there is something in it."""
    _make_folder(path)
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.rmdir()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def _install(work: Path, target: Path, recipe: Manifest, state: _State) -> None:
    """Bring the new files from `work` to `target`, where a manifest that lists them comes last."""
    try:
        new = {name: ModelFile((work / name).stat().st_size, file_sha256(work / name)) for name in state.lacking}
        manifest = dataclasses.replace(recipe, folder=target, files=state.whole | new)
        with whole_file(work / MANIFEST_NAME) as partial:
            partial.write_text(manifest_text(manifest), "utf-8")
        for path in work.iterdir():
            if path.name not in (*new, MANIFEST_NAME):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not target.exists():
            os.rename(work, target)
            return
        for name in (*new, MANIFEST_NAME):
            os.replace(work / name, target / name)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
