"""A server of the pages, in this process, over desks that are made once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import uvicorn

from copydesk import open_desk
from copydesk.browse.app import Browser, make_app
from copydesk.browse.guard import Token
from copydesk.store.read.read_copies import ReadCopies
from tests.browse.newsroom import make_hostile, make_newsroom


@dataclass
class Answer:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    text: str
    raw: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        import json

        return json.loads(self.text)


@dataclass
class Served:
    """Pages of a desk, served on loopback."""

    desk: Path
    port: int
    token: Token
    copies: ReadCopies
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, method: str = "GET", body: str | None = None, **parameters: Any) -> Answer:
        """Ask for a page; header names of `headers` go along."""
        query = "?" + urlencode(parameters) if parameters else ""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, quote(path, safe="/%.:;=()&?+,") + query, body=body, headers=self.headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, raw.decode(errors="replace"), raw)

    def with_headers(self, **headers: str) -> Served:
        """Return the same with other request headers; _ stands for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Served(self.desk, self.port, self.token, self.copies, named)


def serving(desk: Path, *, writable: bool = False, token_needed: bool = False) -> Iterator[Served]:
    """Serve a desk until the generator is closed."""
    found = open_desk(desk)
    with ReadCopies(found.open_warehouse()) as copies:
        token = Token()
        browser = Browser(desk=found, copies=copies, token=token, writable=writable)
        hosts = frozenset({"127.0.0.1", "localhost"})
        app = make_app(browser, hosts=hosts, token_needed=token_needed)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
        with socket.create_server(("127.0.0.1", 0)) as bound:
            thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.02)
            served = Served(desk, bound.getsockname()[1], token, copies)
            wait_for_index(copies)
            yield served
            server.should_exit = True
            thread.join(10)


def wait_for_index(copies: ReadCopies) -> None:
    """Wait until searches are answered by the index."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with copies.reading() as (_, index, _copy):
            if index is not None:
                return
        time.sleep(0.05)
    raise AssertionError("no search index after a minute")


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of five papers; tests must not change it."""
    return make_newsroom(tmp_path_factory.mktemp("newsroom") / "lindhaven")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of attacks; tests must not change it."""
    return make_hostile(tmp_path_factory.mktemp("hostile") / "hostile")


@pytest.fixture(scope="session")
def site(newsroom: Path) -> Iterator[Served]:
    """The pages of the five papers."""
    yield from serving(newsroom)


@pytest.fixture(scope="session")
def hostile_site(hostile: Path) -> Iterator[Served]:
    """The pages of the attacks."""
    yield from serving(hostile)
