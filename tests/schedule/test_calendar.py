from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.schedule.calendar import Calendar, read_schedule

BERLIN = "Europe/Berlin"
SPRING, AUTUMN = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)
SCHEDULES = [
    "*/15 * * * *",
    "15 * * * *",
    "30 2 * * *",
    "0 6 * * mon-fri",
    "*/30 1-3 * * *",
    "0 0 1,15 * 5",
    "@weekly",
    "every 10 seconds",
    "every 45 minutes",
    "every day at 02:30",
    "every 3 days at 06:00",
    "every 2 weeks",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=6;BYMINUTE=0",
    "RRULE:FREQ=MINUTELY;INTERVAL=7",
]
ZONES = ["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia"]
moments = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001


def times(calendar: Calendar, after: datetime, count: int) -> list[str]:
    """Return the next times as day, hour and minute (UTC)."""
    found = []
    for _ in range(count):
        moment = calendar.next(after)
        assert moment is not None
        after = moment
        found.append(f"{moment:%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("30 2 * * *", SPRING, ["29 01:30", "30 00:30"]),  # 02:30 does not exist: 03:30 summer time, once
        ("30 2 * * *", AUTUMN, ["25 00:30", "26 01:30"]),  # 02:30 comes twice: the first, once
        ("15 * * * *", SPRING, ["28 23:15", "29 00:15", "29 01:15", "29 02:15"]),  # every hour: no hole, none twice
        ("15 * * * *", AUTUMN, ["24 23:15", "25 00:15", "25 01:15", "25 02:15"]),
        ("every 30 minutes", AUTUMN, ["24 23:30", "25 00:00", "25 00:30", "25 01:00"]),
        ("every day at 09:00", SPRING, ["29 07:00", "30 07:00"]),  # keeps the hour of the wall clock
        ("RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", SPRING, ["29 01:30", "30 00:30"]),
        ("RRULE:FREQ=HOURLY;BYMINUTE=15", AUTUMN, ["24 23:15", "25 00:15", "25 01:15", "25 02:15"]),
    ],
)
def test_nights_the_clocks_change(text: str, start: datetime, expected: list[str]) -> None:
    """A skipped local time moves on, a doubled one runs once, and what runs every hour misses none."""
    assert times(read_schedule(text, timezone=BERLIN), start, len(expected)) == expected


@settings(deadline=None)
@given(st.sampled_from(SCHEDULES), st.sampled_from(ZONES), moments)
def test_times_come_in_order_and_none_is_skipped(text: str, zone: str, start: datetime) -> None:
    """`next` is strictly later, and starting anywhere before a time finds that same time."""
    calendar = read_schedule(text, timezone=zone)
    first = calendar.next(start)
    assert first is not None
    assert first > start
    assert calendar.next(first - timedelta(microseconds=1)) == first
    assert calendar.next(start + (first - start) / 2) == first or (first - start) / 2 == timedelta()


@settings(deadline=None)
@given(st.sampled_from(SCHEDULES), st.sampled_from(ZONES), moments, st.integers(0, 20))
def test_missed_times_are_one(text: str, zone: str, start: datetime, count: int) -> None:
    """`latest` gives the last of all the times that passed, and nothing when none did."""
    calendar = read_schedule(text, timezone=zone)
    passed = [start]
    for _ in range(count):
        moment = calendar.next(passed[-1])
        assert moment is not None
        passed.append(moment)
    assert calendar.latest(start, passed[-1]) == (passed[-1] if count else None)


@settings(deadline=None)
@given(st.integers(0, 59), st.integers(0, 23), st.sampled_from(ZONES), moments)
def test_daily_is_daily(minute: int, hour: int, zone: str, start: datetime) -> None:
    """A time of day comes once per local day, at that time wherever it exists."""
    calendar = read_schedule(f"{minute} {hour} * * *", timezone=zone)
    found = [start]
    for _ in range(8):
        moment = calendar.next(found[-1])
        assert moment is not None
        found.append(moment)
    for one, other in pairwise(found[1:]):
        assert timedelta(hours=22) <= other - one <= timedelta(hours=26) or zone == "Pacific/Apia"  # it skipped a day
    local = [m.astimezone(ZoneInfo(zone)) for m in found[1:]]
    assert sum((m.hour, m.minute) == (hour, minute) for m in local) >= 7


def test_cron_takes_day_or_weekday() -> None:
    """With both a day and a weekday, one of them is enough, as in every cron."""
    calendar = read_schedule("0 0 13 * fri")
    found = times(calendar, datetime(2026, 11, 1, tzinfo=UTC), 5)
    assert found == ["06 00:00", "13 00:00", "20 00:00", "27 00:00", "04 00:00"]


def test_names_lists_ranges_steps_and_seven() -> None:
    """Every way of writing a field means what cron means by it."""
    assert read_schedule("5 6 * jan-mar,dec sun") == read_schedule("5 6 * JAN-MAR,DEC SUN")
    assert times(read_schedule("0 0 * * 7"), SPRING, 1) == times(read_schedule("0 0 * * 0"), SPRING, 1)
    assert times(read_schedule("10-20/5,50 3 * * *"), SPRING, 4) == ["29 03:10", "29 03:15", "29 03:20", "29 03:50"]
    assert times(read_schedule("50/5 3 * * ?"), SPRING, 2) == ["29 03:50", "29 03:55"]


def test_leap_day_is_found_and_impossible_days_refused() -> None:
    """The 29th of February comes, the 31st never does."""
    moment = read_schedule("0 0 29 2 *").next(datetime(2096, 3, 1, tzinfo=UTC))
    assert moment == datetime(2104, 2, 29, tzinfo=UTC)
    with pytest.raises(SettingsError, match="it never comes"):
        read_schedule("0 0 31 2 *")


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "* * *", "61 * * * *", "5-1 * * * *", "*/0 * * * *", "a b c d e", "* * * * * *", "@reboot",
        "every 0 minutes", "every 5 months", "every day at 25:00", "every 5 minutes at 06:00",
        "RRULE:FREQ=SOMETIMES", "RRULE:FREQ=HOURLY;INTERVAL=0", "RRULE:FREQ=DAILY;UNTIL=20200101", "FREQ=",
        "DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY",
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_in_one_sentence(text: str) -> None:
    """A wrong schedule names its source and what to write, whatever the text."""
    with pytest.raises(SettingsError, match=r"^source wire: schedule .* Write a cron line"):
        read_schedule(text, name="wire")


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text breaks the reader."""
    with suppress(SettingsError):
        read_schedule(text)


def test_jitter_is_steady_and_spreads_sources() -> None:
    """A source is always late by the same share, different sources by different ones, none by more than was asked."""
    delays = {read_schedule("@daily", jitter_s=60, name=f"s{i}").delay for i in range(50)}
    assert len(delays) > 45
    assert all(timedelta() <= d <= timedelta(seconds=60) for d in delays)
    assert read_schedule("@daily", jitter_s=60, name="a") == read_schedule("@daily", jitter_s=60, name="a")
