"""The server of the pages: one process, bound to this machine unless told otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from copydesk.browse.app import Browser, make_app
from copydesk.browse.export import ExportedPages, export_pages
from copydesk.browse.guard import Token, is_loopback
from copydesk.browse.views.schema import warm_up
from copydesk.errors import UsageError
from copydesk.settings import output_path
from copydesk.store.read.read_copies import read_copies
from copydesk.store.read.search import SearchQuery

if TYPE_CHECKING:
    from copydesk.desk import Desk

__all__ = ["export_desk", "serve"]

_MAX_CONCURRENT = 40
_GRACE_S = 3
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104 recognised, not bound to


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int = 8321,
    names: Iterable[str] = (),
    writable: bool = False,
    started: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve the pages of a desk until the process is told to end.

    Args:
        desk: The desk.
        host: Address to bind to. Other than loopback, every request needs the token.
        port: Port; 0 is any that is free.
        names: Further names in the Host header, for a proxy.
        writable: Whether who has the token may take decisions.
        started: Called with the address once the port is bound; it holds the token where one is needed.

    Raises:
        UsageError: The address cannot be bound.
        WarehouseVersionError: There is no warehouse, or not one that this code can read.
    """
    bound = _bound(host, port)
    token, token_needed = Token(), not is_loopback(host)
    hosts = _names(host, names)
    with bound, read_copies(desk.open_warehouse()) as copies:
        with copies.reading():
            pass  # what is wrong with the warehouse is said before anything is served
        Thread(target=warm_up, daemon=True).start()
        app = make_app(
            Browser(desk=desk, copies=copies, token=token, writable=writable),
            hosts=hosts,
            any_address=host in _EVERY,
            token_needed=token_needed,
        )
        shown = f"[{host}]" if ":" in host else host
        query = f"?token={token.value}" if token_needed or writable else ""
        started(f"http://{shown}:{bound.getsockname()[1]}/{query}")
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=_MAX_CONCURRENT,
            timeout_graceful_shutdown=_GRACE_S,
        )
        uvicorn.Server(config).run(sockets=[bound])


def export_desk(
    desk: Desk,
    folder: Path,
    *,
    words: str = "",
    publisher: str | None = None,
    source: str | None = None,
    limit: int = 100,
) -> ExportedPages:
    """Write the pages of some articles, and what they lead to, as a static folder; see `export.export_pages`.

    Raises:
        UsageError: The folder holds something else, or belongs to the desk.
        StoreError: The disk refused.
    """
    query = SearchQuery(words=words, publisher=publisher, source=source, newest=not words)
    with read_copies(desk.open_warehouse()) as copies:
        copies.wait_for_index()
        return export_pages(
            Browser(desk=desk, copies=copies, token=Token()), output_path(desk, folder), query, limit=limit
        )


def _names(host: str, names: Iterable[str]) -> frozenset[str]:
    """Return the names in the Host header that are served: this machine's, and those that were given."""
    found = {"127.0.0.1", "localhost", "::1", *(n.lower() for n in names)}
    if host in _EVERY:
        return frozenset(found | {socket.gethostname().lower(), socket.getfqdn().lower()})
    return frozenset(found | {host.lower()})


def _bound(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Raises:
        UsageError: It is taken, or no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        hint = (
            "Another program has it; --port 0 takes any that is free."
            if error.errno == 98
            else "Give an address of this machine."
        )
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror or error}. {hint}") from error
    return made
