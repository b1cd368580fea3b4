"""Choose the dates of publication and of the last change among the dates of a page.

    JSON-LD -> meta -> itemprop -> <time> with a publishing class -> URL -> visible text near the headline
        -> first <time> -> date class -> any short line -> script data -> htmldate -> date of the last change

The order was calibrated on bench/html (2026-11). The search ends at the first source that gives a date; the time of day
may come from any candidate of the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from copydesk.records import Evidence, Precision, Timestamp
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.candidates import to_evidence
from copydesk.text.html.metadata.date_sources import (
    CHANGE,
    SOURCES,
    DateCandidate,
    DateContext,
    PageClock,
    modified_dates,
)
from copydesk.text.html.metadata.head import Head

__all__ = ["Dates", "read_dates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Dates of publication and last change, and every candidate."""

    published: Timestamp | None
    modified: Timestamp | None
    evidence: tuple[Evidence, ...]


def read_dates(
    page: Page, head: Head, clock: PageClock, *, url: str | None, title: str | None, hint: str | None = None
) -> Dates:
    """Choose the dates of publication and last change.

    Args:
        page: The parsed page.
        head: Its head.
        clock: Language, country and capture time.
        url: The page's URL.
        title: The chosen headline; visible dates are searched around it.
        hint: Publication date of the feed entry, or None.
    """
    context = DateContext(page=page, head=head, clock=clock, url=url, title=title, hint=hint)
    modified = list(modified_dates(head, clock))
    found: list[DateCandidate] = []
    for source in SOURCES:
        found += source(context)
        modified += [c for c in found if c.reason.startswith(CHANGE)]
        found = [c for c in found if not c.reason.startswith(CHANGE)]
        if any(c.value for c in found):
            break
    chosen = next((c for c in found if c.value), None)
    why = "first source, in search order, with a date"
    if chosen is None:
        chosen = next((c for c in modified if c.value), None)
        why = "no publication date; the date of the last change is used"
        found = [*found, *([chosen] if chosen else [])]
    published = _with_time(chosen.value, found) if chosen and chosen.value else None
    change = next((c for c in modified if c.value and _follows(c.value, published)), None)
    rows = to_evidence("published", found, chosen, why) + to_evidence(
        "modified", modified, change, "first in search order"
    )
    return Dates(published=published, modified=change.value if change else None, evidence=rows)


def _with_time(chosen: Timestamp, found: list[DateCandidate]) -> Timestamp:
    """Return the chosen date, or another candidate of the same local day that has a time of day."""
    if chosen.precision is not Precision.DAY:
        return chosen
    for c in found:
        if c.value and c.value.precision is not Precision.DAY:
            local = c.value.value + timedelta(minutes=c.value.offset_minutes)
            if local.date() == chosen.value.date():
                return c.value
    return chosen


def _follows(change: Timestamp, published: Timestamp | None) -> bool:
    return published is None or change.value.date() >= published.value.date()
