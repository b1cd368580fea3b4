"""What the client remembers of each host while it runs: whose turn it is, its rules, and whether it is closed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from copydesk.web.limits import WebLimits
from copydesk.web.opt_outs import TdmRules
from copydesk.web.robots import Robots

__all__ = ["Breaker", "Host", "Hosts"]


class Breaker:
    """Counts what happens to one host. Times are seconds on any clock that does not go back."""

    __slots__ = ("_cool_s", "_failures", "_open_until", "_threshold")

    def __init__(self, threshold: int, cool_s: float) -> None:
        self._threshold = threshold
        self._cool_s = cool_s
        self._failures = 0
        self._open_until: float | None = None

    def seconds_left(self, now: float) -> float:
        """Return how long the host is closed yet; 0.0 when it may be asked (a probe, when it was closed before)."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def success(self) -> None:
        """Take note that the host answered, whatever it said."""
        self._failures = 0
        self._open_until = None

    def failure(self, now: float) -> None:
        """Take note that the host did not answer. A failed probe opens the breaker again at once."""
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = now + self._cool_s


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
