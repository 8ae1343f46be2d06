"""Fetch a file over HTTP: resumed, retried, and under its name only when its SHA-256 is the expected one."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from align._version import __version__
from align.errors import DISTRIBUTION, ModelError, OptionError, OutputError
from align.progress import Progress, silent

CHUNK = 1 << 18  # bytes read at once
GAIN = 1 << 20  # bytes that make a broken try count as a step forward
LARGEST = 1 << 32  # bytes of a file whose size nobody has stated
MEGABYTE = 1_000_000  # unit of the progress reports

_ALLOWED = "an address http://... or https://... without user name and blanks"
_ELSEWHERE = "fetch the files elsewhere and use --from DIR"
_WAYS_OUT = f"check the connection, or {_ELSEWHERE}"
_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class _BrokenError(Exception):
    """This try failed; the next one may not."""


def download(
    url: str,
    target: Path,
    *,
    size: int,
    sha256: str,
    progress: Progress = silent,
    tries: int = 4,
    timeout: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Fetch `url` into the file `target`, which must become exactly `size` bytes with the hash `sha256`.

    Bytes arrive in `target` + ".part", which stays when a try breaks off, so that the next try, or the next call, asks
    the server for the rest only. It gets its final name when the hash is right, and is deleted when it is wrong: what
    stands under `target` can be opened without fear. Never more than `size` bytes are written. The proxies that the
    environment names (https_proxy, no_proxy ...) are used.

    Args:
        url: address; http and https only, redirects included.
        target: file to write; its folder exists.
        size: bytes.
        sha256: 64 hex digits, lower case.
        progress: called as progress("download NAME, MB", done, total).
        tries: how many times in a row a try may break off without a megabyte of gain, at least 1. Between them there
            are pauses of 1, 2, 4 ... seconds. Connection errors, time-outs, cut bodies and the answers 408, 425, 429
            and 5xx are tried again; other answers are final.
        timeout: seconds without any sign of the server after which a try is given up.
        sleep: makes the pauses.

    Raises:
        ModelError: there is no connection, the server refuses, or what it has is another file.
        OptionError: the address is none that is fetched.
        OutputError: the file cannot be written: no permission, or the disk is full.
    """
    _check_address(url)
    part = target.with_name(target.name + ".part")
    failures, best = 0, _length(part)
    while True:
        inherited = _length(part)
        try:
            _fetch(url, part, size, progress=progress, timeout=timeout)
            _check_hash(url, part, sha256, final=not inherited)
            break
        except _BrokenError as error:
            gained = _length(part) - best >= GAIN
            failures = 1 if gained else failures + 1
            best = max(best, _length(part))
            if failures >= tries:
                raise _given_up(url, tries, error) from error
            sleep(float(2 ** (failures - 1)))
    with _disk(target):
        os.replace(part, target)
    megabytes = -(-size // MEGABYTE)
    progress(_stage(part), megabytes, megabytes)


def remote_size(
    url: str,
    *,
    limit: int = LARGEST,
    tries: int = 4,
    timeout: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Return how many bytes the server says that `url` has; nothing of it is fetched.

    Args:
        url: address; http and https only, redirects included.
        limit: bytes beyond which the file is refused.
        tries, timeout, sleep: as for `download`.

    Raises:
        ModelError: there is no connection, the server refuses or does not say, or it has more than `limit` bytes.
        OptionError: the address is none that is fetched.
    """
    _check_address(url)
    for failures in range(1, tries + 1):
        try:
            with _answer(url, Path(), 0, timeout) as response:
                size = response.length if response.status == HTTPStatus.OK else None
            break
        except _BrokenError as error:
            if failures == tries:
                raise _given_up(url, tries, error) from error
            sleep(float(2 ** (failures - 1)))
    if size is None:
        raise ModelError(f"{url}: the server does not say how many bytes it has; {_ELSEWHERE}")
    if not 0 < size <= limit:
        raise ModelError(f"{url}: the server has {size} bytes; allowed: 1 to {limit}: it is another file; {_ELSEWHERE}")
    return size


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, 64 hex digits, in constant memory.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _given_up(url: str, tries: int, error: _BrokenError) -> ModelError:
    often = f"{tries} tries" if tries > 1 else "one try"
    return ModelError(f"{url}: not fetched in {often}: {error}; {_WAYS_OUT}")


def _check_address(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port  # raises when it is no number
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise OptionError("url", url, _ALLOWED)


def _fetch(url: str, part: Path, size: int, *, progress: Progress, timeout: float) -> None:
    """Complete `part` to `size` bytes in one try, from its present end if the server can do that."""
    have = _length(part)
    if have > size:
        _drop(part)
        have = 0
    if have == size and part.is_file():
        return
    with _answer(url, part, have, timeout) as response:
        start = _start(url, response, have, size)
        _receive(url, response, part, start=start, size=size, progress=progress)


@contextlib.contextmanager
def _answer(url: str, part: Path, have: int, timeout: float) -> Iterator[http.client.HTTPResponse]:
    """Ask for everything from byte `have` on, and sort the ways in which that fails into final and not."""
    headers = {"User-Agent": f"{DISTRIBUTION}/{__version__}"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = _opener().open(urllib.request.Request(url, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        said = f"the server answers {error.code} {_said(error.reason)}"
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            _drop(part)  # it is not the beginning of what the server has now
        elif error.code < 500 and error.code not in _TRANSIENT:
            raise ModelError(f"{url}: {said}; check the address, or {_ELSEWHERE}") from error
        raise _BrokenError(said) from error
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise ModelError(f"{url}: not fetched: {reason.verify_message or reason}; {_WAYS_OUT}") from error
        raise _BrokenError(_said(reason)) from error
    with response:
        yield response


def _start(url: str, response: http.client.HTTPResponse, have: int, size: int) -> int:
    """Return the position of the first byte of the body, after a look at what the server says about the file."""
    if response.status == HTTPStatus.PARTIAL_CONTENT:
        given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", (response.headers.get("Content-Range") or "").strip())
        if given is None or int(given[1]) not in (0, have):
            raise _BrokenError("the server answers with a part that was not asked for")
        start, total = int(given[1]), size if given[2] == "*" else int(given[2])
    elif response.status == HTTPStatus.OK:
        # No ranges here: all of it comes again.
        start, total = 0, size if response.length is None else response.length
    else:
        raise ModelError(f"{url}: the server answers {response.status} {response.reason}; {_ELSEWHERE}")
    if total != size:
        raise ModelError(f"{url}: the server has {total} bytes, expected {size}: it is another file; {_ELSEWHERE}")
    return start


def _receive(
    url: str, response: http.client.HTTPResponse, part: Path, *, start: int, size: int, progress: Progress
) -> None:
    """Write the body to `part` from byte `start` on; one byte too many ends it before it is written."""
    done, total = start, -(-size // MEGABYTE)
    with _disk(part), part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while True:
            progress(_stage(part), min(done // MEGABYTE, total - 1), total)
            try:
                chunk = response.read1(min(CHUNK, size - done + 1))
            except (OSError, http.client.HTTPException) as error:
                raise _BrokenError(_said(error)) from error
            done += len(chunk)
            if not chunk or done > size:
                break
            file.write(chunk)
    if done > size:
        _drop(part)
        raise ModelError(f"{url}: the server sends more than {size} bytes: it is another file; {_ELSEWHERE}")
    if done < size:
        raise _BrokenError(f"the connection ended after {done} of {size} bytes")


def _check_hash(url: str, part: Path, expected: str, *, final: bool) -> None:
    """Delete `part` if it is not what was expected; that is `final` unless an earlier call began the file."""
    with _disk(part):
        found = file_sha256(part)
    if found == expected:
        return
    _drop(part)
    if not final:
        raise _BrokenError(f"what an earlier try had left did not belong to it (sha256 {found}, expected {expected})")
    raise ModelError(f"{url}: sha256 is {found}, expected {expected}: it is another file, deleted; {_ELSEWHERE}")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects to http and https addresses and to nothing else, 308 (Python 3.11+) among them."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request:
        """Ask the new address the same."""
        try:
            _check_address(newurl)
        except OptionError as error:
            fp.close()
            refusal = f"{req.full_url}: the server leads on to {newurl!r}, which is not fetched; allowed: {_ALLOWED}"
            raise ModelError(refusal) from error
        return urllib.request.Request(newurl, headers=req.headers, origin_req_host=req.origin_req_host)

    def http_error_308(self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """Treat it as 302: there is no body to repeat."""
        return self.http_error_302(req, fp, code, msg, headers)


def _opener() -> urllib.request.OpenerDirector:
    """Nothing but HTTP: urllib's own opener also reads file:, ftp: and data: addresses."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Errors of the system inside are the disk's: those of the connection have become others by then."""
    try:
        yield
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def _drop(part: Path) -> None:
    with _disk(part):
        part.unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _stage(part: Path) -> str:
    return f"download {part.name.removesuffix('.part')}, MB"


def _said(reason: object) -> str:
    """One line, never empty: some errors of the system have no text."""
    text = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return " ".join(text.split()) or type(reason).__name__
