"""Trends: articles a day of a search, per publisher, and words that rise."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from copydesk.browse.charts import day_lines
from copydesk.browse.pages import Ask, Page, Reading, Table
from copydesk.browse.views.search import query_of
from copydesk.store.read.search import Matches, rising_words

__all__ = ["trends"]

_PUBLISHERS = 6
_RISING = 40


def trends(reading: Reading, ask: Ask) -> Page:
    """Return articles a day of a search by publisher; without words of all articles, and the words that rise."""
    query = query_of(ask)
    window = ask.number("window", 7, least=1, most=90)
    rows: list[tuple[Any, ...]] = []
    rising: list[dict[str, Any]] = []
    if reading.index is not None:
        index = reading.index
        rows = reading.cached(("days", query), lambda: Matches(reading.connection, index, query).days(_PUBLISHERS))
        if not query.words:
            rising = reading.cached(
                ("rising", window, query.language),
                lambda: rising_words(index, days=window, language=query.language, limit=_RISING),
            )
    counted = [{"day": day, "publisher": publisher, "articles": n} for day, publisher, n in rows]
    return Page(
        template="trends.html.j2",
        title=f"Trend of “{query.words}”" if query.words else "Trends",
        section="trends",
        data={
            "query": {k: str(v) for k, v in asdict(query).items() if v not in (None, "", False)},
            "days": counted,
            "total": sum(row["articles"] for row in counted),
            "rising": rising,
        },
        extra={
            "window": window,
            "chart": day_lines(rows, title="Articles a day by publisher") if rows else "",
            "filters": {k: ask.text(k) for k in ("publisher", "language", "source", "since", "until") if ask.text(k)},
            "notice": ""
            if reading.index is not None
            else "The search index is being made; reload the page in a while.",
            "month_ago": (reading.now - timedelta(days=30)).date(),
        },
        table=Table.of(counted, "day", "publisher", "articles"),
    )
