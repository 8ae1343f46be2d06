"""Interruptions, and what is written to a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import COMMAND, EN, align, names, write

from align.cli.progress import PATIENCE, Stages

pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_while_writing_leaves_no_partial_file(tmp_path: Path, number: int, code: int, word: str) -> None:
    for name in "abcdefgh":
        write(tmp_path / "in" / f"{name}.txt", EN * 10_000)
    out = tmp_path / "out"
    out.mkdir()
    command = [*COMMAND, "split", "in", "-o", "out/x.txt"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as process:
        while not names(out) and process.poll() is None:
            time.sleep(0.01)
        assert names(out)[0].startswith(".partial-")
        os.killpg(process.pid, number)
        assert process.stderr
        errors = process.stderr.read().decode()
    assert process.returncode == code
    assert errors == f"align: error: {word}; nothing half-written was left behind\n"
    assert names(out) == []


def test_control_c_while_encoding(tmp_path: Path) -> None:
    write(tmp_path / "x.en", "".join(f"{n} {EN.splitlines()[0]}\n" for n in range(30_000)))
    command = [*COMMAND, "embed", "x.en", "-o", "x.npy"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as process:
        time.sleep(2)  # loaded after one second, done after half a minute
        os.killpg(process.pid, signal.SIGINT)
        sent = time.monotonic()
        assert process.stderr
        errors = process.stderr.read().decode()
    assert time.monotonic() - sent < 5
    assert (process.returncode, errors) == (130, "align: error: interrupted; nothing half-written was left behind\n")
    assert names(tmp_path) == ["x.en"]


class Bars:
    """Write down what is asked of rich's display."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def add_task(self, name: str, *, completed: int, total: int) -> int:
        self.calls.append(("add", name, completed, total))
        return len(self.calls)

    def update(self, task: int, *, completed: int, total: int) -> None:
        self.calls.append(("update", task, completed, total))

    def remove_task(self, task: int) -> None:
        self.calls.append(("remove", task))


def test_a_stage_shows_its_bar_after_two_seconds_and_drops_it_at_the_end() -> None:
    now, bars, starts = [0.0], Bars(), []

    def start() -> Bars:
        starts.append(now[0])
        return bars

    stages = Stages(start, clock=lambda: now[0])  # type: ignore[arg-type, return-value]
    for second, done in ((0, 0), (1, 10), (PATIENCE, 20), (2.5, 30), (3, 40)):
        now[0] = second
        stages("encode", done, 50)
    stages("match", 0, 3)
    stages("match", 3, 3)  # quick: never shown
    stages("encode", 50, 50)
    now[0] = 10
    stages("encode", 0, 50)  # again, with a new patience
    now[0] = 11
    stages("encode", 49, 50)
    assert starts == [2.5]
    assert bars.calls == [("add", "encode", 30, 50), ("update", 1, 40, 50), ("remove", 1)]


def on_a_terminal(command: list[str], folder: Path) -> bytes:
    """Run a command whose standard error is a terminal; return what is written there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=folder, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            written += part
    os.close(ours)
    assert process.returncode == 0
    return written


SLOW_STAGE = """
from align.cli import progress
progress.PATIENCE = -1
with progress.progress_bars() as report:
    report("encode", 0, 4)
    report("encode", 3, 4)
    report("encode", 4, 4)
"""


def test_a_slow_stage_draws_a_bar_and_wipes_it(tmp_path: Path) -> None:
    written = on_a_terminal([sys.executable, "-c", SLOW_STAGE], tmp_path)
    assert b"encode" in written
    assert b"/4" in written
    after = written.rpartition(b"/4")[2]
    assert b"\x1b[2K" in after  # the line is wiped
    assert b"\x1b[?25h" in after  # and the cursor back


def test_a_quick_command_writes_its_message_only(tmp_path: Path) -> None:
    write(tmp_path / "x.en", EN)
    written = on_a_terminal([*COMMAND, "embed", "x.en", "-o", "x.npy"], tmp_path)
    assert written.startswith(b"x.npy: 2 vectors of 384 numbers")
    assert b"\x1b" not in written


def test_no_bar_where_nobody_watches(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLOW_STAGE],
        capture_output=True,
        env={**os.environ, "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1"},
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_dash_reads_the_standard_input(tmp_path: Path) -> None:
    write(tmp_path / "x.en", EN.replace(". ", ".\n"))
    done = align("beads", "-", "x.en", cwd=tmp_path, stdin=None, input="Một thư viện mới sẽ được xây cạnh chợ.\n")
    assert done.returncode == 0
    assert [line.rpartition(":")[0] for line in done.stdout.splitlines()] == ["[0]:[2]"]
