"""benchmarks/matching.py on a small folder of own gold, and the systems that it compares."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
MODULES = ("data", "rivals", "runs", "synthetic")

HARBOUR = (
    [
        "Cảng cá mở cửa lúc ba giờ sáng.",
        "Trời còn tối, nhưng các bà mua cá đã đứng chờ, và ai cũng mang theo đèn pin.",
        "Con tàu đầu tiên cập bến với bốn tấn cá ngừ.",
        "Giá cá hôm nay cao hơn hôm qua.",
        "Ông Sáu đã đi biển từ năm mười lăm tuổi.",
        "Tối mai sẽ có bão.",
    ],
    [
        "The fishing port opens at three in the morning.",
        "It is still dark, but the women who buy the fish are already waiting.",
        "Every one of them has brought a torch.",
        "The first boat comes in with four tonnes of tuna.",
        "Fish costs more today than yesterday.",
        "Mr Sau has been going to sea since he was fifteen.",
        "A storm is expected tomorrow evening.",
    ],
)
HARBOUR_GOLD = ["[0]:[0]", "[1]:[1, 2]", "[2]:[3]", "[3]:[4]", "[4]:[5]", "[5]:[6]"]
LIBRARY = (
    [
        "Thư viện của làng chỉ có một phòng.",
        "Cô giáo Lan giữ chìa khoá.",
        "Trẻ em thích nhất là sách về vũ trụ.",
        "Mái nhà dột mỗi khi mưa lớn.",
    ],
    [
        "The village library has only one room.",
        "Ms Lan, the teacher, keeps the key.",
        "What the children like best is books about space.",
        "The roof leaks whenever it rains hard.",
    ],
)


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, ModuleType]]:
    """The modules of the program, which is no package."""
    sys.path.insert(0, str(FOLDER))
    yield {name: importlib.import_module(name) for name in MODULES}
    sys.path.remove(str(FOLDER))
    for name in MODULES:
        sys.modules.pop(name, None)


def write(folder: Path, name: str, texts: tuple[list[str], list[str]], ending: str, gold: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for lang, lines in zip(("vi", "en"), texts, strict=True):
        (folder / f"{name}.{lang}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / f"{name}.{ending}").write_text("\n".join(gold) + "\n", encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A set of each kind: two documents in order, one of blocks, two shuffled ones, a pool."""
    one_to_one = [f"[{i}]:[{i}]" for i in range(4)]
    write(tmp_path / "news_docs/noisy", "harbour", HARBOUR, "gold", HARBOUR_GOLD)
    write(tmp_path / "news_docs/noisy", "library", LIBRARY, "gold", one_to_one)
    write(tmp_path / "docs_parallel/sents", "harbour", HARBOUR, "blocks.tsv", ["0,1\t0,1,2", "2,3,4,5\t3,4,5,6"])
    turned = (LIBRARY[0], LIBRARY[1][::-1])
    pairs = [f"{i}\t{3 - i}" for i in range(4)]
    write(tmp_path / "news_docs/comparable", "library", turned, "gold.tsv", pairs)
    write(tmp_path / "news_docs/comparable", "again", turned, "gold.tsv", pairs)
    pool = (LIBRARY[0] + HARBOUR[0][2:], HARBOUR[1][3:] + LIBRARY[1])
    write(tmp_path / "mining/small", "pool", pool, "gold", [])
    (tmp_path / "mining/small/gold.tsv").write_text("".join(f"{i}\t{(i + 4) % 8}\n" for i in range(8)))
    return tmp_path


def test_every_kind_of_set_is_measured_in_one_table_a_topic(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, str(FOLDER / "matching.py"), str(data), "--json", str(out), "--resamples", "50"]
    command += ["--cache", str(tmp_path / "vectors")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    for title in ("In order, gold beads", "gold blocks", "Out of order", "pooled vectors alone", "at least .95"):
        assert title in done.stdout
    report: dict[str, Any] = json.loads(out.read_text())
    sets = report["sets"]
    assert sorted(sets) == ["docs_parallel/sents", "mining/small", "news_docs/comparable", "news_docs/noisy"]
    noisy, comparable = (sets[name]["systems"] for name in ("news_docs/noisy", "news_docs/comparable"))
    assert noisy["align"]["strict_f1"] > 0.8
    assert noisy["align"]["ours_minus"]["strict_f1"]["difference"] == 0
    assert noisy["align"]["further_encodings"] > 0 == noisy["align, pooled"]["further_encodings"]
    assert noisy["align"]["share_of_encoding"] > 0
    assert min(comparable[name]["strict_f1"] for name in ("align", "margin, own threshold")) > 0.8
    assert comparable["margin, others' threshold"]["threshold"] > 0
    assert "margin, others' threshold" not in noisy
    if importlib.util.find_spec("sentweave"):
        assert noisy["vecalign"]["further_encodings"] > 1
    if importlib.util.find_spec("galechurch"):
        assert noisy["Gale-Church"]["further_encodings"] == 0
        worse = noisy["Gale-Church"]
        difference = noisy["align"]["strict_f1"] - worse["strict_f1"]
        assert worse["ours_minus"]["strict_f1"]["difference"] == pytest.approx(difference)
    assert report["laser_like"]["mining/small, align"]["documents"] == 1
    assert report["versions"]["align-vi-en"]


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "matching.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no set to measure" in done.stderr


def test_margin_mining_keeps_mutual_best_pairs(programs: dict[str, ModuleType]) -> None:
    document = programs["data"].Document("d", ["a", "b", "c"], ["x", "y"], [])
    vectors = {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0.8, 0.6], "x": [0, 1, 0], "y": [1, 0, 0]}

    class Known:
        def encode(self, texts: list[str]) -> np.ndarray:
            return np.array([vectors[text] for text in texts], dtype=np.float32)

    found = {(bead.vi, bead.en): bead.score for bead in programs["rivals"].margin(document, Known())}
    # Of a and y: cosine 1 over the mean of the two neighbourhoods, (1 + 0) / 2 and (1 + 0) / 2.
    assert found == pytest.approx({((0,), (1,)): 2.0, ((1,), (0,)): 1 / ((0.5 + 0.9) / 2)})


def test_the_best_threshold_is_the_one_of_the_highest_f1(programs: dict[str, ModuleType]) -> None:
    bead, document = programs["rivals"].Bead, programs["data"].Document
    documents = [document("d", [], [], [bead((0,), (0,)), bead((1,), (1,))])]
    found = {"d": [bead((0,), (0,), 1.3), bead((1,), (1,), 1.1), bead((2,), (2,), 1.05)]}
    assert programs["rivals"].best_threshold([(documents, found)]) == 1.1
    assert len(programs["rivals"].above(found, 1.1)["d"]) == 2


@pytest.mark.parametrize("system", ["vecalign", "gale_church"])
def test_rivals_cover_every_sentence_once(programs: dict[str, ModuleType], system: str) -> None:
    pytest.importorskip({"vecalign": "sentweave", "gale_church": "galechurch"}[system])
    document = programs["data"].Document("harbour", *HARBOUR, [])
    run = programs["rivals"].vecalign(4) if system == "vecalign" else programs["rivals"].gale_church
    beads = run(document, programs["synthetic"].LaserLike())
    assert sorted(i for bead in beads for i in bead.vi) == list(range(6))
    assert sorted(j for bead in beads for j in bead.en) == list(range(7))


def test_made_encoder_knows_shared_words_only(programs: dict[str, ModuleType]) -> None:
    rows = programs["synthetic"].LaserLike().encode(["Sapa 2024", "2024 Sapa", "sương mù"])
    assert rows.shape == (3, 1024)
    assert rows.dtype == np.float32
    assert rows[0] @ rows[1] == pytest.approx(1)
    assert rows[0] @ rows[2] < 0.6
