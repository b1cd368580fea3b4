"""State of each host during a run: lock, robots.txt, circuit breaker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from copydesk.web.limits import WebLimits
from copydesk.web.policy.opt_outs import TdmRules
from copydesk.web.policy.robots import Robots

__all__ = ["Breaker", "Host", "Hosts"]


class Breaker:
    """Circuit breaker of one host: opens after `threshold` failures in a row, for `cool_s` seconds.

    Times are seconds on a monotonic clock.
    """

    __slots__ = ("_cool_s", "_failures", "_open_until", "_threshold")

    def __init__(self, threshold: int, cool_s: float) -> None:
        self._threshold = threshold
        self._cool_s = cool_s
        self._failures = 0
        self._open_until: float | None = None

    def seconds_left(self, now: float) -> float:
        """Return seconds until the breaker closes; 0.0 when a request is allowed (after it was open: one probe)."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def success(self) -> None:
        """Record an answer, whatever its status."""
        self._failures = 0
        self._open_until = None

    def failure(self, now: float) -> None:
        """Record a missing answer. A failed probe opens the breaker again at once."""
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = now + self._cool_s


@dataclass(slots=True)
class Host:
    """State of one host. Mutable, used in the event loop only.

    Attributes:
        turn: Lock held while a request is in flight.
        reading_rules: Lock held while robots.txt is fetched. Its holder may wait for `turn` of any host (redirects);
            a holder of `turn` never waits for it, so hosts cannot deadlock.
        free_at: Earliest start of the next request (monotonic seconds).
        closed_until: From Retry-After (UTC).
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
    """All hosts of a run, created on first use."""

    def __init__(self, limits: WebLimits) -> None:
        self._limits = limits
        self._hosts: dict[str, Host] = {}

    def of(self, key: str) -> Host:
        """Return the host's state."""
        host = self._hosts.get(key)
        if host is None:
            breaker = Breaker(self._limits.breaker_failures, self._limits.breaker_cool_s)
            host = self._hosts[key] = Host(key, breaker)
        return host
