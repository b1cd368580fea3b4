"""What we say to Prefect about a schedule, and where its own counting differs from ours."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

from copydesk.schedule.calendar import Calendar, read_schedule

pytestmark = pytest.mark.server
"""Starts none, but needs Prefect's server package."""

BERLIN = "Europe/Berlin"
SUMMER, AUTUMN = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)


def ours(calendar: Calendar, start: datetime, count: int) -> list[datetime]:
    """Return the times as the desk counts them."""
    found: list[datetime] = []
    while len(found) < count:
        moment = calendar.next(found[-1] if found else start)
        assert moment is not None
        found.append(moment)
    return found


def prefects(calendar: Calendar, start: datetime, count: int, **change: str) -> list[datetime]:
    """Return the times as Prefect's server counts them from what we tell it."""
    from prefect.server.schemas import schedules
    from scheduler.deployments import prefect_schedule

    said = prefect_schedule(calendar)
    kind = getattr(schedules, type(said).__name__)
    schedule = kind(**{**said.model_dump(exclude_unset=True), **change})
    dates = asyncio.run(schedule.get_dates(n=count, start=start + timedelta(microseconds=1)))
    return [d.astimezone(UTC) for d in islice(dates, count)]


@pytest.mark.parametrize(
    "text",
    [
        "*/15 * * * *", "0 6 * * 1-5", "0 0 13 * 5", "30 4 1,15 * *", "@weekly", "every 10 seconds", "every 45 minutes",
        "every day at 06:30", "every 3 days at 06:00", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=6;BYMINUTE=0;BYSECOND=0",
    ],
)  # fmt: skip
def test_prefect_shows_the_times_at_which_we_run(text: str) -> None:
    """Away from the nights the clocks change, what Prefect's pages announce is what happens."""
    calendar = read_schedule(text, timezone=BERLIN)
    assert prefects(calendar, SUMMER, 8) == ours(calendar, SUMMER, 8)


def test_what_runs_every_hour_is_shown_right_in_the_night_that_has_an_hour_twice() -> None:
    """Said in the source's own zone Prefect leaves an hour out; that is why we say it in UTC."""
    calendar = read_schedule("15 * * * *", timezone=BERLIN)
    expected = ours(calendar, AUTUMN, 4)
    assert [t.hour for t in expected] == [23, 0, 1, 2]
    assert prefects(calendar, AUTUMN, 4) == expected
    assert [t.hour for t in prefects(calendar, AUTUMN, 4, timezone=BERLIN)] == [23, 0, 2, 3]
