"""Parquet files of others, read window by window within a memory limit.

DuckDB reads them, not pyarrow or polars: its memory has a limit, a damaged page is an error and no crash, and row
groups outside of the window are not read (filter on `file_row_number`; with DuckDB 1.5.5 200 windows of 400,000 rows
take 0.6 s). A window's values are summed up before they become Python's: a million rows may share one value of 15 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import duckdb

from copydesk.store.warehouse.duckdb_errors import first_line
from copydesk.store.warehouse.engine import MEMORY_LIMIT_MB, connect

__all__ = ["ForeignParquet", "ForeignParquetError"]

_WINDOW_BYTES = 16_000_000
"""Uncompressed bytes of the columns read at a time, by what the file says of itself."""
_MAX_WINDOW = 1000
_MAX_READ_BYTES = 64_000_000
"""Bytes of the values of one window, by their real lengths."""


class ForeignParquetError(Exception):
    """A Parquet file, or a window of it, that cannot be read.

    Attributes:
        reason: `damaged`; `too_large` when it needs more memory than the limit; `wide` when only this window does.
        detail: In DuckDB's words.
    """

    def __init__(self, reason: str, detail: str) -> None:
        """Set reason and detail."""
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class _Shape:
    rows: int
    types: dict[str, str]
    column_bytes: dict[str, int]


class ForeignParquet:
    """One file, open until it is closed.

    Attributes:
        rows: Number of rows, as the file says.
        columns: Names of its top-level columns.
    """

    def __init__(self, descriptor: int) -> None:
        """Open the file behind a descriptor, which must stay open.

        Raises:
            ForeignParquetError: Its footer cannot be read.
        """
        self._path = f"/dev/fd/{descriptor}"
        self._memory = f"{MEMORY_LIMIT_MB}MB"
        self._connection = connect(options={"memory_limit": self._memory, "threads": "1", "temp_directory": ""})
        try:
            shape = self._shape()
        except BaseException:
            self._connection.close()
            raise
        self.rows, self.columns = shape.rows, tuple(shape.types)
        self._types, self._column_bytes = shape.types, shape.column_bytes

    def window(self, columns: Sequence[str]) -> int:
        """Return how many rows of some columns are read at a time."""
        total = sum(self._column_bytes.get(name, 0) for name in columns)
        return max(1, min(_MAX_WINDOW, _WINDOW_BYTES * self.rows // total if total else _MAX_WINDOW))

    def read(self, columns: Sequence[str], start: int, number: int) -> list[tuple[Any, ...]]:
        """Return rows `start` to `start + number - 1`, in the file's order: the row's number, then some columns.

        Raises:
            ForeignParquetError: They cannot be read.
        """
        place = (
            "from read_parquet(?, file_row_number = true) "
            f"where file_row_number between {int(start)} and {int(start + number - 1)}"
        )
        lengths = [f"sum({_length_of(_quoted(name), self._types[name])})" for name in columns]
        ((*sums,),) = self._ask(f"select {', '.join(lengths)} {place}")
        if (total := sum(int(one or 0) for one in sums)) > _MAX_READ_BYTES:
            raise ForeignParquetError("wide", f"{total} bytes in {number} rows")
        names = ", ".join(["file_row_number", *map(_quoted, columns)])
        return sorted(self._ask(f"select {names} {place}"), key=lambda row: int(row[0]))

    def close(self) -> None:
        """Release its memory."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _shape(self) -> _Shape:
        described = self._ask("select column_name, column_type from (describe from read_parquet(?))")
        sizes: dict[str, int] = {}
        for path, size in self._ask(
            "select path_in_schema, sum(total_uncompressed_size)::hugeint from parquet_metadata(?) group by all"
        ):
            name = path.split(", ")[0]
            sizes[name] = sizes.get(name, 0) + max(int(size or 0), 0)
        ((rows,),) = self._ask("select num_rows from parquet_file_metadata(?)")
        return _Shape(max(int(rows), 0), dict(described), sizes)

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, [self._path]).fetchall()
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            detail = f"a page or row group of it needs more than {self._memory} of memory"
            raise ForeignParquetError("too_large", detail) from error
        except (duckdb.Error, ValueError, OverflowError) as error:
            raise ForeignParquetError("damaged", first_line(error).replace(self._path, "the file")[:200]) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _length_of(name: str, kind: str) -> str:
    """Return the SQL for the bytes of a value; numbers and dates count nothing."""
    if kind == "BLOB":
        return f"octet_length({name})"
    if kind == "VARCHAR":
        return f"strlen({name})"
    return f"strlen({name}::varchar)" if "(" in kind or "[" in kind or kind in {"JSON", "VARIANT"} else "0"
