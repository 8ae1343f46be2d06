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
    assert "|unit:bead|empty:ignored|lengths:none|bootstrap:1000|seed:7|" in result["signature"]


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
    (tmp_path / "one").mkdir()
    folder = written(tmp_path / "both" / "a.gold", "[0]:[0]").parent
    written(tmp_path / "both" / "b.gold", "[0]:[0]")
    written(tmp_path / "one" / "a.hyp", "[0]:[0]")
    err = run(capsys, "beads", folder, folder, "--compare", tmp_path / "one", "--bootstrap", "0")[2]
    assert err == "second: 1 documents in gold only: counted as having no output: b\n"
    beads = written(tmp_path / "a.gold", "[0]:[0]")
    assert "p_value" in run(capsys, "beads", beads, beads, "--compare", beads, "--json")[1]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Make gold, its texts and two systems: the first swaps two beads, the second leaves one out."""
    written(tmp_path / "gold" / "rice.gold", "[0]:[0]", "[1]:[1]", "[2]:[2]", "[3]:[3]")
    written(tmp_path / "gold" / "rice.vi", *VI)
    written(tmp_path / "gold" / "rice.en", *EN)
    written(tmp_path / "first" / "rice.hyp", "[0]:[0]:0.9", "[1]:[2]:0.8", "[2]:[1]:0.8", "[3]:[3]:0.9")
    written(tmp_path / "second" / "rice.hyp", "[0]:[0]:0.9", "[1]:[1]:0.9", "[2]:[2]:0.9", "[3]:[]:0.2")
    return tmp_path


def test_texts_beside_the_gold_weigh_beads_by_characters(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "beads", news / "gold", news / "second", "--json")[1]
    result = json.loads(out)
    right, everything = (sum(len(text) for text in [*VI[:count], *EN[:count]]) for count in (3, 4))
    assert result["character_recall"] == pytest.approx(right / everything)
    assert result["character_precision"] == 1.0
    assert "|lengths:characters|" in result["signature"]
    one = run(capsys, "beads", news / "gold" / "rice.gold", news / "second" / "rice.hyp", "--json")[1]
    assert json.loads(one)["character_recall"] == result["character_recall"]


def test_texts_where_the_user_says(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (news / "texts").mkdir()
    for lang in ("vi", "en"):
        (news / "gold" / f"rice.{lang}").rename(news / "texts" / f"rice.{lang}")
    systems = (news / "gold", news / "second")
    assert "lengths:none" in run(capsys, "beads", *systems)[1]
    texts = news / "texts"
    assert "character f1" in run(capsys, "beads", *systems, "--texts", texts, texts)[1]
    files = (news / "gold" / "rice.gold", news / "second" / "rice.hyp")
    assert "character f1" in run(capsys, "beads", *files, "--texts", texts / "rice.vi", texts / "rice.en")[1]
    short = written(news / "short.en", *EN[:2])
    code, _, err = run(capsys, "beads", *files, "--texts", texts / "rice.vi", short)
    assert (code, "names en sentence 2; there are 2" in err) == (1, True)
    (texts / "rice.en").unlink()
    code, _, err = run(capsys, "beads", *systems, "--texts", texts, texts)
    assert (code, "rice.en: not read" in err) == (1, True)


def test_texts_found_that_do_not_fit_are_left_out(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(news / "gold" / "rice.en", *EN[:2])
    code, out, err = run(capsys, "beads", news / "gold", news / "second")
    assert code == 0
    assert "|lengths:none|" in out
    assert err == "1 documents without texts that fit the beads: no character scores: rice\n"


def test_the_diff_shows_each_place_once(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("beads", news / "gold", news / "first", "--compare", news / "second", "--diff", "--bootstrap", "0")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    comparison, summary, *places = out.rstrip("\n").split("\n\n")
    assert comparison.splitlines()[-1].startswith("align|beads-paired|")
    assert summary.splitlines()[:3] == [
        "in gold: both right 1, only first 1, only second 2, both wrong 0",
        "not in gold: proposed by both 0, only by first 2, only by second 0",
        "places that differ: 2 (first right 1, second right 1, neither right 0); places wrong in the same way: 0",
    ]
    assert summary.splitlines()[3].startswith("align|beads-diff|n:1|unit:document|texts:given|")
    assert places == [
        f"""rice, vi 1-2, en 1-2: second right
  gold    [1]:[1]  first crossed, second right
          [2]:[2]  first crossed, second right
  first   [1]:[2]  crossed
          [2]:[1]  crossed
  second  [1]:[1]  right
          [2]:[2]  right
  vi 1    {VI[1]}
  vi 2    {VI[2]}
  en 1    {EN[1]}
  en 2    {EN[2]}""",
        f"""rice, vi 3, en 3: first right
  gold    [3]:[3]  first right, second missed
  first   [3]:[3]  right
  second  none
  vi 3    {VI[3]}
  en 3    {EN[3]}""",
    ]
    target = news / "where.txt"
    assert run(capsys, *arguments, "-o", target) == (0, "", "")
    assert target.read_text(encoding="utf-8") == out
    data = json.loads(run(capsys, *arguments, "--json")[1])["diff"]
    assert [place["right"] for place in data["places"]] == ["second", "first"]
    assert data["places"][1]["en_texts"] == [EN[3]]


def test_the_diff_of_mined_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.tsv", "0\t0", "1\t1", "2\t2")
    first = written(tmp_path / "first.tsv", "vi_index\ten_index\tprobability", "0\t0\t0.9", "1\t2\t0.6")
    second = written(tmp_path / "second.tsv", "0\t0", "1\t1")
    texts = ("--texts", written(tmp_path / "pool.vi", *VI), written(tmp_path / "pool.en", *EN))
    out = run(capsys, "mining", gold, first, "--compare", second, "--diff", *texts)[1]
    assert out.split("\n\n")[2].splitlines() == [
        "gold.tsv, vi 1-2, en 1-2: neither right",
        "  gold    [1]:[1]  first missed, second right",
        "          [2]:[2]  first missed, second missed",
        "  first   [1]:[2]  crossed",
        "  second  [1]:[1]  right",
        f"  vi 1    {VI[1]}",
        f"  vi 2    {VI[2]}",
        f"  en 1    {EN[1]}",
        f"  en 2    {EN[2]}",
    ]
    bare = run(capsys, "mining", gold, first, "--compare", second, "--diff")[1]
    assert "texts:none" in bare
    assert "  vi 1" not in bare


def test_options_that_need_each_other(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    systems = (news / "gold", news / "first")
    for arguments, message in (
        (("beads", *systems, "--diff"), "--diff goes with --compare"),
        (("beads", *systems, "--compare", news / "second", "--diff", "--empty-beads"), "leave out --empty-beads"),
        (("mining", *systems, "--diff"), "--diff goes with --compare"),
        (("mining", *systems, "--texts", news, news), "--texts goes with --diff"),
    ):
        code, _, err = run(capsys, *arguments)
        assert code == 2
        assert message in " ".join(err.split())


def test_pairing_and_split_compare_two_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = written(tmp_path / "gold.tsv", "lũ.txt\tflood.txt", "lúa.txt\trice.txt")
    poor = written(tmp_path / "poor.tsv", "lũ.txt\tflood.txt")
    out = run(capsys, "pairing", gold, poor, "--compare", gold)[1]
    assert next(line for line in out.splitlines() if line.startswith("recall")).split()[1:4] == [
        "0.5000",
        "1.0000",
        "+0.5000",
    ]
    text = written(tmp_path / "gold.txt", "TS. Mai đến.", "Bà nói.", "", "Họ về.", "Trời mưa.")
    hasty = written(tmp_path / "hasty.txt", "TS.", "Mai đến.", "Bà nói.", "", "Họ về.", "Trời mưa.")
    out = run(capsys, "split", text, hasty, "--compare", text)[1]
    assert next(line for line in out.splitlines() if line.startswith("precision")).split()[1:3] == ["0.6667", "1.0000"]
    assert out.splitlines()[-1].startswith("align|split-paired|n:2|unit:paragraph|")
    other = written(tmp_path / "other.txt", "TS. Mai đến.", "Bà hỏi.", "", "Họ về.", "Trời mưa.")
    code, _, err = run(capsys, "split", text, hasty, "--compare", other)
    assert (code, "other.txt, line 2 has" in err) == (1, True)


def test_every_output_ends_with_its_signature(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = written(news / "pairs.tsv", "vi_index\ten_index\tprobability", "0\t0\t0.9", "1\t1\t0.8")
    text = written(news / "text.txt", "TS. Mai đến.", "Bà nói.")
    written(news / "gold" / "rice.blocks.tsv", "0,1\t0,1", "2,3\t2,3")
    calls: list[tuple[object, ...]] = [
        ("beads", news / "gold", news / "first"),
        ("beads", news / "gold", news / "first", "--compare", news / "second"),
        ("mining", pairs, pairs),
        ("reliability", pairs, pairs),
        ("pairing", pairs, pairs),
        ("groups", news / "gold", news / "first"),
        ("split", text, text),
        ("retrieval", news / "gold" / "rice.vi", news / "gold" / "rice.en"),
    ]
    for call in calls:
        lines = run(capsys, *call, "--bootstrap", "20")[1].splitlines()
        signature = json.loads(run(capsys, *call, "--bootstrap", "20", "--json")[1])["signature"]
        assert lines[-1] == signature
        assert signature.startswith(f"align|{call[0]}")
        assert "|bootstrap:20|seed:12345|" in signature


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
    both = run(capsys, "retrieval", vi, en, "--compare", "e5-small-vien", "--bootstrap", "0")[1]
    assert both.splitlines()[-1].endswith("|encoder:e5-small-vien|encoder:e5-small-vien")
    assert "margin error        0.0000  0.0000     +0.0000" in both
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
