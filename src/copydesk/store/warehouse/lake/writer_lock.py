"""One writer at a time per lake, on however many machines: a lock that its holder's death releases.

A lake has no keys, and two transactions that replace the rows of one key at the same time both succeed, which leaves
the rows twice, without an error (DuckLake of DuckDB 1.5.5). So whoever writes holds a lock from before it reads until
after its commit: an advisory lock of PostgreSQL, or the lock of a file beside a SQLite catalogue. A process that is
killed, or whose machine goes away, loses its connection and with it the lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import duckdb

from copydesk.errors import RunBusyError, StoreError, WarehouseBusyError
from copydesk.filesystem import lock
from copydesk.settings.lake_path import LakeAddress
from copydesk.store.warehouse.lake.attach import SCHEMA, lake_error

__all__ = ["writer_lock"]

_KEY = f"{crc32(b'copydesk') >> 1:d}, {crc32(SCHEMA.encode()) >> 1:d}"


@contextmanager
def writer_lock(raw: duckdb.DuckDBPyConnection, lake: LakeAddress, *, timeout_s: float) -> Iterator[Callable[[], None]]:
    """Hold the lock of a lake's writers for as long as the block takes; yield what raises when it is lost.

    Args:
        raw: A cursor of the instance that writes; another cursor of it holds the lock.
        lake: The address.
        timeout_s: Seconds to wait for another writer.

    Raises:
        WarehouseBusyError: Another process writes past the deadline; names it.
        StoreError: From what is yielded: the connection that holds the lock is gone.
    """
    if lake.kind == "sqlite":
        try:
            with lock(Path(f"{lake.connection}.lock"), timeout_s=timeout_s):
                yield lambda: None
        except RunBusyError as error:
            raise _busy(lake, timeout_s, str(error)) from error
        return
    guard = raw.cursor()
    try:
        guard.execute("begin transaction")  # one connection of PostgreSQL, until the end
        _wait(guard, lake, timeout_s)
        yield lambda: _still_held(guard, lake)
    finally:
        with suppress(duckdb.Error):
            guard.execute("rollback")
        guard.close()


def _wait(guard: duckdb.DuckDBPyConnection, lake: LakeAddress, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    pause = 0.02
    while True:
        try:
            if _asked(guard, f"select pg_try_advisory_lock({_KEY})"):
                return
            if time.monotonic() >= deadline:
                raise _busy(lake, timeout_s, _holder(guard))
        except duckdb.Error as error:
            raise lake_error(lake, error) from error
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def _still_held(guard: duckdb.DuckDBPyConnection, lake: LakeAddress) -> None:
    try:
        held = _asked(guard, f"select count(*) > 0 from pg_locks where pid = pg_backend_pid() and {_OURS}")  # noqa: S608 our own names
    except duckdb.Error as error:
        raise lake_error(lake, error) from error
    if not held:
        raise StoreError(f"the lock of {lake.shown} was lost; nothing was written. Run `copydesk load`.")


_OURS = f"locktype = 'advisory' and granted and (classid::bigint, objid::bigint) = ({_KEY})"


def _holder(guard: duckdb.DuckDBPyConnection) -> str:
    """Return the name under which the holder is connected: copydesk-<machine>-<process>."""
    name = _asked(
        guard,
        f"select max(a.application_name) from pg_locks as l join pg_stat_activity as a using (pid) where {_OURS}",  # noqa: S608 our own names
    )
    return str(name or "another process")


def _asked(guard: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = guard.execute("from postgres_query('guard', $1)", [sql]).fetchone()
    return row[0] if row else None


def _busy(lake: LakeAddress, timeout_s: float, holder: str) -> WarehouseBusyError:
    return WarehouseBusyError(
        f"{lake.shown} is written by {holder} (waited {timeout_s:g} s). "
        "Run `copydesk load` when it is done; nothing that was fetched is lost."
    )
