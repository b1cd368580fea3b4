"""State: what an answer changes, when an address may be asked again."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Outcome
from copydesk.sources.crawl.state import AddressState, SourceState, State, may_ask, next_state, validators
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.web.responses import Response

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KNOWN = AddressState(source="w", uri="https://p.example/a", first_seen_at=NOW)
REPLIES = st.sampled_from(
    [
        Response(outcome=Outcome.CAPTURED, status=200, content=b"a", etag='"1"'),
        Response(outcome=Outcome.UNCHANGED, status=304),
        Response(outcome=Outcome.FAILED, reason="http_404", status=404),
        Response(outcome=Outcome.FAILED, reason="timeout"),
        Response(outcome=Outcome.REFUSED, reason="robots"),
        Response(outcome=Outcome.DEFERRED, reason="retry_after", retry_at=NOW + timedelta(hours=1)),
    ]
)


def step(known: AddressState, response: Response, now: datetime, jitter: float = 0.5) -> AddressState:
    """Apply one answer."""
    digest = "d" if response.content else None
    return next_state(known, response, digest, now, min_s=600, max_s=86_400, jitter=jitter)


@given(st.lists(REPLIES, max_size=30), st.floats(0, 1, exclude_max=True))
def test_any_history_keeps_the_state_sane(history: list[Response], jitter: float) -> None:
    """Failures are counted in a row, intervals stay in bounds, times never lie before the answer."""
    known, row = KNOWN, 0
    for response in history:
        known = step(known, response, NOW, jitter)
        good = response.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED)
        row = 0 if good else row + (response.outcome is not Outcome.DEFERRED)
        assert known.failures_in_row == row
        assert known.last_outcome == response.outcome
        assert (known.next_allowed_at is None) == good
        if good:
            assert 600 <= known.interval_s <= 86_400
            assert known.due_at is not None
            assert NOW < known.due_at <= NOW + timedelta(days=1)
        else:
            assert known.next_allowed_at is not None
            assert known.next_allowed_at > NOW


def test_a_person_may_ask_before_it_is_due_but_not_before_it_is_allowed() -> None:
    """`due_at` binds the schedule only; a Retry-After binds everybody, also with a source that was named."""
    good = step(KNOWN, Response(outcome=Outcome.CAPTURED, content=b"a"), NOW)
    busy = step(good, Response(outcome=Outcome.DEFERRED, retry_at=NOW + timedelta(hours=1)), NOW)
    assert (may_ask(good, NOW, by_hand=True), may_ask(good, NOW, by_hand=False)) == (True, False)
    assert not may_ask(busy, NOW, by_hand=True)
    assert not may_ask(busy, NOW, by_hand=True, ignore_backoff=True)
    assert may_ask(busy, NOW + timedelta(hours=2), by_hand=False)
    late = Response(outcome=Outcome.FAILED, reason="http_403", status=403, retry_at=NOW + timedelta(hours=1))
    assert not may_ask(step(KNOWN, late, NOW), NOW, by_hand=True, ignore_backoff=True)


def test_a_source_that_a_person_names_is_not_kept_waiting_by_our_own_back_off() -> None:
    """A failure, a refusal and an open breaker keep the schedule waiting, not a person who names the source."""
    for response in (
        Response(outcome=Outcome.FAILED, reason="http_404", status=404),
        Response(outcome=Outcome.REFUSED, reason="size"),
        Response(outcome=Outcome.REFUSED, reason="robots"),
        Response(outcome=Outcome.DEFERRED, reason="breaker", retry_at=NOW + timedelta(minutes=5)),
    ):
        known = step(KNOWN, response, NOW)
        assert not may_ask(known, NOW, by_hand=True)
        assert may_ask(known, NOW, by_hand=True, ignore_backoff=True)


def test_a_list_that_is_gone_once_is_asked_again_soon() -> None:
    """A 404 of a feed waits for minutes, as a timeout does; a refusal that settings decide does not wait at all."""
    feed = replace(KNOWN, purpose="feed")
    gone = step(feed, Response(outcome=Outcome.FAILED, reason="http_404", status=404), NOW).next_allowed_at
    assert gone is not None
    assert gone - NOW <= timedelta(minutes=10)
    for reason in ("guard", "robots", "size"):
        refused = step(feed, Response(outcome=Outcome.REFUSED, reason=reason), NOW)
        assert (refused.failures_in_row, refused.next_allowed_at) == (1, None)
    large = step(KNOWN, Response(outcome=Outcome.REFUSED, reason="size"), NOW).next_allowed_at
    assert large is not None
    assert large - NOW <= timedelta(minutes=10)


def test_not_modified_is_not_believed_for_ever() -> None:
    """A week after the last whole answer no validators are sent; an answer without a new ETag keeps the old one."""
    first = step(KNOWN, Response(outcome=Outcome.CAPTURED, content=b"a", etag='"1"'), NOW)
    later = step(first, Response(outcome=Outcome.UNCHANGED), NOW + timedelta(days=6))
    assert validators(later, NOW + timedelta(days=6)) == ('"1"', None)
    assert validators(later, NOW + timedelta(days=8)) == (None, None)


def test_a_date_in_the_future_is_not_sent_back() -> None:
    """A Last-Modified ahead of the clock would be answered "not modified" until then; the ETag is still sent."""
    for last_modified, sent in (
        ("Sat, 21 Nov 2026 11:00:00 GMT", "Sat, 21 Nov 2026 11:00:00 GMT"),
        ("Sat, 21 Nov 2026 12:10:00 GMT", "Sat, 21 Nov 2026 12:10:00 GMT"),  # a clock that is a little fast
        ("Fri, 01 Jan 2038 00:00:00 GMT", None),
        ("yesterday", "yesterday"),
    ):
        response = Response(outcome=Outcome.CAPTURED, content=b"a", etag='"1"', last_modified=last_modified)
        assert validators(step(KNOWN, response, NOW), NOW) == ('"1"', sent)


def test_a_page_that_is_gone_is_left_alone_longer_than_one_that_timed_out() -> None:
    """A 404 waits for days, a timeout for minutes."""
    gone = step(KNOWN, Response(outcome=Outcome.FAILED, reason="http_404", status=404), NOW).next_allowed_at
    slow = step(KNOWN, Response(outcome=Outcome.FAILED, reason="timeout"), NOW).next_allowed_at
    assert gone is not None
    assert slow is not None
    assert gone - NOW >= timedelta(hours=12)
    assert slow - NOW <= timedelta(minutes=10)


def test_records_and_tables_have_the_same_columns() -> None:
    """The two state records are rows of their tables, and come back from rows as they were."""
    assert set(asdict(KNOWN)) == set(SCHEMAS["address_state"])
    source = SourceState(source="w", kind="feed", checked_at=NOW)
    assert set(asdict(source)) == set(SCHEMAS["source_state"])
    state = State.of_rows([asdict(source)], [{**asdict(KNOWN), "failures_in_row": None, "extra": 1}])
    assert state == State(sources={"w": source}, addresses={("w", KNOWN.uri): KNOWN})


def test_a_refusal_by_our_own_settings_is_asked_again_at_once() -> None:
    """What the guard refused cost no request, and the next run may have other settings: no back-off."""
    refused = step(KNOWN, Response(outcome=Outcome.REFUSED, reason="guard"), NOW)
    assert (refused.failures_in_row, refused.next_allowed_at) == (1, None)
    assert may_ask(refused, NOW, by_hand=False)
