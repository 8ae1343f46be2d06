"""docs/encoders.md: what it shows can be run."""

from __future__ import annotations

import doctest
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from align.cli import group
from align.encoders import Encoder, load_encoder
from align.encoders.settings import settings_of
from align.encoders.st import SentenceTransformerEncoder

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "encoders.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "encoders" / "service_encoder.py"


def test_the_examples_print_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    path, lenient = str(ROOT / "docs" / "encoders.md"), doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    outcome = doctest.testfile(path, module_relative=False, optionflags=lenient, encoding="utf-8")
    assert (outcome.failed, outcome.attempted) == (0, 5)


def test_the_example_encoder_is_the_file() -> None:
    assert f"```python\n{EXAMPLE.read_text('utf-8')}```\n" in PAGE


def test_the_commands_have_the_options_that_the_page_names() -> None:
    for name, options in re.findall(r"^ {4}align (\w+) (.*(?:\\\n.*)?)$", PAGE, re.MULTILINE):
        command = group.get_command(None, name)
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z-]+", options.partition("#")[0])) <= known | {"-h"} or name == "models"


def test_the_options_of_encoders_are_those_of_the_page() -> None:
    [listed] = re.findall(r"^\| `st:` \| (.*) \|$", PAGE, re.MULTILINE)
    taken = set(settings_of(SentenceTransformerEncoder)) - {"name_or_folder", "progress"}
    assert set(re.findall(r"`(\w+)`", listed)) == taken


@pytest.fixture
def service(encoder: Encoder) -> Iterator[str]:
    """A service with the bundled encoder behind it."""

    class Service(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            rows = encoder.encode(question["input"]).tolist()
            data = [{"index": n, "embedding": row} for n, row in enumerate(rows)][::-1]
            answer = json.dumps({"model": question["model"], "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/embeddings"
    server.shutdown()
    server.server_close()


def test_the_example_encoder_works(service: str, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLE.parent)
    loaded = load_encoder("service_encoder:ServiceEncoder", url=service, model="e5", batch_size=2)
    texts = ["Trời đang mưa.", "It is raining.", "Cô ấy là bác sĩ."]
    np.testing.assert_allclose(loaded.encode(texts), encoder.encode(texts), atol=1e-6)
    assert (loaded.name, loaded.dim) == ("service-e5", 384)
