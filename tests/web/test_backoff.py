"""Waiting: laws of back-off, Retry-After, adaptive polling and the breaker, without a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from copydesk.web.backoff import DAY_S, backoff, next_interval, retry_after
from copydesk.web.hosts import Breaker

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), CHANCE)
def test_backoff_stays_between_half_and_whole_of_its_ceiling(failures: int, jitter: float) -> None:
    """The wait doubles with each failure, never passes the cap, and never falls below half of its ceiling."""
    wait = backoff(failures, first_s=1, max_s=60, jitter=jitter)
    ceiling = min(60, 2 ** min(failures - 1, 10))
    assert ceiling / 2 <= wait <= ceiling


@given(st.text(max_size=60) | st.integers(-10, 10**12).map(str) | st.datetimes().map(lambda d: d.strftime("%c")))
def test_retry_after_is_never_in_the_past_nor_more_than_a_day_ahead(value: str) -> None:
    """Whatever the header holds, the time it names is bounded."""
    when = retry_after(value, NOW)
    assert when is None or NOW <= when <= NOW + timedelta(days=1)


def test_retry_after_reads_both_forms() -> None:
    """Seconds and an HTTP date mean the same."""
    later = NOW + timedelta(seconds=90)
    assert retry_after("90", NOW) == later == retry_after(format_datetime(later, usegmt=True), NOW)
    assert retry_after(None, NOW) is None is retry_after("soon", NOW)
    assert retry_after("99999999999999", NOW) == NOW + timedelta(seconds=DAY_S)


@given(st.lists(st.booleans(), max_size=60), st.floats(1, 1e6))
def test_polling_stays_between_its_bounds(history: list[bool], start: float) -> None:
    """Any history of changes keeps the interval between the bounds; standing still only makes it longer."""
    interval = min(max(start, 600), 86_400)
    for changed in history:
        following = next_interval(interval, changed=changed, min_s=600, max_s=86_400)
        assert 600 <= following <= 86_400
        assert following <= interval if changed else following >= interval
        interval = following


def test_a_feed_that_never_changes_is_asked_ever_less_often() -> None:
    """From every ten minutes to once a day within two days."""
    interval, elapsed = 600.0, 0.0
    while interval < 86_400:
        elapsed += interval
        interval = next_interval(interval, changed=False, min_s=600, max_s=86_400)
    assert elapsed < 4 * 86_400


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 6))
def test_the_breaker_is_closed_only_after_failures_in_a_row(history: list[bool], threshold: int) -> None:
    """The host is shut exactly while the last `threshold` answers were failures, and a success opens it at once."""
    breaker, row = Breaker(threshold, 100), 0
    for ok in history:
        if ok:
            breaker.success()
        else:
            breaker.failure(0)
        row = 0 if ok else row + 1
        assert (breaker.seconds_left(0) > 0) == (row >= threshold)


def test_a_cooled_host_gets_one_probe() -> None:
    """After the cool-down it may be asked; a failed probe shuts it again at once."""
    breaker = Breaker(2, 100)
    breaker.failure(0)
    breaker.failure(0)
    assert breaker.seconds_left(40) == 60
    assert breaker.seconds_left(100) == 0
    breaker.failure(100)
    assert breaker.seconds_left(100) == 100
