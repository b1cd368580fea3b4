"""Upkeep of a lake: small files are merged, and what old snapshots alone need is removed.

Every load adds a Parquet file per table that it wrote. Merging them keeps reads fast; snapshots of the last days stay,
so that a reader who began before is not disturbed and `at (version => ...)` works.
"""

from __future__ import annotations

import duckdb

from copydesk.store.warehouse.lake.attach import CATALOGUE

__all__ = ["KEEP_DAYS", "compact", "data_bytes", "purge"]

KEEP_DAYS = 7
"""Days that former snapshots can be read."""


def compact(raw: duckdb.DuckDBPyConnection) -> int:
    """Merge small files and remove what snapshots older than `KEEP_DAYS` alone need; return the data files there are.

    Args:
        raw: A cursor that holds the writers' lock, in no transaction.
    """
    raw.execute(f"call {CATALOGUE}.merge_adjacent_files()")
    raw.execute(f"call ducklake_rewrite_data_files('{CATALOGUE}')")
    raw.execute(f"call ducklake_expire_snapshots('{CATALOGUE}', older_than => now() - interval {KEEP_DAYS} day)")
    raw.execute(f"call ducklake_cleanup_old_files('{CATALOGUE}', older_than => now() - interval {KEEP_DAYS} day)")
    raw.execute(f"call ducklake_delete_orphaned_files('{CATALOGUE}', older_than => now() - interval 1 day)")
    return _files(raw)


def purge(raw: duckdb.DuckDBPyConnection) -> None:
    """Remove the bytes of deleted rows at once: every file that holds some is rewritten, all former snapshots go."""
    raw.execute(f"call ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => 0)")
    raw.execute(f"call ducklake_expire_snapshots('{CATALOGUE}', older_than => now())")
    raw.execute(f"call ducklake_cleanup_old_files('{CATALOGUE}', cleanup_all => true)")


def _files(raw: duckdb.DuckDBPyConnection) -> int:
    row = raw.execute(f"select coalesce(sum(file_count), 0) from ducklake_table_info('{CATALOGUE}')").fetchone()  # noqa: S608 our own names
    return int(row[0]) if row else 0


def data_bytes(raw: duckdb.DuckDBPyConnection) -> int:
    """Return the bytes of the data files that the current snapshot reads."""
    row = raw.execute(f"select coalesce(sum(file_size_bytes), 0) from ducklake_table_info('{CATALOGUE}')").fetchone()  # noqa: S608 our own names
    return int(row[0]) if row else 0
