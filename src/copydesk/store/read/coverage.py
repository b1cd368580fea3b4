"""Coverage: per source and day what was announced and what became of it; holes; and the pages that fill them.

view coverage (warehouse/views/coverage.sql) --> DayCoverage --> Hole: pages that were not taken, or a day without any
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = [
    "Coverage",
    "DayCoverage",
    "Hole",
    "MissedPage",
    "coverage_of",
    "holes_in",
    "missed_pages",
    "read_coverage",
]

_LIKELY = 0.5  # a day is missed when at least half of the same weekdays had pages
_MIN_WEEKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCoverage:
    """One row of view `coverage`: pages of one source and day by what became of them."""

    source: str
    day: date
    announced: int
    captured: int
    loaded: int
    held: int
    quarantined: int
    refused: int
    failed: int
    never_asked: int

    @property
    def missing(self) -> int:
        """Pages that a backfill can ask for."""
        return self.failed + self.never_asked

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, the day in ISO 8601, and `missing`."""
        return {**asdict(self), "day": self.day.isoformat(), "missing": self.missing}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Days of a source on which something is missing.

    Attributes:
        since, until: First and last day.
        kind: `not_taken`: announced and neither captured nor refused; `nothing`: no page is known of days that have
            some as a rule.
        pages: Pages that are known to be missing; 0 for `nothing`.
    """

    source: str
    since: date
    until: date
    kind: Literal["not_taken", "nothing"]
    pages: int

    @property
    def line(self) -> str:
        """The hole in words."""
        days = f"{self.since}" if self.since == self.until else f"{self.since} to {self.until}"
        what = f"{self.pages} announced pages not taken" if self.kind == "not_taken" else "no page known"
        return f"{days}: {what}"

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, days in ISO 8601."""
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedPage:
    """A page that a list named and no run has taken."""

    source: str
    url: str
    feed: str
    title: str | None
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Days and holes, by source and day."""

    days: tuple[DayCoverage, ...] = ()
    holes: tuple[Hole, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return both as lists of dictionaries."""
        return {"days": [one.as_dict() for one in self.days], "holes": [one.as_dict() for one in self.holes]}


def read_coverage(warehouse: Warehouse, *, source: str | None = None, since: date | None = None) -> Coverage:
    """Return the coverage from a day on, 28 days back unless given; empty without a warehouse."""
    today = datetime.now(UTC).date()
    if not warehouse.path.exists():
        return Coverage()
    with warehouse.open_for_reading() as connection:
        days = coverage_of(connection, since=since or today - timedelta(days=28), source=source)
    return Coverage(days=tuple(days), holes=tuple(holes_in(days, today=today)))


def coverage_of(connection: Connection, *, since: date, source: str | None = None) -> list[DayCoverage]:
    """Return the coverage of each source and day from `since` on, by source and day."""
    rows = connection.rows(
        "select source, day, announced, captured, loaded, held, quarantined, refused, failed, never_asked "
        "from main.coverage where day >= $1 and ($2 is null or source = $2) order by source, day",
        [since, source],
    )
    names = DayCoverage.__dataclass_fields__
    return [DayCoverage(**dict(zip(names, row, strict=True))) for row in rows]


def holes_in(days: Sequence[DayCoverage], *, today: date) -> list[Hole]:
    """Return the holes of all sources, by source and day; neighbouring days of one kind are one hole.

    A day without any page is a hole when at least half of the source's other days of that weekday, and two of them,
    have pages: a weekly has none on six days, and a paper without a Sunday issue none on Sundays. Today is not over.
    """
    by_source: dict[str, dict[date, DayCoverage]] = defaultdict(dict)
    for one in days:
        by_source[one.source][one.day] = one
    return [hole for source, known in sorted(by_source.items()) for hole in _holes(source, known, today)]


def _holes(source: str, known: dict[date, DayCoverage], today: date) -> Iterable[Hole]:
    found: list[Hole] = []
    day = min(known)
    while day < today:
        missing = known[day].missing if day in known else 0
        kind: Literal["not_taken", "nothing"] | None = "not_taken" if missing else None
        if day not in known and _has_pages_as_a_rule(day, known, today):
            kind = "nothing"
        if kind:
            last = found[-1] if found else None
            if last and last.kind == kind and last.until == day - timedelta(days=1):
                found[-1] = Hole(source=source, since=last.since, until=day, kind=kind, pages=last.pages + missing)
            else:
                found.append(Hole(source=source, since=day, until=day, kind=kind, pages=missing))
        day += timedelta(days=1)
    return found


def _has_pages_as_a_rule(day: date, known: dict[date, DayCoverage], today: date) -> bool:
    first = min(known)
    same = [first + timedelta(days=n) for n in range((today - first).days)]
    same = [other for other in same if other.weekday() == day.weekday() and other != day]
    with_pages = sum(other in known for other in same)
    return with_pages >= _MIN_WEEKS and with_pages >= _LIKELY * len(same)


def missed_pages(path: Path, source: str, since: date, *, lock_timeout_s: float = 30) -> list[MissedPage]:
    """Return the pages that were announced on or after a day and not taken: those never asked for, and failures."""
    if not path.exists():
        return []
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        rows = connection.rows(
            "select s.source, coalesce(any_value(a.url), s.uri), min(s.feed), any_value(s.title_hint), "
            "any_value(s.published_hint) from audit.sightings as s "
            "left join ops.address_state as a on a.source = s.source and a.uri = s.uri "
            "where s.source = $1 and coalesce(try_cast(s.published_hint as timestamptz), s.seen_at)::date >= $2 "
            "and (a.last_outcome is null or a.last_outcome in ('failed', 'deferred')) "
            "and s.uri not in (select uri from audit.captures) group by s.source, s.uri order by s.uri",
            [source, since],
        )
    return [MissedPage(source=r[0], url=r[1], feed=r[2], title=r[3], published=r[4]) for r in rows]
