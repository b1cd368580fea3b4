"""Progress of a source in a run, and its state at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from copydesk.health import ListAnswer, Observation
from copydesk.records import Outcome
from copydesk.settings import Source
from copydesk.sources.crawl.state import SourceState
from copydesk.web.responses import Response

__all__ = ["SourceProgress", "observation", "source_state"]

_CLOSED_HOST = frozenset({"retry_after", "breaker", "robots_unreachable"})
"""Reasons of a deferral that say that the host cannot be had now; others (budget, Crawl-delay) are our own."""


@dataclass(slots=True)
class SourceProgress:
    """Progress of one source; mutable, used in the event loop only.

    Attributes:
        named: Addresses that its lists named.
        new: Those of them that were not known before.
        asked: Pages that were lined up.
        open: Pages that have not ended yet.
        answered: Pages that were captured or unchanged.
        captured: Those of them that were new or had changed.
        over_limit: Whether a list named more than the source may take.
        enumerated: Whether it has named all it has.
        lists: How its feeds and sitemaps answered.
        left_out: URLs beyond the most that one run may ask for.
        answers: The same for the source's health, with what they named.
        list_error: Why the source's list of addresses could not be read.
        problems: Reason -> pages that could not be had.
        http_statuses: Reason -> HTTP status of one such page.
        next_attempt_at: The earliest time at which a page that failed may be asked for again.
        skipped: Reason -> URLs that were not fetched.
    """

    source: Source
    named: int = 0
    new: int = 0
    asked: int = 0
    open: int = 0
    answered: int = 0
    captured: int = 0
    over_limit: bool = False
    enumerated: bool = False
    lists: list[Response] = field(default_factory=list)
    left_out: int = 0
    answers: list[ListAnswer] = field(default_factory=list)
    list_error: str = ""
    problems: Counter[str] = field(default_factory=Counter)
    http_statuses: dict[str, int] = field(default_factory=dict)
    next_attempt_at: datetime | None = None
    skipped: Counter[str] = field(default_factory=Counter)

    def add_list(self, reply: Response, *, entries: int, next_attempt_at: datetime | None) -> None:
        """Take note of how a feed or sitemap ended."""
        self.lists.append(reply)
        own = reply.outcome is Outcome.DEFERRED and reply.reason not in _CLOSED_HOST and not reply.backs_off
        self.answers.append(
            ListAnswer(
                url=reply.url,
                outcome=str(Outcome.SKIPPED if own else reply.outcome),
                reason=reply.reason,
                detail=reply.detail,
                http_status=reply.status,
                entries=entries,
                asked=not reply.backs_off,
                next_attempt_at=next_attempt_at,
                moved_to=reply.moved_to,
            )
        )

    def add_page(self, reply: Response, next_attempt_at: datetime | None) -> None:
        """Take note of how a page ended."""
        self.answered += reply.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED)
        failed = reply.outcome in (Outcome.FAILED, Outcome.REFUSED) and not reply.reason.startswith("opt_out_")
        if failed or (reply.outcome is Outcome.DEFERRED and reply.reason in _CLOSED_HOST):
            self.problems[reply.reason] += 1
            if reply.status is not None:
                self.http_statuses[reply.reason] = reply.status
            self.wait_until(next_attempt_at)

    def wait_until(self, moment: datetime | None) -> None:
        """Take note of when a page may be asked for again."""
        if moment is not None:
            self.next_attempt_at = min(moment, self.next_attempt_at or moment)


def observation(progress: SourceProgress) -> Observation:
    """Return what the run saw of a source, once its last page has ended."""
    return Observation(
        source=progress.source.name,
        kind=progress.source.kind,
        lists=tuple(progress.answers),
        entries=progress.named,
        list_reason="unreadable_list" if progress.list_error else "",
        list_detail=progress.list_error,
        read=progress.answered,
        problems=dict(progress.problems),
        http_statuses=progress.http_statuses,
        next_attempt_at=progress.next_attempt_at,
        collections=progress.source.collections,
    )


def source_state(progress: SourceProgress, before: SourceState | None, now: datetime) -> SourceState:
    """Return a source's new state: by its lists, or by its pages for a URL list."""
    source = progress.source
    before = before or SourceState(source=source.name, kind=source.kind)
    if progress.list_error:
        return replace(
            before,
            kind=source.kind,
            checked_at=now,
            failures_in_row=before.failures_in_row + 1,
            last_outcome=str(Outcome.FAILED),
            last_reason="unreadable_list",
        )
    failed = next((r for r in progress.lists if r.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED)), None)
    good = any(r.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED) for r in progress.lists)
    if not progress.lists:
        good = progress.answered > 0 or not progress.asked
    if failed is not None and (failed.outcome is Outcome.SKIPPED or failed.backs_off):
        return before  # it was not asked
    outcome = Outcome.CAPTURED if progress.captured else Outcome.UNCHANGED
    base = replace(before, kind=source.kind, checked_at=now, last_new_at=now if progress.new else before.last_new_at)
    if good:
        unchanged = progress.lists and all(r.outcome is Outcome.UNCHANGED for r in progress.lists)
        return replace(
            base,
            last_success_at=now,
            failures_in_row=0,
            last_outcome=str(outcome),
            last_reason=failed.reason if failed else "",
            items_seen=before.items_seen if unchanged else progress.named,
            items_new=progress.new,
        )
    return replace(
        base,
        failures_in_row=before.failures_in_row + 1,
        last_outcome=str(failed.outcome if failed else Outcome.FAILED),
        last_reason=failed.reason if failed else "no_page_answered",
    )
