"""Cron lines: their local times, and the instants of those times when the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Crontab", "local_instants", "read_crontab"]

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {n: i + 1 for i, n in enumerate(_MONTH_NAMES)}
_WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_HORIZON = 366 * 9
"""Days to look ahead: 29 February is at most eight years away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crontab:
    """A parsed cron line.

    Attributes:
        minutes, hours: In order.
        month_days, months: Numbers from 1.
        weekdays: 0 is Sunday.
        either_day: Both day and weekday are restricted; then either is enough, as in cron.
        every_hour: The hour is "*", so it runs in both hours when the clocks repeat one.
        every_day: Day, month and weekday are "*".
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    every_hour: bool
    every_day: bool

    def days(self, start: datetime) -> Iterator[list[datetime]]:
        """Yield the local times of each day it runs on, from the day of `start`; stop when no further day is found."""
        day, empty = start.replace(hour=0, minute=0, second=0, microsecond=0), 0
        while empty < _HORIZON:
            if self._runs_on(day):
                empty = 0
                yield [day.replace(hour=h, minute=m) for h in self.hours for m in self.minutes]
            else:
                empty += 1
            day += timedelta(days=1)

    def _runs_on(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.month_days, day.isoweekday() % 7 in self.weekdays
        return (in_month or in_week) if self.either_day else (in_month and in_week)


def read_crontab(line: str) -> Crontab:
    """Parse five fields: minute, hour, day of month, month, day of week.

    Raises:
        ValueError: Not a cron line; the message names the field.
    """
    fields = line.lower().replace("?", "*").split()
    if len(fields) != 5:
        raise ValueError(f"a cron line has five fields, this has {len(fields)}")
    minute, hour, day, month, weekday = fields
    return Crontab(
        minutes=tuple(sorted(_numbers("minute", minute, 0, 59))),
        hours=tuple(sorted(_numbers("hour", hour, 0, 23))),
        month_days=_numbers("day", day, 1, 31),
        months=_numbers("month", month, 1, 12, _MONTHS),
        weekdays=frozenset(n % 7 for n in _numbers("weekday", weekday, 0, 7, _WEEKDAYS)),
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        every_hour=hour == "*",
        every_day=day == month == weekday == "*",
    )


def _numbers(field: str, text: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for item in text.split(","):
        span, _, step_text = item.partition("/")
        if "/" in item and not (step_text.isdigit() and int(step_text) > 0):
            raise ValueError(f"{field} {item!r} has no step after the stroke")
        step = int(step_text) if step_text else 1
        first_text, _, last_text = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first = _number(field, first_text, names)
            last = _number(field, last_text, names) if "-" in span else (high if step_text else first)
        if first < low or last > high or first > last:
            raise ValueError(f"{field} {item!r} is not within {low} to {high}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(field: str, text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{field} {text!r} is no number")
    return int(text)


def local_instants(naive: datetime, zone: ZoneInfo, *, both: bool) -> list[datetime]:
    """Return the instants (UTC) of a local time: moved forward if it does not exist, two if it is repeated and `both`.

    For a time that does not exist, fold 0 is the offset before the gap, as RFC 5545 requires.
    """
    first = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return [first, second] if both and second > first else [first]
