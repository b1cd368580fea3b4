"""A user's statement and its result, as rows or as a frame of the library the user works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.errors import UsageError
from copydesk.settings import DeskFolder, output_path
from copydesk.store.read.user_sql import QueryResult, RowStream, query_frame, run_query, stream_query, write_parquet
from copydesk.store.warehouse.connection import Warehouse

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["UserQuery"]


class UserQuery:
    """One read-only statement; it runs each time its result is asked for.

    Every method raises `UsageError` for a statement that is wrong, is none or more than one, does more than read, or
    takes too long, and `WarehouseBusyError` or `WarehouseVersionError` when the warehouse cannot be read.
    """

    def __init__(
        self, warehouse: Warehouse, sql: str, *, desk: DeskFolder, allow_files: bool, timeout_s: float
    ) -> None:
        self._warehouse, self._sql, self._desk = warehouse, sql, desk
        self._limits: dict[str, Any] = {"allow_files": allow_files, "timeout_s": timeout_s}

    def __repr__(self) -> str:
        """Show the statement, and run nothing."""
        return f"<UserQuery {self._sql!r}>"

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Run the statement and iterate over its rows."""
        return iter(self.rows())

    def result(self, *, limit: int | None = None) -> QueryResult:
        """Return columns and rows, cut at `limit` rows."""
        return run_query(self._warehouse, self._sql, limit=limit, **self._limits)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return one tuple per row."""
        return list(self.result().rows)

    def dicts(self) -> list[dict[str, Any]]:
        """Return one dictionary per row."""
        result = self.result()
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    def stream(self) -> AbstractContextManager[RowStream]:
        """Return the rows batch by batch, inside a `with` block, for as long as which the file is open."""
        return stream_query(self._warehouse, self._sql, **self._limits)

    def write_parquet(self, path: str | Path) -> None:
        """Write the result as one Parquet file; a file that belongs to the desk is refused (`UsageError`)."""
        write_parquet(self._warehouse, self._sql, output_path(self._desk, path), **self._limits)

    def pl(self) -> pl.DataFrame:
        """Return a polars frame."""
        return query_frame(self._warehouse, self._sql, **self._limits)

    def arrow(self) -> pa.Table:
        """Return a pyarrow table.

        Raises:
            UsageError: pyarrow is not installed.
        """
        _require("an Arrow table", "pyarrow", extra="arrow")
        return self.pl().to_arrow()

    def df(self) -> pd.DataFrame:
        """Return a pandas frame.

        Raises:
            UsageError: pandas, or pyarrow by which it takes the columns, is not installed.
        """
        _require("a pandas frame", "pandas", "pyarrow", extra="pandas")
        return self.pl().to_pandas()


def _require(what: str, *packages: str, extra: str) -> None:
    """Raise `UsageError` where one of the packages that a result needs is not installed."""
    if missing := [package for package in packages if find_spec(package) is None]:
        raise UsageError(
            f"{what} needs {' and '.join(missing)}: `pip install 'copydesk[{extra}]'`. `.pl()` gives a polars frame."
        )
