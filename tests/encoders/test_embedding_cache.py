from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from bilingual_pairs import PAIRS
from hypothesis import given, settings
from hypothesis import strategies as st
from made_encoders import HashEncoder

from align.encoders import Encoder, load_encoder
from align.encoders.cache import CachedEncoder
from align.encoders.store import VectorStore
from align.errors import InputError, ModelError, OutputError

TEXTS = [text for pair in PAIRS for text in pair]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectors.cache"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(), max_size=8) | st.sampled_from(TEXTS[:6]), max_size=12), max_size=5))
def test_cached_is_uncached_bit_for_bit_whatever_is_known_already(calls: list[list[str]]) -> None:
    plain, inner = HashEncoder(), HashEncoder()
    with tempfile.TemporaryDirectory() as folder:
        for texts in calls:
            cached = CachedEncoder(inner, Path(folder, "c"))  # opened anew, as a new run would
            assert cached.encode(texts).tobytes() == plain.encode(texts).tobytes()
    different = {text for texts in calls for text in texts}
    assert sorted(inner.seen) == sorted(different)


def test_the_bundled_encoder_cached(path: Path, encoder: Encoder) -> None:
    cached = CachedEncoder(encoder, path)
    assert isinstance(cached, Encoder)
    assert (cached.name, cached.dim, cached.pooling) == (encoder.name, encoder.dim, encoder.pooling)
    assert cached.fingerprint == encoder.fingerprint
    assert (cached.centre("vi") == encoder.centre("vi")).all()
    assert cached.calibration is None
    cached.encode(TEXTS[::3])
    mixed = [*TEXTS[::-1], "", *TEXTS[:4]]
    assert cached.encode(mixed).tobytes() == encoder.encode(mixed).tobytes()
    again = CachedEncoder(encoder, path)
    assert again.encode(mixed).tobytes() == encoder.encode(mixed).tobytes()
    assert (cached.computed, again.computed) == (len(TEXTS) + 1, 0)


def test_an_encoder_s_own_calibration_is_found_behind_the_cache(path: Path) -> None:
    inner = HashEncoder()
    inner.calibration = "own.toml"
    assert CachedEncoder(inner, path).calibration == "own.toml"


def test_nothing_in_nothing_out(path: Path) -> None:
    assert CachedEncoder(HashEncoder(), path).encode([]).shape == (0, 8)


def test_progress_counts_the_known_texts_too(path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    CachedEncoder(HashEncoder(), path).encode(TEXTS[:3])
    CachedEncoder(HashEncoder(), path, progress=lambda *call: calls.append(call)).encode(TEXTS[:5])
    assert calls == [("encode", 3, 5), ("encode", 5, 5)]


@pytest.mark.parametrize(("member", "value"), [("name", "other"), ("fingerprint", "v2"), ("dim", 12)])
def test_encoders_that_differ_live_side_by_side(path: Path, member: str, value: object) -> None:
    one, two = HashEncoder(), HashEncoder()
    setattr(two, member, value)
    for encoder in (one, two, one, two):
        assert (CachedEncoder(encoder, path).encode(TEXTS) == HashEncoder(encoder.dim).encode(TEXTS)).all()
    assert len(one.seen) == len(two.seen) == len(TEXTS)
    assert len(VectorStore(path)) == 2 * len(TEXTS)


def test_texts_that_differ_in_a_character_are_different(path: Path) -> None:
    close = ["hoà", "hòa", "ho\u0061\u0300", "hoà ", " hoà", "Hoà", "hoà\0", "hoà\ud800", "hoà\udc80", ""]
    assert (CachedEncoder(HashEncoder(), path).encode(close) == HashEncoder().encode(close)).all()
    assert len(VectorStore(path)) == len(close)


@pytest.mark.parametrize(("texts", "complaint"), [("Xin chào", "put it into a list"), (["a", 1], r"texts\[1\] is 1")])
def test_what_is_no_text_is_refused(path: Path, texts: list[str], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        CachedEncoder(HashEncoder(), path).encode(texts)


class Faulty(HashEncoder):
    """Fails, in one way or another, from the first text with an x on."""

    def __init__(self, fault: object) -> None:
        super().__init__()
        self.fault = fault

    def encode(self, texts):
        rows = super().encode(texts)
        if not any("x" in text for text in texts):
            return rows
        if isinstance(self.fault, BaseException):
            raise self.fault
        return self.fault(rows)


def nan(rows):
    rows[0, 0] = np.nan
    return rows


def test_an_interrupted_call_keeps_whole_blocks_only(path: Path) -> None:
    texts = [f"câu {n}" for n in range(4096)] + ["x"] + [f"sau {n}" for n in range(50)]
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(Faulty(KeyboardInterrupt()), path).encode(texts)
    assert len(VectorStore(path)) == 4096
    inner = HashEncoder()
    assert (CachedEncoder(inner, path).encode(texts) == HashEncoder().encode(texts)).all()
    assert inner.seen == texts[4096:]


@pytest.mark.parametrize(
    "fault", [nan, lambda rows: rows[:-1], lambda rows: rows.astype(np.float64), lambda rows: rows[:, :4]]
)
def test_vectors_that_cannot_be_right_are_not_kept(path: Path, fault: object) -> None:
    with pytest.raises(ModelError, match=r"hash: encode gave float\d\d \(\d, \d\), expected finite float32 \(2, 8\)"):
        CachedEncoder(Faulty(fault), path).encode(["a", "x"])
    assert len(VectorStore(path)) == 0


def test_a_file_that_is_something_else_is_left_alone(path: Path) -> None:
    path.write_text("vi\ten\n" * 500, encoding="utf-8")
    with pytest.raises(InputError, match=rf"^{path}: no embedding cache, or a damaged one \(file is not a database\)"):
        CachedEncoder(HashEncoder(), path)
    assert path.read_text("utf-8") == "vi\ten\n" * 500


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE vectors (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(InputError, match=rf"^{path}: a database of another program; give another file"):
        CachedEncoder(HashEncoder(), path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_cache_of_another_version_is_named(path: Path) -> None:
    CachedEncoder(HashEncoder(), path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(InputError, match="embedding cache of version 7, this program has 1"):
        CachedEncoder(HashEncoder(), path)


def test_a_flipped_bit_in_a_vector_is_found(path: Path) -> None:
    CachedEncoder(HashEncoder(), path).encode(TEXTS[:1])
    content = bytearray(path.read_bytes())
    place = content.index(HashEncoder().encode(TEXTS[:1]).tobytes())
    content[place + 9] ^= 4
    path.write_bytes(content)
    message = "damaged one (a vector does not agree with its checksum); give another file, or delete this one"
    with pytest.raises(InputError) as caught:
        CachedEncoder(HashEncoder(), path).encode(TEXTS)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_cache_is_found(path: Path, kept: float) -> None:
    texts = [f"câu số {n}" for n in range(3000)]
    CachedEncoder(HashEncoder(64), path).encode(texts)
    os.truncate(path, int(path.stat().st_size * kept))
    with pytest.raises(InputError, match=rf"^{path}: no embedding cache, or a damaged one"):
        CachedEncoder(HashEncoder(64), path).encode(texts)


def test_a_table_that_is_gone_is_found(path: Path) -> None:
    cached = CachedEncoder(HashEncoder(), path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE vectors")
    with pytest.raises(InputError, match="no such table: vectors"):
        cached.encode(TEXTS)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        CachedEncoder(HashEncoder(), tmp_path / "no" / "c")
    with pytest.raises(OutputError, match="Is a directory"):
        CachedEncoder(HashEncoder(), tmp_path)


def test_an_odd_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "file:x?mode=ro"):
        CachedEncoder(HashEncoder(), name).encode(TEXTS)
        assert len(VectorStore(name)) == len(TEXTS)
        assert (tmp_path / name).is_file()


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from made_encoders import HashEncoder
from align.encoders.cache import CachedEncoder
"""


def program(body: str, **options) -> subprocess.Popen:
    head = PROGRAM.format(tests=str(Path(__file__).parent))
    return subprocess.Popen([sys.executable, "-c", head + body], stderr=subprocess.PIPE, text=True, **options)


def test_a_full_disk_is_said_and_the_file_stays_good(path: Path) -> None:
    CachedEncoder(HashEncoder(64), path).encode(TEXTS)
    body = f"""
import resource, signal
from align.errors import OutputError
cached = CachedEncoder(HashEncoder(64), {str(path)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    cached.encode([f"câu {{n}}" for n in range(4000)])
except OutputError as error:
    sys.exit(f"said: {{error}}")
"""
    _, said = program(body).communicate(timeout=60)
    assert said.startswith(f"said: {path}: not written: ")
    assert "leave the cache out" in said
    inner = HashEncoder(64)
    CachedEncoder(inner, path).encode(TEXTS)
    assert inner.seen == []


def test_many_processes_fill_one_file(path: Path) -> None:
    body = f"""
for part in range(5):
    texts = [f"câu {{n}}" for n in range(part * 40, part * 40 + 120)]
    assert (CachedEncoder(HashEncoder(), {str(path)!r}).encode(texts) == HashEncoder().encode(texts)).all()
"""
    running = [program(body) for _ in range(4)]
    for each in running:
        _, said = each.communicate(timeout=60)
        assert (each.returncode, said) == (0, "")
    assert len(VectorStore(path)) == 280


def test_threads_share_an_encoder(path: Path) -> None:
    cached = CachedEncoder(HashEncoder(), path)
    parts = [TEXTS[start : start + 7] for start in range(0, len(TEXTS), 3)] * 3
    with ThreadPoolExecutor(4) as pool:
        for part, rows in zip(parts, pool.map(cached.encode, parts), strict=True):
            assert (rows == HashEncoder().encode(part)).all()


def test_a_process_that_is_killed_leaves_a_good_file(path: Path) -> None:
    body = f"""
cached = CachedEncoder(HashEncoder(256), {str(path)!r})
for part in range(10_000):
    cached.encode([f"câu {{part}} {{n}}" for n in range(100)])
"""
    running = program(body)
    try:
        deadline = time.monotonic() + 30
        while not (path.exists() and path.stat().st_size > 0 and len(VectorStore(path)) > 200):
            assert time.monotonic() < deadline
            time.sleep(random.random() / 50)
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()
    kept = len(VectorStore(path))
    assert kept % 100 == 0
    inner = HashEncoder(256)
    texts = [f"câu {part} {n}" for part in range(kept // 100) for n in range(100)]
    assert (CachedEncoder(inner, path).encode(texts) == HashEncoder(256).encode(texts)).all()
    assert inner.seen == []


def test_the_cache_is_opened_before_the_model_is_loaded(path: Path) -> None:
    path.write_bytes(b"no database" * 99)
    with pytest.raises(InputError, match="no embedding cache"):
        load_encoder(cache=path, batch_tokens=-1)  # an error of the model's would come later


def test_load_encoder_puts_a_cache_before_the_model(path: Path, encoder: Encoder) -> None:
    loaded = load_encoder(cache=path, threads=1)
    assert isinstance(loaded, CachedEncoder)
    assert (loaded.encode(TEXTS) == encoder.encode(TEXTS)).all()
