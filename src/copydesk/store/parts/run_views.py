"""A run's parts as one database in memory, so that a batch can be asked questions in SQL before it is loaded.

runs/<run>/acquire  --> batch_captures
extract  --> batch_articles, batch_paragraphs, batch_authors, ..., batch_cut_blocks, batch_evidence
check    --> batch_accepted, batch_findings, batch_quarantine
the warehouse       --> batch_known (what it held of these articles before)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from copydesk.store.parts.parquet import part_paths
from copydesk.store.parts.part_views import no_rows, quoted
from copydesk.store.warehouse.connection import CONNECT_OPTIONS, MEMORY_LIMIT_MB, Connection

__all__ = ["open_batch"]

_TABLES = {
    "acquire": ("captures",),
    "extract": ("articles", "paragraphs", "authors", "captions", "links", "cut_blocks", "evidence"),
    "check": ("accepted", "findings", "quarantine"),
}


@contextmanager
def open_batch(run: Path, known: pl.DataFrame) -> Iterator[Connection]:
    """Open a run's folder as views `batch_*`, for as long as the block takes; SQL can read no files elsewhere.

    Args:
        run: The run's folder.
        known: article_id, revision_id, body_chars, text_sha256 of articles that were loaded before.
    """
    raw = duckdb.connect(":memory:", config=dict(CONNECT_OPTIONS))
    try:
        raw.execute("set TimeZone = 'UTC'")
        raw.execute(f"set memory_limit = '{MEMORY_LIMIT_MB}MB'")
        raw.execute("set temp_directory = $1", [str(run / "batch.tmp")])
        connection = Connection(raw, run)
        for stage, tables in _TABLES.items():
            for table in tables:
                _view(connection, table, [p / f"{table}.parquet" for p in part_paths(run / stage)])
        raw.execute("create view batch_loaded as from batch_articles semi join batch_accepted using (capture_id)")
        with connection.lending("known", known):
            raw.execute("create table batch_known as from known")
        raw.execute("set allowed_directories = $1", [[str(run)]])
        raw.execute("set enable_external_access = false")
        raw.execute("set lock_configuration = true")
        yield connection
    finally:
        raw.close()


def _view(connection: Connection, table: str, paths: list[Path]) -> None:
    files = ", ".join(quoted(path) for path in paths if path.exists())
    rows = f" union all by name from read_parquet([{files}], union_by_name = true)" if files else ""
    connection.execute(f"create view batch_{table} as {no_rows(table)}{rows}")
