"""Full-text search: words, phrases and filters, ranked by BM25, with the number of all hits.

    words --parse--> any of these words, all of these phrases
    search index --matching--> docid, score --filters--> total, page of hits, counts by publisher, language and day
    warehouse --hits--> title, authors, excerpt

BM25 after Robertson and Zaragoza (2009), k1 = 1.2, b = .75, by language group; see `search_index`. Where the full-text
extension cannot be had, every word is looked for as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from copydesk.store.read import search_index
from copydesk.store.read.search_index import NOT_A_WORD, UNSPACED, index_path, open_index, refresh_index
from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = [
    "MAX_TOTAL",
    "Hit",
    "SearchQuery",
    "SearchResult",
    "day_counts",
    "facets",
    "index_path",
    "read_hits",
    "refresh_index",
    "rising_words",
    "search",
    "search_open",
]

_SQL = Path(__file__).parent / "sql"
MAX_TOTAL = 1_000
"""Hits are counted up to here; more are "more than 1,000", and no page begins beyond."""
_MAX_PHRASE_TEXTS = 2_000
"""Texts that are looked through for a phrase, the best by its words first."""
_EXCERPT_CHARS = 220
_QUOTED = re.compile(r'"([^"]*)"')
_extension = search_index.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that was found.

    Attributes:
        score: Higher the better it fits; None when it was found without ranking.
        printed_at: The date the page gives, else when it was first seen (UTC).
        uri: Its address, else its path.
        excerpt: The stretch of its text around the first of the words.
        printed_by: Number of publishers that print the same story, itself included.
    """

    article_id: str
    score: float | None
    publisher: str
    title: str | None
    published_at: datetime | None
    uri: str
    excerpt: str
    source: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    section_path: tuple[str, ...] = ()
    body_words: int | None = None
    printed_at: datetime | None = None
    story_id: str | None = None
    printed_by: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer to a search, an iterable of its hits.

    Attributes:
        hits: One page of them.
        ranked: False where the full-text extension is missing.
        total: Number of all hits; with `more` at least so many.
        more: Whether there are more than were counted.
    """

    hits: tuple[Hit, ...]
    ranked: bool
    total: int = 0
    more: bool = False

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What is looked for, and among which articles.

    Attributes:
        words: Any of them may occur; what stands in double quotes must occur as it stands, case and accents apart.
        publisher, source, language, kind: Only these.
        author: Only articles with an author of this name, case apart.
        section: Only articles with this step in their section path, case apart.
        since, until: Only articles printed on these days (UTC) or between them, both included.
        newest: Latest first instead of best first.
    """

    words: str = ""
    publisher: str | None = None
    source: str | None = None
    language: str | None = None
    kind: str | None = None
    author: str | None = None
    section: str | None = None
    since: date | None = None
    until: date | None = None
    newest: bool = False

    @property
    def phrases(self) -> tuple[str, ...]:
        """What stands in double quotes."""
        return tuple(p.strip() for p in _QUOTED.findall(self.words) if p.strip())

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        named = (self.publisher, self.source, self.language, self.kind, self.author, self.section)
        return any((*named, self.since, self.until))


def search(
    warehouse: Warehouse,
    words: str,
    *,
    language: str | None = None,
    publisher: str | None = None,
    source: str | None = None,
    kind: str | None = None,
    author: str | None = None,
    section: str | None = None,
    since: date | None = None,
    until: date | None = None,
    newest: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> SearchResult:
    """Find articles by their words; the index is brought up to date first.

    Args:
        warehouse: Read for as long as the texts take to copy (when the index is old) and the hits to look up.
        words: See `SearchQuery`. Without words all articles are found that meet the filters, latest first; without
            either, none.
        language: Only articles in this language (ISO 639-1).
        publisher: Only articles of this publisher.
        source: Only articles of this source.
        kind: Only pages of this kind.
        author: Only articles with an author of this name.
        section: Only articles of this section.
        since: Only articles printed on this day (UTC) or later.
        until: Only articles printed on this day or earlier.
        newest: Latest first instead of best first.
        limit: At most so many hits.
        offset: So many are left out before them.

    Raises:
        WarehouseBusyError, WarehouseVersionError: The warehouse cannot be read.
    """
    query = SearchQuery(
        words=words, language=language, publisher=publisher, source=source, kind=kind, author=author, section=section,
        since=since, until=until, newest=newest,
    )  # fmt: skip
    if not words.strip() and not query.narrowed:
        return SearchResult(hits=(), ranked=_extension() is not None)
    if _extension() is None:
        with warehouse.open_for_reading() as connection:
            return _plain(connection, query, limit, offset)
    refresh_index(warehouse)
    with open_index(index_path(warehouse.path)) as raw, warehouse.open_for_reading() as connection:
        return search_open(connection, raw, query, limit=limit, offset=offset)


def search_open(
    connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery, *, limit: int = 20, offset: int = 0
) -> SearchResult:
    """Find articles by an index that is open; without words and filters all articles, latest first."""
    allowed = _phrase_ids(connection, index, query)
    rest = f"{_PAGE} order by {_order(query)}, article_id limit $limit offset $offset"
    rows = _ask(index, query, allowed, rest, max_total=MAX_TOTAL + 1, limit=limit, offset=offset)
    total = rows[0][2] if rows else _count(index, query, allowed)
    hits = read_hits(connection, [(str(a), s) for a, s, _ in rows], query)
    more = total > MAX_TOTAL or (allowed is not None and allowed.cut)
    return SearchResult(hits=hits, ranked=True, total=min(total, MAX_TOTAL), more=more)


def facets(
    connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery, *, limit: int = 12
) -> dict[str, list[tuple[str, int]]]:
    """Return how many of all hits are of each publisher, language and source, most frequent first."""
    allowed = _phrase_ids(connection, index, query)
    rows = _ask(index, query, allowed, _FACETS, limit=limit)
    found: dict[str, list[tuple[str, int]]] = {"publisher": [], "language": [], "source": []}
    for facet, value, count in rows:
        found[facet].append((value, count))
    return found


def day_counts(
    connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery, *, publishers: int = 6
) -> list[tuple[date, str, int]]:
    """Return (day, publisher, articles) of all hits; publishers beyond the most frequent are joined as "others"."""
    allowed = _phrase_ids(connection, index, query)
    return _ask(index, query, allowed, _DAYS, publishers=publishers)


def rising_words(
    index: duckdb.DuckDBPyConnection, *, days: int = 7, language: str | None = None, limit: int = 40
) -> list[dict[str, Any]]:
    """Return words (as their stems) that are in more articles of the last days than before, the strongest rise first.

    The last days end with the latest article. A word counts from its third article on; `rise` is its share of the
    articles of the last days by its share of all earlier ones, both with one article added.
    """
    sql = (_SQL / "search_rising.sql").read_text(encoding="utf-8")
    rows = index.execute(sql, {"days": days, "language": language, "limit": limit}).fetchall()
    names = ("word", "language", "recent", "earlier", "rise")
    return [dict(zip(names, row, strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Allowed:
    """Ids of the articles with all phrases; `cut` where not all candidates were looked through."""

    ids: list[str]
    cut: bool


_FILTERS = (
    ("publisher", "publisher = $publisher"),
    ("source", "source = $source"),
    ("language", "language = $language"),
    ("kind", "kind = $kind"),
    ("author", "list_contains(list_transform(authors, lambda a: lower(a)), lower($author))"),
    ("section", "list_contains(list_transform(sections, lambda s: lower(s)), lower($section))"),
    ("since", "printed_at >= $since::date"),
    ("until", "printed_at < $until::date + 1"),
)


_PAGE = (
    "select article_id, score, (select count(*) from (select 1 from matched limit $max_total)) as total from matched"
)
_FACETS = """select * from (
    select 'publisher' as facet, publisher as value, count(*) as articles from matched group by all
    union all select 'language', language, count(*) from matched group by all
    union all select 'source', source, count(*) from matched group by all
)
qualify row_number() over (partition by facet order by articles desc, value) <= $limit
order by facet, articles desc, value"""
_WITH_ALL = """select article_id from matched where docid in (select docid from scored where has_all)
order by score desc, article_id limit $most"""
_DAYS = """, most as (select publisher from matched group by 1 order by count(*) desc, publisher limit $publishers)
select printed_at::date, case when publisher in (from most) then publisher else 'others' end, count(*)
from matched group by all order by all"""


def _ask(
    index: duckdb.DuckDBPyConnection, query: SearchQuery, allowed: _Allowed | None, rest: str, **more: Any
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement over `matched`, the CTE that has one row per hit."""
    return index.execute(_select(query, allowed, rest), _parameters(query, allowed, **more)).fetchall()


def _select(query: SearchQuery, allowed: _Allowed | None, rest: str) -> str:
    """Return a statement that begins with the CTE `matched`, one row per hit, and goes on with `rest`."""
    conditions = [sql for name, sql in _FILTERS if getattr(query, name) is not None]
    if allowed is not None:
        conditions.append("article_id in (select unnest($allowed::varchar[]))")
    where = " and ".join(conditions) or "true"
    if not query.words.strip():
        return f"with matched as (select *, null::double as score from articles where {where}) {rest}"  # noqa: S608 our own
    scored = (_SQL / "search_scored.sql").read_text(encoding="utf-8")
    join = "join" if allowed is None else "left join"  # a phrase can be of words that the index leaves out
    matched = f"select a.*, coalesce(s.score, 0) as score from articles as a {join} scored as s using (docid)"  # noqa: S608
    return f"{scored}, matched as ({matched} where {where}) {rest}"


def _parameters(query: SearchQuery, allowed: _Allowed | None, **more: Any) -> dict[str, Any]:
    named = {name: getattr(query, name) for name, _ in _FILTERS if getattr(query, name) is not None}
    if query.words.strip():
        named |= {"words": _spaced(query.words), "not_a_word": NOT_A_WORD}
    if allowed is not None:
        named["allowed"] = allowed.ids
    return named | more


def _order(query: SearchQuery) -> str:
    return "printed_at desc" if query.newest or not query.words.strip() else "score desc"


def _count(index: duckdb.DuckDBPyConnection, query: SearchQuery, allowed: _Allowed | None) -> int:
    """Return the number of hits where a page beyond the last one was asked for."""
    rest = "select count(*) from (select 1 from matched limit $max_total)"
    return int(_ask(index, query, allowed, rest, max_total=MAX_TOTAL + 1)[0][0])


def _phrase_ids(connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery) -> _Allowed | None:
    """Return the articles with all phrases; None when there is none to look for.

    Articles with all words of the phrases come from the index; their texts are looked through in the warehouse.
    """
    if not query.phrases:
        return None
    words = replace(query, words=" ".join(query.phrases))
    rows = _ask(index, words, None, _WITH_ALL, most=_MAX_PHRASE_TEXTS + 1) or _latest(index, query)
    candidates = [str(article) for (article,) in rows]
    found = connection.script_rows(
        _SQL / "search_phrases.sql",
        {
            "ids": candidates[:_MAX_PHRASE_TEXTS],
            "phrases": [_spaced(p) for p in query.phrases],
            "unspaced": UNSPACED,
            "not_a_word": NOT_A_WORD,
        },
    )
    return _Allowed([str(article) for (article,) in found], len(candidates) > _MAX_PHRASE_TEXTS)


def _latest(index: duckdb.DuckDBPyConnection, query: SearchQuery) -> list[tuple[Any, ...]]:
    """Return the latest articles that meet the filters: a phrase of words that no index holds can be in any text."""
    rest = "select article_id from matched order by printed_at desc, article_id limit $most"
    return _ask(index, replace(query, words=""), None, rest, most=_MAX_PHRASE_TEXTS + 1)


def _spaced(words: str) -> str:
    """Set characters of scripts without spaces apart, as the index has them."""
    return re.sub(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])", r" \1 ", words)


def read_hits(
    connection: Connection, scored: Sequence[tuple[str, float | None]], query: SearchQuery
) -> tuple[Hit, ...]:
    """Return the hits of (article id, score) in this order, without those that the warehouse does not hold."""
    rows = connection.script_rows(_SQL / "search_hits.sql", {"ids": [article for article, _ in scored]})
    by_id = {row[0]: row for row in rows}
    return tuple(_hit(by_id[article], score, query.words) for article, score in scored if article in by_id)


def _plain(connection: Connection, query: SearchQuery, limit: int, offset: int) -> SearchResult:
    """Find articles that contain every word exactly, latest first."""
    named = {name: getattr(query, name) for name, _ in _FILTERS if getattr(query, name) is not None}
    where = " and ".join(sql for name, sql in _FILTERS if name in named) or "true"
    wanted = [*query.phrases, *_QUOTED.sub(" ", query.words).replace('"', " ").split()]
    sql = (_SQL / "search_plain.sql").read_text(encoding="utf-8").replace("{where}", where)
    ids = connection.rows(sql, {**named, "words": wanted, "most": MAX_TOTAL + 1})
    page = [(str(article), None) for (article,) in ids[offset : min(offset + limit, MAX_TOTAL)]]
    more = len(ids) > MAX_TOTAL
    return SearchResult(
        hits=read_hits(connection, page, query), ranked=False, total=min(len(ids), MAX_TOTAL), more=more
    )


def _hit(row: tuple[Any, ...], score: float | None, words: str) -> Hit:
    article, publisher, title, published, uri, source, language, authors, sections, count, printed, story, by, text = (
        row
    )
    return Hit(
        article_id=article,
        score=score,
        publisher=publisher,
        title=title,
        published_at=published,
        uri=uri,
        excerpt=_excerpt(text, words),
        source=source,
        language=language,
        authors=tuple(authors or ()),
        section_path=tuple(sections or ()),
        body_words=count,
        printed_at=printed,
        story_id=story,
        printed_by=by or 1,
    )


def _excerpt(text: str, words: str) -> str:
    """Return a stretch of the text around the first phrase or word, or its beginning."""
    plain = " ".join(text.split())
    lowered = plain.lower()
    wanted = [p.lower() for p in _QUOTED.findall(words) if p.strip()] or [w[:5] for w in words.lower().split()]
    places = [p for w in wanted if (p := lowered.find(w.strip('"'))) >= 0]
    start = max(0, min(places, default=0) - 60)
    start = plain.find(" ", start) + 1 if start else 0
    end = start + _EXCERPT_CHARS
    if len(plain) > end and (space := plain.rfind(" ", start, end)) > start + _EXCERPT_CHARS // 2:
        end = space
    return ("… " if start else "") + plain[start:end] + (" …" if len(plain) > end else "")
