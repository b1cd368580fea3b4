"""Search: hits with excerpts, counts by publisher, language and source, and the days on which they were printed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from copydesk.browse.charts import day_bars
from copydesk.browse.pages import Ask, Page, Reading, Table
from copydesk.store.read.search import MAX_TOTAL, Matches, SearchQuery, SearchResult
from copydesk.store.read.search_hits import read_hits

if TYPE_CHECKING:
    import duckdb

__all__ = ["query_of", "search"]

_PAGE = 20
_FILTERS = ("publisher", "source", "language", "kind", "author", "section")
_COLUMNS = ("article_id", "printed_at", "publisher", "title", "authors", "language", "source", "body_words", "uri")


def query_of(ask: Ask) -> SearchQuery:
    """Return what the parameters of a page look for."""
    filters = {name: ask.maybe(name) for name in _FILTERS}
    return SearchQuery(
        words=ask.text("q"),
        since=ask.day("since"),
        until=ask.day("until"),
        newest=ask.text("order") == "newest",
        **filters,
    )


def search(reading: Reading, ask: Ask) -> Page:
    """Return the articles that match words and filters; without any the latest."""
    query = query_of(ask)
    start = ask.number("from", 0)
    limit = ask.number("n", _PAGE, least=1, most=100)
    if reading.index is None:
        return _without_index(reading, ask, query)
    index = reading.index
    found, counted, days = reading.cached(
        ("search", query, start, limit), lambda: _found(reading, index, query, start, limit)
    )
    return _page(ask, query, found, start=start, limit=limit, counted=counted, days=days)


def _found(
    reading: Reading, index: duckdb.DuckDBPyConnection, query: SearchQuery, start: int, limit: int
) -> tuple[SearchResult, dict[str, list[tuple[str, int]]], list[tuple[date, str, int]]]:
    """Return one page of hits and the counts of all, which are the same on every page of a search."""
    matches = Matches(reading.connection, index, query)
    counted, days = reading.cached(("counts", query), lambda: (matches.facets(), matches.days()))
    return matches.page(limit, start), counted, days


def _page(
    ask: Ask,
    query: SearchQuery,
    found: SearchResult,
    *,
    start: int,
    limit: int,
    counted: dict[str, list[tuple[str, int]]],
    days: list[Any],
) -> Page:
    hits = [asdict(hit) for hit in found.hits]
    params = {name: ask.text(name) for name in ("q", *_FILTERS, "since", "until", "order") if ask.text(name)}
    following = start + limit if start + limit < found.total and start + limit < MAX_TOTAL else None
    return Page(
        template="search.html.j2",
        title=f"“{query.words}”" if query.words else "Articles",
        section="search",
        data={
            "query": {name: str(value) for name, value in asdict(query).items() if value not in (None, "", False)},
            "total": found.total,
            "more": found.more,
            "ranked": found.ranked,
            "from": start,
            "hits": hits,
            "facets": {
                name: [{"value": v, "articles": n} for v, n in counted.get(name, [])]
                for name in ("publisher", "language", "source")
            },
            "days": [{"day": d.isoformat(), "publisher": p, "articles": n} for d, p, n in days],
        },
        extra={
            "params": params,
            "start": start,
            "following": following,
            "previous": max(0, start - limit) if start else None,
            "chart": day_bars([(d, n) for d, _, n in days], title="Articles a day", narrow=True) if days else "",
            "filters": {name: ask.text(name) for name in _FILTERS if ask.text(name)},
            "notice": "",
        },
        table=Table.of(hits, *_COLUMNS),
    )


def _without_index(reading: Reading, ask: Ask, query: SearchQuery) -> Page:
    """Return the latest articles while the search index is being made."""
    rows = reading.rows("latest", publisher=query.publisher, source=query.source, language=query.language, limit=_PAGE)
    hits = read_hits(reading.connection, [(row["article_id"], None) for row in rows], "")
    found = SearchResult(hits=hits, ranked=False, total=len(hits))
    page = _page(ask, query, found, start=0, limit=_PAGE, counted={}, days=[])
    notice = (
        "The search index is being made; it takes about a second per thousand articles, once. "
        "Until then the latest articles are shown; reload the page to search."
    )
    return replace(page, extra={**page.extra, "notice": notice})
