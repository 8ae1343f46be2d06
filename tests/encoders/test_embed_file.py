from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from align.cli import main
from align.encoders import Encoder
from align.encoders.files import embed_file
from align.errors import OptionError
from align.matching import mine_sentences, mine_vectors

VI = ["Chuyến phà đầu tiên rời bến lúc 6 giờ.", "Giá vé là 45.000 đồng.", "Tổ ong nằm trên mái nhà thư viện."]
EN = ["The beehive stands on the roof of the library.", "The first ferry leaves at 6 o'clock.", "A dog barks."]


def test_vectors_in_half_precision_find_what_texts_find(tmp_path: Path, encoder: Encoder) -> None:
    for lang, texts in (("vi", VI), ("en", EN)):
        (tmp_path / f"pool.{lang}").write_text("\n".join(texts) + "\n", encoding="utf-8")
        assert embed_file(tmp_path / f"pool.{lang}", tmp_path / f"{lang}.npy", encoder, "float16") == 3
    vi, en = (np.load(tmp_path / f"{lang}.npy", mmap_mode="r") for lang in ("vi", "en"))
    assert vi.dtype == np.float16
    np.testing.assert_allclose(vi, encoder.encode(VI), atol=1e-3)
    lengths = {"vi_lengths": [len(text) for text in VI], "en_lengths": [len(text) for text in EN]}
    found = mine_vectors(vi, en, **lengths)
    assert found.select("vi_index", "en_index").rows() == [(0, 1), (2, 0)]
    assert mine_sentences(VI, EN, encoder=encoder).select("vi_index", "en_index").rows() == [(0, 1), (2, 0)]


def test_the_command_takes_the_type(tmp_path: Path) -> None:
    source, output = tmp_path / "pool.en", tmp_path / "en.npy"
    source.write_text("\n".join(EN) + "\n", encoding="utf-8")
    for options, dtype in (([], np.float32), (["--dtype", "float16"], np.float16)):
        with pytest.raises(SystemExit) as ended:
            main(["embed", str(source), "-o", str(output), *options])
        assert ended.value.code == 0
        assert np.load(output).dtype == dtype


def test_an_unknown_type_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(OptionError, match="dtype is 'int8'; allowed: float32, float16"):
        embed_file(tmp_path / "pool.vi", tmp_path / "vi.npy", encoder, "int8")
