"""How SQL reads the Parquet files of parts: their names as strings, and what stands in for a table that no part has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from copydesk.store.parts.parquet import SCHEMAS

__all__ = ["no_rows", "quoted"]

_TYPES = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.UInt64: "ubigint",
    pl.Int32: "integer",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamptz",
}


def no_rows(table: str) -> str:
    """Return a select with a part table's columns, typed, and no row."""
    schema = SCHEMAS.get(table, {})
    columns = ", ".join(f'cast(null as {_type(kind)}) as "{name}"' for name, kind in schema.items())
    return f"select {columns} where false"


def quoted(path: Path) -> str:
    """Write a file's name as an SQL string that stands for this file alone, not for a pattern."""
    text = "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
    return "'" + text.replace("'", "''") + "'"


def _type(kind: Any) -> str:
    if isinstance(kind, pl.List):
        return f"{_type(kind.inner)}[]"
    return _TYPES[kind if kind in _TYPES else type(kind)]
