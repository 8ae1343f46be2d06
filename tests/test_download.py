from __future__ import annotations

import contextlib
import hashlib
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Answer, Site, serve

from align.download import download, file_sha256
from align.errors import AlignError, ModelError, OptionError, OutputError

CONTENT = random.Random(3).randbytes(3_500_000)
"""Longer than three steps forward, so that a file can break in the middle of one."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serve() as site:
        site.files["/a.bin"] = CONTENT
        yield site


class Pauses(list[float]):
    """Remembers the pauses instead of making them."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def fetch(site: Site, target: Path, content: bytes = CONTENT, path: str = "/a.bin", **options: Any) -> Pauses:
    pauses = Pauses()
    digest = hashlib.sha256(content).hexdigest()
    options = {"url": site.url + path, "size": len(content), "sha256": digest, "sleep": pauses, **options}
    download(options.pop("url"), target, **options)
    return pauses


def refusal(kind: type[AlignError], site: Site, target: Path, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        fetch(site, target, **options)
    assert "\n" not in str(caught.value)
    assert not target.exists()
    return str(caught.value)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "a.bin"


def names(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_whole_file_arrives_in_one_request(site: Site, target: Path) -> None:
    assert fetch(site, target) == []
    assert target.read_bytes() == CONTENT
    assert site.asked == [("/a.bin", None)]
    assert names(target) == ["a.bin"]
    (agent,) = site.agents
    assert agent.startswith("align-vi-en/")


def test_progress_counts_megabytes_and_ends_once_the_hash_is_right(site: Site, target: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    fetch(site, target, progress=lambda *report: seen.append(report))
    assert {(stage, total) for stage, _, total in seen} == {("download a.bin, MB", 4)}
    counts = [done for _, done, _ in seen]
    assert counts == sorted(counts)
    assert (counts[0], counts.count(4), counts[-1]) == (0, 1, 4)


def test_an_empty_file(site: Site, target: Path) -> None:
    site.files["/a.bin"] = b""
    fetch(site, target, content=b"")
    assert target.read_bytes() == b""


@pytest.mark.parametrize("length", [-1, None], ids=["declared", "not declared"])
def test_a_cut_body_is_taken_up_where_it_ended(site: Site, target: Path, length: int | None) -> None:
    site.answers = [Answer(cut=1_000_000, length=length if length is None else len(CONTENT)), Answer()]
    assert fetch(site, target) == [1.0]
    assert target.read_bytes() == CONTENT
    assert site.asked == [("/a.bin", None), ("/a.bin", "bytes=1000000-")]
    assert site.sent == len(CONTENT)


def test_a_later_call_takes_up_what_an_earlier_one_left(site: Site, target: Path) -> None:
    site.answers = [Answer(cut=1_000_000)]
    message = refusal(ModelError, site, target, tries=1)
    assert "not fetched in one try: the connection ended after 1000000 of 3500000 bytes; check the conn" in message
    assert names(target) == ["a.bin.part"]
    fetch(site, target)
    assert site.asked[1:] == [("/a.bin", "bytes=1000000-")]
    assert target.read_bytes() == CONTENT
    assert names(target) == ["a.bin"]


def test_a_complete_part_needs_no_request(site: Site, target: Path) -> None:
    target.with_name("a.bin.part").write_bytes(CONTENT)
    fetch(site, target)
    assert site.asked == []
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("left", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)])
def test_what_was_left_of_another_file_is_thrown_away(site: Site, target: Path, left: bytes) -> None:
    target.with_name("a.bin.part").write_bytes(left)
    fetch(site, target)
    assert site.asked[-1] == ("/a.bin", None)
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_of_it_again(site: Site, target: Path) -> None:
    site.answers = [Answer(cut=2_000_000), Answer(ranges=False)]
    assert fetch(site, target) == [1.0]
    assert site.asked[1] == ("/a.bin", "bytes=2000000-")
    assert target.read_bytes() == CONTENT
    assert site.sent == 2_000_000 + len(CONTENT)


def test_a_part_that_was_not_asked_for_is_not_used(site: Site, target: Path) -> None:
    total = len(CONTENT)
    site.answers = [Answer(cut=1000), Answer(content_range=f"bytes 5-{total - 1}/{total}"), Answer(content_range="?")]
    assert fetch(site, target) == [1.0, 2.0, 4.0]
    assert target.read_bytes() == CONTENT


def test_416_starts_from_the_beginning(site: Site, target: Path) -> None:
    target.with_name("a.bin.part").write_bytes(CONTENT[:1000])
    site.answers = [Answer(status=416)]
    fetch(site, target)
    assert site.asked == [("/a.bin", "bytes=1000-"), ("/a.bin", None)]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_passing_trouble_of_the_server_is_waited_for(site: Site, target: Path, status: int) -> None:
    site.answers = [Answer(status=status), Answer(status=status)]
    assert fetch(site, target) == [1.0, 2.0]
    assert target.read_bytes() == CONTENT


def test_a_lasting_one_is_given_up(site: Site, target: Path) -> None:
    site.answers = [Answer(status=503)] * 9
    message = refusal(ModelError, site, target)
    assert message == (
        f"{site.url}/a.bin: not fetched in 4 tries: the server answers 503 Service Unavailable; "
        "check the connection, or fetch the files elsewhere and use --from DIR"
    )
    assert len(site.asked) == 4


def test_a_connection_that_breaks_often_but_gets_on_is_not_given_up(site: Site, target: Path) -> None:
    site.answers = [Answer(cut=1_100_000), Answer(cut=1_100_000), Answer(cut=1_100_000)]
    assert fetch(site, target, tries=2) == [1.0, 1.0, 1.0]
    assert target.read_bytes() == CONTENT


def test_one_that_breaks_without_getting_on_is_given_up(site: Site, target: Path) -> None:
    site.answers = [Answer(cut=1000)] * 9
    assert "not fetched in 4 tries" in refusal(ModelError, site, target)
    assert target.with_name("a.bin.part").read_bytes() == CONTENT[:4000]


def test_a_missing_file_is_final(site: Site, target: Path) -> None:
    message = refusal(ModelError, site, target, path="/b.bin")
    assert message.startswith(f"{site.url}/b.bin: the server answers 404 Not Found; check the address, or fetch")
    assert len(site.asked) == 1


def test_a_wrong_hash_is_named_and_the_file_deleted(site: Site, target: Path) -> None:
    wrong = bytes(len(CONTENT))
    site.files["/a.bin"] = wrong
    found, expected = (hashlib.sha256(content).hexdigest() for content in (wrong, CONTENT))
    assert f": sha256 is {found}, expected {expected}: it is another file" in refusal(ModelError, site, target)
    assert len(site.asked) == 1
    assert names(target) == []


def test_a_file_of_another_length_is_not_begun(site: Site, target: Path) -> None:
    target.with_name("a.bin.part").write_bytes(CONTENT[:1000])
    site.files["/a.bin"] = CONTENT + b"more"
    assert "the server has 3500004 bytes, expected 3500000: it is another" in refusal(ModelError, site, target)
    site.files["/a.bin"] = CONTENT[:-1]
    assert "the server has 3499999 bytes, expected 3500000: it is another" in refusal(ModelError, site, target)
    assert target.with_name("a.bin.part").read_bytes() == CONTENT[:1000]


def test_never_more_is_written_than_was_said(site: Site, target: Path) -> None:
    # The limit of the file's size is the system's own: one byte more would end in an OutputError.
    site.files["/a.bin"] = CONTENT + bytes(2_000_000)
    site.answers = [Answer(length=None)]
    program = (
        "import sys, resource; from pathlib import Path; from align.download import download\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(CONTENT)}, {len(CONTENT)}))\n"
        f"download(sys.argv[1], Path(sys.argv[2]), size={len(CONTENT)}, sha256='0' * 64)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, f"{site.url}/a.bin", str(target)], capture_output=True, text=True, check=False
    )
    assert "ModelError" in done.stderr
    assert "the server sends more than 3500000 bytes: it is another file" in done.stderr
    assert names(target) == []


def test_a_silent_server_is_given_up(site: Site, target: Path) -> None:
    site.answers = [Answer(hang=True)] * 2
    message = refusal(ModelError, site, target, timeout=0.2, tries=2)
    assert "not fetched in 2 tries: timed out; check the connection" in message


def test_a_server_that_falls_silent_is_asked_for_the_rest(site: Site, target: Path) -> None:
    site.answers = [Answer(cut=1_000_000, length=len(CONTENT), stall=True)]
    assert fetch(site, target, timeout=0.5) == [1.0]
    assert site.asked == [("/a.bin", None), ("/a.bin", "bytes=1000000-")]
    assert target.read_bytes() == CONTENT


def test_no_connection_is_one_clear_line(site: Site, target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    message = refusal(ModelError, site, target, url=f"http://127.0.0.1:{port}/a.bin")
    assert message == (
        f"http://127.0.0.1:{port}/a.bin: not fetched in 4 tries: Connection refused; "
        "check the connection, or fetch the files elsewhere and use --from DIR"
    )


def test_a_host_that_nobody_knows(site: Site, target: Path) -> None:
    # .invalid is reserved to be unknown (RFC 2606).
    message = refusal(ModelError, site, target, url="http://align.invalid/a.bin", tries=1)
    assert "check the connection, or fetch the files elsewhere and use --from DIR" in message


def test_no_http_at_all(site: Site, target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.bin"
        program = (
            f"import socket; peer, _ = socket.socket(fileno={server.fileno()}).accept(); "
            "peer.recv(4096); peer.sendall(b'220 ready\\r\\n'); peer.close()"
        )
        with subprocess.Popen([sys.executable, "-c", program], pass_fds=[server.fileno()]):
            message = refusal(ModelError, site, target, url=url, tries=1)
    assert "not fetched in one try: 220 ready" in message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_resumed(site: Site, target: Path, status: int) -> None:
    site.files["/new place/a.bin"] = CONTENT
    target.with_name("a.bin.part").write_bytes(CONTENT[:1000])
    site.answers = [Answer(status=status, location="/new%20place/a.bin")]
    fetch(site, target)
    assert site.asked == [("/a.bin", "bytes=1000-"), ("/new place/a.bin", "bytes=1000-")]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/a.bin", "data:,abc"])
def test_a_redirect_to_another_kind_of_address_is_not(site: Site, target: Path, location: str) -> None:
    site.answers = [Answer(status=302, location=location)]
    assert location in refusal(ModelError, site, target)
    assert len(site.asked) == 1


def test_redirects_in_a_circle_end(site: Site, target: Path) -> None:
    site.answers = [Answer(status=302, location="/a.bin")] * 50
    assert "infinite loop" in refusal(ModelError, site, target)
    assert len(site.asked) < 30


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "a.bin",
        "",
        "http://",
        "https:///a",
        "http://me:secret@example.org/a",
        "http://example.org/a b",
        "http://example.org:port/a",
        "http://[::1/a",
        "data:,abc",
        "http://example.org/\r\nX: y",
    ],
)
def test_addresses_that_are_not_fetched(site: Site, target: Path, url: str) -> None:
    assert "; allowed: an address http://... or https://..." in refusal_of_address(site, target, url)


def refusal_of_address(site: Site, target: Path, url: str) -> str:
    with pytest.raises(OptionError) as caught:
        fetch(site, target, url=url)
    assert names(target) == []
    return str(caught.value)


def test_the_proxy_of_the_environment_is_used(site: Site, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # To a proxy the whole address is sent.
    site.files["http://models.invalid/a.bin"] = CONTENT
    monkeypatch.setenv("http_proxy", site.url)
    fetch(site, target, url="http://models.invalid/a.bin")
    assert site.asked == [("http://models.invalid/a.bin", None)]
    assert target.read_bytes() == CONTENT


def test_a_folder_that_is_not_there(site: Site, target: Path) -> None:
    missing = target.parent / "no" / "a.bin"
    message = refusal(OutputError, site, missing)
    assert message == f"{missing}.part: not written: No such file or directory"


def test_a_part_that_cannot_be_written(site: Site, target: Path) -> None:
    target.with_name("a.bin.part").mkdir()
    assert refusal(OutputError, site, target) == f"{target}.part: not written: Is a directory"


def test_a_folder_that_may_not_be_written(site: Site) -> None:
    # Not in tmp_path, whose folders nobody else may enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        target = Path(folder, "a.bin")
        with without_privileges():
            message = refusal(OutputError, site, target)
    assert message == f"{target}.part: not written: Permission denied"


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Let the superuser, who may write anywhere, be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_full_disk_is_named_and_what_came_is_kept(site: Site, target: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        message = refusal(OutputError, site, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert message == f"{target}.part: not written: File too large"
    assert len(site.asked) == 1
    fetch(site, target)
    assert site.asked[1] == ("/a.bin", "bytes=1000000-")
    assert target.read_bytes() == CONTENT


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(CONTENT)
    assert file_sha256(tmp_path / "x") == hashlib.sha256(CONTENT).hexdigest()
