"""SQL by a user: read-only, one statement, the file held only while the answer is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from copydesk.errors import UsageError
from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = ["QueryResult", "run_query", "safe_cell", "write_answer"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = frozenset(
    {
        *("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum", "float", "double", "decimal"),
        *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    }
)
"""Types whose column is aligned right, as DuckDB's Python package calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """What a statement answered; rows and not a frame, since polars takes longer to import than most answers take.

    Attributes:
        columns: Names, in order.
        is_number: Whether the column of the same place holds numbers.
        rows: One tuple of Python values per row.
        cut: Whether there were more rows than were asked for.
    """

    columns: Sequence[str] = ()
    is_number: Sequence[bool] = ()
    rows: Sequence[tuple[Any, ...]] = ()
    cut: bool = False


def run_query(warehouse: Warehouse, sql: str, *, limit: int | None = None) -> QueryResult:
    """Return the answer to one read-only statement, cut at `limit` rows.

    A load that is on is waited for; the file is closed before the answer is shown, so no reader is in a load's way.

    Raises:
        UsageError: The statement is wrong, or there is none, or more than one.
        WarehouseBusyError, WarehouseVersionError: The warehouse cannot be read.
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(_said(error)) from error
    if len(statements) != 1:
        raise UsageError("give one statement at a time." if statements else "there is no statement to run.")
    with warehouse.open_for_reading() as connection:
        try:
            return _answer(connection, sql, limit)
        except duckdb.Error as error:
            raise UsageError(_said(error)) from error


def _answer(connection: Connection, sql: str, limit: int | None) -> QueryResult:
    """Read the answer, or the first rows of it."""
    asked: duckdb.DuckDBPyRelation | None = connection.raw.sql(sql)
    if asked is None:  # a statement without an answer, e.g. `set`; the stubs do not know
        return QueryResult()
    rows = (asked.limit(limit + 1) if limit is not None else asked).fetchall()
    return QueryResult(
        columns=asked.columns,
        is_number=[kind.id in _NUMBERS for kind in asked.types],
        rows=rows[:limit],
        cut=limit is not None and len(rows) > limit,
    )


def write_answer(warehouse: Warehouse, sql: str, path: Path) -> None:
    """Write the answer as Parquet, straight from the warehouse.

    Raises:
        UsageError: The statement is wrong, or the file cannot be written.
    """
    with warehouse.open_for_reading() as connection:
        try:
            connection.raw.sql(sql).write_parquet(str(path), compression="zstd")
        except duckdb.Error as error:
            raise UsageError(_said(error)) from error


def safe_cell(value: object) -> object:
    """Return a CSV cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _said(error: duckdb.Error) -> str:
    """Return DuckDB's message without the parts that only make sense on a wide screen."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines else "the statement cannot be run."
