"""Waiting times, as pure functions.

backoff          between tries of one URL, and between runs for a URL that keeps failing
retry_after      the server's Retry-After header, in either of its two forms
next_interval    adaptive polling of a feed or a page
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["DAY_S", "backoff", "next_interval", "retry_after"]

DAY_S = 86_400.0


def backoff(failures: int, *, first_s: float, max_s: float, jitter: float) -> float:
    """Return seconds to wait after `failures` in a row: exponential with a cap; the upper half is jitter.

    Half of it is fixed, so that a host always gets a pause; the jitter spreads URLs (or desks) that failed together.

    Args:
        failures: 1 or more.
        first_s: The most after the first failure.
        max_s: The most after many.
        jitter: A random number in [0, 1).
    """
    ceiling = min(max_s, first_s * 2.0 ** min(failures - 1, 60))
    return ceiling / 2 + jitter * ceiling / 2


def retry_after(value: str | None, now: datetime, *, max_s: float = DAY_S) -> datetime | None:
    """Read a Retry-After header: seconds or an HTTP date; at most a day ahead, never in the past.

    Returns:
        When to retry (UTC), or None when the header is absent or invalid.
    """
    text = (value or "").strip()
    latest = now + timedelta(seconds=max_s)
    if text.isascii() and text.isdigit():
        return min(latest, now + timedelta(seconds=min(int(text[:9]), max_s)))
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(now, min(latest, when))


def next_interval(interval_s: float, *, changed: bool, min_s: float, max_s: float) -> float:
    """Return the next polling interval: half as long after a change, 1.5 times as long without one."""
    return min(max_s, max(min_s, interval_s / 2 if changed else interval_s * 1.5))
