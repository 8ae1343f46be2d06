"""A real HTTP server on the loopback that can be told to misbehave."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Answer:
    """How one request is answered; as it stands, well.

    `cut`: the connection ends after so many bytes of the body; with `stall` it stays open, and silent. `hang`: the
    server says nothing at all. `length`: what Content-Length claims; None leaves the header out. `content_range`:
    replaces the right one.
    """

    status: int = 200
    ranges: bool = True
    cut: int | None = None
    stall: bool = False
    hang: bool = False
    body: bytes | None = None
    length: int | None = -1
    location: str | None = None
    content_range: str | None = None


@dataclass
class Site:
    """What the server has, how the next requests are answered, what it was asked: (path, Range), and bytes sent."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    agents: set[str | None] = field(default_factory=set)
    sent: int = 0
    closing: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, wanted = self.site, self.headers.get("Range")
        path = unquote(self.path)
        site.asked.append((path, wanted))
        site.agents.add(self.headers.get("User-Agent"))
        answer = site.answers.pop(0) if site.answers else Answer()
        if answer.hang:
            site.closing.wait(20)
            self.close_connection = True
            return
        if answer.location is not None:
            self._head(answer.status, {"Location": answer.location, "Content-Length": "0"})
            return
        content = site.files.get(path) if answer.body is None else answer.body
        if content is None or answer.status >= 400:
            self._head(404 if content is None else answer.status, {"Content-Length": "0"})
            return
        self._send(content, wanted if answer.ranges else None, answer)

    def _send(self, content: bytes, wanted: str | None, answer: Answer) -> None:
        status, headers, start = 200, {}, 0
        if wanted is not None:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
            if start >= len(content):
                self._head(416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
                return
            status = 206
            given = f"bytes {start}-{len(content) - 1}/{len(content)}"
            headers["Content-Range"] = given if answer.content_range is None else answer.content_range
        body = content[start:]
        if answer.length is not None:
            headers["Content-Length"] = str(len(body) if answer.length < 0 else answer.length)
        self._head(status, headers)
        self.site.sent += len(body[: answer.cut])
        with contextlib.suppress(ConnectionError):  # the client may have had enough
            self.wfile.write(body[: answer.cut])
        if answer.stall:
            self.wfile.flush()
            self.site.closing.wait(20)
        self.close_connection = True

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def serve() -> Iterator[Site]:
    """Run a server on a free port until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    server.daemon_threads = True
    site = server.RequestHandlerClass.site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
