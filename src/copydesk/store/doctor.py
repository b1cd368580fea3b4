"""Doctor: check the warehouse and what lies beside it, with advice for each fault; repairs nothing."""

from __future__ import annotations

import json
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from copydesk import filesystem
from copydesk.errors import StoreError, WarehouseBusyError
from copydesk.filesystem import process_start
from copydesk.store.load.due_parts import count_due_parts
from copydesk.store.load.own_views import failing_views
from copydesk.store.parts.part_files import part_paths
from copydesk.store.read.search import index_path
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.constraints import broken_keys
from copydesk.store.warehouse.duckdb_errors import damage_error, first_line
from copydesk.store.warehouse.snapshot import snapshot_path
from copydesk.store.warehouse.stale_files import stale_files
from copydesk.wording import counted

__all__ = ["Examined", "examine"]

_MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The result of one check.

    Attributes:
        name: Name of the check.
        ok: Whether it passed.
        found: What was found, in words.
        mend: What to do when it failed; empty where `found` says it.
        exit_code: What a command that failed for it ends with: 2 for a damaged, foreign or newer file, else 1.
    """

    name: str
    ok: bool
    found: str
    mend: str = ""
    exit_code: int = 1


def examine(warehouse: Warehouse, runs: Path, views: Path | None = None) -> list[Examined]:
    """Check the file, its version, every row, the keys, the ledger against the parts on disk, and stale files.

    Args:
        warehouse: The warehouse.
        runs: The folder of run folders.
        views: The folder of the desk's own views.
    """
    around = [_space(warehouse.path), _leftovers(warehouse.path, runs)]
    if not warehouse.path.exists():
        return [Examined(name="file", ok=True, found=f"{warehouse.path} is not there yet"), *around]
    found = [] if warehouse.lake is not None else [_wal(warehouse.path)]
    try:
        with warehouse.open_for_reading() as connection:
            found.append(Examined(name="file", ok=True, found=_size(warehouse)))
            found += [look(connection) for look in (_version, _scan, _keys, _running)]
            if warehouse.lake is not None:
                found.append(_values(connection))
            found.append(_ledger(connection, runs))
            if views is not None and views.is_dir():
                found.append(_own_views(connection, views))
    except WarehouseBusyError as error:
        found.append(Examined(name="file", ok=False, found=str(error), mend="end the load or wait for it"))
    except StoreError as error:
        found.append(Examined(name="file", ok=False, found=str(error), exit_code=error.exit_code))
    return [*found, *around]


def _own_views(connection: Connection, folder: Path) -> Examined:
    wrong = failing_views(connection, folder)
    if not wrong:
        return Examined(name="views", ok=True, found=f"the views of {folder} can be read")
    what = "; ".join(f"{folder / file}: {why}" for file, why in wrong.items())
    return Examined(name="views", ok=False, found=what, mend="mend these files; the next run makes the views again")


def _size(warehouse: Warehouse) -> str:
    return f"{warehouse.name} opens, {warehouse.size_bytes() / 1e6:,.1f} MB"


def _values(connection: Connection) -> Examined:
    """Check the columns that have an enum type in a file: a lake has none."""
    from copydesk.store.warehouse.lake.schema import unknown_values

    wrong = unknown_values(connection.raw)
    if wrong:
        mend = "report it; `copydesk reprocess` writes the rows anew"
        return Examined(name="values", ok=False, found="; ".join(wrong), mend=mend)
    return Examined(name="values", ok=True, found="every column of a fixed list of values holds one of them")


def _wal(path: Path) -> Examined:
    wal = path.with_name(path.name + ".wal")
    size = wal.stat().st_size if wal.exists() else 0
    if not size:
        return Examined(name="journal", ok=True, found="empty: everything is in the file")
    return Examined(
        name="journal",
        ok=True,
        found=f"{size:,} bytes wait in {wal.name}: a writer was stopped; they are read with the file",
        mend="the next load writes them into the file",
    )


def _version(connection: Connection) -> Examined:
    applied = connection.rows("select number from ops.migrations order by number")
    waiting = [m.name for m in migrate.migrations() if (m.number,) not in applied]
    if waiting:
        mend = "the next `copydesk run` or `copydesk load` applies them"
        return Examined(name="version", ok=False, found=f"waiting: {', '.join(waiting)}", mend=mend)
    return Examined(name="version", ok=True, found=f"{len(applied)} migrations, all applied")


def _scan(connection: Connection) -> Examined:
    """Read every value of every row once."""
    tables = connection.rows(
        "select format('{}.{}', schema_name, table_name) from duckdb_tables() "
        "where schema_name in ('main', 'audit', 'ops') order by 1"
    )
    rows = 0
    for (table,) in tables:
        try:
            count, _ = connection.rows(f"select count(*), bit_xor(hash(t)) from {table} as t")[0]  # noqa: S608
        except duckdb.Error as error:
            damaged = damage_error(connection.path, error)
            mend = str(damaged or "restore a backup; `copydesk load` loads the runs that are kept on disk")
            what = f"{table} cannot be read: {first_line(error)}"
            return Examined(name="rows", ok=False, found=what, mend=mend, exit_code=2)
        rows += count
    return Examined(
        name="rows", ok=True, found=f"all {counted(rows, 'row')} of {counted(len(tables), 'table')} can be read"
    )


def _keys(connection: Connection) -> Examined:
    broken = broken_keys(connection)
    if broken:
        mend = "report it: a load should have refused this; `copydesk reprocess` writes the rows anew"
        return Examined(name="keys", ok=False, found="; ".join(broken), mend=mend)
    return Examined(name="keys", ok=True, found="every key is unique, and every reference has its target")


def _running(connection: Connection) -> Examined:
    rows = connection.rows(
        "select run_id, pid, process_started_at from ops.runs where status = 'running' and host = $1", [platform.node()]
    )
    gone = [run for run, pid, began in rows if pid is None or process_start(pid) not in {began, "unknown"}]
    if gone:
        mend = "the next `copydesk run` marks and finishes them"
        return Examined(name="runs", ok=False, found=f"say running, but are gone: {', '.join(gone)}", mend=mend)
    return Examined(name="runs", ok=True, found=f"{len(rows)} at work")


def _ledger(connection: Connection, runs: Path) -> Examined:
    """Compare the parts on disk with the ledger: parts not loaded yet, and loaded parts whose rows are missing."""
    waiting: list[str] = []
    missing: list[str] = []
    for folder in sorted(runs.glob("*-*")) if runs.is_dir() else ():
        if (folder / "held").exists() or not part_paths(folder / "check"):
            continue
        try:
            due = count_due_parts(connection, _run_id(folder), folder)
        except FileNotFoundError:  # its run has come to its end meanwhile
            continue
        if due:
            (missing if (folder / "publish.done").exists() else waiting).append(
                f"{folder.name} ({counted(due, 'part')})"
            )
    if missing:
        mend = "`copydesk load` brings them in again from the kept parts"
        return Examined(name="ledger", ok=False, found=f"loaded once, missing now: {', '.join(missing)}", mend=mend)
    if waiting:
        return Examined(name="ledger", ok=False, found=f"waits: {', '.join(waiting)}", mend="`copydesk load`")
    return Examined(name="ledger", ok=True, found="all parts on disk are in the warehouse, or held")


def _run_id(folder: Path) -> str:
    try:
        return str(json.loads((folder / "run.json").read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError):
        return folder.name


def _space(path: Path) -> Examined:
    folder = next(p for p in (path.parent, *path.parent.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    ok = free >= _MIN_FREE_BYTES
    return Examined(name="space", ok=ok, found=f"{free / 1e9:,.1f} GB free", mend="" if ok else "free some space")


def _leftovers(path: Path, runs: Path) -> Examined:
    """Look for temporary files of processes that are gone."""
    left = [*stale_files(path), *(p for f in sorted(runs.glob("*/*")) for p in filesystem.stale_files(f, "part-*"))]
    kept = [p.name for p in (index_path(path), snapshot_path(path)) if p.exists()]
    if left:
        names = ", ".join(p.name for p in left[:5])
        return Examined(
            name="leftovers", ok=False, found=f"{len(left)}: {names}", mend="the next `copydesk run` removes them"
        )
    beside_it = f"; beside the file: {', '.join(kept)}" if kept else ""
    return Examined(name="leftovers", ok=True, found=f"none{beside_it}")
