"""Migrations: numbered SQL files, forward only, each in one transaction with the record that it ran.

    file NNN_name.sql --checksum--> begin; its statements; insert into ops.migrations; commit
    file views/x.sql  --checksum--> create or replace, when the text differs from the one that stands

Killed at any step the file opens as the old or the new version: a new warehouse is copied from a blank one under a
temporary name, and one with data is checkpointed and copied first.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from pathlib import Path

import duckdb

from copydesk.errors import StoreError, WarehouseVersionError
from copydesk.filesystem import flush, replacing, scratch_folder, temporary_name, write_error
from copydesk.logs import notice
from copydesk.resources import MIGRATIONS, VIEWS
from copydesk.store.warehouse.duckdb_errors import damage_error
from copydesk.store.warehouse.engine import connect
from copydesk.table_cache import kept

__all__ = [
    "RECORD",
    "Lack",
    "Migration",
    "blank_warehouse",
    "bring_up_to_date",
    "date_migrations",
    "in_reading_order",
    "lacking",
    "make_new",
    "migrations",
    "pending",
    "refuse_unless_ours",
    "shipped_view_hashes",
    "view_files",
]

_NAME = re.compile(r"^(\d{3})_([a-z0-9_]+)\.sql$")
RECORD = """
create schema if not exists ops;
create table if not exists ops.migrations (
    number integer primary key,
    name varchar not null,
    sha256 varchar not null,
    applied_at timestamptz not null
);
comment on table ops.migrations is 'One row per migration that made this warehouse what it is.';
comment on column ops.migrations.number is 'Its number; they are applied in this order.';
comment on column ops.migrations.name is 'Its name.';
comment on column ops.migrations.sha256 is 'Hash of its text when it was applied.';
comment on column ops.migrations.applied_at is 'When it was applied (UTC).';
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file under `warehouse/migrations`."""

    number: int
    name: str
    sql: str
    sha256: str


def migrations() -> list[Migration]:
    """Return the migrations that ship with this code, in order."""
    found = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        match = _NAME.match(path.name)
        if not match:
            raise StoreError(f"{path} is not named NNN_name.sql. Rename it.")
        sql = path.read_text(encoding="utf-8")
        found.append(Migration(number=int(match[1]), name=match[2], sql=sql, sha256=_sha256(sql)))
    if not found:
        raise StoreError(f"{MIGRATIONS} holds no migrations. Install Copydesk again.")
    return found


def view_files() -> dict[str, str]:
    """Return name -> SQL of the views that ship with this code."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(VIEWS.glob("*.sql"))}


def refuse_unless_ours(raw: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a file that is foreign, newer than this code, or made by migrations that were changed since.

    Raises:
        WarehouseVersionError: With what is wrong and what to do.
    """
    pending(raw, path)


def pending(raw: duckdb.DuckDBPyConnection, path: Path) -> list[Migration]:
    """Return the migrations that a warehouse lacks, in order; refuse one as `refuse_unless_ours` does."""
    shipped = {m.number: m for m in migrations()}
    try:
        applied = raw.execute("select number, name, sha256 from ops.migrations order by number").fetchall()
    except duckdb.CatalogException as error:
        raise WarehouseVersionError(
            f"{path} is a DuckDB file but not a Copydesk warehouse. Name another file in copydesk.toml."
        ) from error
    for number, name, sha256 in applied:
        if number not in shipped:
            raise WarehouseVersionError(
                f"{path} was written by a newer Copydesk (migration {number:03d}_{name}). Update Copydesk to open it."
            )
        if shipped[number].sha256 != sha256:
            raise WarehouseVersionError(
                f"{path} was made by another text of migration {number:03d}_{name}. "
                "Use the Copydesk that made it, or start a new warehouse and run `copydesk load`."
            )
    present = {number for number, _, _ in applied}
    return [m for m in shipped.values() if m.number not in present]


def make_new(path: Path) -> None:
    """Create a warehouse with all migrations at `path`; one that another process created meanwhile is kept."""
    temporary = temporary_name(path)
    try:
        shutil.copyfile(blank_warehouse(), temporary)
        flush(temporary)  # the name must not outlive the bytes
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def date_migrations(raw: duckdb.DuckDBPyConnection) -> None:
    """Say of a warehouse just made that its migrations are applied now: the blank one may be of another day."""
    raw.execute("update ops.migrations set applied_at = now()")


def blank_warehouse() -> Path:
    """Return an empty warehouse to copy, in the scratch folder; once per process.

    Its bytes are kept between processes, since the migrations and views take a tenth of a first run's CPU.
    """
    texts = [*(m.sql for m in migrations()), *view_files().values()]
    return _blank(_sha256("\0".join(texts)))


@cache
def _blank(texts: str) -> Path:
    path = Path(tempfile.mkdtemp(dir=scratch_folder())) / "blank.duckdb"
    with suppress(zlib.error):  # kept bytes that a loss of power has damaged
        path.write_bytes(zlib.decompress(kept(f"blank-{duckdb.__version__}-{texts[:12]}", partial(_made, path))))
        return path
    _made(path)
    return path


def _made(path: Path) -> bytes:
    """Make an empty warehouse at `path`; return its bytes, compressed (a fortieth) with a checksum."""
    raw = connect(path)
    try:
        raw.execute("set TimeZone = 'UTC'")
        raw.execute(RECORD)
        bring_up_to_date(raw, path, backup=False)
        raw.execute("checkpoint")
    finally:
        raw.close()
    return zlib.compress(path.read_bytes(), 1)


class Lack(Enum):
    """What a warehouse lacks of what ships with this code."""

    NOTHING = "nothing"
    VIEWS = "views"
    MIGRATIONS = "migrations"


def lacking(raw: duckdb.DuckDBPyConnection, path: Path) -> Lack:
    """Return what a warehouse lacks; a file without `ops.views` lacks migrations.

    Raises:
        WarehouseVersionError: The file is foreign, newer, or made by migrations that were changed since.
    """
    if pending(raw, path):
        return Lack.MIGRATIONS
    return Lack.NOTHING if _view_hashes(raw) == shipped_view_hashes() else Lack.VIEWS


def _view_hashes(raw: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(raw.execute("select name, sha256 from ops.views").fetchall())


def shipped_view_hashes() -> dict[str, str]:
    """Return name -> hash of the text of the views that ship with this code."""
    return {name: _sha256(sql) for name, sql in view_files().items()}


def bring_up_to_date(raw: duckdb.DuckDBPyConnection, path: Path, *, backup: bool = True) -> None:
    """Apply missing migrations in order, then views whose text changed."""
    waiting = pending(raw, path)
    if waiting:
        if backup:
            _back_up(raw, path, waiting[0])
        for migration in waiting:
            _apply(raw, path, migration)
        raw.execute("checkpoint")
    _refresh_views(raw, path)
    if waiting and backup:
        notice(
            f"{path} is brought up to date ({_named(waiting)}); as it was before: {_backup_path(path, waiting[0]).name}"
        )


def _named(migrations: list[Migration]) -> str:
    """Return the applied migrations for a message: `migration 099`, `12 migrations, 001 to 075`."""
    first, last = f"{migrations[0].number:03d}", f"{migrations[-1].number:03d}"
    return f"migration {first}" if len(migrations) == 1 else f"{len(migrations)} migrations, {first} to {last}"


def _back_up(raw: duckdb.DuckDBPyConnection, path: Path, first: Migration) -> None:
    """Copy the checkpointed file aside; one backup is kept, the one before the last change of version."""
    raw.execute("checkpoint")
    backup = _backup_path(path, first)
    try:
        with replacing(backup, durable=True) as temporary:
            shutil.copyfile(path, temporary)
    except OSError as error:
        raise write_error(backup, error) from error
    for older in path.parent.glob(f"{path.name}.before-*"):
        if older != backup:
            older.unlink(missing_ok=True)


def _backup_path(path: Path, first: Migration) -> Path:
    return path.with_name(f"{path.name}.before-{first.number:03d}")


def _apply(raw: duckdb.DuckDBPyConnection, path: Path, migration: Migration) -> None:
    raw.execute("begin transaction")
    try:
        raw.execute(migration.sql)
        raw.execute(
            "insert into ops.migrations values (?, ?, ?, now())", [migration.number, migration.name, migration.sha256]
        )
        raw.execute("commit")
    except duckdb.Error as error:
        with suppress(duckdb.Error):
            raw.execute("rollback")
        name = f"{migration.number:03d}_{migration.name}"
        failed = StoreError(f"{path}: migration {name} failed: {error}. The file is as it was.")
        raise (damage_error(path, error) or failed) from error


def _refresh_views(raw: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create new and changed views in one transaction, in order of their dependencies."""
    files = view_files()
    present = _view_hashes(raw)
    if present == shipped_view_hashes():
        return
    raw.execute("begin transaction")
    try:
        for name in present.keys() - files.keys():
            raw.execute(f'drop view if exists main."{name}"')
        for name in in_reading_order(files):
            raw.execute(files[name])
        _inherit_comments(raw)
        raw.execute("delete from ops.views")
        raw.executemany(
            "insert into ops.views values (?, ?)", [[n, _sha256(s)] for n, s in files.items()] or [["", ""]]
        )
        raw.execute("commit")
    except duckdb.Error as error:
        with suppress(duckdb.Error):
            raw.execute("rollback")
        raise StoreError(f"{path}: a view under {VIEWS} cannot be made: {error}") from error


def _inherit_comments(raw: duckdb.DuckDBPyConnection) -> None:
    """Copy comments of table columns to view columns of the same name that have none."""
    inherited = raw.execute("""
        with explained as (
            select column_name, any_value(comment) as comment
            from duckdb_columns() semi join duckdb_tables() using (schema_name, table_name)
            where comment is not null and schema_name in ('main', 'audit', 'ops')
            group by column_name
            having count(distinct comment) = 1
        )
        select v.table_name, v.column_name, e.comment
        from duckdb_columns() as v join explained as e using (column_name)
        where v.comment is null and v.schema_name = 'main' and not v.internal
            and v.table_name in (select view_name from duckdb_views() where not internal)
    """).fetchall()
    for view, column, comment in inherited:
        quoted = comment.replace("'", "''")
        raw.execute(f"""comment on column main."{view}"."{column}" is '{quoted}'""")


def in_reading_order(files: Mapping[str, str]) -> list[str]:
    """Sort view names so that each comes after the views its text names."""
    ordered: list[str] = []

    def place(name: str, trail: tuple[str, ...]) -> None:
        if name in ordered or name in trail:
            return
        for other in sorted(files):
            if other != name and re.search(rf"\b{other}\b", files[name]):
                place(other, (*trail, name))
        ordered.append(name)

    for name in sorted(files):
        place(name, ())
    return ordered


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
