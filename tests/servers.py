"""A web server on loopback that behaves, or misbehaves, exactly as told. Raw bytes: nothing is too broken for it.

with Site({"/a": page("<p>Hello</p>"), "/drip": drip}) as site:
    site.url("/a"); site.log[0].path; site.most_at_once
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Behaviour = Callable[["Call", asyncio.StreamWriter], Awaitable[None]]
Route = bytes | Behaviour


@dataclass(frozen=True)
class Call:
    """One request as the server saw it; times are monotonic seconds."""

    host: str
    path: str
    headers: Mapping[str, str]
    started: float
    number: int = 0


def page(
    body: str | bytes,
    *,
    status: str = "200 OK",
    kind: str = "text/html; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Build a whole, well-formed response."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def redirect(to: str, status: str = "302 Found") -> bytes:
    """Build a redirect."""
    return page("", status=status, headers={"Location": to})


def conditional(body: str, etag: str, kind: str = "text/html; charset=utf-8") -> Behaviour:
    """Answer 304 to a request that knows the ETag already."""

    async def behave(call: Call, writer: asyncio.StreamWriter) -> None:
        known = call.headers.get("if-none-match") == etag
        writer.write(page("", status="304 Not Modified", headers={"ETag": etag}) if known
                     else page(body, kind=kind, headers={"ETag": etag}))  # fmt: skip

    return behave


def in_turn(*answers: bytes) -> Behaviour:
    """Give one answer after the other; the last one stays."""
    left = list(answers)

    async def behave(_call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return behave


def raw(data: bytes) -> Behaviour:
    """Send bytes as they are and hang up."""

    async def behave(_call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return behave


async def drip(_call: Call, writer: asyncio.StreamWriter) -> None:
    """Send a header byte every 50 ms, for as long as anybody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


@dataclass
class Site:
    """The server: a thread with an event loop of its own. `hosts` are loopback addresses it answers on."""

    routes: dict[str, Route]
    hosts: tuple[str, ...] = ("127.0.0.1",)
    work_s: float = 0.0
    log: list[Call] = field(default_factory=list)
    most_at_once: dict[str, int] = field(default_factory=dict)
    port: int = 0

    def __enter__(self) -> Self:
        self._now: dict[str, int] = {}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away: hang up on everybody, and listen no more."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def url(self, path: str, host: str | None = None) -> str:
        """Return the address of a path on this server."""
        return f"http://{host or self.hosts[0]}:{self.port}{path}"

    @property
    def allow(self) -> tuple[str, ...]:
        """What `allow_hosts` must hold for this server."""
        return tuple(f"{host}:{self.port}" for host in self.hosts)

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [call.path for call in self.log]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        first = await asyncio.start_server(self._connection, self.hosts[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        servers = [first, *[await asyncio.start_server(self._connection, h, self.port) for h in self.hosts[1:]]]
        self._ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                await self._answer(await reader.readuntil(b"\r\n\r\n"), writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        host = headers.get("host", "")
        call = Call(host, lines[0].split(" ")[1], headers, time.monotonic(), len(self.log))
        self.log.append(call)
        self._now[host] = self._now.get(host, 0) + 1
        self.most_at_once[host] = max(self.most_at_once.get(host, 0), self._now[host])
        try:
            if self.work_s:
                await asyncio.sleep(self.work_s)
            name, path = host.split(":")[0], call.path.partition("?")[0]
            places = (name + call.path, call.path, name + path, path)
            route = next((self.routes[place] for place in places if place in self.routes), None)
            if route is None:
                route = page("not here", status="404 Not Found")
            if isinstance(route, bytes):
                writer.write(route)
            else:
                await route(call, writer)
            if not writer.is_closing():
                await writer.drain()
        finally:
            self._now[host] -= 1
