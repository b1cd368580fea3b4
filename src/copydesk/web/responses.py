"""Requests to the client and its responses. Server errors are responses, not exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.records import Outcome

__all__ = ["FetchRequest", "Purpose", "Response"]


class Purpose(StrEnum):
    """Purpose of a request: decides size limit and accepted media types."""

    PAGE = "page"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    TDMREP = "tdmrep"
    DISCOVERY = "discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """A request for one URL.

    Attributes:
        url: The URL.
        etag, last_modified: Validators for a conditional request.
        headers: Extra request headers of the source; sent to the URL's own host only, never after a redirect.
        delay_s: The source's own delay, where longer than the client's.
    """

    url: str
    purpose: Purpose = Purpose.PAGE
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Outcome of a request. `content` is set only when `outcome` is `captured`.

    Attributes:
        outcome: captured, unchanged, refused, failed or deferred.
        reason: Class of the error (`robots`, `timeout`, `http_404`, `truncated`, ...), "" when captured whole.
        detail: The error in words.
        url: The URL that answered, after redirects.
        status: HTTP status of the last answer, None without one.
        content: The decoded body.
        media_type, charset: From Content-Type, lower case; "" and None when the server did not say.
        response_headers: As received, in order, for the archive.
        request_headers: As sent, for the archive.
        wire_bytes: Body bytes as received, compressed.
        hops: URLs that redirected, in order.
        moved_to: The URL that answered, when every redirect on the way was permanent (301, 308); "" otherwise.
        opt_outs: Opt-outs of the page or its site: `noai`, `noindex`, `tdm`.
        started_at: When the (last) request was sent (UTC).
        elapsed_ms: From the first request to the last byte, without waiting for the host lock.
        retry_at: When to retry, from the server or the breaker.
        address: The network address of the connection.
        truncation: Why the body is known to be incomplete; None when it is whole.
        backs_off: No request was sent, since an earlier failure forbids one before `retry_at`.
        retryable: Whether the error may be transient.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    url: str = ""
    purpose: Purpose = Purpose.PAGE
    status: int | None = None
    status_text: str = ""
    content: bytes = b""
    media_type: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    request_headers: tuple[tuple[str, str], ...] = ()
    wire_bytes: int = 0
    hops: tuple[str, ...] = ()
    moved_to: str = ""
    opt_outs: tuple[str, ...] = ()
    started_at: datetime | None = None
    elapsed_ms: int = 0
    attempts: int = 0
    retry_at: datetime | None = None
    address: str | None = None
    truncation: str | None = None
    retryable: bool = False
    backs_off: bool = False
