"""Whether a source has been silent for longer than it may be: by its own limits, else by what it used to bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Literal

from copydesk.settings import Source

__all__ = ["Silence", "hours_since", "silence", "usual_limit_h"]

Silence = Literal["", "warn", "error"]

_MISSED = 3.0  # the time in which three items used to come
_LEAST_H = 30.0  # a quiet night, or a quiet Sunday of a daily, is no news
_LEAST_DAYS = 7


def hours_since(then: datetime | None, now: datetime) -> float | None:
    """Return the hours from `then` to `now`; None when there is no `then`."""
    return None if then is None else (now - then).total_seconds() / 3600


def usual_limit_h(days: Sequence[int]) -> float | None:
    """Return after how many hours a silence is unusual, None when too little is known.

    Args:
        days: New items on each of the last days, oldest first, without today. Quiet days at the end are the silence
            itself and do not count, or a long silence would become what is usual.
    """
    known = list(days)
    while known and known[-1] == 0:
        known.pop()
    while known and known[0] == 0:
        known.pop(0)
    per_day = float(median(known)) if len(known) >= _LEAST_DAYS else 0.0
    return max(_LEAST_H, _MISSED * 24 / per_day) if per_day > 0 else None


def silence(source: Source, news_at: datetime | None, now: datetime, *, days: Sequence[int] = ()) -> Silence:
    """Judge how long ago a source last brought something new.

    A source that never brought anything is not silent: it has not begun, or every run of it failed, which is told.
    Without limits of its own a scheduled source is held to what it used to bring, and only ever warned of.
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
