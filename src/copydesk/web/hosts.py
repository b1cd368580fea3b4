"""What the client remembers of each host while it runs: whose turn it is, its rules, and whether it is closed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from copydesk.web.breaker import Breaker
from copydesk.web.limits import WebLimits
from copydesk.web.opt_outs import TdmRules
from copydesk.web.robots import Robots

__all__ = ["Host", "Hosts"]


@dataclass(slots=True)
class Host:
    """One host's manners. Mutable, and only ever touched from the event loop.

    Attributes:
        turn: Held while a request is in flight: one per host.
        reading_rules: Held while robots.txt is fetched. Whoever holds it may wait for turns (a redirect can lead to
            another host), whoever holds a turn never waits for rules: so two hosts cannot block each other.
        free_at: Not before this may the next request start (monotonic seconds).
        closed_until: The server said Retry-After (UTC).
    """

    key: str
    breaker: Breaker
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading_rules: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    closed_until: datetime | None = None
    robots: Robots | None = None
    robots_until: float = 0.0
    refused: str = ""
    tdm: TdmRules | None = None


class Hosts:
    """All hosts of a run, made when they are first met."""

    def __init__(self, limits: WebLimits) -> None:
        self._limits = limits
        self._hosts: dict[str, Host] = {}

    def of(self, key: str) -> Host:
        """Return the host's record."""
        host = self._hosts.get(key)
        if host is None:
            breaker = Breaker(self._limits.breaker_failures, self._limits.breaker_cool_s)
            host = self._hosts[key] = Host(key, breaker)
        return host
