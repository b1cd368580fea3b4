"""One HTTP request under one deadline, and the classification of its response.

200, 203     captured     after size, media type, framing and compression were checked
304          unchanged    if validators were sent
3xx          failed       reason "redirect"; the client takes the next hop from it
429, 503     failed       retry_at set from Retry-After
others       failed       reason "http_<status>"
no answer    failed       dns, connect, tls, timeout, reset, truncated, protocol, encoding
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import httpcore2
import httpx2

from copydesk.records import Outcome
from copydesk.web.backoff import retry_after
from copydesk.web.content_encoding import (
    ACCEPT_ENCODING,
    BodyTooLargeError,
    BrokenBodyError,
    TruncatedBodyError,
    decode,
)
from copydesk.web.limits import WebLimits
from copydesk.web.media import ACCEPT, accepted, charset_of, looks_binary, media_type_of
from copydesk.web.policy.guard import GuardRefusedError, Target
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["HttpExchange"]

_DRAIN_BYTES = 65_536  # of an error page, so that the connection can be reused
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    status_text: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    address: str | None
    missing: str = ""

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name)


class _RefusedError(Exception):
    """The answer exceeds a limit: (reason, detail)."""


class HttpExchange:
    """Sends one request and reads one answer; without rate limits, robots.txt or redirects."""

    def __init__(self, limits: WebLimits, pool: httpcore2.AsyncConnectionPool, clock: Callable[[], datetime]) -> None:
        self._limits = limits
        self._pool = pool
        self._clock = clock

    async def exchange(self, url: str, target: Target, request: FetchRequest, *, extra: bool) -> Response:
        """Request `url`; `extra`: whether the source's own headers may be sent to this host."""
        started, tick = self._clock(), time.monotonic()
        try:
            headers = self._headers(target, request, extra=extra)
        except UnicodeEncodeError:
            return Response(outcome=Outcome.REFUSED, reason="headers", detail="a header of the source is not ASCII")
        try:
            async with asyncio.timeout(self._deadline(request.purpose)):
                answer = await self._read(url, headers, request.purpose)
            response = self._judge(answer, request)
        except TimeoutError:
            response = _failed(
                "timeout", f"no whole answer within {self._deadline(request.purpose):g} s", retryable=True
            )
        except GuardRefusedError as error:
            response = Response(outcome=Outcome.REFUSED, reason="guard", detail=str(error))
        except _RefusedError as error:
            response = Response(outcome=Outcome.REFUSED, reason=error.args[0], detail=error.args[1])
        except Exception as error:  # noqa: BLE001 - no server response may end a run
            response = _network_failure(error)
        return replace(
            response,
            url=url,
            purpose=request.purpose,
            request_headers=tuple((k, "[redacted]" if k.lower() in _SECRET else v) for k, v in headers),
            started_at=started,
            elapsed_ms=round((time.monotonic() - tick) * 1000),
        )

    def _deadline(self, purpose: Purpose) -> float:
        short = purpose in (Purpose.ROBOTS, Purpose.TDMREP)
        return min(self._limits.robots_s, self._limits.deadline_s) if short else self._limits.deadline_s

    def _limit(self, purpose: Purpose) -> int:
        if purpose in (Purpose.ROBOTS, Purpose.TDMREP):
            return self._limits.robots_bytes
        if purpose in (Purpose.PAGE, Purpose.FEED):
            return self._limits.page_bytes if purpose is Purpose.PAGE else self._limits.feed_bytes
        return self._limits.list_bytes

    def _headers(self, target: Target, request: FetchRequest, *, extra: bool) -> list[tuple[str, str]]:
        default = {"http": 80, "https": 443}[target.scheme] == target.port
        host = target.authority.rsplit(":", 1)[0] if default else target.authority
        headers = {
            "Host": host,
            "User-Agent": self._limits.user_agent,
            "Accept": ACCEPT[request.purpose],
            "Accept-Encoding": "identity" if request.purpose is Purpose.ROBOTS else ACCEPT_ENCODING,
        }
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        if extra:
            named = {name.lower() for name in request.headers}
            headers = {k: v for k, v in headers.items() if k.lower() not in named or k == "Host"}
            headers |= {k: v for k, v in request.headers.items() if k.lower() != "host"}
        for value in headers.values():
            value.encode("ascii")
        return list(headers.items())

    async def _read(self, url: str, headers: list[tuple[str, str]], purpose: Purpose) -> _Answer:
        at = httpx2.URL(url)
        limits = self._limits
        async with self._pool.stream(
            "GET",
            httpcore2.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path),
            headers=headers,
            extensions={
                "timeout": {"connect": limits.connect_s, "read": limits.deadline_s, "write": limits.deadline_s}
            },
        ) as response:
            pairs = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers)
            stream = response.extensions.get("network_stream")
            peer = stream.get_extra_info("server_addr") if stream is not None else None
            answer = _Answer(
                response.status,
                bytes(response.extensions.get("reason_phrase", b"")).decode("latin-1"),
                pairs,
                b"",
                str(peer[0]) if peer else None,
            )
            self._check_head(answer, purpose)
            body = bytearray()
            wanted = answer.status in (200, 203)
            most = self._limit(purpose) if wanted else _DRAIN_BYTES
            missing = ""
            try:
                async for chunk in response.aiter_stream():
                    body += chunk
                    if len(body) > most:
                        if wanted and purpose is not Purpose.ROBOTS:
                            raise _RefusedError("size", f"more than {most} bytes")
                        break  # robots.txt counts as far as it was read (RFC 9309, 2.5); error pages do not count
            except httpcore2.RemoteProtocolError as error:
                if not (wanted and purpose is Purpose.PAGE and body and _ends_early(error)):
                    raise
                missing = f"{len(body)} of {answer.header('content-length') or 'unknown'} bytes came"
        return replace(answer, raw=bytes(body[:most]), missing=missing)

    def _check_head(self, answer: _Answer, purpose: Purpose) -> None:
        """Refuse by the headers, before the body is read."""
        size = sum(len(k) + len(v) + 4 for k, v in answer.headers)
        if len(answer.headers) > self._limits.header_count or size > self._limits.header_bytes:
            raise _RefusedError("headers", f"{len(answer.headers)} response headers, {size} bytes")
        if answer.status not in (200, 203):
            return
        media_type = media_type_of(answer.header("content-type"))
        if not accepted(purpose, media_type):
            raise _RefusedError("media_type", f"{media_type[:80]} is not accepted for a {purpose}")
        length = answer.header("content-length")
        if length.isdigit() and int(length[:18]) > self._limit(purpose) and purpose is not Purpose.ROBOTS:
            raise _RefusedError("size", f"{length[:18]} bytes announced, {self._limit(purpose)} allowed")

    def _judge(self, answer: _Answer, request: FetchRequest) -> Response:
        response = Response(
            outcome=Outcome.FAILED,
            reason=f"http_{answer.status}",
            detail=answer.status_text[:80],
            status=answer.status,
            status_text=answer.status_text,
            media_type=media_type_of(answer.header("content-type")),
            charset=charset_of(answer.header("content-type")),
            etag=answer.header("etag") or None,
            last_modified=answer.header("last-modified") or None,
            response_headers=answer.headers,
            wire_bytes=len(answer.raw),
            retry_at=retry_after(answer.header("retry-after"), self._clock()),
            address=answer.address,
            retryable=answer.status in _RETRYABLE,
        )
        if answer.status == 304 and (request.etag or request.last_modified):
            return replace(response, outcome=Outcome.UNCHANGED, reason="not_modified", detail="")
        if answer.status in (301, 302, 303, 307, 308):
            return replace(response, reason="redirect", detail=answer.header("location")[:2000])
        if answer.status not in (200, 203):
            return response
        return self._judge_body(response, answer, request.purpose)

    def _judge_body(self, response: Response, answer: _Answer, purpose: Purpose) -> Response:
        truncation = answer.missing
        try:
            content = decode(answer.raw, answer.header("content-encoding"), self._limit(purpose))
        except TruncatedBodyError as error:
            if purpose is not Purpose.PAGE:
                return replace(response, reason="encoding", detail=str(error), retryable=True)
            content, truncation = error.available, truncation or str(error)
        except BodyTooLargeError as error:
            return replace(response, outcome=Outcome.REFUSED, reason="size", detail=str(error))
        except BrokenBodyError as error:
            return replace(response, reason="encoding", detail=str(error), retryable=True)
        if not content.strip():
            reason = "truncated" if truncation else "empty"
            return replace(
                response, reason=reason, detail=truncation or "the body is empty", retryable=bool(truncation)
            )
        if purpose is not Purpose.SITEMAP and looks_binary(content):
            return replace(
                response, outcome=Outcome.REFUSED, reason="media_type", detail="the body is binary, not text"
            )
        if truncation:  # the client retries, and keeps the partial body when no try brings more
            return replace(
                response, reason="truncated", detail=truncation, content=content, truncation=truncation, retryable=True
            )
        cut = purpose is Purpose.ROBOTS and len(answer.raw) >= self._limit(purpose)
        return replace(
            response,
            outcome=Outcome.CAPTURED,
            reason="over_limit" if cut else "",
            detail=f"only its first {len(answer.raw)} bytes count (RFC 9309)" if cut else "",
            content=content,
            retry_at=None,
        )


def _failed(reason: str, detail: str, *, retryable: bool) -> Response:
    return Response(outcome=Outcome.FAILED, reason=reason, detail=detail[:300], retryable=retryable)


def _ends_early(error: Exception) -> bool:
    """Return whether the server closed the connection before the whole body came (the words of h11 0.16)."""
    return "incomplete" in str(error) or "without sending complete" in str(error)


def _network_failure(error: Exception) -> Response:
    """Classify a network error; certificate errors are not retried."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, httpx2.InvalidURL | httpcore2.UnsupportedProtocol | httpcore2.LocalProtocolError):
        return Response(outcome=Outcome.REFUSED, reason="address", detail=text[:300])
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError) or "CERTIFICATE" in text:
        return _failed("tls", text, retryable=False)
    if isinstance(error, httpcore2.TimeoutException):
        return _failed("timeout", text, retryable=True)
    if isinstance(error, httpcore2.ConnectError):
        return _failed("dns" if "does not resolve" in text else "connect", text, retryable=True)
    if isinstance(error, httpcore2.RemoteProtocolError):
        cut = _ends_early(error)
        return _failed("truncated" if cut else "protocol", text, retryable=cut or "disconnected" in text)
    return _failed("reset", text, retryable=True)
