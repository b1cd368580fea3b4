"""What the web client may do: one frozen record, with the reason beside each default.

Lengths are bytes, times are seconds. Everything here can be set in `copydesk.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from copydesk._version import __version__
from copydesk.settings import WebSettings

__all__ = ["DEFAULT_AGENT", "OptOut", "WebLimits"]

DEFAULT_AGENT = f"copydesk/{__version__}"


class OptOut(StrEnum):
    """What to do when a page asks not to be used: note it, keep away from the page, or do not even look."""

    RECORD = "record"
    HONOUR = "honour"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLimits:
    """Manners and bounds of everything that opens a socket.

    Attributes:
        agent: Product token and version; robots.txt groups are matched against the token before the "/".
        contact: Mail address or page where a site's owner reaches whoever runs this desk; goes into the user agent.
        concurrency: Requests in flight over all hosts; one host never has more than one.
        delay_s: Least time between two requests to one host; a longer Crawl-delay in robots.txt wins.
        max_wait_s: A turn that is further away than this is not waited for: the address is deferred.
        connect_s, deadline_s: For the connection; for one whole request from first byte sent to last byte read.
        robots_s: Deadline for robots.txt and tdmrep.json: a host that cannot answer those is not asked for more.
        redirects: Hops that are followed.
        header_bytes, header_count: An answer with more is refused.
        page_bytes, feed_bytes, list_bytes, robots_bytes: Decoded size of a page, of a feed, of a sitemap (50 MB is the
            protocol's own limit) and of robots.txt (RFC 9309 asks for at least 500 KiB).
        attempts: Tries per address for what can heal by itself (timeouts, resets, 5xx).
        backoff_s, max_backoff_s: First and longest wait between tries, before jitter.
        breaker_failures, breaker_cool_s: Failures in a row that close a host, and for how long.
        allow_hosts: `host:port` pairs that the guard lets through although they are private or on an odd port.
        robots: Whether robots.txt is asked for and obeyed.
        robots_max_age_s: How long an answer to robots.txt is believed (RFC 9309: at most a day).
        noai, noindex, tdm: What is done about each opt-out.
        list_interval_s, page_interval_s: Bounds of the adaptive polling of feeds and sitemaps, and of pages.
        watch_s: A page younger than this is asked again when it is due, whether or not a list still names it.
        ca_file: Extra certificate authority in PEM; verification itself cannot be turned off.
    """

    agent: str = DEFAULT_AGENT
    contact: str = ""
    concurrency: int = 32
    delay_s: float = 1.0
    max_wait_s: float = 120.0
    connect_s: float = 10.0
    deadline_s: float = 30.0
    robots_s: float = 10.0
    redirects: int = 5
    header_bytes: int = 65_536
    header_count: int = 200
    page_bytes: int = 16_000_000
    feed_bytes: int = 20_000_000
    list_bytes: int = 52_428_800
    robots_bytes: int = 512_000
    attempts: int = 3
    backoff_s: float = 1.0
    max_backoff_s: float = 30.0
    breaker_failures: int = 4
    breaker_cool_s: float = 300.0
    allow_hosts: tuple[str, ...] = ()
    robots: bool = True
    robots_max_age_s: float = 86_400.0
    noai: OptOut = OptOut.HONOUR
    noindex: OptOut = OptOut.RECORD
    tdm: OptOut = OptOut.HONOUR
    ca_file: str | None = None
    list_interval_s: tuple[float, float] = (600.0, 86_400.0)
    page_interval_s: tuple[float, float] = (21_600.0, 2_592_000.0)
    watch_s: float = 259_200.0

    @classmethod
    def from_settings(cls, web: WebSettings) -> Self:
        """Take what `[web]` in `copydesk.toml` says; the rest keeps its default."""
        wish = OptOut(web.opt_outs)
        return cls(
            contact=web.contact or "",
            concurrency=web.concurrency,
            delay_s=web.delay_s,
            deadline_s=web.deadline_s,
            page_bytes=web.max_bytes,
            robots=web.robots,
            noai=wish,
            noindex=wish,
            tdm=wish,
            allow_hosts=web.allow_hosts,
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
