"""The judgement of a source: a pure function of what a run saw and how the source was before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.health import ListAnswer, Observation, SourceHealth, describe, judge, standing

FOLDER = {"source": "f", "kind": "files", "fetches": False}
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FEED = "https://example.org/feed"


def feed(outcome: str = "captured", *, entries: int = 10, read: int = 10, **answer: object) -> Observation:
    """Return what a run sees of a feed that answers so."""
    lists = (ListAnswer(url=FEED, outcome=outcome, entries=entries, **answer),)
    return Observation(source="wire", kind="feed", lists=lists, entries=entries, read=read)


DEAD = feed("failed", reason="http_404", http_status=404, entries=0, read=0, next_attempt_at=LATER)


def after(*seen: Observation) -> SourceHealth:
    """Return the health after some runs, an hour apart."""
    health: SourceHealth | None = None
    for number, one in enumerate(seen):
        health = judge(one, health, run_id=f"r{number}", now=NOW + timedelta(hours=number))
    assert health is not None
    return health


TROUBLES = {
    "a feed that is gone": (DEAD, ("list", "http_404", 404)),
    "HTML in the feed's place": (feed("failed", reason="no_feed", http_status=200), ("list", "no_feed", 200)),
    "broken XML that names nothing": (feed(entries=0, read=0, detail="not well-formed"), ("list", "malformed", None)),
    "a feed without an entry": (feed(entries=0, read=0), ("list", "no_entries", None)),
    "a host that is down": (
        feed("deferred", reason="robots_unreachable", entries=0, read=0),
        ("list", "robots_unreachable", None),
    ),
    "a port that is blocked": (feed("refused", reason="guard", entries=0, read=0), ("list", "guard", None)),
    "a list of addresses that cannot be read": (
        Observation(source="w", kind="urls", entries=0, list_reason="unreadable_list", list_detail="cannot read x"),
        ("list", "unreadable_list", None),
    ),
    "an empty list of addresses": (Observation(source="w", kind="urls", entries=0), ("list", "no_entries", None)),
    "one page of one that fails": (
        Observation(source="w", kind="urls", entries=1, problems={"http_500": 1}, http_statuses={"http_500": 500}),
        ("pages", "http_500", 500),
    ),
    "a feed whose pages all fail": (replace(feed(), read=0, problems={"http_403": 3}), ("pages", "http_403", None)),
    "a missing folder": (
        Observation(
            source="f",
            kind="files",
            fetches=False,
            entries=0,
            list_reason="not_found",
            list_detail="pages: No such file",
        ),
        ("list", "not_found", None),
    ),
    "an empty folder": (
        Observation(**FOLDER, entries=0),
        ("list", "empty_folder", None),
    ),
    "a folder of unreadable files": (
        Observation(**FOLDER, entries=3, problems={"unreadable": 2, "binary": 1}),
        ("pages", "unreadable", None),
    ),
    "a cookie wall on every new page": (replace(feed(), judged=5, refused={"consent": 5}), ("text", "consent", 200)),
    "a wall on the only address": (
        Observation(source="w", kind="urls", entries=1, read=1, judged=1, refused={"consent": 1}),
        ("text", "consent", 200),
    ),
    "a run that broke": (Observation(source="w", kind="feed", error="disk full"), ("run", "run_failed", None)),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_what_keeps_a_source_from_delivering_is_a_failure(name: str) -> None:
    """Each kind of trouble is failing, with its reason and HTTP status, from the run that found it on, and is told."""
    seen, (concern, reason, status) = TROUBLES[name]
    health = after(seen)
    assert (health.state, health.concern, health.reason, health.http_status) == ("failing", concern, reason, status)
    assert (health.since, health.failures_in_row, health.last_ok_at) == (NOW, 1, None)
    assert reason in describe(health)


HEALTHY = {
    "new pages": feed(),
    "a feed that has not changed": feed("unchanged", entries=0, read=0),
    "one broken page of a feed": replace(feed(), read=9, problems={"http_404": 1}),
    "two new pages, both broken": replace(feed(), read=0, problems={"http_404": 2}),
    "one refusal of one new page": replace(feed(), judged=1, refused={"wall": 1}),
    "a malformed feed that names pages": feed(detail="undefined entity"),
    "files, some unreadable": Observation(**FOLDER, entries=3, read=2, problems={"binary": 1}),
    "one sitemap of two": replace(
        feed(), lists=(*feed().lists, ListAnswer(url=FEED, outcome="failed", reason="http_500"))
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_normal_is_ok(name: str) -> None:
    """Nothing new, or a page among many that fails, is no failure of the source; what fails is named all the same."""
    health = after(HEALTHY[name])
    assert (health.state, health.reason, health.failures_in_row) == ("ok", "", 0)
    assert health.last_ok_at == NOW
    assert bool(health.detail) == (not name.startswith(("new", "a feed that has not")))


def test_failures_are_counted_by_run_and_a_back_off_is_none() -> None:
    """Three failing runs are three in a row since the first; a run that may not ask counts none and says until when."""
    waits = replace(DEAD, lists=(replace(DEAD.lists[0], outcome="deferred", asked=False),))
    health = after(feed(), DEAD, DEAD, waits, DEAD)
    assert (health.failures_in_row, health.since) == (3, NOW + timedelta(hours=1))
    assert health.last_ok_at == NOW
    assert after(DEAD, waits).failures_in_row == 1
    assert "not asked again before 2026-11-27 13:00 UTC" in describe(after(DEAD, waits))
    assert after(DEAD, feed()).state == "ok"


def test_a_run_that_may_not_ask_keeps_what_was_said_of_the_failure() -> None:
    """How to mend it was said by the run that asked; a back-off of the same reason does not replace it."""
    large = feed("refused", reason="size", detail="more than 1000 bytes; raise max_bytes", entries=0, read=0)
    waits = replace(large, lists=(replace(large.lists[0], outcome="deferred", asked=False, detail="not asked"),))
    assert "raise max_bytes" in describe(after(large, waits))
    assert "not asked" in describe(after(waits))


def test_a_trouble_is_over_only_when_its_own_question_is_answered() -> None:
    """Walls on all pages are not over because the feed answers, nor because nothing new came; a broken run is."""
    walls = replace(feed(), judged=5, refused={"consent": 5})
    quiet = feed("unchanged", entries=0, read=0)
    assert after(walls, quiet).reason == "consent"
    assert after(walls, replace(feed(), judged=1, refused={"consent": 1})).reason == "consent"
    assert after(walls, replace(feed(), judged=4)).state == "ok"
    blocked = replace(feed(), read=0, problems={"http_403": 5})
    assert after(blocked, replace(quiet, next_attempt_at=LATER)).reason == "http_403"
    assert after(blocked, feed()).state == "ok"
    assert after(Observation(source="wire", kind="feed", error="disk full"), quiet).state == "ok"


def test_a_moved_feed_names_its_new_address() -> None:
    """A permanent redirect that works is ok and says what to write; unchanged since, it still says so."""
    health = after(feed(moved_to="https://example.org/new"))
    assert health.state == "ok"
    assert "write url = 'https://example.org/new'" in describe(health)


@given(st.lists(st.sampled_from([*(seen for seen, _ in TROUBLES.values()), *HEALTHY.values()]), min_size=1, max_size=8))
def test_judging_a_run_again_changes_nothing(runs: list[Observation]) -> None:
    """A load that is done twice (killed between commit and mark) leaves the same health; JSON keeps all of it."""
    health = after(*runs)
    again = judge(runs[-1], health, run_id=health.run_id, now=health.checked_at or NOW)
    assert again == health
    assert SourceHealth.from_dict(json.loads(json.dumps(health.as_dict()))) == health
    assert Observation.from_dict(json.loads(json.dumps(runs[-1].as_dict()))) == runs[-1]
    assert (health.state == "failing") == bool(health.reason) == bool(health.failures_in_row)


def test_what_is_shown_first_is_what_a_person_has_to_decide() -> None:
    """A hold, then a pause, then a failure, then silence; a source that no run has taken has never run."""
    failing = after(DEAD)
    assert standing("w", failing, ran=True, held="why", paused="by hand").state == "held"
    paused = standing("w", failing, ran=True, paused="by hand", silent="9 h")
    assert (paused.state, paused.alarm) == ("paused", False)
    assert "http_404" in paused.detail
    assert standing("w", failing, ran=True, silent="9 h").state == "failing"
    assert standing("w", after(feed()), ran=True, silent="9 h").alarm
    assert not standing("w", after(feed()), ran=True, silent="9 h", silent_alarm=False).alarm
    assert standing("w", None, ran=False).state == "never_run"
    assert standing("w", None, ran=True).state == "ok"
