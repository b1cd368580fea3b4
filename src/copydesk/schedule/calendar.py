"""Schedules: cron, "every 15 minutes" or an RRULE, in a time zone, correct when the clocks change.

    "*/15 * * * *"            five fields: minute hour day month weekday; names (mon, jan), lists, ranges and steps
    "@daily"                  also @hourly, @weekly, @monthly, @yearly
    "every 15 minutes"        seconds, minutes, hours: elapsed time, the same in every zone
    "every day at 06:30"      also "every weekday", "every monday", "every 3 days"; without a time at midnight
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=6;BYMINUTE=0"       RFC 5545

When the clocks change: a local time that does not exist moves forward by the gap (02:30 becomes 03:30, RFC 5545 section
3.3.5); a repeated local time runs once; an hourly schedule runs in both hours. Prefect 3.8's cron omits the second hour
and starts a skipped time an hour early (tests/flows/test_calendar.py), so the desk computes the times itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from copydesk.errors import SettingsError
from copydesk.schedule.cron import Crontab, local_instants, read_crontab
from copydesk.schedule.rrule import Recurrence, read_recurrence

__all__ = ["Calendar", "read_schedule"]

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_DAYS = {"day": "*", "weekday": "1-5", "weekend": "0,6"} | {
    name: str(i)
    for i, name in enumerate(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"])
}
_EVERY = re.compile(r"every (?:(\d+) )?([a-z]+?)s?(?: at (\d{1,2}):(\d\d))?")
_ANCHOR = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday
_HINT = 'Write a cron line ("*/15 * * * *"), "every 15 minutes", "every day at 06:30" or "RRULE:FREQ=..."'


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The times of one schedule. All times in and out are UTC and without jitter; the caller adds `delay`.

    Attributes:
        kind: Kind of `text`.
        text: A cron line, a number of seconds, or an RRULE.
        zone: IANA name of the time zone.
        delay: Constant delay of this source, so that sources do not all start at once.
    """

    kind: Literal["cron", "interval", "rrule"]
    text: str
    zone: str
    delay: timedelta = timedelta()

    def next(self, after: datetime) -> datetime | None:
        """Return the first time after `after`; None without one."""
        return next(self._from(after), None)

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """Return the last time in (after, until], None without one; any number of missed times gives one."""
        width = timedelta(hours=1)
        end = until
        while end > after:
            start = max(after, end - width)
            last = None
            for moment in self._from(start):
                if moment > end:
                    break
                last = moment
            if last is not None:
                return last
            end, width = start, width * 8
        return None

    @property
    def every_hour(self) -> bool:
        """Whether it has the same minutes in every hour of every day, independent of the time zone's midnight."""
        return self.kind == "interval" or (
            self.kind == "cron" and _crontab(self.text).every_hour and _crontab(self.text).every_day
        )

    def _from(self, after: datetime) -> Iterator[datetime]:
        """Yield all times after `after`, in order."""
        if self.kind == "interval":
            step = timedelta(seconds=int(self.text))
            moment = _ANCHOR + ((after - _ANCHOR) // step + 1) * step
            while True:
                yield moment
                moment += step
        rule: Crontab | Recurrence = _crontab(self.text) if self.kind == "cron" else read_recurrence(self.text)
        zone = ZoneInfo(self.zone)
        seen = after
        # a day earlier, since a time in a gap of the clocks moves forward
        for naive_times in rule.days(after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)):
            for moment in sorted(
                {m for naive in naive_times for m in local_instants(naive, zone, both=rule.every_hour)}
            ):
                if moment > seen:
                    seen = moment
                    yield moment


@lru_cache(maxsize=512)
def _crontab(text: str) -> Crontab:
    return read_crontab(text)


def read_schedule(text: str, *, timezone: str = "UTC", jitter_s: float = 0, name: str = "") -> Calendar:
    """Parse a schedule of `copydesk.toml`.

    Args:
        text: See the top of this module.
        timezone: IANA name of the time zone of its hours.
        jitter_s: Longest delay; the source's name decides which share of it applies.
        name: The source's name, for the jitter and for errors.

    Raises:
        SettingsError: Not a schedule, or one without any time; the message says what to write.
    """
    digest = int.from_bytes(sha256(name.encode()).digest()[:4], "big") / 2**32
    delay = timedelta(seconds=round(digest * jitter_s, 3))
    try:
        kind, meant = _normal(text)
        calendar = Calendar(kind=kind, text=meant, zone=timezone, delay=delay)
        if calendar.next(_ANCHOR.replace(year=2024)) is None:
            raise ValueError("it never comes")
    except ValueError as error:
        owner = f"source {name}: " if name else ""
        raise SettingsError(f"{owner}schedule {text!r}: {error}. {_HINT}.") from error
    return calendar


def _normal(text: str) -> tuple[Literal["cron", "interval", "rrule"], str]:
    """Reduce every notation of a schedule to one of three kinds."""
    folded = " ".join(text.lower().split())
    if "FREQ=" in text.upper():
        read_recurrence(text.strip())
        return "rrule", text.strip()
    if folded.startswith("every"):
        return _every(folded)
    if folded.startswith("@"):
        if folded not in _MACROS:
            raise ValueError(f"there is no {folded}; known are {', '.join(_MACROS)}")
        folded = _MACROS[folded]
    read_crontab(folded)
    return "cron", folded


def _every(text: str) -> tuple[Literal["cron", "interval", "rrule"], str]:
    match = _EVERY.fullmatch(text)
    if match is None:
        raise ValueError("it does not read like a schedule")
    count, unit = int(match[1] or 1), match[2]
    hour, minute = int(match[3] or 0), int(match[4] or 0)
    if count == 0 or hour > 23 or minute > 59:
        raise ValueError("there is no such time")
    if unit in _SECONDS and match[3] is None:
        return "interval", str(count * _SECONDS[unit])
    if unit in _DAYS and count == 1:
        return "cron", f"{minute} {hour} * * {_DAYS[unit]}"
    frequency = {"day": "DAILY", "week": "WEEKLY"}.get(unit)
    if frequency is None:
        raise ValueError("it does not read like a schedule")
    by_day = ";BYDAY=MO" if unit == "week" else ""
    return "rrule", f"RRULE:FREQ={frequency};INTERVAL={count}{by_day};BYHOUR={hour};BYMINUTE={minute};BYSECOND=0"
