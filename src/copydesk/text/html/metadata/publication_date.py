"""Choose the dates of publication and of the last change among the dates of a page.

    JSON-LD -> meta -> itemprop -> <time> with a publishing class -> URL -> visible text near the headline
        -> first <time> -> date class -> any short line -> script data -> htmldate -> date of the last change

The order was calibrated on bench/html (2026-11). The search ends at the first source that gives a date; the time of day
may come from any candidate of the same day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from copydesk.records import Evidence, Precision, Timestamp
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.candidates import to_evidence
from copydesk.text.html.metadata.date_sources import (
    CHANGE,
    GUESSES,
    SOURCES,
    DateCandidate,
    DateContext,
    PageClock,
    date_below_headline,
    iso_text,
    local_day,
    modified_dates,
    visible_dates,
)
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.page_urls import date_in
from copydesk.text.html.metadata.page_zone import zone_offset

__all__ = ["Dates", "read_dates"]

_DECLARED = frozenset(("json-ld", "meta", "og"))
_VAGUE = frozenset(("date", "dc.date", "dcterms.date"))
"""Names that do not say whether the date is that of the publication."""


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
    modified = list(modified_dates(context))
    found, changes = _search(context)
    modified += changes
    chosen = next((c for c in found if c.value), None)
    why = "first source, in search order, with a date"
    shown: list[DateCandidate] = []
    if chosen is not None and (_in_utc(chosen.value) or not any(c.value for c in modified)) and not changes:
        lines = visible_dates(context, with_year=True)
        shown = [c for c in lines if c.value and not c.reason.startswith(CHANGE)]
        modified += [c for c in lines if c.reason.startswith(CHANGE)]
    if chosen is None:
        chosen = next((c for c in modified if c.value), None)
        why = "no publication date; the date of the last change is used"
        found = [*found, *([chosen] if chosen else [])]
    lost = _lost
    if chosen is not None and chosen.source in _DECLARED and not changes:
        replaced = _as_shown(chosen, context, modified)
        if replaced is not None:
            found, (chosen, why), lost = [*found, replaced[0]], replaced, _lost_to_shown
    published = _with_time(chosen.value, found) if chosen and chosen.value else None
    local: list[DateCandidate] = []
    if published is not None:
        published, local = _in_local_time(published, shown)
    change = next((c for c in modified if c.value and _follows(c.value, published)), None)
    if local:
        why = f"{why}; the page shows it in local time"
    elif published is not None and (placed := _in_page_zone(published, page, [*shown, *modified])) is not None:
        published, zone = placed
        why = f"{why}; the page's data name the time zone {zone}"
    rows = to_evidence("published", [*found, *local], chosen, why, lost)
    rows += to_evidence("modified", modified, change, "first in search order", _lost_change)
    return Dates(published=published, modified=change.value if change else None, evidence=rows)


def _search(context: DateContext) -> tuple[list[DateCandidate], list[DateCandidate]]:
    """Return the candidates up to the first source with a publication date, and the changes found on the way."""
    found: list[DateCandidate] = []
    changes: list[DateCandidate] = []
    for source in SOURCES:
        if source in GUESSES and any(c.value for c in changes):  # a shown change is more than a guess
            break
        new = [_unless_rejected(c, found) for c in source(context)]
        changes += [c for c in new if c.reason.startswith(CHANGE)]
        found += [c for c in new if not c.reason.startswith(CHANGE)]
        if any(c.value for c in found):
            break
    return found, changes


def _unless_rejected(c: DateCandidate, found: list[DateCandidate]) -> DateCandidate:
    """Return the candidate; without its value, where htmldate guessed a date that is known to be another thing's."""
    rejected = c.source == "htmldate" and any(f.value is None and f.text[:10] == c.text[:10] for f in found)
    return replace(c, value=None, reason=f"{c.reason}; known to be another date") if rejected else c


def _as_shown(
    declared: DateCandidate, context: DateContext, modified: list[DateCandidate]
) -> tuple[DateCandidate, str] | None:
    """Return the date below the headline where it is right and the declared one is not, and why; None otherwise.

    Of the pages of bench/html (2026-11) that show an earlier day than they declare, the readers' date was the shown one
    on all but two; of those that show a later one, mostly the declared one, as the shown one is then the last change's.
    """
    assert declared.value is not None  # noqa: S101
    page, shown = context.page, date_below_headline(context)
    if shown is None or shown.value is None:
        day = date_in(context.url) if _in_utc(declared.value) else None
        address = context.clock.read(day) if day else None
        if address is None or (moved := _moved(declared.value, address, modified, page)) is None:
            return None
        return _at_place(declared, moved), "the address has the day at the page's place"
    days = (local_day(shown.value) - local_day(declared.value)).days
    if not days or _in_local_time(declared.value, [shown])[1]:
        return None
    if abs(days) == 1 and (moved := _moved(declared.value, shown.value, modified, page)) is not None:
        return _at_place(declared, moved), "the page shows the day at its place"
    if days < 0:
        return shown, "the page shows it below its headline; the head declares a later date"
    other = [c.value for c in modified if c.value]
    changed = any(local_day(c) == local_day(shown.value) for c in other)
    if declared.reason in _VAGUE and not changed:
        return shown, "the page shows it below its headline; the head does not say what its date is of"
    return None


def _at_place(declared: DateCandidate, moved: Timestamp) -> DateCandidate:
    return replace(declared, value=moved, text=iso_text(moved), reason=f"{declared.reason}, in local time")


def _moved(declared: Timestamp, shown: Timestamp, modified: list[DateCandidate], page: Page) -> Timestamp | None:
    """Return an instant in UTC with an offset that puts it on the day before or behind that the page shows, or None.

    The offset is that of another date of the head or of the zone that the page's data name, else the smallest in hours:
    the place is at least so far from UTC.
    """
    if not _in_utc(declared) or abs((local_day(shown) - local_day(declared)).days) != 1:
        return None
    if shown.precision is not Precision.DAY:
        return None  # a time of day would have told the offset
    minutes = declared.value.hour * 60 + declared.value.minute
    hours = -(minutes // 60 + 1) if local_day(shown) < local_day(declared) else -(-(24 * 60 - minutes) // 60)
    if not -12 <= hours <= 14:
        return None
    zone = zone_offset(page.html, declared.value)
    known = [c.value.offset_minutes for c in modified if c.value] + ([zone[1]] if zone else [])
    for offset in (*known, hours * 60):
        moved = replace(declared, offset_minutes=offset)
        if local_day(moved) == local_day(shown):
            return moved
    return None


def _lost_to_shown(c: DateCandidate) -> str:
    return "not the day that the page shows" if c.value else ""


def _lost(c: DateCandidate) -> str:
    return "later in search order" if c.value else ""


def _lost_change(c: DateCandidate) -> str:
    return "before the publication, or later in search order" if c.value else ""


def _in_utc(stamp: Timestamp | None) -> bool:
    return stamp is not None and stamp.zoned and not stamp.offset_minutes and stamp.precision is not Precision.DAY


def _in_local_time(published: Timestamp, shown: list[DateCandidate]) -> tuple[Timestamp, list[DateCandidate]]:
    """Return the same instant with the offset of the page's own time, if the page shows that instant in local time.

    Heads are often in UTC: 01:48 UTC on the 23rd is the evening of the 22nd to the page's readers.
    """
    if not _in_utc(published):
        return published, []
    minute = published.value.replace(second=0, microsecond=0)
    for c in shown:
        if c.value is None or c.value.precision is Precision.DAY:
            continue
        local = c.value.value + timedelta(minutes=c.value.offset_minutes)
        offset = int((local - minute).total_seconds() // 60)
        same = not c.value.zoned or abs(c.value.value - published.value) <= timedelta(minutes=1)
        if offset and same and offset % 15 == 0 and -720 <= offset <= 840:
            return replace(published, offset_minutes=offset), [c]
    return published, []


def _in_page_zone(published: Timestamp, page: Page, others: list[DateCandidate]) -> tuple[Timestamp, str] | None:
    """Return the same instant in the time zone that the page's data name, and the zone, unless the page shows its day.

    Of a page that shows the day in UTC, readers take that one.
    """
    if not _in_utc(published) or (found := zone_offset(page.html, published.value)) is None:
        return None
    zone, offset = found
    placed = replace(published, offset_minutes=offset)
    seen = {local_day(c.value) for c in others if c.value and c.source == "text"}
    return None if local_day(published) in seen and local_day(placed) not in seen else (placed, zone)


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
