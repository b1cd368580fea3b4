"""Silence: a source that used to bring something and brings nothing any more.

Judged from what it brought on each of the last days, without today and without the silence itself, so that a long
silence does not become the new normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

__all__ = ["Silence", "Verdict", "silence"]

_MISSED = 3.0  # warn after the time in which three items used to come, error after twice that
_LEAST_H = 24.0  # one quiet day is no news: most desks rest at night and at weekends
_LEAST_DAYS = 7


class Verdict(StrEnum):
    """How long a source may stay silent before somebody looks."""

    FINE = "fine"
    WARN = "warn"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What was found.

    Attributes:
        quiet_h: Hours since the last new item; None when there never was one.
        items_per_day: Median over the days before the silence; 0.0 when too few days are known.
        warn_after_h, error_after_h: The limits that were applied; None where none is known.
    """

    verdict: Verdict
    quiet_h: float | None
    items_per_day: float
    warn_after_h: float | None
    error_after_h: float | None


def silence(
    days: Sequence[int],
    last_new_at: datetime | None,
    now: datetime,
    *,
    warn_after_h: float | None = None,
    error_after_h: float | None = None,
) -> Silence:
    """Judge a source's silence.

    Args:
        days: New items on each of the last days, oldest first, today not among them.
        last_new_at: When it last brought something new (UTC).
        now: UTC.
        warn_after_h: As set for the source; learnt from `days` when None.
        error_after_h: As set for the source; twice the warning when None.
    """
    busy = list(days)
    while busy and busy[-1] == 0:
        busy.pop()
    per_day = float(median(busy)) if len(busy) >= _LEAST_DAYS else 0.0
    if warn_after_h is None and per_day > 0:
        warn_after_h = max(_LEAST_H, _MISSED * 24.0 / per_day)
    if error_after_h is None and warn_after_h is not None:
        error_after_h = warn_after_h * 2
    quiet_h = None if last_new_at is None else max(timedelta(0), now - last_new_at) / timedelta(hours=1)
    verdict = _verdict(quiet_h, warn_after_h, error_after_h)
    return Silence(
        verdict=verdict,
        quiet_h=quiet_h,
        items_per_day=per_day,
        warn_after_h=warn_after_h,
        error_after_h=error_after_h,
    )


def _verdict(quiet_h: float | None, warn_after_h: float | None, error_after_h: float | None) -> Verdict:
    if quiet_h is None or (warn_after_h is None and error_after_h is None):
        return Verdict.UNKNOWN
    if error_after_h is not None and quiet_h > error_after_h:
        return Verdict.ERROR
    return Verdict.WARN if warn_after_h is not None and quiet_h > warn_after_h else Verdict.FINE
