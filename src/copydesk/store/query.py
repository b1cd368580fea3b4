"""SQL by a user: read-only, one statement, the file held only while the answer is read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from copydesk.errors import UsageError
from copydesk.store.warehouse import Connection, Warehouse

__all__ = ["ask", "safe_cell", "write_answer"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ask(warehouse: Warehouse, sql: str, *, limit: int | None = None) -> tuple[pl.DataFrame, bool]:
    """Return the answer to one read-only statement, and whether it was cut at `limit` rows.

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
            table = _answer(connection, sql, limit)
        except duckdb.Error as error:
            raise UsageError(_said(error)) from error
    if limit is None or table.height <= limit:
        return table, False
    return table.head(limit), True


def _answer(connection: Connection, sql: str, limit: int | None) -> pl.DataFrame:
    """Read the answer, or the first rows of it; text for what frames cannot hold."""
    answer: duckdb.DuckDBPyRelation | None = connection.raw.sql(sql)
    if answer is None:  # a statement without an answer, e.g. `set`; the stubs do not know
        return pl.DataFrame()
    return (answer.limit(limit + 1) if limit is not None else answer).pl()


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
