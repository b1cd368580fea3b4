"""A lake opened to read or to write, with the same methods as a DuckDB file.

to read     one transaction: all queries of a block see one snapshot; nobody waits for anybody
to write    the writers' lock, then as with a file; the lock is asked for again before each commit
locked      read-only, only the lake's data files can be read, no option can be changed: SQL by a user
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from copydesk.settings.lake_path import LakeAddress
from copydesk.store.warehouse.connection import Connection, Piece
from copydesk.store.warehouse.lake.attach import CATALOGUE, attached, dropped, lake_error, make_attached
from copydesk.store.warehouse.lake.dialect import portable, statements, upsert
from copydesk.store.warehouse.lake.schema import bring_up_to_date, is_up_to_date
from copydesk.store.warehouse.lake.writer_lock import writer_lock

__all__ = ["LakeConnection", "open_lake_for_reading", "open_lake_for_writing", "pinned_snapshot"]

_MEMORY_FACTOR = 3
"""A lake's loads are five times as large as a file's, and its instance is shared by all of a process."""


class LakeConnection(Connection):
    """A connection to a lake; SQL that a lake refuses is written anew.

    Attributes:
        keys_are_declared: False: no key is enforced by the engine.
        max_captures: Captures per load.
    """

    keys_are_declared = False
    max_captures = 100_000

    def __init__(
        self,
        raw: duckdb.DuckDBPyConnection,
        path: Path,
        lake: LakeAddress,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(raw, path)
        self.lake = lake
        self._before_commit = before_commit

    def script(
        self, path: Path, parameters: Mapping[str, Any] | None = None, *, words: Mapping[str, str] | None = None
    ) -> None:
        """Run a SQL file of the package."""
        self._run(self._text(path, words), dict(parameters) if parameters else None)

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return super().rows(portable(sql), parameters)

    def _pieces(self, sql: str) -> Iterable[Piece]:
        return statements(self.raw, sql)

    def _forms(self, piece: Piece) -> Iterable[tuple[Piece, bool]]:
        return upsert(self.raw, str(piece))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction; before it is committed the lock must still be held."""
        self.raw.execute("begin transaction")
        self.written.clear()
        try:
            yield
            if self._before_commit is not None:
                self._before_commit()
            self.raw.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):
                self.raw.execute("rollback")
            raise

    @contextmanager
    def another(self) -> Iterator[Connection]:
        """Open another connection of the same instance, for another thread, for as long as the block takes."""
        with self.raw.cursor() as raw:
            raw.execute(f"use {CATALOGUE}")
            yield LakeConnection(raw, self.path, self.lake)

    def snapshot(self) -> int:
        """Return the number of the snapshot that is read: every commit makes a new one."""
        return int(self.value(f"select id from {CATALOGUE}.current_snapshot()"))  # noqa: S608 our own names

    def compact(self) -> None:
        """Merge small files, and remove what old snapshots alone need."""
        from copydesk.store.warehouse.lake.upkeep import compact

        compact(self.raw)

    def purge(self) -> None:
        """Remove the bytes of deleted rows: rewrite the files that hold some, and forget all former snapshots."""
        from copydesk.store.warehouse.lake.upkeep import purge

        purge(self.raw)


@contextmanager
def open_lake_for_reading(
    path: Path,
    lake: LakeAddress,
    *,
    memory_limit_mb: int,
    lock_timeout_s: float,
    locked_options: Mapping[str, str] | None = None,
) -> Iterator[LakeConnection]:
    """Open a lake to read, for as long as the block takes; a new or older one is brought up to date first.

    Raises:
        StoreError: The catalogue cannot be reached.
        WarehouseVersionError: It is newer than this code.
        WarehouseBusyError: It must be brought up to date, and another process writes past the deadline.
    """
    limit = memory_limit_mb * _MEMORY_FACTOR
    raw = _ready(lake, limit)
    try:
        if not _checked(raw, lake):
            with open_lake_for_writing(path, lake, memory_limit_mb=memory_limit_mb, lock_timeout_s=lock_timeout_s):
                pass
        if locked_options is not None:
            raw.close()
            raw = attached(lake, memory_limit_mb=limit, locked_options=locked_options)
            with _naming_errors(lake):
                yield LakeConnection(raw, path, lake)
            return
        with _naming_errors(lake):
            raw.execute("begin transaction")
            yield LakeConnection(raw, path, lake)
    finally:
        with suppress(duckdb.Error):
            raw.execute("rollback")
        with suppress(duckdb.Error):
            raw.close()


@contextmanager
def open_lake_for_writing(
    path: Path, lake: LakeAddress, *, memory_limit_mb: int, lock_timeout_s: float
) -> Iterator[LakeConnection]:
    """Open a lake to write, with all migrations and views applied, for as long as the block takes.

    Raises:
        WarehouseBusyError: Another process writes past the deadline.
        WarehouseVersionError: It is newer than this code.
        StoreError: The catalogue cannot be reached, or the disk refused.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = _ready(lake, memory_limit_mb * _MEMORY_FACTOR)
    try:
        with writer_lock(raw, lake, timeout_s=lock_timeout_s) as before_commit:
            bring_up_to_date(raw, lake)
            yield LakeConnection(raw, path, lake, before_commit)
    finally:
        with suppress(duckdb.Error):
            raw.execute("rollback")
        with suppress(duckdb.Error):
            raw.close()


@contextmanager
def pinned_snapshot(
    path: Path, lake: LakeAddress, snapshot: int, *, memory_limit_mb: int, locked_options: Mapping[str, str]
) -> Iterator[LakeConnection]:
    """Open a lake as it was at a snapshot, locked as for SQL by a user, for as long as the block takes."""
    raw = make_attached(lake, memory_limit_mb=memory_limit_mb, locked_options=locked_options, snapshot=snapshot)
    try:
        raw.execute(f"use {CATALOGUE}")
        yield LakeConnection(raw, path, lake)
    finally:
        raw.close()


def _ready(lake: LakeAddress, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    """Return a cursor whose catalogue answers; one that was cut off since it was last used is connected anew."""
    try:
        return _answering(lake, memory_limit_mb)
    except duckdb.Error:
        dropped(lake)
    try:
        return _answering(lake, memory_limit_mb)
    except duckdb.Error as error:
        dropped(lake)
        raise lake_error(lake, error) from error


def _answering(lake: LakeAddress, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    """Return a cursor that was asked for something; raise DuckDB's error when the catalogue does not answer."""
    raw = attached(lake, memory_limit_mb=memory_limit_mb)
    try:
        raw.execute("select count(*) from ops.migrations")
    except duckdb.CatalogException:  # a new lake
        pass
    except duckdb.Error:
        raw.close()
        raise
    return raw


def _checked(raw: duckdb.DuckDBPyConnection, lake: LakeAddress) -> bool:
    try:
        return is_up_to_date(raw, lake)
    except duckdb.Error as error:
        raise lake_error(lake, error) from error


@contextmanager
def _naming_errors(lake: LakeAddress) -> Iterator[None]:
    """Turn the loss of the catalogue into one line; other errors of DuckDB stay, as of a file."""
    try:
        yield
    except duckdb.Error as error:
        named = lake_error(lake, error)
        if "cannot be reached" in str(named):
            raise named from error
        raise
