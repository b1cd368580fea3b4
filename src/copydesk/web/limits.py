"""The web client's limits: one frozen record. Lengths are bytes, times are seconds.

Each can be set under `[web]` in `copydesk.toml`, where its default stands; the three opt-out policies together by
`opt_outs`, the size of a page also by `[run] document_bytes`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

from copydesk.records import MAX_DOCUMENT_BYTES
from copydesk.settings import WebSettings

__all__ = ["OptOut", "WebLimits"]

_DEFAULTS = WebSettings()


class OptOut(StrEnum):
    """Policy for an opt-out: record it, honour it (discard the page), or ignore it (not even read)."""

    RECORD = "record"
    HONOUR = "honour"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLimits:
    """Limits and policies of the web client.

    Attributes:
        agent: Product token and version; robots.txt groups are matched against the token before the "/".
        contact: Mail address or web page for site owners; part of the user agent.
        concurrency: Requests in flight over all hosts; one host never has more than one.
        delay_s: Least time between two requests to one host; a longer Crawl-delay in robots.txt wins.
        max_wait_s: Longest wait for a host's next slot; beyond it the URL is deferred.
        connect_s, deadline_s: For the connection; for one whole request from first byte sent to last byte read.
        robots_s: Deadline for robots.txt and tdmrep.json.
        redirects: Redirects that are followed.
        header_bytes, header_count: An answer with more is refused.
        page_bytes, feed_bytes, list_bytes, robots_bytes: Decoded size of a page, of a feed, of a sitemap (50 MB is the
            protocol's own limit) and of robots.txt (RFC 9309 asks for at least 500 KiB).
        attempts: Tries per URL for transient errors (timeouts, resets, 5xx).
        backoff_s, max_backoff_s: First and longest wait between tries, before jitter.
        breaker_failures, breaker_cool_s: Failures in a row that open a host's breaker, and for how long.
        allow_hosts: `host:port` pairs that the guard lets through although they are private or on an odd port.
        robots: Whether robots.txt is fetched and obeyed.
        robots_max_age_s: How long robots.txt is cached (RFC 9309: at most a day).
        noai, noindex, tdm: Policy for each opt-out.
        list_interval_s, page_interval_s: Bounds of the adaptive polling of feeds and sitemaps, and of pages.
        watch_s: Age up to which a page is fetched again when due, whether or not a list still names it.
        ca_file: Extra certificate authority in PEM; verification itself cannot be turned off.
    """

    agent: str = _DEFAULTS.agent
    contact: str = ""
    concurrency: int = _DEFAULTS.concurrency
    delay_s: float = _DEFAULTS.delay_s
    max_wait_s: float = _DEFAULTS.max_wait_s
    connect_s: float = _DEFAULTS.connect_s
    deadline_s: float = _DEFAULTS.deadline_s
    robots_s: float = _DEFAULTS.robots_s
    redirects: int = _DEFAULTS.redirects
    header_bytes: int = _DEFAULTS.header_bytes
    header_count: int = _DEFAULTS.header_count
    page_bytes: int = MAX_DOCUMENT_BYTES
    feed_bytes: int = _DEFAULTS.feed_bytes
    list_bytes: int = _DEFAULTS.list_bytes
    robots_bytes: int = _DEFAULTS.robots_bytes
    attempts: int = _DEFAULTS.attempts
    backoff_s: float = _DEFAULTS.backoff_s
    max_backoff_s: float = _DEFAULTS.max_backoff_s
    breaker_failures: int = _DEFAULTS.breaker_failures
    breaker_cool_s: float = _DEFAULTS.breaker_cool_s
    allow_hosts: tuple[str, ...] = ()
    robots: bool = _DEFAULTS.robots
    robots_max_age_s: float = _DEFAULTS.robots_max_age_s
    noai: OptOut = OptOut.HONOUR
    noindex: OptOut = OptOut.RECORD
    tdm: OptOut = OptOut.HONOUR
    ca_file: str | None = None
    list_interval_s: tuple[float, float] = _DEFAULTS.list_interval_s
    page_interval_s: tuple[float, float] = _DEFAULTS.page_interval_s
    watch_s: float = _DEFAULTS.watch_s

    @classmethod
    def from_settings(cls, web: WebSettings, *, document_bytes: int = MAX_DOCUMENT_BYTES) -> Self:
        """Return the limits that `[web]` in `copydesk.toml` sets.

        Args:
            web: The section; its keys are this record's fields, but for those below.
            document_bytes: `[run] document_bytes`: a page that extraction would refuse is not downloaded.
        """
        policy = OptOut(web.opt_outs)
        shared = {f.name: getattr(web, f.name) for f in fields(cls) if f.name in type(web).model_fields}
        return cls(
            **{
                **shared,
                "contact": web.contact or "",
                "page_bytes": min(web.max_bytes or document_bytes, document_bytes),
                "noai": policy,
                "noindex": policy,
                "tdm": policy,
            }
        )

    @property
    def user_agent(self) -> str:
        """The User-Agent header: `copydesk/1.0 (+mailto:desk@example.org)`."""
        contact = self.contact.strip()
        if "@" in contact and ":" not in contact:
            contact = f"mailto:{contact}"
        return f"{self.agent} (+{contact})" if contact else self.agent

    @property
    def robot_name(self) -> str:
        """The product token that robots.txt groups are matched against."""
        return self.agent.split("/", 1)[0].strip()
