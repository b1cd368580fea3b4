"""A run's parts as views of a DuckDB database in memory, so that SQL checks can query a batch before it is loaded.

runs/<run>/acquire  --> batch_captures
extract  --> batch_articles, batch_paragraphs, batch_authors, ..., batch_cut_blocks, batch_evidence
check    --> batch_accepted, batch_findings, batch_quarantine
the warehouse       --> batch_known (what it held of these articles before)
batch_loaded, ...   --> articles, revisions, paragraphs, captions, links, quotes: a row per key, as the load fills them
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.parts.part_files import part_paths
from copydesk.store.warehouse.connection import Connection
from copydesk.store.warehouse.engine import MEMORY_LIMIT_MB, connect, file_literal

__all__ = ["no_rows", "open_batch"]

_TABLES = {
    "acquire": ("captures",),
    "extract": (
        *("articles", "paragraphs", "authors", "captions", "links", "mentions", "topics", "quotes", "cut_blocks"),
        "evidence",
    ),
    "check": ("accepted", "findings", "quarantine"),
}

_LATEST = """
create view main.{table} as from batch_loaded
qualify row_number() over (partition by {key} order by captured_at desc, capture_id) = 1
"""
_OF_A_REVISION = """
create view main.{table} as select r.source, r.uri, t.* from batch_{table} as t
join (select capture_id, source, uri from main.revisions) as r using (capture_id)
"""

_TYPES = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.UInt64: "ubigint",
    pl.Int32: "integer",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamptz",
}


@contextmanager
def open_batch(run: Path, known: pl.DataFrame) -> Iterator[Connection]:
    """Open a run's folder as views `batch_*`, for as long as the block takes; SQL can read no files elsewhere.

    Args:
        run: The run's folder.
        known: article_id, revision_id, body_chars, text_sha256 of articles that were loaded before.
    """
    raw = connect()
    try:
        raw.execute("set TimeZone = 'UTC'")
        raw.execute(f"set memory_limit = '{MEMORY_LIMIT_MB}MB'")
        raw.execute("set temp_directory = $1", [str(run / "batch.tmp")])
        connection = Connection(raw, run)
        for stage, tables in _TABLES.items():
            for table in tables:
                _view(connection, table, [p / f"{table}.parquet" for p in part_paths(run / stage)])
        raw.execute("create view batch_loaded as from batch_articles semi join batch_accepted using (capture_id)")
        for table, key in (("articles", "article_id"), ("revisions", "revision_id")):
            raw.execute(_LATEST.format(table=table, key=key))
        for table in ("paragraphs", "captions", "links", "quotes"):
            raw.execute(_OF_A_REVISION.format(table=table))
        with connection.lending("known", known):
            raw.execute("create table batch_known as from known")
        raw.execute("set allowed_directories = $1", [[str(run)]])
        raw.execute("set enable_external_access = false")
        raw.execute("set lock_configuration = true")
        yield connection
    finally:
        raw.close()


def _view(connection: Connection, table: str, paths: list[Path]) -> None:
    files = ", ".join(file_literal(path) for path in paths if path.exists())
    rows = f" union all by name from read_parquet([{files}], union_by_name = true)" if files else ""
    connection.execute(f"create view batch_{table} as {no_rows(table)}{rows}")


def no_rows(table: str) -> str:
    """Return a select with a part table's columns, typed, and no row."""
    schema = SCHEMAS.get(table, {})
    columns = ", ".join(f'cast(null as {_type(kind)}) as "{name}"' for name, kind in schema.items())
    return f"select {columns} where false"


def _type(kind: Any) -> str:
    if isinstance(kind, pl.List):
        return f"{_type(kind.inner)}[]"
    return _TYPES[kind if kind in _TYPES else type(kind)]
