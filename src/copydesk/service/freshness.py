"""Freshness of a source: whether nothing new came for longer than its own limits, or than usual, allow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Literal

from copydesk.settings import Source

__all__ = ["Silence", "hours_since", "silence", "usual_limit_h"]

Silence = Literal["", "warn", "error"]

_MISSED = 3.0  # three times the usual interval between items
_MIN_H = 30.0  # a quiet night, or a daily's quiet Sunday, is normal
_MIN_DAYS = 7


def hours_since(then: datetime | None, now: datetime) -> float | None:
    """Return the hours from `then` to `now`; None when there is no `then`."""
    return None if then is None else (now - then).total_seconds() / 3600


def usual_limit_h(days: Sequence[int]) -> float | None:
    """Return the hours without news that are unusual; None without enough history.

    Args:
        days: New items on each of the last days, oldest first, without today. Trailing days without items do not
            count, or a long gap would become the usual interval.
    """
    known = list(days)
    while known and known[-1] == 0:
        known.pop()
    while known and known[0] == 0:
        known.pop(0)
    per_day = float(median(known)) if len(known) >= _MIN_DAYS else 0.0
    return max(_MIN_H, _MISSED * 24 / per_day) if per_day > 0 else None


def silence(source: Source, news_at: datetime | None, now: datetime, *, days: Sequence[int] = ()) -> Silence:
    """Return whether the last news of a source is too old: "", "warn" or "error".

    A source without any news is not silent: it is new, or its runs fail, which is reported separately. A scheduled
    source without limits of its own is compared with its usual interval, and gives "warn" at most.
    """
    hours = hours_since(news_at, now)
    if hours is None:
        return ""
    if source.error_after_h is not None and hours > source.error_after_h:
        return "error"
    warn_after_h = source.warn_after_h
    if warn_after_h is None and source.error_after_h is None and source.schedule:
        warn_after_h = usual_limit_h(days)
    return "warn" if warn_after_h is not None and hours > warn_after_h else ""
