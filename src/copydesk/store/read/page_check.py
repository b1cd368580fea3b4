"""When a fetched page was last asked for, and when it is asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from copydesk.store.warehouse.connection import Connection
from copydesk.wording import counted

__all__ = ["PageCheck", "page_check"]

_SQL = Path(__file__).parent / "sql" / "page_check.sql"
_HOUR_S, _DAY_S = 3600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCheck:
    """Requests for an article's page. Times are UTC.

    Attributes:
        first_seen_at: When its address was first known.
        checked_at: When it was last asked for.
        changed_at: When its bytes last changed.
        due_at: When it is due again.
        not_before: No request before: a back-off after a failure, or the site's Retry-After.
        interval_s: The adaptive interval behind `due_at`.
        outcome: How the last request ended.
        reason: Why, where it did not end well.
    """

    first_seen_at: datetime | None
    checked_at: datetime | None
    changed_at: datetime | None
    due_at: datetime | None
    not_before: datetime | None
    interval_s: int
    outcome: str
    reason: str

    def sentence(self, source: str, now: datetime, *, watch_s: float) -> str:
        """Say when the page is asked for again.

        Args:
            source: The source that brought it.
            now: Present time (UTC).
            watch_s: Age up to which a page is asked for whether or not a list names it (`[web] watch_s`).
        """
        if self.not_before is not None and self.not_before > now:
            return f"not before {_minute(self.not_before)}, after {self.reason or self.outcome}"
        if self.due_at is None:
            return f"in the next run of {source}"
        due = max(self.due_at, now)
        when = "in the next run" if due == now else f"in the first run after {_minute(due)}"
        pace = f"every {_span(self.interval_s)}"
        watched = self.first_seen_at is not None and due - self.first_seen_at < timedelta(seconds=watch_s)
        if watched:
            return f"{when} of {source} ({pace} now)"
        return f"{when} of {source} that finds it in a list ({pace} now), or as soon as a list gives it a later date"


def page_check(connection: Connection, source: str, uri: str) -> PageCheck | None:
    """Return the requests for a page; None for one that no request brought (a file)."""
    rows = connection.rows(_SQL.read_text(encoding="utf-8"), [source, uri])
    if not rows:
        return None
    *times, interval, outcome, reason = rows[0]
    first, checked, changed, due, allowed = (_utc(one) for one in times)
    return PageCheck(
        first_seen_at=first,
        checked_at=checked,
        changed_at=changed,
        due_at=due,
        not_before=allowed,
        interval_s=interval or 0,
        outcome=outcome or "",
        reason=reason or "",
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _span(seconds: int) -> str:
    if seconds >= 2 * _DAY_S:
        return counted(round(seconds / _DAY_S), "day")
    return f"{seconds / _HOUR_S:.0f} h" if seconds >= _HOUR_S else f"{max(seconds // 60, 1)} min"
