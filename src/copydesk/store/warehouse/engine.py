"""The one place that opens DuckDB, always with the same options."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

__all__ = ["MEMORY_LIMIT_MB", "connect", "file_literal"]

_OPTIONS = {
    # No command ever installs an extension from the network; the full-text one is a wheel (store/read/search_index.py).
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # A name in SQL is a table, never a variable of the Python code that runs it.
    "python_enable_replacements": "false",
    # Tables are read back by key, so a load need not keep the order of its input in memory.
    "preserve_insertion_order": "false",
}
"""The same for every connection to every file: DuckDB refuses two with different options in one process."""

MEMORY_LIMIT_MB = 500
"""Of one DuckDB connection, and a twentieth of the file's size more. What does not fit goes to disk, but not all of it:
with 500 MB alone, loads of 20,000 ran out of memory at 850,000 articles (3 GB) while keys were indexes.
"""


def connect(
    path: Path | None = None, *, read_only: bool = False, options: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, or a database in memory without a path.

    Args:
        path: The file.
        read_only: Whether it may not be written.
        options: DuckDB options beside the common ones.

    Raises:
        duckdb.Error: It cannot be opened; see `duckdb_errors`.
    """
    config: dict[str, Any] = {**_OPTIONS, **(options or {})}
    raw = duckdb.connect(":memory:" if path is None else str(path), read_only=read_only, config=config)
    # DuckDB takes `python -c` for a person at a prompt, and draws a bar into the output of whatever takes two seconds.
    with suppress(duckdb.InvalidInputException):  # another thread has this file open, and has locked its options
        raw.execute("set enable_progress_bar = false")
    return raw


def file_literal(path: Path) -> str:
    """Write a file's name as an SQL string for `read_parquet` that names this file alone, not a pattern."""
    text = "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
    return "'" + text.replace("'", "''") + "'"
