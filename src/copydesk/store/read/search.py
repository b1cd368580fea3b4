"""Full-text search: an index in a file beside the warehouse, so that building it never blocks a load.

    copydesk.duckdb --texts, read-only--> temporary file --one index per language group--> copydesk.search.duckdb

The index is made anew when the articles it was made from have changed (a stamp over articles and revisions says so) and
appears by rename. DuckDB's full-text extension stems by language and ranks by BM25 (Robertson and Zaragoza, 2009);
where it cannot be had, every word is looked for as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from copydesk.filesystem import replacing, temporary_name, write_error
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.engine import connect

__all__ = ["Hit", "SearchResult", "index_path", "refresh_index", "search"]

_SQL = Path(__file__).parent / "sql"

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip
"""Languages whose words the extension can reduce to their stems; all others share one index without."""

# The extension's own default throws away everything but a to z.
_NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
# Scripts without spaces are indexed character by character.
_UNSPACED = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
_EXCERPT_CHARS = 160
_SLICE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that was found; `score` is higher the better it fits, None when it was found without ranking."""

    article_id: str
    score: float | None
    publisher: str
    title: str | None
    published_at: datetime | None
    uri: str
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer to a search, an iterable of its hits; `ranked` is False where the full-text extension is missing."""

    hits: tuple[Hit, ...]
    ranked: bool

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


def index_path(warehouse: Path) -> Path:
    """Return where the index of a warehouse lies."""
    return warehouse.with_suffix(".search.duckdb")


def search(
    warehouse: Warehouse, words: str, *, language: str | None = None, publisher: str | None = None, limit: int = 20
) -> SearchResult:
    """Find articles by their words; the index is brought up to date first.

    Args:
        warehouse: Read for as long as the texts take to copy (when the index is old) and the hits to look up.
        words: Any of them may occur; the more and the rarer, the better the fit.
        language: Only articles in this language (ISO 639-1).
        publisher: Only articles of this publisher.
        limit: At most so many hits.

    Raises:
        WarehouseBusyError, WarehouseVersionError: The warehouse cannot be read.
    """
    if _extension() is None:
        return SearchResult(hits=_plain(warehouse, words, language, publisher, limit), ranked=False)
    refresh_index(warehouse)
    scored = _ranked(warehouse.path, words, language, publisher, limit)
    with warehouse.open_for_reading() as connection:
        return SearchResult(hits=_looked_up(connection, scored, words), ranked=True)


def refresh_index(warehouse: Warehouse) -> bool:
    """Rebuild the index if the articles have changed since it was built; return whether it was rebuilt.

    Raises:
        StoreError: The disk refused.
    """
    target = index_path(warehouse.path)
    texts = temporary_name(target.with_suffix(".parquet"))
    try:
        with warehouse.open_for_reading() as connection:
            stamp = _stamp(connection)
            if _stamp_of(target) == stamp:
                return False
            _copy_texts(connection, texts)
        with replacing(target) as made, connect(made) as raw:
            _build(raw, texts, stamp)
    except (OSError, duckdb.IOException) as error:
        raise write_error(target, error, then="search again") from error
    finally:
        texts.unlink(missing_ok=True)
    return True


def _extension() -> Path | None:
    """Return the file of the full-text extension, from the wheel of the same DuckDB version."""
    spec = find_spec("duckdb_extension_fts")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "extensions" / f"v{duckdb.__version__}"
    files = sorted(folder.glob("**/fts.duckdb_extension"))
    return files[0] if files else None


def _stamp(connection: Connection) -> str:
    """Return a stamp that changes whenever articles or their current texts change."""
    count, mixed = connection.rows(
        "select count(*), coalesce(bit_xor(hash(article_id::varchar, current_revision_id::varchar)), 0) from articles"
    )[0]
    return f"{duckdb.__version__} {count} {mixed}"


def _stamp_of(index: Path) -> str | None:
    if not index.exists():
        return None
    try:
        with connect(index, read_only=True) as raw:
            row = raw.execute("select stamp from made_from").fetchone()
    except duckdb.Error:  # damaged, or of another version: it is made anew
        return None
    return str(row[0]) if row else None


def _copy_texts(connection: Connection, target: Path) -> None:
    """Write the texts to a file; joined slice by slice, since DuckDB keeps all texts it joins in memory."""
    connection.execute(
        "create temp table texts (article_id varchar, publisher varchar, language varchar, title varchar, text varchar)"
    )
    slices = 1 + int(connection.value("select count(*) from articles")) // _SLICE
    for number in range(slices):
        connection.script(_SQL / "search_texts.sql", {"slice": number, "slices": slices, "unspaced": _UNSPACED})
    quoted = str(target).replace("'", "''")
    connection.execute(f"copy texts to '{quoted}' (format parquet)")


def _build(raw: duckdb.DuckDBPyConnection, texts: Path, stamp: str) -> None:
    """Make one table and one index per language group that has articles."""
    _load(raw)
    raw.execute("create table made_from as select $1 as stamp", [stamp])
    raw.execute("create table texts as from read_parquet($1)", [str(texts)])
    present = {row[0] for row in raw.execute("select distinct language from texts").fetchall()}
    for name, stemmer, condition in _groups(present):
        raw.execute(f"create table {name} as from texts where {condition}")
        raw.execute(
            f"pragma create_fts_index('{name}', 'article_id', 'title', 'text', stemmer = '{stemmer}', "
            f"stopwords = '{'english' if stemmer == 'english' else 'none'}', ignore = '{_NOT_A_WORD}', "
            "strip_accents = 1, lower = 1)"
        )
        raw.execute(f"alter table {name} drop column text")
        raw.execute(f"alter table {name} drop column title")
    raw.execute("drop table texts")
    raw.execute("checkpoint")


def _groups(present: set[str]) -> list[tuple[str, str, str]]:
    """Return (table, stemmer, condition) of each language with a stemmer that occurs, and of all others together."""
    stemmed = sorted(present & STEMMERS.keys())
    groups = [(f"docs_{code}", STEMMERS[code], f"language = '{code}'") for code in stemmed]
    listed = ", ".join(f"'{code}'" for code in sorted(STEMMERS))
    return [*groups, ("docs_other", "none", f"language not in ({listed})")] if present - STEMMERS.keys() else groups


def _load(raw: duckdb.DuckDBPyConnection) -> None:
    quoted = str(_extension()).replace("'", "''")
    raw.execute(f"load '{quoted}'")


def _ranked(
    warehouse: Path, words: str, language: str | None, publisher: str | None, limit: int
) -> list[tuple[str, float]]:
    spaced = re.sub(
        r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])", r" \1 ", words
    )
    with connect(index_path(warehouse), read_only=True) as raw:
        _load(raw)
        tables = [
            t
            for (t,) in raw.execute("select table_name from duckdb_tables() where table_name like 'docs_%'").fetchall()
            if re.fullmatch(r"docs_[a-z]+", t)
        ]
        if not tables:
            return []
        asked = " union all ".join(
            f"select article_id, publisher, language, fts_main_{t}.match_bm25(article_id, $words) as score from {t}"  # noqa: S608
            for t in tables
        )
        found = raw.execute(
            f"select article_id, score from ({asked}) where score is not null "  # noqa: S608
            "and ($language is null or language = $language) and ($publisher is null or publisher = $publisher) "
            "order by score desc, article_id limit $limit",
            {"words": spaced, "language": language, "publisher": publisher, "limit": limit},
        ).fetchall()
    return [(str(article), float(score)) for article, score in found]


_LOOK_UP = "select article_id::varchar, publisher, title, published_at, coalesce(address, uri), text from article_text "


def _looked_up(connection: Connection, scored: Sequence[tuple[str, float]], words: str) -> tuple[Hit, ...]:
    rows = connection.rows(
        _LOOK_UP + "where article_id in (select unnest($1::varchar[])::uuid)", [[article for article, _ in scored]]
    )
    by_id = {row[0]: row for row in rows}
    return tuple(_hit(by_id[article], score, words) for article, score in scored if article in by_id)


def _plain(
    warehouse: Warehouse, words: str, language: str | None, publisher: str | None, limit: int
) -> tuple[Hit, ...]:
    """Find articles that contain every word exactly, latest first."""
    with warehouse.open_for_reading() as connection:
        rows = connection.rows(
            _LOOK_UP + "where ($2 is null or language = $2) and ($3 is null or publisher = $3) and "
            "list_bool_and(list_transform($1::varchar[], "
            "lambda w: contains(lower(coalesce(title, '') || ' ' || text), w))) "
            "order by published_at desc nulls last, article_id limit $4",
            [words.lower().split(), language, publisher, limit],
        )
    return tuple(_hit(row, None, words) for row in rows)


def _hit(row: tuple[Any, ...], score: float | None, words: str) -> Hit:
    article_id, publisher, title, published_at, uri, text = row
    return Hit(
        article_id=article_id,
        score=score,
        publisher=publisher,
        title=title,
        published_at=published_at,
        uri=uri,
        excerpt=_excerpt(text, words),
    )


def _excerpt(text: str, words: str) -> str:
    """Return a stretch of the text around the first of the words, or its beginning."""
    plain = " ".join(text.split())
    lowered = plain.lower()
    places = [p for w in words.lower().split() if (p := lowered.find(w[:5])) >= 0]
    start = max(0, min(places, default=0) - 40)
    start = plain.find(" ", start) + 1 if start else 0
    return (
        ("… " if start else "")
        + plain[start : start + _EXCERPT_CHARS]
        + ("…" if len(plain) > start + _EXCERPT_CHARS else "")
    )
