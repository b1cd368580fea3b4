"""What is asked of the client, and what comes back. Nothing a server does is an exception: it is a `Response`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.records import Outcome

__all__ = ["FetchRequest", "Purpose", "Response"]


class Purpose(StrEnum):
    """What an address is fetched as: decides the size limit and the media types that are let in."""

    PAGE = "page"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    TDMREP = "tdmrep"
    DISCOVERY = "discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One address to ask for.

    Attributes:
        url: The address as it will be asked for.
        etag, last_modified: Validators of what is known already; sent as a conditional request.
        headers: Extra request headers of the source; they go to the address's own host only, never across a redirect.
        delay_s: The source's own delay, where it is longer than the client's.
    """

    url: str
    purpose: Purpose = Purpose.PAGE
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How one address ended. `content` is there only when `outcome` is `captured`.

    Attributes:
        outcome: captured, unchanged, refused, failed or deferred.
        reason: Class of what went wrong (`robots`, `timeout`, `http_404`, `truncated`, ...), "" when captured whole.
        detail: The same in words, for a person.
        url: The address that answered, after redirects.
        status: HTTP status of the last answer, None without one.
        content: The decoded body.
        media_type, charset: From Content-Type, lower case; "" and None when the server did not say.
        response_headers: As they came, in order, for the archive.
        request_headers: As they were sent, for the archive.
        wire_bytes: Body bytes as they came, still compressed.
        hops: Addresses that redirected, in order.
        moved_to: The address that answered, when every redirect on the way was permanent (301, 308); "" otherwise.
        opt_outs: `noai`, `noindex`, `tdm`: what the page or its site asked for.
        started_at: When the (last) request was sent (UTC).
        elapsed_ms: From the first request to the last byte, waiting for the host's turn not counted.
        retry_at: When the server (or our own breaker) wants to be asked again.
        address: The network address that was dialled.
        truncation: Why the body is known to be incomplete; None when it is whole.
        backs_off: No request was sent, since an earlier failure forbids one before `retry_at`.
        retryable: Whether trying again soon can help.
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
