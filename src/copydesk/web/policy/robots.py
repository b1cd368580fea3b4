"""robots.txt by RFC 9309: parsed rules, and the meaning of errors.

answer            meaning
2xx               the rules in the body (parsed by protego)
3xx               followed like any redirect, five hops
4xx               no rules: everything is allowed
5xx, unreachable  nothing is allowed until it answers again
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protego import Protego

from copydesk.records import Outcome
from copydesk.web.responses import Response

__all__ = ["Robots", "robots_from"]


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host.

    Attributes:
        reason: "" when the rules were read or are absent; else why nothing is allowed.
        sitemaps: URLs of the Sitemap lines.
    """

    reason: str = ""
    sitemaps: tuple[str, ...] = ()
    _rules: Protego | None = field(default=None, repr=False)

    def allows(self, url: str, robot: str) -> bool:
        """Return whether this robot may fetch the URL."""
        if self.reason:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, robot))

    def crawl_delay(self, robot: str) -> float:
        """Return the Crawl-delay, or the delay of a Request-rate, in seconds; 0.0 without one."""
        if self._rules is None:
            return 0.0
        delay = self._rules.crawl_delay(robot)
        rate = self._rules.request_rate(robot)
        per_request = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(0.0, float(delay or 0.0), per_request)


def robots_from(response: Response) -> Robots:
    """Return the rules of a response to `/robots.txt`."""
    if response.outcome is Outcome.CAPTURED:
        rules = Protego.parse(response.content.decode("utf-8-sig", "replace"))
        return Robots(sitemaps=tuple(dict.fromkeys(rules.sitemaps)), _rules=rules)
    if response.reason == "empty":
        return Robots()
    if response.status is not None and 400 <= response.status < 500 and response.status != 429:
        return Robots()
    return Robots(reason=response.reason or "no answer")
