"""Small models in the form of OPUS-MT: real sentencepiece models, real Marian weights that nobody trained."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import sentencepiece

VI = (
    "Trời đang mưa ở Hà Nội.",
    "Cô ấy là bác sĩ ở bệnh viện huyện.",
    "Hội nghị bắt đầu lúc tám giờ sáng.",
    "Chúng tôi đã đọc quyển sách này hai lần.",
    "Người nông dân trồng lúa bên bờ sông.",
    "Giá gạo tăng năm phần trăm so với năm ngoái.",
    "Anh ấy chưa bao giờ đến thành phố này.",
    "Trường học mới sẽ mở cửa vào tháng chín.",
)
EN = (
    "It is raining in Hanoi.",
    "She is a doctor at the district hospital.",
    "The conference starts at eight in the morning.",
    "We have read this book twice.",
    "The farmer grows rice on the bank of the river.",
    "The price of rice rose five per cent from last year.",
    "He has never been to this city.",
    "The new school will open its doors in September.",
)
TEXTS = {"vi": VI, "en": EN}

_SETTINGS = """\
type: transformer
transformer-decoder-autoreg: self-attention
transformer-no-projection: false
transformer-ffn-activation: swish
transformer-postprocess-emb: d
transformer-preprocess: ""
transformer-postprocess: dan
transformer-guided-alignment-layer: last
transformer-heads: {heads}
enc-depth: {layers}
dec-depth: {layers}
"""


def spm_model(texts: tuple[str, ...], size: int = 100) -> bytes:
    """Train a sentencepiece model; the same texts give the same bytes."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=out,
        vocab_size=size,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="nmt_nfkc",
        num_threads=1,
        minloglevel=2,
    )
    return out.getvalue()


def pieces(model: bytes) -> list[str]:
    """Return the pieces of a sentencepiece model without its three special symbols."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [processor.id_to_piece(i) for i in range(3, processor.get_piece_size())]


def marian_files(direction: str = "vi-en", *, tokens: tuple[str, ...] = (), seed: int = 1) -> dict[str, bytes]:
    """Return what an archive of OPUS-MT holds, by name; `tokens` are language tokens such as `>>vie<<`."""
    source, target = (spm_model(TEXTS[lang]) for lang in direction.split("-"))
    vocabulary = list(dict.fromkeys(["</s>", "<unk>", *pieces(source), *pieces(target), *tokens]))
    weights = io.BytesIO()
    np.savez(weights, **marian_weights(len(vocabulary), seed))
    decoder = "relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n  - vocab.yml\n  - vocab.yml\nbeam-size: 6\n"
    return {
        "model.npz": weights.getvalue(),
        "vocab.yml": vocabulary_file(vocabulary),
        "decoder.yml": decoder.encode(),
        "source.spm": source,
        "target.spm": target,
        "README.md": b"# opus-0000-00-00.zip\n",
        "preprocess.sh": b"#!/bin/bash\nexit 1\n",
    }


def marian_weights(
    vocabulary: int, seed: int, *, dim: int = 32, inner: int = 64, heads: int = 4, layers: int = 2
) -> dict[str, np.ndarray]:
    """Return the arrays of a Marian transformer (post-norm, tied embeddings, swish) with seeded random weights."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

    weights = {"Wemb": matrix(vocabulary, dim) * 3, "decoder_ff_logit_out_b": np.zeros((1, vocabulary), np.float32)}

    def attention(name: str) -> None:
        for part in "qkvo":
            weights[f"{name}_W{part}"], weights[f"{name}_b{part}"] = matrix(dim, dim), np.zeros((1, dim), np.float32)
        norm(f"{name}_Wo")

    def norm(name: str) -> None:
        weights[f"{name}_ln_scale"], weights[f"{name}_ln_bias"] = np.ones((1, dim), np.float32), matrix(1, dim) / 9

    for side, parts in (("encoder", ("self",)), ("decoder", ("self", "context"))):
        for layer in range(1, layers + 1):
            for part in parts:
                attention(f"{side}_l{layer}_{part}")
            name = f"{side}_l{layer}_ffn"
            weights |= {f"{name}_W1": matrix(dim, inner), f"{name}_b1": np.zeros((1, inner), np.float32)}
            weights |= {f"{name}_W2": matrix(inner, dim), f"{name}_b2": np.zeros((1, dim), np.float32)}
            norm(f"{name}_ffn")
    settings = _SETTINGS.format(heads=heads, layers=layers).encode() + b"\0"
    return weights | {"special:model.yml": np.frombuffer(settings, np.uint8)}


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def zip_of(files: dict[str, bytes]) -> bytes:
    """Return a zip archive with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2021, 4, 30, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def converted(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files that CTranslate2 takes, made of a Marian model, into a folder, which is made."""
    from align.translation.marian import convert_folder

    folder.mkdir(parents=True)
    convert_folder(write_files(folder.with_name(f"{folder.name}-marian"), files), folder)
    return folder


def many_languages(folder: Path, tokens: tuple[str, str] = ("vie_Latn", "eng_Latn"), *, seed: int = 2) -> Path:
    """Write a model that takes and makes both languages, told by tokens as NLLB does, in the form of CTranslate2."""
    model = spm_model(VI + EN, 120)
    vocabulary = ["</s>", "<unk>", *pieces(model), *tokens]
    files = marian_files(seed=seed)
    weights = io.BytesIO()
    np.savez(weights, **marian_weights(len(vocabulary), seed))
    files |= {"model.npz": weights.getvalue(), "vocab.yml": vocabulary_file(vocabulary)}
    converted(folder, files)
    for name in ("source.spm", "target.spm"):
        (folder / name).unlink()
    (folder / "sentencepiece.bpe.model").write_bytes(model)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"add_source_eos": False}), "utf-8")
    return folder


def vocabulary_file(tokens: list[str]) -> bytes:
    """Return the vocab.yml of Marian that numbers these tokens."""
    lines = [f"{json.dumps(token, ensure_ascii=False)}: {i}\n" for i, token in enumerate(tokens)]
    return "".join(lines).encode()
