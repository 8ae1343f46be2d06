"""A sentence-transformers folder of a few KB: a seeded BERT with a vocabulary of letters. It means nothing."""

from __future__ import annotations

import json
from pathlib import Path

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwzàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ0123456789.,?!"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def module_list(*kinds: str) -> str:
    """Return a modules.json for steps such as "Transformer", "Pooling", as sentence-transformers writes it."""
    modules = [
        {"idx": n, "name": str(n), "path": f"{n}_{kind}" if n else "", "type": f"sentence_transformers.models.{kind}"}
        for n, kind in enumerate(kinds)
    ]
    return json.dumps(modules)


def write_frame(folder: Path, pooling: dict[str, object], *kinds: str) -> Path:
    """Write all of a model but the transformer: the list of modules and the pooling; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "modules.json").write_text(module_list(*(kinds or ("Transformer", "Pooling", "Normalize"))), "utf-8")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16, **pooling}), "utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 48, "do_lower_case": false}', "utf-8")
    return folder


def make_model(folder: Path, pooling: str = "mean") -> Path:
    """Write a whole model, needs the extra `st`; return the folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    write_frame(folder, {f"pooling_mode_{each}_tokens": each == pooling for each in ("mean", "max")})
    vocabulary = folder / "vocab.txt"
    pieces = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary.write_text("".join(f"{piece}\n" for piece in pieces), "utf-8")
    tokenizer = BertTokenizerFast(str(vocabulary), do_lower_case=True, strip_accents=False)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(20)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder
