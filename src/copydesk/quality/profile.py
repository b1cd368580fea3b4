"""Profile of a source by week: what its columns are like, how far that is from the weeks before, and its template.

    language, charset, length, title, date, byline, quotes   --> distance from the four weeks before, with a limit
    class names, block count, furniture                      --> "template changed on 3 March, 40 pages since, ..."

Distance is that of Jensen and Shannon in bits, 0 to 1 (Lin 1991). Of two samples of one distribution with k values and
n and m articles it is about (k - 1) (1/n + 1/m) / (8 ln 2); the limit is three times that, above .05 or the band of
the weeks before (`quality/history.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import log, log2
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

import copydesk.store.read as _read
from copydesk.quality.expectations import Queryable
from copydesk.quality.history import band_of
from copydesk.wording import counted

__all__ = [
    "ColumnWeek",
    "Page",
    "Profile",
    "TemplateChange",
    "distance",
    "read_profile",
    "template_changes",
    "weeks_of",
]

_SQL = Path(_read.__file__).parent / "sql"
_BEFORE = 4
_MIN_ARTICLES = 20
_MIN_DISTANCE, _MIN_DEVIATION, _DEVIATIONS = 0.05, 0.01, 5
_PAGES_BEFORE, _MIN_BEFORE, _MIN_AFTER = 40, 8, 5
_SAME_TEMPLATE = 0.5
"""Share of its usual overlap from which on a page has the template of the pages before it."""
_MIN_FURNITURE, _MIN_BLOCKS = 0.05, 0.15
_SHOWN_PAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnWeek:
    """One column of a source in one week.

    Attributes:
        week: Its Monday.
        articles: Articles of the week.
        values: Value -> share of the articles, the most frequent first.
        distance: From the four weeks before; None with fewer than 20 articles in either.
        limit: Beyond which it has drifted.
    """

    source: str
    name: str
    week: date
    articles: int
    values: Mapping[str, float]
    distance: float | None = None
    limit: float | None = None

    @property
    def drifted(self) -> bool:
        """Whether the column is further from the weeks before than it may be."""
        return self.distance is not None and self.limit is not None and self.distance > self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page with its template: sketch of class names, visible blocks, share of characters that were cut."""

    source: str
    publisher: str
    captured_at: datetime
    article_id: str
    uri: str
    names: frozenset[str]
    blocks: float
    furniture: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """A publisher of a source that makes its pages with another template.

    Attributes:
        day: First day of the new template (UTC).
        pages: Pages since.
        overlap: Share of class names that pages have in common with those before, as a share of what is usual.
        furniture: Change of the share of characters that are cut.
        blocks: Visible blocks against before, 1 is the same.
        look_at: Addresses or paths of three pages, the latest first.
        articles: Ids of their articles.
    """

    source: str
    publisher: str
    day: date
    pages: int
    overlap: float
    furniture: float
    blocks: float
    look_at: tuple[str, ...]
    articles: tuple[str, ...]

    @property
    def line(self) -> str:
        """What happened, in one line."""
        return (
            f"{self.publisher}: template changed on {self.day.day} {self.day:%B}, {counted(self.pages, 'page')} since, "
            f"furniture share {100 * self.furniture:+.0f} points, blocks {100 * (self.blocks - 1):+.0f} %, "
            f"{100 * self.overlap:.0f} % of the class names"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Weeks of the columns of some sources, oldest first, and changes of templates."""

    columns: tuple[ColumnWeek, ...]
    changes: tuple[TemplateChange, ...]

    @property
    def drifts(self) -> tuple[ColumnWeek, ...]:
        """Columns that drifted, the latest first."""
        return tuple(sorted((c for c in self.columns if c.drifted), key=lambda c: c.week, reverse=True))

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        columns = [{**asdict(c), "week": c.week.isoformat(), "drifted": c.drifted} for c in self.columns]
        changes = [{**asdict(c), "day": c.day.isoformat(), "line": c.line} for c in self.changes]
        return {"columns": columns, "template_changes": changes}


def read_profile(connection: Queryable, *, now: datetime, source: str | None = None, weeks: int = 12) -> Profile:
    """Return the profile of one source or of all.

    Args:
        connection: The warehouse.
        now: The moment (UTC).
        source: Only this one.
        weeks: How far back.
    """
    since = now - timedelta(weeks=weeks)
    counted = connection.rows((_SQL / "profile_columns.sql").read_text(encoding="utf-8"), [since, source])
    rows = connection.rows((_SQL / "profile_pages.sql").read_text(encoding="utf-8"), [since, source])
    pages = [
        Page(
            source=of,
            publisher=publisher,
            captured_at=at,
            article_id=article,
            uri=uri,
            names=frozenset(sketch[k : k + 8] for k in range(0, len(sketch), 8)),
            blocks=blocks or 0,
            furniture=furniture,
        )
        for of, publisher, at, article, uri, sketch, blocks, furniture in rows
    ]
    return Profile(columns=tuple(weeks_of(counted)), changes=tuple(template_changes(pages)))


def weeks_of(rows: Iterable[Sequence[Any]]) -> list[ColumnWeek]:
    """Return the weeks of each column with their distances.

    Args:
        rows: (source, column, week, value, articles), by source, column and week.
    """
    found: list[ColumnWeek] = []
    for (source, name), some in groupby(rows, key=lambda row: (row[0], row[1])):
        counts: dict[date, Counter[str]] = defaultdict(Counter)
        for _, _, week, value, articles in some:
            counts[week][value] += articles
        distances: list[float] = []
        for week in sorted(counts):
            before: Counter[str] = Counter()
            for k in range(1, _BEFORE + 1):
                before += counts.get(week - timedelta(weeks=k), Counter())
            one = _week(source, name, week, counts[week], before, distances)
            if one.distance is not None and not one.drifted:
                distances.append(one.distance)
            found.append(one)
    return found


def _week(
    source: str, name: str, week: date, count: Counter[str], before: Counter[str], distances: Sequence[float]
) -> ColumnWeek:
    articles = count.total()
    one = ColumnWeek(
        source=source,
        name=name,
        week=week,
        articles=articles,
        values={value: round(n / articles, 4) for value, n in count.most_common()},
    )
    if min(articles, before.total()) < _MIN_ARTICLES:
        return one
    chance = (len(count | before) - 1) * (1 / articles + 1 / before.total()) / (8 * log(2))
    band = band_of(np.array(distances), _MIN_DEVIATION)
    usual = band.bound("over", _DEVIATIONS) if band else _MIN_DISTANCE
    limit = max(_MIN_DISTANCE, usual) + 3 * chance
    return ColumnWeek(**{**asdict(one), "distance": round(distance(count, before), 4), "limit": round(limit, 4)})


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the Jensen-Shannon divergence of two counts in bits: 0 for the same shares, 1 for nothing in common."""
    n, m = sum(one.values()), sum(other.values())
    total = 0.0
    for value in one.keys() | other.keys():
        p, q = one.get(value, 0) / n, other.get(value, 0) / m
        mean = (p + q) / 2
        total += sum(x * log2(x / mean) for x in (p, q) if x) / 2
    return max(0.0, total)


def template_changes(pages: Iterable[Page]) -> list[TemplateChange]:
    """Return the last change of template of each publisher of a source.

    A day begins a new template when its pages and those since share less than half of the class names that the pages
    before share among themselves, and furniture (5 points) or blocks (15 %) jump with them.

    Args:
        pages: By source, publisher and time.
    """
    found = []
    for _, some in groupby(pages, key=lambda page: (page.source, page.publisher)):
        own = list(some)
        starts = [n for n in range(1, len(own)) if own[n].captured_at.date() != own[n - 1].captured_at.date()]
        changes = [change for n in starts if (change := _change(own, n)) is not None]
        if changes:
            found.append(min(changes, key=lambda change: (change.overlap, change.day)))
    return found


def _change(pages: Sequence[Page], start: int) -> TemplateChange | None:
    before, after = pages[max(0, start - _PAGES_BEFORE) : start], pages[start:]
    if len(before) < _MIN_BEFORE or len(after) < _MIN_AFTER:
        return None
    usual = _overlap(before[::2], before[1::2])
    first, overlap = (_overlap(before, after[:n]) / usual if usual else 1.0 for n in (_SHOWN_PAGES, _PAGES_BEFORE))
    furniture = median(p.furniture for p in after) - median(p.furniture for p in before)
    blocks = median(p.blocks for p in after) / max(1.0, median(p.blocks for p in before))
    if max(first, overlap) >= _SAME_TEMPLATE or (abs(furniture) < _MIN_FURNITURE and abs(blocks - 1) < _MIN_BLOCKS):
        return None
    shown = after[: -_SHOWN_PAGES - 1 : -1]
    return TemplateChange(
        source=after[0].source,
        publisher=after[0].publisher,
        day=after[0].captured_at.date(),
        pages=len(after),
        overlap=round(overlap, 4),
        furniture=round(furniture, 4),
        blocks=round(blocks, 4),
        look_at=tuple(p.uri for p in shown),
        articles=tuple(p.article_id for p in shown),
    )


def _overlap(some: Sequence[Page], others: Sequence[Page]) -> float:
    """Return the mean share of names that a page of the one has in common with one of the others."""
    return fmean(len(a.names & b.names) / max(1, min(len(a.names), len(b.names))) for a in some for b in others)
