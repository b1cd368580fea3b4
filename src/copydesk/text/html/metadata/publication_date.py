"""Publication and change: which of the page's many dates is which.

    JSON-LD -> meta -> itemprop -> <time> of a publishing class -> address -> visible text near the headline
        -> first <time> -> class of a date -> any short line -> scripts' data -> htmldate -> the change's date

The order is that of bench/html, 2026-11. A later source is asked only when the ones before gave nothing, but a time of
day is taken from any source that names the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from copydesk.records import Evidence, Precision, Timestamp
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.candidates import on_record
from copydesk.text.html.metadata.date_sources import CHANGE, SOURCES, Dated, PageClock, Sought, modified_dates
from copydesk.text.html.metadata.head import Declared

__all__ = ["Dates", "read_dates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The two dates of an article, and every candidate."""

    published: Timestamp | None
    modified: Timestamp | None
    evidence: tuple[Evidence, ...]


def read_dates(
    page: Page, declared: Declared, clock: PageClock, *, url: str | None, title: str | None, hint: str | None = None
) -> Dates:
    """Choose publication and last change.

    Args:
        page: The parsed page.
        declared: Its head.
        clock: Language, country and capture.
        url: The page's address.
        title: The chosen headline, to look for visible dates around it.
        hint: What the feed said.
    """
    sought = Sought(page=page, declared=declared, clock=clock, url=url, title=title, hint=hint)
    modified = list(modified_dates(declared, clock))
    found: list[Dated] = []
    for source in SOURCES:
        found += source(sought)
        modified += [c for c in found if c.reason.startswith(CHANGE)]
        found = [c for c in found if not c.reason.startswith(CHANGE)]
        if any(c.value for c in found):
            break
    chosen = next((c for c in found if c.value), None)
    why = "the first source of the order that gives a day"
    if chosen is None:
        chosen = next((c for c in modified if c.value), None)
        why = "no date of publication; the last change stands for it"
        found = [*found, *([chosen] if chosen else [])]
    published = _sharpened(chosen.value, found) if chosen and chosen.value else None
    change = next((c for c in modified if c.value and _follows(c.value, published)), None)
    rows = on_record("published", found, chosen, why) + on_record("modified", modified, change, "first of the order")
    return Dates(published=published, modified=change.value if change else None, evidence=rows)


def _sharpened(chosen: Timestamp, found: list[Dated]) -> Timestamp:
    """Take the time of day from another candidate of the same local day, if the chosen one has none."""
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
