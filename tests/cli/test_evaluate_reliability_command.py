from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from programs import align, align_here, names, refusal, write

HEADER = "vi_index\ten_index\tscore\tprobability\n"
GOLD = "0\t4\n1\t2\n3\t3\n"
MINED = HEADER + "0\t4\t3.0\t0.97\n1\t2\t2.0\t0.96\n3\t1\t0.5\t0.62\n\n2\t0\t0.1\t0.55\n"


def evaluated(capfd: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    done = align_here(capfd, "evaluate", "reliability", *arguments, "--json", "--bootstrap", "0")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write(tmp_path / "gold.tsv", GOLD)


@pytest.fixture
def mined(tmp_path: Path) -> Path:
    return write(tmp_path / "mined.tsv", MINED)


def test_mined_pairs_as_text(gold: Path, mined: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "evaluate", "reliability", gold, mined, "--bins", "2")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    # Stated (.97 + .96 + .62 + .55) / 4, right 2 / 4.
    assert lines[2].split()[:6] == ["0.5", "..", "1.0", "4", "0.7750", "0.5000"]
    assert next(line for line in lines if line.startswith("expected calibration error")).split()[3] == "0.2750"
    assert next(line for line in lines if line.startswith("precision at 0.95")).split()[3] == "1.0000"
    assert "|n:4|unit:pair|bins:2|clip:1e-06|bootstrap:1000|seed:12345|" in lines[-1]


def test_what_align_mine_writes_is_read(tmp_path: Path) -> None:
    vi = write(tmp_path / "pool.vi", "Hôm nay trời mưa rất to ở Hà Nội.\nGiá gạo xuất khẩu đã tăng 5 phần trăm.\n")
    en = write(
        tmp_path / "pool.en",
        "The export price of rice has risen by 5 percent.\nIt is raining very hard in Hanoi today.\n",
    )
    table = tmp_path / "mined.tsv"
    assert align("mine", "--texts", "--min-probability", "0", vi, en, "-o", table).returncode == 0
    gold = write(tmp_path / "gold.tsv", "0\t1\n1\t0\n")
    done = align("evaluate", "reliability", gold, table, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["right"] == 2


def test_beads_count_when_both_sides_have_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gold = write(tmp_path / "a.gold", "[0]:[0]\n[1]:[1, 2]\n[2]:[]\n[3]:[3]\n")
    hyp = write(tmp_path / "a.hyp", "[0]:[0]:0.9\n[1]:[1]:0.6\n\n[2]:[]:1.0\n[]:[2]\n[3]:[3]:1\n")
    result = evaluated(capfd, gold, hyp)
    assert (result["predicted"], result["right"]) == (3, 2)
    # Index pairs are gold for beads as well: a pair is a bead of shape 1-1.
    pairs = write(tmp_path / "gold.tsv", "vi_index\ten_index\n0\t0\n3\t3\n")
    assert evaluated(capfd, pairs, hyp)["brier_score"] == pytest.approx((0.01 + 0.36 + 0.0) / 3)


def test_folders_by_document(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "gold" / "bão.gold.tsv", GOLD)
    write(tmp_path / "gold" / "lúa.gold.tsv", "0\t0\n")
    write(tmp_path / "gold" / "xa.gold.tsv", "0\t0\n")
    write(tmp_path / "hyp" / "bão.hyp.tsv", MINED)
    write(tmp_path / "hyp" / "lúa.hyp.tsv", HEADER + "0\t0\t1\t0.9\n")
    write(tmp_path / "hyp" / "ghi chú.tsv", "not a table\n")
    done = align_here(capfd, "evaluate", "reliability", tmp_path / "gold", tmp_path / "hyp")
    assert done.returncode == 0, done.stderr
    assert "3 of 5 pairs right" in done.stdout
    assert "|n:2|unit:document|" in done.stdout
    assert done.stderr.splitlines() == [
        "1 documents in gold only: counted as having no output: xa",
        "1 documents without gold: left out: ghi chú",
    ]
    write(tmp_path / "beads" / "bão.hyp", "[0]:[4]:0.8\n")
    assert evaluated(capfd, tmp_path / "gold", tmp_path / "beads")["right"] == 1


def test_the_same_bytes_each_time_and_a_picture(gold: Path, mined: Path, tmp_path: Path) -> None:
    texts = []
    for name in ("first", "second"):
        svg, output = tmp_path / f"{name}.svg", tmp_path / f"{name}.txt"
        done = align("evaluate", "reliability", gold, mined, "--svg", svg, "-o", output)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        texts.append((svg.read_bytes(), output.read_bytes()))
    assert texts[0] == texts[1]
    assert ElementTree.fromstring(texts[0][0]).tag.endswith("svg")
    # Files are always UTF-8.
    assert "┃" in texts[0][1].decode("utf-8")


def test_the_diagram_survives_a_pipe(gold: Path, mined: Path) -> None:
    utf8 = align("evaluate", "reliability", gold, mined, env={"PYTHONIOENCODING": "utf-8"})
    assert "█" in utf8.stdout
    plain = align("evaluate", "reliability", gold, mined, env={"PYTHONIOENCODING": "ascii"})
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.isascii()
    assert "  ...........|........" in plain.stdout  # the pair stated at .55, which is wrong
    assert plain.stdout.splitlines()[-1] == utf8.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "0\t4\t0.97\n",
            "mined.tsv, line 1: no column vi_index; expected a header with vi_index, en_index, prob",
        ),
        ("vi_index\ten_index\tscore\n0\t4\t3.0\n", "line 1: no column probability"),
        ("", "line 1: no column vi_index"),
        (HEADER, "nothing is proposed"),
        (HEADER + "0\t4\t3.0\t1.5\n", "line 2: the probability is '1.5'; expected a number from 0 to 1"),
        (HEADER + "0\t4\t3.0\tnan\n", "line 2: the probability is 'nan'"),
        (HEADER + "0\t4\t3.0\t\n", "line 2: the probability is ''"),
        (HEADER + "0\t4\t3.0\t0.9\n0\tx\t3.0\t0.9\n", "line 3: '0' and 'x': expected two line numbers"),
        (HEADER + "0\t4\n", "line 2: '0\\t4': expected 4 columns between tabs"),
        ("[0]:[4]\n", "line 1: the probability is ''"),
        ("[]:[4]\n\n[0]:[4]:2\n", "line 3: the probability is '2'"),
        ("[0]:[]:0.9\n", "nothing is proposed"),
        ("[0]:[0]:0.9\n0\t1\n", "line 2: '0\\t1' is no bead"),
    ],
)
def test_a_bad_table_is_one_clear_line(
    gold: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    hyp = write(tmp_path / "mined.tsv", content)
    assert message in refusal(align_here(capfd, "evaluate", "reliability", gold, hyp, "--svg", tmp_path / "d.svg"))
    assert names(tmp_path) == ["gold.tsv", "mined.tsv"]


def test_bad_options(gold: Path, mined: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = ("evaluate", "reliability", gold, mined)
    assert refusal(align_here(capfd, *command, "--bins", "0")) == "bins is 0; allowed: 1 to 100"
    assert "resamples is -1" in refusal(align_here(capfd, *command, "--bootstrap", "-1"))
    assert "there is no folder" in refusal(align_here(capfd, *command, "--svg", tmp_path / "none" / "d.svg"))


def test_help_shows_an_example(capfd: pytest.CaptureFixture[str]) -> None:
    done = align_here(capfd, "evaluate", "reliability", "--help")
    assert "align evaluate reliability gold.tsv mined.tsv" in done.stdout.split("Example:")[1]
