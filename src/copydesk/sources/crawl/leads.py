"""A lead: an address that a feed, a sitemap or a list named, with what it said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

__all__ = ["UrlItem", "moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlItem:
    """One address that was named.

    Attributes:
        url: As it was named, made absolute.
        origin: Address of the feed or sitemap that named it, or the list's path.
        title: The title it gave, None without one.
        published: The date it gave, ISO 8601 where it could be read.
        changed_at: When it says the page last changed (UTC): fetched again although it is known.
    """

    url: str
    origin: str
    title: str | None = None
    published: str | None = None
    changed_at: datetime | None = None

    def is_before(self, day: date) -> bool:
        """Tell whether everything it said about its age lies before a day; an unknown age does not."""
        when = self.changed_at or moment(self.published)
        return when is not None and when.date() < day


def moment(text: str | None) -> datetime | None:
    """Read an ISO 8601 date or time (W3C form: also a year or a month alone); without a zone it is read as UTC."""
    value = (text or "").strip()
    if len(value) in (4, 7):
        value += "-01-01"[: 10 - len(value)]
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return when.astimezone(UTC) if when.tzinfo else datetime.combine(when.date(), when.time() or time(), UTC)
    except OverflowError:
        return None
