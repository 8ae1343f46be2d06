from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from align.errors import OutputError
from align.locking import alone


def test_one_at_a_time_among_threads_and_processes(tmp_path: Path) -> None:
    """Each adds one to a number in a file, with a pause between reading and writing."""
    program = (
        "import sys, time; from pathlib import Path; from align.locking import alone\n"
        "folder = Path(sys.argv[1])\n"
        "for _ in range(5):\n"
        "    with alone(folder / 'lock', pause=0.002):\n"
        "        number = int((folder / 'number').read_text()); time.sleep(0.01)\n"
        "        (folder / 'number').write_text(str(number + 1))\n"
    )
    (tmp_path / "number").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(2)]
    threads = [threading.Thread(target=exec, args=(program, {"__name__": "x"})) for _ in range(2)]
    previous, sys.argv = sys.argv, ["x", str(tmp_path)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.argv = previous
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "number").read_text() == "20"
    assert not (tmp_path / "lock").exists()


def test_waiting_is_reported(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(tmp_path / "lock"):
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    threading.Timer(0.1, leave.set).start()
    with alone(tmp_path / "lock", stage="queue", progress=lambda *report: seen.append(report), pause=0.02):
        pass
    holder.join()
    assert set(seen[:-1]) == {("queue", 0, 1)}
    assert seen[-1] == ("queue", 1, 1)


def test_a_lock_that_was_left_behind_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    started = time.monotonic()
    with alone(tmp_path / "lock", pause=5):
        pass
    assert time.monotonic() - started < 2


def test_an_error_inside_unlocks(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "lock"):
        _ = 1 / 0
    with alone(tmp_path / "lock", pause=60):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="other locks there")
def test_a_file_system_without_locks_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with alone(tmp_path / "lock", pause=60), alone(tmp_path / "other", pause=60):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="lock: not written: No such file"), alone(tmp_path / "no" / "lock"):
        pass
