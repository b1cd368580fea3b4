"""Move a warehouse: from a DuckDB file into a lake, or from a lake into a file; row for row, or not at all.

    source --one transaction: every table--> target (new) --count and hash of each table equal?--> commit

The source stays as it is. What DuckDB works out itself (views, keys) the target has from its own migrations.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from copydesk.errors import StoreError, UsageError
from copydesk.filesystem import flush, temporary_name, write_error
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.lake.attach import CATALOGUE
from copydesk.store.warehouse.lake.schema import table_names

__all__ = ["MoveReport", "MovedTable", "move_warehouse"]

_FILE = "file"
_OF_THE_TARGET = ("ops.migrations", "ops.views")
"""Tables that say how a warehouse was made: the target has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTable:
    """One table that was moved.

    Attributes:
        table: `schema.table`.
        rows: How many rows it has.
    """

    table: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What a move brought.

    Attributes:
        tables: All tables.
        settings: The lines of `[warehouse]` that name the new warehouse, without a password.
    """

    tables: tuple[MovedTable, ...]
    settings: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


def move_warehouse(source: Warehouse, target: Warehouse) -> list[MovedTable]:
    """Copy all rows of a warehouse into a new one, and verify each table; the source is not changed.

    Args:
        source: A file or a lake that exists.
        target: A lake without rows, or a file that does not exist; the other kind than the source.

    Raises:
        UsageError: Both are of one kind, there is no source, or the target holds rows.
        StoreError: The disk or the catalogue failed, or a table arrived otherwise; the target is as it was.
    """
    if (source.lake is None) == (target.lake is None):
        raise UsageError("one of the two must be a lake (ducklake:...) and the other a DuckDB file.")
    if not source.path.exists():
        raise UsageError(f"{source.path} does not exist: there is nothing to move. Run `copydesk run` first.")
    return _into_lake(source, target) if source.lake is None else _into_file(source, target)


def _into_lake(source: Warehouse, target: Warehouse) -> list[MovedTable]:
    with source.open_for_reading():  # brings an older file up to date
        pass
    with target.open_for_writing() as connection:
        _attach(connection, source.path, read_only=True)
        try:
            if connection.value("select count(*) from audit.captures") or connection.value(
                "select count(*) from ops.runs"
            ):
                raise UsageError(f"{target.name} holds rows already. Name a new database, or `copydesk run` with it.")
            with connection.transaction():
                return _copy(connection, _FILE, CATALOGUE)
        except duckdb.Error as error:
            raise StoreError(f"nothing was moved: {_one_line(error)}") from error
        finally:
            _detach(connection)


def _into_file(source: Warehouse, target: Warehouse) -> list[MovedTable]:
    if target.path.exists():
        raise UsageError(f"{target.path} exists. Name a file that does not, or move that one away.")
    temporary = temporary_name(target.path)
    try:
        target.path.parent.mkdir(parents=True, exist_ok=True)
        migrate.make_new(temporary)
        with source.open_for_writing() as connection:  # nobody else writes meanwhile
            _attach(connection, temporary, read_only=False)
            try:
                with connection.transaction():
                    moved = _copy(connection, CATALOGUE, _FILE)
            finally:
                _detach(connection)
        flush(temporary)
        target.path.hardlink_to(temporary)
    except duckdb.Error as error:
        raise StoreError(f"nothing was moved: {_one_line(error)}") from error
    except OSError as error:
        raise write_error(target.path, error) from error
    finally:
        for path in (temporary, temporary.with_name(f"{temporary.name}.wal")):
            path.unlink(missing_ok=True)
    return moved


def _attach(connection: Connection, path: Path, *, read_only: bool) -> None:
    quoted = str(path).replace("'", "''")
    try:
        connection.raw.execute(f"attach '{quoted}' as {_FILE}{' (read_only)' if read_only else ''}")
    except duckdb.Error as error:
        raise StoreError(f"{path} cannot be opened: {_one_line(error)}") from error


def _detach(connection: Connection) -> None:
    with suppress(duckdb.Error):
        connection.raw.execute(f"detach {_FILE}")


def _copy(connection: Connection, source: str, target: str) -> list[MovedTable]:
    moved = []
    raw = connection.raw
    for table in table_names(raw, target):
        if table in _OF_THE_TARGET:
            continue
        raw.execute(f"delete from {target}.{table}")  # noqa: S608 our own names
        raw.execute(f"insert into {target}.{table} by name from {source}.{table}")
        there, here = _summary(raw, source, table), _summary(raw, target, table)
        if there != here:
            raise StoreError(f"{table} arrived with other rows ({there[0]} and {here[0]}); nothing was moved.")
        moved.append(MovedTable(table=table, rows=here[0]))
    return moved


def _summary(raw: duckdb.DuckDBPyConnection, database: str, table: str) -> tuple[int, ...]:
    """Return count and two sums of the hashes of all rows, which do not depend on their order."""
    schema, _, name = table.partition(".")
    names = raw.execute(
        "select column_name from duckdb_columns() where database_name = $1 and schema_name = $2 and table_name = $3 "
        "order by column_name",
        [database, schema, name],
    ).fetchall()
    hashed = ", ".join(f'"{column}"::varchar' for (column,) in names)
    row = raw.execute(
        f"select count(*), coalesce(sum(hash({hashed})), 0), coalesce(bit_xor(hash({hashed})), 0) "  # noqa: S608 our own names
        f"from {database}.{table}"
    ).fetchone()
    return tuple(int(value) for value in row or ())


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
