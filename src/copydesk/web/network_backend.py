"""The network layer under the client: resolve once, ask the guard, connect to the checked address.

httpx2's own transport takes no network backend, so this talks to httpx2's engine (httpcore2) by its public door.
What httpx2 adds on top (following redirects, decoding bodies, cookies, proxies from the environment) is exactly what
must be done under a guard and a size limit here, or not at all.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from copydesk.errors import SettingsError
from copydesk.web.limits import WebLimits
from copydesk.web.policy.guard import Guard

__all__ = ["GuardedBackend", "connection_pool"]


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens TCP connections to checked addresses only."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve `host`, check all its addresses, and connect to the first that answers.

        Raises:
            GuardRefusedError: One of the addresses is not public; a name with public and private addresses is refused.
            httpcore2.ConnectError: The name does not exist, or no address answers.
        """
        addresses = await _resolve(host, port)
        for address in addresses:
            self._guard.check_address(host, port, address)
        last: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses[:3]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last

    async def sleep(self, seconds: float) -> None:
        """Sleep, for the pool's own use."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"name {host} does not resolve: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connection_pool(limits: WebLimits, guard: Guard) -> httpcore2.AsyncConnectionPool:
    """Build the pool: verified TLS, no proxies, kept-alive connections, HTTP/1.1.

    Raises:
        SettingsError: `ca_file` cannot be read.
    """
    context: ssl.SSLContext = httpx2.create_ssl_context(trust_env=False)
    if limits.ca_file:
        try:
            context.load_verify_locations(cafile=limits.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"ca_file {limits.ca_file} cannot be read: {error}. Give a PEM file.") from error
    return httpcore2.AsyncConnectionPool(
        ssl_context=context,
        max_connections=limits.concurrency * 2,
        max_keepalive_connections=limits.concurrency,
        keepalive_expiry=30.0,
        network_backend=GuardedBackend(guard),
    )
