"""Silence: a source that stops is noticed, one that was always quiet is not accused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from copydesk.sources.silence import Verdict, silence

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def quiet(hours: float) -> datetime:
    """Return the time that many hours ago."""
    return NOW - timedelta(hours=hours)


def test_a_busy_source_that_stops_is_a_warning_after_a_day_and_an_error_after_two() -> None:
    """Twenty items a day, then nothing: the silence itself does not lower the expectation."""
    history = [20] * 14
    assert silence(history, quiet(5), NOW).verdict is Verdict.FINE
    assert silence([*history, 0], quiet(30), NOW).verdict is Verdict.WARN
    gone = silence([*history, *[0] * 30], quiet(30 * 24), NOW)
    assert (gone.verdict, gone.items_per_day) == (Verdict.ERROR, 20.0)


def test_a_weekly_source_may_be_quiet_for_days() -> None:
    """One item every week or so is not expected daily."""
    history = [0, 0, 0, 1, 0, 0, 0, 0, 0, 1] * 3
    assert silence(history, quiet(100), NOW).verdict is Verdict.UNKNOWN
    assert silence(history, quiet(100), NOW, warn_after_h=24 * 10).verdict is Verdict.FINE


def test_a_new_source_is_not_judged() -> None:
    """With less than a week of history, and no setting, nothing is said."""
    assert silence([9, 9], quiet(90), NOW).verdict is Verdict.UNKNOWN
    assert silence([], None, NOW).verdict is Verdict.UNKNOWN


@given(st.lists(st.integers(0, 50), max_size=40), st.floats(0, 5000), st.floats(0, 500))
def test_longer_silence_is_never_judged_milder(days: list[int], hours: float, more: float) -> None:
    """With everything else equal, the verdict only gets worse with time."""
    order = [Verdict.FINE, Verdict.WARN, Verdict.ERROR]
    one, other = (silence(days, quiet(h), NOW).verdict for h in (hours, hours + more))
    assert (one is Verdict.UNKNOWN) == (other is Verdict.UNKNOWN)
    assert one is Verdict.UNKNOWN or order.index(one) <= order.index(other)
