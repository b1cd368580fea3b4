"""The warehouse file: opened late, closed early, by one writer or many readers at a time.

    open_for_reading --.                                    .-- a Connection, read-only
                        >-- wait for the lock -- look at it <
    open_for_writing --'    (deadline, holder)   (version)   '-- migrate, then a Connection

DuckDB lets one process write or many read, never both: a lock of another process is waited for up to a deadline, then
reported with its process number. A damaged, foreign or newer file is refused before anything is written to it; an older
one is brought up to date.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb

from copydesk.errors import CopydeskError, StoreError, WarehouseBusyError, WarehouseVersionError
from copydesk.filesystem import errno_of, scratch_folder, write_error
from copydesk.settings.lake_path import LakeAddress, LakePath
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.bound_values import bound
from copydesk.store.warehouse.disk_space import check_disk_space
from copydesk.store.warehouse.duckdb_errors import damage_error, first_line, foreign_error, is_locked, naming_damage
from copydesk.store.warehouse.engine import MEMORY_LIMIT_MB, connect, file_literal
from copydesk.store.warehouse.statements import changed_table, needs_rows_of, writes_rows

if TYPE_CHECKING:
    import polars as pl

    from copydesk.settings import DeskFolder

__all__ = ["Connection", "Piece", "Warehouse", "open_warehouse"]

_configuring = Lock()
"""Two threads that open one file share its configuration: one of them sets it."""

_PID = re.compile(r"\(PID (\d+)\)")


Piece = str | duckdb.Statement


def _sql_of(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.query


class Connection:
    """A DuckDB connection. Values are passed as parameters, never as SQL text.

    Attributes:
        keys_are_declared: Whether the engine enforces the keys of small tables; a lake enforces none.
        written: Tables that the transaction has changed so far.
        max_captures: Captures per load, rounded up to whole parts: 20,000 take 300 MB of temporary tables.
    """

    keys_are_declared = True
    max_captures = 20_000

    def __init__(self, raw: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.raw = raw
        self.path = path
        self.written: set[str] = set()

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run one or more statements."""
        self._run(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.raw.execute(sql, parameters).fetchall()

    def columns(self, table: str) -> list[tuple[str, str]]:
        """Return the columns of one of our tables as (name, type); asking the catalogue takes ten times as long."""
        found = self.raw.execute(f"from {table} limit 0").description or []
        return [(name, "ENUM" if str(kind).startswith("ENUM") else str(kind)) for name, kind, *_ in found]

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """Return the first column of the first row; None when there is no row."""
        row = self.raw.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def frame(self, sql: str, parameters: Sequence[Any] | None = None) -> pl.DataFrame:
        """Return a query's result as a frame.

        Polars takes it by the Arrow C stream; `.pl()` does the same by pyarrow, which takes 0.15 s to import.
        """
        import polars as pl

        if not parameters:
            return pl.DataFrame(self.raw.sql(sql))
        with bound(self.raw, sql, parameters) as read:
            return pl.DataFrame(self.raw.sql(sql, params=parameters) if read is None else self.raw.sql(read))

    @contextmanager
    def lending(self, name: str, frame: pl.DataFrame) -> Iterator[None]:
        """Make a frame readable in SQL under a name, for the duration of the block.

        It is passed as a Parquet file: DuckDB (1.5.5) reads Python objects through pyarrow.dataset, and through pandas
        where that is installed; importing them takes longer than most loads.

        Raises:
            StoreError: The file cannot be written.
        """
        from polars.exceptions import PolarsError

        path = scratch_folder() / f"{name}.{secrets.token_hex(4)}.parquet"
        try:
            frame.write_parquet(path, compression="lz4")
        except (OSError, PolarsError) as error:  # Polars says "ComputeError" where its own write was refused
            raise write_error(path, error) from error
        try:
            self.raw.execute(f"create or replace temp view {name} as from read_parquet({file_literal(path)})")
            yield
            self.raw.execute(f"drop view {name}")
        finally:
            path.unlink(missing_ok=True)

    def script(
        self, path: Path, parameters: Mapping[str, Any] | None = None, *, words: Mapping[str, str] | None = None
    ) -> None:
        """Run a SQL file of the package; `words` replace `{name}` in it (lists of our own columns, never values)."""
        self._run(self._text(path, words), dict(parameters) if parameters else None)

    def script_counts(self, path: Path, *, words: Mapping[str, str] | None = None) -> dict[str, int]:
        """Run a SQL file as `script` does; return table -> rows that its INSERT and MERGE statements wrote."""
        return dict(self._run(self._text(path, words), None))

    def _text(self, path: Path, words: Mapping[str, str] | None) -> str:
        text = path.read_text(encoding="utf-8")
        for name, sql in (words or {}).items():
            text = text.replace(f"{{{name}}}", sql)
        return text

    def _run(self, sql: str, parameters: Any) -> Counter[str]:
        """Run statements, but those that need rows of an empty table; return table -> rows inserted or merged."""
        wrote: Counter[str] = Counter()
        for piece in self._pieces(sql):
            needed = needs_rows_of(_sql_of(piece))
            if needed is not None and self.raw.execute(f"from temp.{needed} limit 1").fetchone() is None:
                continue
            for one, takes_parameters in self._forms(piece):
                changed = self.raw.execute(one, parameters if takes_parameters else None)
                table = changed_table(_sql_of(one))
                count = changed.fetchone() if table is not None else None
                if table is not None and count is not None and count[0]:
                    self.written.add(table)
                    if writes_rows(_sql_of(one)):
                        wrote[table] += int(count[0])
        return wrote

    def _pieces(self, sql: str) -> Iterable[Piece]:
        """Return the statements to run one after the other."""
        return self.raw.extract_statements(sql) if ";" in sql.rstrip("; \n") else [sql]

    def _forms(self, piece: Piece) -> Iterable[tuple[Piece, bool]]:
        """Return the statements that do what one does here, and whether each takes its parameters."""
        return [(piece, True)]

    def script_rows(self, path: Path, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of the query in a SQL file of the package."""
        return self.raw.execute(path.read_text(encoding="utf-8"), dict(parameters or {})).fetchall()

    @contextmanager
    def another(self) -> Iterator[Connection]:
        """Open another connection of the same database, for another thread, for as long as the block takes."""
        with self.raw.cursor() as raw:
            yield Connection(raw, self.path)

    def purge(self) -> None:
        """Remove the bytes of deleted rows, where that is not done by rewriting the file."""

    def compact(self) -> None:
        """Write the journal into the file and release free blocks."""
        self.raw.execute("checkpoint")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction: whole or not there."""
        self.raw.execute("begin transaction")
        self.written.clear()
        try:
            yield
            self.raw.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):  # after a failed commit or a fatal error there is nothing to roll back
                self.raw.execute("rollback")
            raise


class Warehouse:
    """One DuckDB file, opened late and closed early.

    Attributes:
        path: The file; it need not exist yet.
        lock_timeout_s: Seconds to wait for another process that holds it.
    """

    def __init__(self, path: Path, *, lock_timeout_s: float = 30, memory_limit_mb: int = MEMORY_LIMIT_MB) -> None:
        self.path = path
        self.lock_timeout_s = lock_timeout_s
        self._memory_limit_mb = memory_limit_mb

    @property
    def lake(self) -> LakeAddress | None:
        """The address of the lake in the place of the file; None for a file."""
        return self.path.lake if isinstance(self.path, LakePath) else None

    def _limits(self) -> dict[str, Any]:
        return {"memory_limit_mb": self._memory_limit_mb, "lock_timeout_s": self.lock_timeout_s}

    @contextmanager
    def open_for_reading(self, *, locked_options: Mapping[str, str] | None = None) -> Iterator[Connection]:
        """Open read-only, for as long as the block takes; an older file is brought up to date first.

        Args:
            locked_options: DuckDB options beside our own, and no option can be changed afterwards; for SQL by a user.

        Raises:
            WarehouseBusyError: Another process writes to it past the deadline.
            WarehouseVersionError: No warehouse there, or it is damaged, foreign or newer.
            StoreError: It was made by an older version, and cannot be brought up to date.
        """
        if (lake := self.lake) is not None:
            from copydesk.store.warehouse.lake.opening import open_lake_for_reading

            with open_lake_for_reading(self.path, lake, locked_options=locked_options, **self._limits()) as connection:
                yield connection
            return
        if not self.path.exists():
            raise WarehouseVersionError(f"{self.path} does not exist. Run `copydesk run` to make it.")
        raw = self._connect(read_only=True, locked_options=locked_options)
        try:
            with naming_damage(self.path):
                lacks = migrate.lacking(raw, self.path)
                if lacks is not migrate.Lack.NOTHING:
                    raw.close()
                    self._bring_up_to_date(lacks)
                    raw = self._connect(read_only=True, locked_options=locked_options)
                yield Connection(raw, self.path)
        finally:
            raw.close()

    def _bring_up_to_date(self, lacks: migrate.Lack) -> None:
        """Apply what an older file lacks before it is read: migrations after a backup, and views that have changed.

        Raises:
            WarehouseBusyError, StoreError: The file lacks migrations, and is held past the deadline or not writable.
        """
        if lacks is migrate.Lack.VIEWS:  # what is read may be right without them: nobody is waited for
            with suppress(StoreError), Warehouse(self.path, lock_timeout_s=0).open_for_writing():
                pass
            return
        try:
            with self.open_for_writing():
                pass
        except (WarehouseBusyError, WarehouseVersionError):
            raise
        except StoreError as error:
            raise StoreError(
                f"{self.path} was made by an older Copydesk and must be brought up to date before it is read: {error}"
            ) from error

    @contextmanager
    def open_for_writing(self) -> Iterator[Connection]:
        """Open for writing, with all migrations and views applied, for as long as the block takes.

        Raises:
            WarehouseBusyError: Another process holds it past the deadline.
            WarehouseVersionError: The file is damaged, foreign or newer; nothing was written to it.
            StoreError: The disk refused.
        """
        if (lake := self.lake) is not None:
            from copydesk.store.warehouse.lake.opening import open_lake_for_writing

            with open_lake_for_writing(self.path, lake, **self._limits()) as connection:
                yield connection
            return
        is_new = not self.path.exists()
        if is_new:
            self._make()
        else:
            self._look()
            check_disk_space(self.path)
        raw = self._connect(read_only=False)
        try:
            with naming_damage(self.path):
                migrate.bring_up_to_date(raw, self.path)
                if is_new:
                    migrate.date_migrations(raw)
                yield Connection(raw, self.path)
        except duckdb.FatalException as error:  # e.g. a full disk: the connection is dead, the file is whole
            raise write_error(self.path, error) from error
        finally:
            with suppress(duckdb.Error):
                raw.close()

    def size_bytes(self) -> int:
        """Return the size of the file; of a lake, that of the data files it reads."""
        if self.lake is None:
            return self.path.stat().st_size
        from copydesk.store.warehouse.lake.upkeep import data_bytes

        with self.open_for_reading() as connection:
            return data_bytes(connection.raw)

    @property
    def name(self) -> str:
        """What messages call it: the file, or the address of the lake without a password."""
        return str(self.path) if self.lake is None else self.lake.shown

    def get_ready(self) -> None:
        """Prepare the template of a new warehouse ahead of time; no file is created at its path."""
        if self.lake is None and not self.path.exists():
            migrate.blank_warehouse()

    def _look(self) -> None:
        """Refuse a foreign or newer file while it is open read-only, so that not even its WAL is touched."""
        raw = self._connect(read_only=True)
        try:
            with naming_damage(self.path):
                migrate.refuse_unless_ours(raw, self.path)
        finally:
            raw.close()

    def _make(self) -> None:
        """Create a new warehouse, whole or not at all."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            migrate.make_new(self.path)
        except (OSError, duckdb.IOException) as error:
            raise write_error(self.path, error) from error

    def _connect(
        self, *, read_only: bool, locked_options: Mapping[str, str] | None = None
    ) -> duckdb.DuckDBPyConnection:
        try:
            foreign = foreign_error(self.path)
        except OSError as error:
            raise write_error(self.path, error, verb="open") from error
        if foreign:
            raise foreign
        deadline = time.monotonic() + self.lock_timeout_s
        pause = 0.02
        reason: duckdb.Error
        while True:
            try:
                raw = connect(self.path, read_only=read_only, options=locked_options)
                break
            except duckdb.ConnectionException as error:  # this process has it open the other way round
                reason, holder = error, "another thread of this process"
            except duckdb.IOException as error:
                if not is_locked(error):
                    raise self._unreadable(error) from error
                match = _PID.search(str(error))
                reason, holder = error, f"process {match.group(1)}" if match else "another process"
            except duckdb.Error as error:
                raise self._unreadable(error) from error
            if time.monotonic() >= deadline:
                raise WarehouseBusyError(
                    f"{self.path} is held by {holder} (waited {self.lock_timeout_s:g} s). "
                    "Close it there and run `copydesk load`; nothing that was fetched is lost."
                ) from reason
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        with _configuring:
            self._configure(raw, locked=locked_options is not None)
        return raw

    def _configure(self, raw: duckdb.DuckDBPyConnection, *, locked: bool) -> None:
        """Set zone and memory limit; a connection that shares a locked configuration has them from it."""
        if raw.execute("select current_setting('lock_configuration')").fetchone() == (True,):
            return
        raw.execute(f"set {'global ' if locked else ''}TimeZone = 'UTC'")
        limit = self._memory_limit_mb + self.path.stat().st_size // 20_000_000
        raw.execute(f"set memory_limit = '{int(limit)}MB'")
        if locked:
            raw.execute("set lock_configuration = true")

    def _unreadable(self, error: duckdb.Error) -> CopydeskError:
        if damaged := damage_error(self.path, error):
            return damaged
        if errno_of(error) is not None:
            return write_error(self.path, error, verb="open")
        return WarehouseVersionError(
            f"{self.path} cannot be opened as a warehouse: {first_line(error)}. Move it away, or restore a backup; "
            "nothing was written to it."
        )


def open_warehouse(desk: DeskFolder) -> Warehouse:
    """Return a desk's warehouse with the lock timeout of its settings; a `with` block opens it to read or to write."""
    return Warehouse(desk.warehouse, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
