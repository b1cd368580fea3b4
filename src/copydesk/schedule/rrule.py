"""RRULEs (RFC 5545), evaluated in local time by dateutil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr

__all__ = ["Recurrence", "read_recurrence"]

_START = datetime(2020, 1, 1)  # noqa: DTZ001 (local time; the same anchor as Prefect's)
_STEPS = {
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One rule or set of rules.

    Attributes:
        rule: Parsed by dateutil, without a time zone.
        step: Length of one interval if the rule is hourly or finer and has no COUNT; else None.
    """

    rule: rrule | rruleset
    step: timedelta | None

    @property
    def every_hour(self) -> bool:
        """Whether it is hourly or finer, so that a repeated hour counts twice."""
        return self.step is not None

    def days(self, start: datetime) -> Iterator[list[datetime]]:
        """Yield the local times from `start`, by day."""
        rule, today = self.rule, list[datetime]()
        if self.step is not None and start > _first(rule):
            # dateutil iterates from the rule's start: a rule by the minute would need seconds to reach today
            periods = (start - _first(rule)) // self.step
            rule = cast("rrule", rule).replace(dtstart=_first(rule) + periods * self.step)
        for moment in rule.xafter(start, inc=True):
            if today and moment.date() != today[0].date():
                yield today
                today = []
            today.append(moment)
        if today:
            yield today


def _first(rule: rrule | rruleset) -> datetime:
    return cast("datetime", rule._dtstart)


@lru_cache(maxsize=512)
def read_recurrence(text: str) -> Recurrence:
    """Parse an RRULE, with or without its DTSTART line.

    Raises:
        ValueError: Not an RRULE.
    """
    if re.search(r"INTERVAL=0+\b", text.upper()):
        raise ValueError("its INTERVAL is 0")
    try:
        rule = rrulestr(text, dtstart=_START)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no RRULE can be read from it ({error})") from error
    frequency = re.search(r"FREQ=([A-Z]+)", text.upper())
    interval = re.search(r"INTERVAL=(\d+)", text.upper())
    step = None
    if isinstance(rule, rrule) and "COUNT=" not in text.upper() and frequency and frequency[1] in _STEPS:
        step = _STEPS[frequency[1]] * int(interval[1] if interval else 1)
    if isinstance(rule, rrule) and _first(rule).tzinfo is not None:
        raise ValueError("DTSTART names a zone; leave it out and set the source's timezone")
    return Recurrence(rule=rule, step=step)
