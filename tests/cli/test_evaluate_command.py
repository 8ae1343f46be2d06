from __future__ import annotations

import json
from pathlib import Path

import pytest

from align.cli import main

VI = [
    "Hôm nay trời mưa rất to ở Hà Nội.",
    "Giá gạo xuất khẩu đã tăng 5 phần trăm.",
    "Đội tuyển bóng đá thắng trận chung kết.",
    "Bác sĩ khuyên người bệnh uống nhiều nước.",
]
EN = [
    "It is raining very hard in Hanoi today.",
    "The export price of rice has risen by 5 percent.",
    "The football team won the final.",
    "Doctors advise patients to drink a lot of water.",
]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `align evaluate` and return its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as leave:
        main(["evaluate", *map(str, arguments)])
    output = capsys.readouterr()
    return int(leave.value.code or 0), output.out, output.err


def written(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_beads_of_two_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "gold" / "a.gold", "[0]:[0]", "[1]:[1, 2]", "[2]:[]")
    written(tmp_path / "gold" / "b.gold", "[0]:[0]")
    written(tmp_path / "hyp" / "a.hyp", "[0]:[0]:0.91", "[1]:[1]:0.40", "[2]:[2]:0.10")
    code, out, err = run(capsys, "beads", tmp_path / "gold", tmp_path / "hyp", "--bootstrap", "0")
    assert code == 0
    assert out.splitlines()[1:7] == [
        "strict precision  0.3333",
        "strict recall     0.3333",
        "strict f1         0.3333",
        "lax precision     0.6667",
        "lax recall        0.6667",
        "lax f1            0.6667",
    ]
    assert err == "1 documents in gold only: counted as having no output: b\n"


def test_beads_as_json_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "dev.gold", "[0]:[0]", "[1]:[1]")
    target = tmp_path / "scores.json"
    code, out, err = run(capsys, "beads", gold, gold, "--json", "-o", target, "--seed", "7")
    assert (code, out, err) == (0, "", "")
    result = json.loads(target.read_text(encoding="utf-8"))
    assert result["strict_f1"] == 1.0
    assert "|unit:bead|empty:ignored|bootstrap:1000|seed:7|" in result["signature"]


def test_compare_two_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.tsv", *(f"{at}\t{at}" for at in range(40)))
    poor = written(tmp_path / "poor.tsv", *(f"{at}\t{at}\t0.9" for at in range(20)))
    code, out, _ = run(capsys, "mining", gold, poor, "--compare", gold)
    assert code == 0
    assert next(line for line in out.splitlines() if line.startswith("recall")).split()[1:4] == [
        "0.5000",
        "1.0000",
        "+0.5000",
    ]
    beads = written(tmp_path / "a.gold", "[0]:[0]")
    assert "p_value" in run(capsys, "beads", beads, beads, "--compare", beads, "--json")[1]


def test_pairing_and_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.tsv", "lũ.txt\tflood.txt", "lúa.txt\trice.txt")
    hyp = written(tmp_path / "hyp.tsv", "vi_article\ten_article", "lũ.txt\tflood.txt")
    assert "recall     0.5000" in run(capsys, "pairing", gold, hyp, "--bootstrap", "0")[1]
    written(tmp_path / "sents" / "a.blocks.tsv", "0,1\t0,1", "2\t2")
    written(tmp_path / "out" / "a.hyp", "[0]:[1]", "[2]:[1]")
    out = run(capsys, "groups", tmp_path / "sents", tmp_path / "out", "--bootstrap", "0")[1]
    assert "links right     0.5000" in out
    assert "right 1, links 2, reached 1, blocks 2" in out


def test_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.txt", "TS. Mai đến.", "Bà nói.", "", "Họ về.")
    hyp = written(tmp_path / "hyp.txt", "TS.", "Mai đến. Bà nói.", "", "Họ về.", "")
    out = run(capsys, "split", gold, hyp, "--bootstrap", "0")[1]
    assert "right 0, predicted 1, gold 1, paragraphs right 1, paragraphs 2" in out


def test_split_of_another_text_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.txt", "Một.", "", "Hai.", "Ba.", "", "Bốn.")
    hyp = written(tmp_path / "hyp.txt", "Một.", "", "Hai. Bà.", "", "Bốn.")
    code, out, err = run(capsys, "split", gold, hyp)
    assert (code, out) == (1, "")
    assert "gold.txt, line 4 has 'Hai.Ba.', " in err
    assert "hyp.txt, line 3 has 'Hai.Bà.' (spaces aside)" in err
    shorter = written(tmp_path / "short.txt", "Một.")
    assert "short.txt, after its last paragraph, has ''" in run(capsys, "split", gold, shorter)[2]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("beads", "[0]:[0]\n[0:[1]\n", "line 2: '[0:[1]' is no bead"),
        ("mining", "0\t1\n0\tone\n", "line 2: '0' and 'one'"),
        ("beads", "[1, 0]:[0]\n", "increasing"),
    ],
)
def test_a_bad_line_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str
) -> None:
    path = tmp_path / "bad.gold"
    path.write_text(content, encoding="utf-8")
    code, out, err = run(capsys, name, path, path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("align: error: ")
    assert message in err


def test_retrieval_with_the_shipped_encoder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vi, en = written(tmp_path / "dev.vi", *VI), written(tmp_path / "dev.en", *EN)
    code, out, _ = run(capsys, "retrieval", vi, en)
    assert code == 0
    assert out.splitlines()[-1].endswith("|encoder:e5-small-vien")
    assert "margin error        0.0000  0.0000 .. 0.0000" in out
    code, out, err = run(capsys, "retrieval", vi, written(tmp_path / "short.en", *EN[:3]))
    assert (code, out) == (1, "")
    assert "has 4 lines" in err


def test_bad_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "a.gold", "[0]:[0]")
    assert run(capsys, "beads", gold, gold, "--bootstrap", "-3")[0] == 1
    assert run(capsys, "beads", gold, tmp_path / "none")[0] == 2


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("beads", "mining", "pairing", "groups", "split", "retrieval"):
        code, out, _ = run(capsys, name, "--help")
        assert code == 0
        assert f"align evaluate {name} " in out.split("Example:")[1]
