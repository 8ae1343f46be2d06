"""Made-up LASER models in the very files of the real one, written with numpy and sentencepiece alone.

    laser2.pt      what torch.load reads: {"params": ..., "model": OrderedDict of tensors, "dictionary": {piece: id}},
                   in the zip container of torch 1.6 and later, or the older stream ("legacy")
    laser2.spm     a sentencepiece model, trained here on sentences that are put together from the word lists below
    laser2.cvocab  "piece count" lines in the order of the ids, which start at 4

The weights are drawn from a normal distribution: vectors mean nothing, but those of different sentences differ.
"""

from __future__ import annotations

import io
import itertools
import pickle
import random
import struct
import unicodedata
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import sentencepiece

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first words of every dictionary; their ids are 0, 1, 2, 3."""

TRUE_SIZE = {"layers": 5, "hidden": 512, "embed_dim": 320, "bidirectional": True}
"""The architecture of laser2.pt: 28.6 million weights beside the embeddings, 115 MB."""

SMALL = {"layers": 2, "hidden": 16, "embed_dim": 12, "bidirectional": True}
"""The same network, small enough for tests that only follow the data."""


def make_model(
    folder: Path,
    name: str = "laser2",
    *,
    container: str = "zip",
    pieces: int = 2000,
    seed: int = 2,
    **size: Any,
) -> Path:
    """Write NAME.pt, NAME.spm and NAME.cvocab into `folder` and return the path of the first.

    `size` is passed on to `write_checkpoint`; the default is the true size.
    """
    words = write_tokeniser(folder, name, pieces=pieces)
    path = folder / f"{name}.pt"
    write_checkpoint(path, container=container, vocabulary=len(SPECIAL) + len(words), seed=seed, pieces=words, **size)
    return path


def make_pulled(folder: Path, precisions: Sequence[str] = ("fp32",), *, container: str = "zip", **size: Any) -> Path:
    """Make the folder of a model "made" as pulling leaves it, checkpoint kept, with networks in these precisions.

    `size` is passed on to `make_model`. Returns `folder`.
    """
    from align.download import file_sha256
    from align.encoders.laser.checkpoint import read_checkpoint
    from align.encoders.laser.convert import convert
    from align.encoders.manifest import Manifest, ModelFile, manifest_text

    checkpoint = read_checkpoint(make_model(folder, container=container, **size))
    for precision in precisions:
        convert(checkpoint, folder / f"network-{precision}.onnx", precision)
    manifest = Manifest(
        name="made",
        kind="laser",
        folder=folder,
        files={path.name: ModelFile(path.stat().st_size, file_sha256(path)) for path in sorted(folder.iterdir())},
        dim=checkpoint.dim,
        max_tokens=0,
        pooling="max",
        prefix="",
        licence="MIT",
        origin="drawn from a normal distribution",
        url="",
        description="a network of LASER's architecture with made-up weights",
        extra={"checkpoint": "laser2.pt", "spm": "laser2.spm", "cvocab": "laser2.cvocab"},
    )
    (folder / "model.toml").write_text(manifest_text(manifest), "utf-8")
    return folder


def write_tokeniser(folder: Path, name: str = "laser2", *, pieces: int = 2000) -> list[str]:
    """Train a sentencepiece model of about `pieces` pieces, write NAME.spm and NAME.cvocab; return the pieces.

    As in LASER2 the normaliser is nmt_nfkc, the special pieces are <unk>, <s>, </s> with ids 0, 1, 2, and the cvocab
    leaves these out. Equal arguments give equal bytes under one version of sentencepiece.
    """
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(list(sentences(pieces * 2))),
        model_writer=model,
        vocab_size=pieces,
        hard_vocab_limit=False,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        character_coverage=1.0,
        num_threads=1,
        minloglevel=2,
    )
    (folder / f"{name}.spm").write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    words = [processor.id_to_piece(i) for i in range(3, processor.get_piece_size())]
    (folder / f"{name}.cvocab").write_text("".join(f"{word} 1\n" for word in words), "utf-8", newline="\n")
    return words


def write_checkpoint(
    path: Path,
    *,
    container: str = "zip",
    vocabulary: int,
    seed: int = 2,
    pieces: Sequence[str] = (),
    layers: int = 5,
    hidden: int = 512,
    embed_dim: int = 320,
    bidirectional: bool = True,
    scale: float = 0.08,
) -> None:
    """Write a checkpoint of `vocabulary` embeddings; what `pieces` leaves of the dictionary is filled as fairseq does.

    `scale` is the standard deviation of the weights: with much less all sentences get nearly the same vector.
    """
    words = [*SPECIAL, *pieces]
    words += [f"madeupword{number:04}" for number in range(vocabulary - len(words))]
    params = {
        "num_embeddings": vocabulary,
        "padding_idx": SPECIAL.index("<pad>"),
        "embed_dim": embed_dim,
        "hidden_size": hidden,
        "num_layers": layers,
        "bidirectional": bidirectional,
        "left_pad": True,
        "padding_value": 0.0,
    }
    tensors = dict(weights(vocabulary, seed, layers, hidden, embed_dim, bidirectional, scale))
    write_state(path, {"params": params, "dictionary": {word: i for i, word in enumerate(words)}}, tensors, container)


def write_state(path: Path, entries: dict[str, Any], tensors: dict[str, np.ndarray], container: str) -> None:
    """Write a checkpoint of the given entries, with `tensors` as its entry "model"."""
    with path.open("wb") as file:
        {"zip": _write_zip, "legacy": _write_legacy}[container](file, entries, tensors)


def weights(
    vocabulary: int, seed: int, layers: int, hidden: int, embed_dim: int, bidirectional: bool, scale: float
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and float32 arrays as the state of LASER's network holds them, gates in torch's order i, f, g, o."""
    generator = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return generator.standard_normal(shape, np.float32) * np.float32(scale)

    # Embeddings on the scale of trained ones: smaller, and the words would hardly move the gates.
    table = draw(vocabulary, embed_dim) * np.float32(0.5 / scale)
    table[SPECIAL.index("<pad>")] = 0
    yield "embed_tokens.weight", table
    directions = ("", "_reverse") if bidirectional else ("",)
    for layer, direction in itertools.product(range(layers), directions):
        width = embed_dim if layer == 0 else hidden * len(directions)
        yield f"lstm.weight_ih_l{layer}{direction}", draw(4 * hidden, width)
        yield f"lstm.weight_hh_l{layer}{direction}", draw(4 * hidden, hidden)
        yield f"lstm.bias_ih_l{layer}{direction}", draw(4 * hidden)
        yield f"lstm.bias_hh_l{layer}{direction}", draw(4 * hidden)


class _Global:
    """Stands for `module.name` in a pickle, so that what it names need not be importable here."""

    def __init__(self, module: str, name: str) -> None:
        self.opcode = b"c" + f"{module}\n{name}\n".encode()

    def __call__(self) -> None:
        raise AssertionError("only its name is written")


_REBUILD = _Global("torch._utils", "_rebuild_tensor_v2")
_FLOAT_STORAGE = _Global("torch", "FloatStorage")


class _Tensor:
    """An array under the key that its bytes are stored by."""

    def __init__(self, key: str, array: np.ndarray) -> None:
        self.key, self.array = key, array


class _Storage:
    """What torch writes as a persistent id instead of the bytes of a tensor."""

    def __init__(self, tensor: _Tensor) -> None:
        self.tensor = tensor


class _Pickler(pickle._Pickler):
    """Writes tensors as torch does; `legacy` says in which container, for the ids of storages differ."""

    def __init__(self, file: BinaryIO, legacy: bool) -> None:
        super().__init__(file, protocol=2)
        self._legacy = legacy

    def save(self, obj: object, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(obj.opcode)
        else:
            super().save(obj, save_persistent_id)

    def persistent_id(self, obj: object) -> object:
        if not isinstance(obj, _Storage):
            return None
        storage = ("storage", _FLOAT_STORAGE, obj.tensor.key, "cpu", obj.tensor.array.size)
        return (*storage, None) if self._legacy else storage

    def reducer_override(self, obj: object) -> object:
        if not isinstance(obj, _Tensor):
            return NotImplemented
        shape = obj.array.shape
        strides = tuple(stride // obj.array.itemsize for stride in obj.array.strides)
        return _REBUILD, (_Storage(obj), 0, shape, strides, False, OrderedDict())


def _pickled(entries: dict[str, Any], tensors: dict[str, np.ndarray], keys: list[str], legacy: bool) -> bytes:
    state = OrderedDict((name, _Tensor(key, array)) for key, (name, array) in zip(keys, tensors.items(), strict=True))
    # torch hangs the version of every module on the state; a reader must cope with an OrderedDict that has attributes.
    state._metadata = OrderedDict((name, {"version": 1}) for name in ("", "embed_tokens", "lstm"))  # type: ignore[attr-defined]
    out = io.BytesIO()
    _Pickler(out, legacy).dump({**entries, "model": state})
    return out.getvalue()


def _write_zip(file: BinaryIO, entries: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
    keys = [str(number) for number in range(len(tensors))]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def add(name: str, content: bytes) -> None:
            entry = zipfile.ZipInfo(f"archive/{name}", (1980, 1, 1, 0, 0, 0))
            # torch aligns every record to 64 bytes with an extra field of its own.
            start = file.tell() + 30 + len(entry.filename) + 4
            padding = -start % 64
            entry.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
            archive.writestr(entry, content)

        add("data.pkl", _pickled(entries, tensors, keys, legacy=False))
        add("byteorder", b"little")
        for key, array in zip(keys, tensors.values(), strict=True):
            add(f"data/{key}", array.astype("<f4").tobytes())
        add("version", b"3\n")


def _write_legacy(file: BinaryIO, entries: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
    # The keys were addresses: long, and in no order that means anything.
    keys = [str(94_000_000_000_000 + 7919 * number % 1000 * 64) for number in range(len(tensors))]
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    for header in (0x1950A86A20F9469CFC6C, 1001, system):
        pickle.dump(header, file, protocol=2)
    file.write(_pickled(entries, tensors, keys, legacy=True))
    order = sorted(keys)
    pickle.dump(order, file, protocol=2)
    arrays = dict(zip(keys, tensors.values(), strict=True))
    for key in order:
        file.write(struct.pack("<q", arrays[key].size))
        file.write(arrays[key].astype("<f4").tobytes())


_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu s t th tr v x"
_RHYMES = (
    "a an ang ao ăn ăng âm ân âu e en eo ê ên i in inh iên iêu o on ong oa oan ôn ông ơ ơi u ui uôn ư ưng ươi ương"
)
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_STEMS = (
    "accept bridge build carry cloud council country doctor farmer field garden harvest island journey kitchen letter "
    "market morning mountain night number open paper person plant point quick quiet reason record report river school "
    "season second seven shore simple station story street summer teach travel valley village visit water winter write"
)
_ENDINGS = ["", "s", "ed", "er", "ing", "ly", "ness", "ful", "able", "ment"]
_SMALL_WORDS = "the of and to in a is that for it was on are as with his they at be this from or had by not but we you"
_MARKS = [".", ".", ".", "!", "?", ";", ":", ",", " %", "...", '"', "'", "(", ")", " -", "/"]


def sentences(count: int) -> Iterator[str]:
    """Yield lower-case lines of Vietnamese syllables and of English words, by turns; equal counts give equal lines."""
    generator = random.Random(20_21)
    syllables = [
        unicodedata.normalize("NFC", onset + _toned(rhyme, tone))
        for onset, rhyme, tone in itertools.product(_ONSETS.split(), _RHYMES.split(), _TONES)
    ]
    stems = [stem + ending for stem, ending in itertools.product(_STEMS.split(), _ENDINGS)]
    small = _SMALL_WORDS.split()
    for number in range(count):
        words: list[str] = []
        for _ in range(generator.randrange(4, 16)):
            # Squaring the draw makes some words common, as they are in a language.
            if number % 2 == 0:
                words.append(syllables[int(generator.random() ** 2 * len(syllables))])
            else:
                pool = small if generator.random() < 0.4 else stems
                words.append(pool[int(generator.random() ** 2 * len(pool))])
        if generator.random() < 0.2:
            words.insert(1, str(generator.randrange(10_000)))
        yield " ".join(words) + generator.choice(_MARKS)


def _toned(rhyme: str, tone: str) -> str:
    """Put the tone on the last vowel, or on the one before if the rhyme ends in a glide: "oán", "ười"."""
    vowels = [i for i, letter in enumerate(rhyme) if unicodedata.normalize("NFD", letter)[0] in "aeiou"]
    place = vowels[-1] if len(vowels) == 1 or rhyme[-1] not in "aiou" else vowels[-2]
    return rhyme[: place + 1] + tone + rhyme[place + 1 :]
