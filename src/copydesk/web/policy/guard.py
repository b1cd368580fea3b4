"""Protection against requests to private networks (SSRF).

Two checks, for every request and every redirect:

    check_url       the URL: scheme, port, user info, literal addresses
    check_address   the resolved address that is connected to

Resolving the name again after the check would allow DNS rebinding, so `network_backend` resolves once, checks here, and
connects to exactly the address that passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

__all__ = ["Guard", "GuardRefusedError", "Target", "is_public"]

_DEFAULT_PORTS = {"http": 80, "https": 443}

# `is_global` says yes to some of these on older patch releases of Python 3.11, and to all ways of wrapping an IPv4
# address in an IPv6 one; no news site lives in any of them (IANA special-purpose registries, 2026).
_NEVER = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


class GuardRefusedError(Exception):
    """Raised in the client's network layer and turned into a `refused` outcome there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL: `host` is lower case and ASCII, `authority` is `host:port`."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 host."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def key(self) -> str:
        """Key of the host for rate limits: http and https share one; any other port has its own."""
        return self.host if self.port in _DEFAULT_PORTS.values() else self.authority


class Guard:
    """The rules, and the exceptions of the settings (`allow_hosts`, exact `host:port`)."""

    def __init__(self, allow_hosts: tuple[str, ...] = ()) -> None:
        self._allowed = frozenset(entry.strip().lower() for entry in allow_hosts)

    def check_url(self, url: str) -> Target:
        """Parse a URL, or refuse it.

        Raises:
            GuardRefusedError: Not http(s), another port, user info, no host, or a literal address that is not public.
        """
        if any(ord(c) <= 32 or ord(c) == 127 or c == "\\" for c in url):
            raise GuardRefusedError("the URL contains spaces, control characters or backslashes")
        try:
            parts = urlsplit(url)
            port = parts.port
            host = _ascii_host(parts.hostname or "")
        except ValueError as error:
            raise GuardRefusedError(f"invalid URL: {error}") from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise GuardRefusedError(f"scheme {parts.scheme or '(none)'!r} is not http or https")
        if parts.username is not None or parts.password is not None:
            raise GuardRefusedError("the URL contains a user name or a password")
        if not host:
            raise GuardRefusedError("the URL has no host")
        target = Target(parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme])
        if target.authority not in self._allowed:
            if target.port not in _DEFAULT_PORTS.values():
                raise GuardRefusedError(f"port {target.port} is neither 80 nor 443; {_allowing(target.authority)}")
            self._check_literal(target)
        return target

    def check_address(self, host: str, port: int, address: str) -> None:
        """Refuse to connect to an address that is not public.

        Raises:
            GuardRefusedError: `address` is private, loopback, link-local, multicast, reserved or a wrapped IPv4 one.
        """
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if authority.lower() in self._allowed:
            return
        if not is_public(ip_address(address.split("%", 1)[0])):
            raise GuardRefusedError(f"{host} is at {address}, which is not a public address; {_allowing(authority)}")

    def _check_literal(self, target: Target) -> None:
        try:
            literal = ip_address(target.host.split("%", 1)[0])
        except ValueError:
            return
        if not is_public(literal):
            raise GuardRefusedError(f"{target.host} is not a public address; {_allowing(target.authority)}")


def _allowing(authority: str) -> str:
    """Return the line of copydesk.toml that makes an exception."""
    return f'to allow it, write allow_hosts = ["{authority}"] under [web] in copydesk.toml'


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is public and does not embed an IPv4 address."""
    return address.is_global and not any(address in block for block in _NEVER if block.version == address.version)


def _ascii_host(host: str) -> str:
    """Return the host in ASCII (IDNA), without the trailing dot of a fully qualified name."""
    host = host.rstrip(".").lower()
    return host if host.isascii() else host.encode("idna").decode("ascii")
