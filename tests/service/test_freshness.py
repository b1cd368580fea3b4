"""Silence: a source that stops is noticed, one that was always quiet is not accused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from copydesk.service.freshness import Silence, silence, usual_limit_h
from copydesk.settings import Source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WIRE = Source(name="wire", kind="feed", url="https://p.example/feed", schedule="every 15 minutes")


def judged(hours: float, days: list[int], source: Source = WIRE) -> Silence:
    """Judge a silence of so many hours."""
    return silence(source, NOW - timedelta(hours=hours), NOW, days=days)


def test_a_busy_source_that_stops_is_a_warning() -> None:
    """Twenty items a day, then nothing: the silence itself does not lower the expectation."""
    assert judged(5, [20] * 14) == ""
    assert judged(40, [*[20] * 14, 0]) == "warn"
    assert judged(30 * 24, [*[20] * 14, *[0] * 14]) == "warn"


def test_a_slow_source_may_be_quiet_longer() -> None:
    """One item every other day is not expected daily; less than that, and nothing is expected."""
    assert usual_limit_h([0, 1, 1, 0, 1, 1, 0, 1, 1]) == 72
    assert usual_limit_h([1, 0, 0, 0, 0, 0, 0, 1, 0]) is None


def test_a_new_source_one_by_hand_and_one_with_limits_are_not_judged_by_habit() -> None:
    """Less than a week is no habit; who runs by hand chooses the time; who set a limit gets that limit."""
    assert judged(90, [9, 9]) == ""
    assert judged(90, [9] * 14, WIRE.model_copy(update={"schedule": None})) == ""
    assert judged(90, [9] * 14, WIRE.model_copy(update={"error_after_h": 200.0})) == ""


@given(st.lists(st.integers(0, 50), max_size=40), st.floats(0, 5000), st.floats(0, 500))
def test_longer_silence_is_never_judged_milder(days: list[int], hours: float, more: float) -> None:
    """With everything else equal, the verdict only gets worse with time."""
    order = ["", "warn", "error"]
    assert order.index(judged(hours, days)) <= order.index(judged(hours + more, days))
