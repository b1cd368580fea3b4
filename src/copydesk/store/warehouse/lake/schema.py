"""The tables, macros and views of a lake, derived from the migrations.

    migrations --applied--> blank DuckDB file --read: duckdb_tables(), duckdb_columns(), macros--> DDL of the lake

A lake has no enum types (varchar), keys, checks, sequences or indexes, and no comments on macros and columns of views.
An older lake gets what a later migration adds: tables and columns as the blank file has them, and the migration's own
statements that rename or change rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from copydesk.errors import StoreError
from copydesk.settings.lake_path import LakeAddress
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.engine import connect
from copydesk.store.warehouse.lake.attach import CATALOGUE
from copydesk.store.warehouse.lake.dialect import portable
from copydesk.wording import counted

__all__ = ["bring_up_to_date", "enum_values", "is_new", "is_up_to_date", "table_names", "unknown_values"]

_ENUM = re.compile(r"ENUM\([^)]*\)")
_COMMENT = re.compile(r"\bcomment\s+on\s+(?:table|column)\s+((?:main|audit|ops)\.[a-z_]+)", re.IGNORECASE)
_Column = tuple[str, str, bool, str | None]
"""Name, type (enum types as varchar), nullable, comment."""
_CHANGES_ROWS = ("INSERT", "UPDATE", "DELETE", "MERGE_INTO")


def is_up_to_date(raw: duckdb.DuckDBPyConnection, lake: LakeAddress) -> bool:
    """Return whether a lake has all migrations and today's views.

    Raises:
        WarehouseVersionError: It is foreign or newer.
    """
    return not is_new(raw) and migrate.lacking(raw, _shown(lake)) is migrate.Lack.NOTHING


def is_new(raw: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a lake has no tables of ours yet."""
    try:
        raw.execute("from ops.migrations limit 0")
    except duckdb.CatalogException:
        return True
    return False


def bring_up_to_date(raw: duckdb.DuckDBPyConnection, lake: LakeAddress) -> None:
    """Make the tables and views of a new lake, or add what an older one lacks, in one transaction.

    Args:
        raw: A cursor on the lake, which holds the writers' lock.
        lake: The address.

    Raises:
        WarehouseVersionError: The lake is foreign or newer.
        StoreError: A migration cannot be applied.
    """
    if is_up_to_date(raw, lake):
        return
    raw.execute(f"attach '{migrate.blank_warehouse()}' as blank (read_only)")
    try:
        raw.execute("begin transaction")
        if is_new(raw):
            _create(raw)
        else:
            _upgrade(raw, lake)
        _make_views(raw)
        raw.execute("commit")
    except duckdb.Error as error:
        with suppress(duckdb.Error):
            raw.execute("rollback")
        raise StoreError(f"{lake.shown}: its tables cannot be made: {error}. It is as it was.") from error
    finally:
        with suppress(duckdb.Error):
            raw.execute("detach blank")


def table_names(raw: duckdb.DuckDBPyConnection, database: str = CATALOGUE) -> list[str]:
    """Return the tables of a database as `schema.table`, in order."""
    rows = raw.execute(
        "select schema_name || '.' || table_name as name from duckdb_tables() where database_name = $1 "
        "and schema_name in ('main', 'audit', 'ops') order by name",
        [database],
    ).fetchall()
    return [name for (name,) in rows]


def enum_values() -> dict[str, tuple[str, ...]]:
    """Return `schema.table.column` -> the values its enum type allows, for all columns that have one in a file."""
    with connect(migrate.blank_warehouse(), read_only=True) as raw:
        rows = raw.execute(
            "select schema_name || '.' || table_name || '.' || column_name, data_type from duckdb_columns() "
            "semi join duckdb_tables() using (schema_name, table_name) where data_type like 'ENUM(%' order by 1"
        ).fetchall()
    return {name: tuple(re.findall(r"'([^']*)'", kind)) for name, kind in rows}


def unknown_values(raw: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a line per column that holds a value which its enum type in a file would refuse."""
    wrong = []
    for name, allowed in enum_values().items():
        table, _, column = name.rpartition(".")
        count = raw.execute(
            f'select count(*) from {table} where "{column}" is not null and not list_contains($1, "{column}")',  # noqa: S608 our own names
            [list(allowed)],
        ).fetchone()
        if count and count[0]:
            wrong.append(f"{name} ({counted(count[0], 'row')})")
    return wrong


def _create(raw: duckdb.DuckDBPyConnection) -> None:
    for schema in ("audit", "ops"):
        raw.execute(f"create schema if not exists {CATALOGUE}.{schema}")
    comments = _blank_comments(raw)
    for table, columns in _columns(raw, "blank").items():
        _create_table(raw, table, columns, comments[table])
        if table != "ops.views":
            raw.execute(f"insert into {CATALOGUE}.{table} by name from blank.{table}")


def _create_table(
    raw: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[_Column],
    comment: str | None,
) -> None:
    said = ", ".join(f'"{name}" {kind}{"" if null else " not null"}' for name, kind, null, _ in columns)
    raw.execute(f"create table {CATALOGUE}.{table} ({said})")
    raw.execute(f"comment on table {CATALOGUE}.{table} is {_literal(comment)}")
    for column, _, _, explained in columns:
        raw.execute(f'comment on column {CATALOGUE}.{table}."{column}" is {_literal(explained)}')


def _columns(raw: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[_Column]]:
    """Return `schema.table` -> its columns; one query, since one for a table takes as long."""
    found: dict[str, list[_Column]] = {name: [] for name in table_names(raw, database)}
    asked = (
        "select schema_name || '.' || table_name, column_name, data_type, is_nullable, comment "
        "from duckdb_columns() where database_name = $1 order by column_index"
    )
    for table, name, kind, null, comment in raw.execute(asked, [database]).fetchall():
        if table in found:
            found[table].append((name, _ENUM.sub("VARCHAR", kind), null, comment))
    return found


def _blank_comments(raw: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Return `schema.table` -> its comment."""
    asked = "select schema_name || '.' || table_name, comment from duckdb_tables() where database_name = 'blank'"
    return dict(raw.execute(asked).fetchall())


def _literal(text: str | None) -> str:
    return "'" + (text or "").replace("'", "''") + "'"


def _upgrade(raw: duckdb.DuckDBPyConnection, lake: LakeAddress) -> None:
    """Apply the migrations that a lake lacks."""
    pending = migrate.pending(raw, _shown(lake))
    todo = [(s.type.name, portable(s.query)) for m in pending for s in raw.extract_statements(m.sql)]
    for kind, sql in todo:
        if kind == "ALTER" and re.search(r"\brename\b", sql, re.IGNORECASE):
            raw.execute(sql)
    _add_missing(raw)
    for kind, sql in todo:
        if kind in _CHANGES_ROWS:
            raw.execute(sql)
    _drop_surplus(raw)
    there = set(table_names(raw))
    for _, sql in todo:
        said = _COMMENT.search(sql)
        if said and said[1] in there:
            raw.execute(sql)
    for one in pending:
        raw.execute("insert into ops.migrations values ($1, $2, $3, now())", [one.number, one.name, one.sha256])


def _add_missing(raw: duckdb.DuckDBPyConnection) -> None:
    """Add the tables and columns that the blank file has and the lake has not."""
    there, comments = _columns(raw, CATALOGUE), _blank_comments(raw)
    for table, columns in _columns(raw, "blank").items():
        if table not in there:
            _create_table(raw, table, columns, comments[table])
            continue
        names = {name for name, *_ in there[table]}
        for name, kind, _, _ in columns:
            if name not in names:
                raw.execute(f'alter table {CATALOGUE}.{table} add column "{name}" {kind}')


def _drop_surplus(raw: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables and columns that the blank file has no more."""
    wanted = _columns(raw, "blank")
    for table, columns in _columns(raw, CATALOGUE).items():
        if table not in wanted:
            raw.execute(f"drop table {CATALOGUE}.{table}")
            continue
        names = {name for name, *_ in wanted[table]}
        for name, *_ in columns:
            if name not in names:
                raw.execute(f'alter table {CATALOGUE}.{table} drop column "{name}"')


def _make_views(raw: duckdb.DuckDBPyConnection) -> None:
    """Make the macros of the migrations and all views anew, in order of their dependencies."""
    files = migrate.view_files()
    for migration in migrate.migrations():
        for macro in _statements(raw, migration.sql):
            if re.search(r"\bcreate or replace macro\b", macro):
                raw.execute(macro)
    present = [name for (name,) in raw.execute("select name from ops.views").fetchall()]
    for name in set(present) - files.keys():
        raw.execute(f'drop view if exists main."{name}"')
    for name in migrate.in_reading_order(files):
        for sql in _statements(raw, files[name]):
            if not re.search(r"\bcomment on (?:column|macro)\b", sql):
                raw.execute(sql)
    raw.execute("delete from ops.views")
    rows = [[name, sha256] for name, sha256 in migrate.shipped_view_hashes().items()]
    if rows:
        raw.executemany("insert into ops.views values ($1, $2)", rows)


def _statements(raw: duckdb.DuckDBPyConnection, sql: str) -> Sequence[str]:
    return [portable(s.query) for s in raw.extract_statements(sql)]


def _shown(lake: LakeAddress) -> Path:
    """Return the address as messages name it, where a path is asked for."""
    return Path(lake.shown)
