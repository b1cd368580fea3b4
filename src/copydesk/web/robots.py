"""robots.txt, as RFC 9309 has it: what the file says, and what its absence means.

answer            meaning
2xx               the rules in the body (protego reads them)
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
        reason: "" when the rules were read or are absent; why nothing is allowed otherwise.
        sitemaps: What the file's Sitemap lines name.
    """

    reason: str = ""
    sitemaps: tuple[str, ...] = ()
    _rules: Protego | None = field(default=None, repr=False)

    def allows(self, url: str, robot: str) -> bool:
        """Tell whether this robot may ask for the address."""
        if self.reason:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, robot))

    def crawl_delay(self, robot: str) -> float:
        """Return the Crawl-delay in seconds, 0.0 without one. A Request-rate counts as one too."""
        if self._rules is None:
            return 0.0
        delay = self._rules.crawl_delay(robot)
        rate = self._rules.request_rate(robot)
        per_request = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(0.0, float(delay or 0.0), per_request)


def robots_from(response: Response) -> Robots:
    """Turn the answer to `/robots.txt` into rules."""
    if response.outcome is Outcome.CAPTURED:
        rules = Protego.parse(response.content.decode("utf-8-sig", "replace"))
        return Robots(sitemaps=tuple(dict.fromkeys(rules.sitemaps)), _rules=rules)
    if response.reason == "empty":
        return Robots()
    if response.status is not None and 400 <= response.status < 500 and response.status != 429:
        return Robots()
    return Robots(reason=response.reason or "no answer")
