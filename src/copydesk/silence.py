"""Whether a source has been silent for longer than it may be."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from copydesk.settings import Source

__all__ = ["Silence", "hours_since", "silence"]

Silence = Literal["", "warn", "error"]


def hours_since(then: datetime | None, now: datetime) -> float | None:
    """Return the hours from `then` to `now`; None when there is no `then`."""
    return None if then is None else (now - then).total_seconds() / 3600


def silence(source: Source, news_at: datetime | None, now: datetime) -> Silence:
    """Judge how long ago a source last brought something new.

    A source that never brought anything is not silent: it has not begun, or every run of it failed, which is told.
    """
    hours = hours_since(news_at, now)
    if hours is None:
        return ""
    if source.error_after_h is not None and hours > source.error_after_h:
        return "error"
    return "warn" if source.warn_after_h is not None and hours > source.warn_after_h else ""
