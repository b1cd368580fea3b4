"""Who may ask, and what an answer may do in a browser.

    Host header --known?--> token --needed and right?--> app --headers--> browser

Bound to 127.0.0.1, the one attack is another page in the same browser: a DNS name that is made to lead to 127.0.0.1
(the Host header is foreign then: refused), a form or a script of another site (Sec-Fetch-Site says so: forms are
refused, and SQL is shown instead of run), and text of a page that is shown here (escaped; and the policy allows no
script, no picture and no connection, whatever the text says).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["FETCHED_POLICY", "POLICY", "Guard", "Token", "is_loopback"]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Of every page: our style sheet and nothing else; no script at all."""
FETCHED_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""Of a page as it was fetched: its own inline style, no script, no picture, no form, an origin of its own."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-dns-prefetch-control": "off",
}


def is_loopback(host: str) -> bool:
    """Return whether a server bound to this host is reached from this machine alone."""
    return host in _LOOPBACK


@dataclass(frozen=True, slots=True)
class Token:
    """The secret of one process: who has it may decide, or read where reading needs it."""

    value: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def fits(self, given: str | None) -> bool:
        """Compare in constant time."""
        return given is not None and hmac.compare_digest(given.encode(), self.value.encode())

    @property
    def cookie(self) -> str:
        """What the cookie holds: not the token, which stands in an address and in a terminal."""
        return hmac.new(self.value.encode(), b"cookie", sha256).hexdigest()

    @property
    def cookie_name(self) -> str:
        """One name per process: cookies know no ports."""
        return f"copydesk_{self.cookie[:8]}"

    @property
    def csrf(self) -> str:
        """What forms hold."""
        return hmac.new(self.value.encode(), b"form", sha256).hexdigest()

    def knows(self, headers: Headers) -> bool:
        """Return whether a request has our cookie."""
        jar = SimpleCookie()
        with suppress(CookieError):
            jar.load(headers.get("cookie", ""))
        held = jar.get(self.cookie_name)
        return held is not None and hmac.compare_digest(held.value.encode(), self.cookie.encode())


class Guard:
    """ASGI middleware: refuses foreign hosts and missing tokens, and sets the headers of every answer.

    Attributes:
        hosts: Names in the Host header that are served, in lower case, without port.
        token: The secret of this process.
        token_needed: Whether reading needs it, too.
        any_address: Whether IP addresses are served, too: bound to all of them. A foreign DNS name never is one.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str], token: Token, token_needed: bool, any_address: bool = False
    ) -> None:
        self.app, self.hosts, self.token, self.token_needed = app, frozenset(hosts), token, token_needed
        self.any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", POLICY)
                headers.setdefault("cache-control", "no-store")
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope)
        await (refused or self.app)(scope, receive, with_headers)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        name = _host(headers.get("host", ""))
        if name not in self.hosts and not (self.any_address and _is_address(name)):
            return PlainTextResponse("This host name is not served here.\n", status_code=421)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse("GET, HEAD or POST.\n", status_code=405)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(query).get("token")
        if given is not None and scope["method"] == "GET":
            return self._enter(scope, query, given)
        if self.token_needed and not self.token.knows(headers):
            return PlainTextResponse("Open the address that `copydesk browse` printed: it holds the token.\n", 403)
        return None

    def _enter(self, scope: Scope, query: list[tuple[str, str]], given: str) -> Response:
        """Take the token out of the address and into a cookie."""
        if not self.token.fits(given):
            return PlainTextResponse("This token is of another process. Open the address printed last.\n", 403)
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        path = "/" + scope["path"].lstrip("/")
        answer = RedirectResponse(path + ("?" + rest if rest else ""), status_code=303)
        answer.set_cookie(self.token.cookie_name, self.token.cookie, httponly=True, samesite="strict", path="/")
        return answer


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _host(header: str) -> str:
    """Return the name in a Host header, without port."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")
