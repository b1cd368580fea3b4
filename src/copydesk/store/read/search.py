"""Full-text search: words, phrases and filters, ranked by BM25, with the number of all hits.

    words --parse--> any of these words, all of these phrases
    search index --matching--> docid, score --filters--> total, page of hits, counts by publisher, language and day
    warehouse --hits--> title, authors, excerpt

BM25 after Robertson and Zaragoza (2009), k1 = 1.2, b = .75, by language group; see `search_index`. Where the full-text
extension cannot be had, every word is looked for as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from copydesk.rules_file import package_rules
from copydesk.store.read import search_index
from copydesk.store.read.search_hits import QUOTED, Hit, read_hits
from copydesk.store.read.search_index import NOT_A_WORD, UNSPACED, index_path, open_index, refresh_index
from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = [
    "MAX_TOTAL",
    "Hit",
    "Matches",
    "SearchQuery",
    "SearchResult",
    "index_path",
    "refresh_index",
    "rising_words",
    "search",
]

_SQL = Path(__file__).parent / "sql"
MAX_TOTAL = 1_000
"""Hits are counted up to here; more are "more than 1,000", and no page begins beyond."""
_MAX_PHRASE_TEXTS = MAX_TOTAL
"""Texts that are looked through for a phrase, the best by its words first."""
_extension = search_index.extension


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
        return tuple(p.strip() for p in QUOTED.findall(self.words) if p.strip())

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
    making: Callable[[int], None] | None = None,
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
        making: Called with the number of articles before an index of them is made.

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
    refresh_index(warehouse, making=making)
    with open_index(index_path(warehouse.path)) as raw, warehouse.open_for_reading() as connection:
        return Matches(connection, raw, query).page(limit, offset)


class Matches:
    """All hits of one query, found once: counted, paged, and told apart by publisher, language and day.

    Attributes:
        query: What was looked for; without words and filters all articles are hits.
        cut: Whether not all candidates for a phrase were looked through.
    """

    def __init__(self, connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery) -> None:
        """Find them, as a temporary table of this cursor of the index."""
        self.query, self._connection, self._index = query, connection, index
        phrases = _with_phrases(connection, index, query)
        self.cut = phrases is not None and phrases.cut
        if phrases is None or QUOTED.sub("", query.words).strip():
            _find(index, query, phrases)
        else:  # what was found for the phrases is all
            index.execute(
                "create or replace temp table chosen as select unnest($1::bigint[]) as docid", [phrases.docids]
            )
            index.execute(f"create or replace temp view matched as {phrases.among} where docid in (from chosen)")
        self.found = int(self._rows("select count(*) from matched")[0][0])

    @property
    def total(self) -> int:
        """Their number, counted up to `MAX_TOTAL`."""
        return min(self.found, MAX_TOTAL)

    @property
    def more(self) -> bool:
        """Whether there are more than that."""
        return self.found > MAX_TOTAL or self.cut

    def page(self, limit: int, offset: int = 0) -> SearchResult:
        """Return `limit` hits from `offset` on, best or latest first."""
        order = "printed_at desc" if self.query.newest or not self.query.words.strip() else "score desc"
        rows = self._rows(
            f"select article_id, score from matched order by {order}, article_id limit $limit offset $offset",  # noqa: S608
            limit=limit,
            offset=offset,
        )
        hits = read_hits(self._connection, [(str(a), s) for a, s in rows], self.query.words)
        return SearchResult(hits=hits, ranked=True, total=self.total, more=self.more)

    def ids(self, limit: int) -> list[str]:
        """Return the ids of the latest hits."""
        rows = self._rows(
            "select article_id from matched order by printed_at desc, article_id limit $limit", limit=limit
        )
        return [str(article) for (article,) in rows]

    def facets(self, limit: int = 12) -> dict[str, list[tuple[str, int]]]:
        """Return how many are of each publisher, language and source, most frequent first."""
        found: dict[str, list[tuple[str, int]]] = {"publisher": [], "language": [], "source": []}
        for facet, value, count in self._rows(_FACETS, limit=limit):
            found[facet].append((value, count))
        return found

    def days(self, publishers: int = 6) -> list[tuple[date, str, int]]:
        """Return (day, publisher, articles); publishers beyond the most frequent are joined as "others"."""
        return self._rows(_DAYS, publishers=publishers)

    def _rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self._index.execute(sql, parameters or None).fetchall()


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


_FACETS = """
select * from (
    select 'publisher' as facet, publisher as value, count(*) as articles from matched group by all
    union all select 'language', language, count(*) from matched group by all
    union all select 'source', source, count(*) from matched group by all
)
qualify row_number() over (partition by facet order by articles desc, value) <= $limit
order by facet, articles desc, value
"""
_DAYS = """
with most as (select publisher from matched group by 1 order by count(*) desc, publisher limit $publishers)
select printed_at::date, case when publisher in (from most) then publisher else 'others' end, count(*)
from matched group by all order by all
"""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Docids of the articles with all phrases, `among` which; `cut` where not all candidates were looked through."""

    docids: list[int]
    among: str
    cut: bool


def _find(index: duckdb.DuckDBPyConnection, query: SearchQuery, phrases: _Phrases | None = None) -> str:
    """Make the temporary view `matched`, one row per hit; return what it selects. All articles are not copied."""
    conditions = [sql for name, sql in _FILTERS if getattr(query, name) is not None]
    named = {name: getattr(query, name) for name, _ in _FILTERS if getattr(query, name) is not None}
    if phrases is not None:
        conditions.append("docid in (select unnest($docids::bigint[]))")
        named["docids"] = phrases.docids
    columns = "docid, article_id, publisher, source, language, printed_at"
    if query.words.strip():
        scored = (_SQL / "search_scored.sql").read_text(encoding="utf-8")
        join = "join" if phrases is None else "left join"  # a phrase can be of words that the index leaves out
        articles = f"from articles {join} scored using (docid)"
        found = f"{scored} select {columns}, coalesce(score, 0) as score, has_all {articles}"
        scripts, prefixes = _prefixes()
        named |= {
            "words": _spaced(query.words),
            "not_a_word": NOT_A_WORD,
            "prefix_scripts": scripts,
            "prefixes": prefixes,
        }
    else:
        found = f"select {columns}, null::double as score, true as has_all from articles"  # noqa: S608 our own names
    where = " and ".join(conditions)
    if where or query.words.strip():
        index.execute(f"create or replace temp table found as {found} where {where or 'true'}", named or None)
        found = "from found"
    index.execute(f"create or replace temp view matched as {found}")
    return found


def _with_phrases(connection: Connection, index: duckdb.DuckDBPyConnection, query: SearchQuery) -> _Phrases | None:
    """Return the articles with all phrases; None when there is none to look for.

    Articles with all words of the phrases come from the index; their texts are looked through in the warehouse. Where
    the index has no article with all of them (stop words), the latest are looked through.
    """
    if not query.phrases:
        return None
    most = {"most": _MAX_PHRASE_TEXTS + 1}
    among = _find(index, replace(query, words=" ".join(query.phrases)))
    best = "select docid, article_id from matched where has_all order by score desc, article_id limit $most"
    rows = index.execute(best, most).fetchall()
    if not rows:
        among = _find(index, replace(query, words=""))
        latest = "select docid, article_id from matched order by printed_at desc, article_id limit $most"
        rows = index.execute(latest, most).fetchall()
    docids = {str(article): docid for docid, article in rows[:_MAX_PHRASE_TEXTS]}
    found = connection.script_rows(
        _SQL / "search_phrases.sql",
        {
            "ids": list(docids),
            "phrases": [_spaced(p) for p in query.phrases],
            "unspaced": UNSPACED,
            "not_a_word": NOT_A_WORD,
        },
    )
    return _Phrases([docids[str(article)] for (article,) in found], among, len(rows) > _MAX_PHRASE_TEXTS)


@lru_cache(maxsize=1)
def _prefixes() -> tuple[list[str], list[str]]:
    """Return the words that are written together with the next one, and the pattern of their script for each."""
    pairs = [(e["script"], prefix) for e in package_rules("search_prefixes.toml").values() for prefix in e["prefixes"]]
    return [script for script, _ in pairs], [prefix for _, prefix in pairs]


def _spaced(words: str) -> str:
    """Set characters of scripts without spaces apart, as the index has them."""
    return re.sub(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])", r" \1 ", words)


def _plain(connection: Connection, query: SearchQuery, limit: int, offset: int) -> SearchResult:
    """Find articles that contain every word exactly, latest first."""
    named = {name: getattr(query, name) for name, _ in _FILTERS if getattr(query, name) is not None}
    where = " and ".join(sql for name, sql in _FILTERS if name in named) or "true"
    wanted = [*query.phrases, *QUOTED.sub(" ", query.words).replace('"', " ").split()]
    sql = (_SQL / "search_plain.sql").read_text(encoding="utf-8").replace("{where}", where)
    ids = connection.rows(sql, {**named, "words": wanted, "most": MAX_TOTAL + 1})
    page = [(str(article), None) for (article,) in ids[offset : min(offset + limit, MAX_TOTAL)]]
    more = len(ids) > MAX_TOTAL
    return SearchResult(
        hits=read_hits(connection, page, query.words), ranked=False, total=min(len(ids), MAX_TOTAL), more=more
    )
