"""Warehouses as earlier schema versions left them, and the commands that must work on each.

today's warehouse, filled by real runs --rows of the columns that there were--> the migrations 001..N, applied alone
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from copydesk.pipeline import Stage, run_desk, run_stages
from copydesk.records import StageCounts
from copydesk.runs.folder import Run, new_run
from copydesk.settings import find_desk_folder
from copydesk.stages.publish import publish
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.engine import connect

__all__ = ["COMMANDS", "FILE", "VERSIONS", "expected_code", "make_desk", "make_earlier", "make_template"]

FILE = Path("warehouse") / "copydesk.duckdb"

VERSIONS = tuple(m.number for m in migrate.migrations())
PAGE = "seeds/000_bca97a53f92043e2.txt"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "sql": ("sql", "select count(*) as n from latest_articles", "--json"),
    "search": ("search", "Syria", "--json"),
    "show": ("show", PAGE, "--json"),
    "status": ("status", "--json"),
    "quality": ("quality", "--json"),
    "report": ("report", "--out", "report.html"),
    "quarantine": ("quarantine", "list", "--json"),
    "boilerplate": ("boilerplate", "list", "--json"),
    "restore": ("restore", PAGE),
    "doctor": ("doctor", "--json"),
    "export": ("export", "out", "--format", "jsonl", "--json"),
    "forget": ("forget", PAGE, "--dry-run", "--json"),
    "reprocess": ("reprocess", "--dry-run", "--json"),
    "load": ("load",),
    "run": ("run", "--json"),
}
"""Name -> words; every one of them opens the warehouse."""

_OF_A_PAGE = {"show", "restore", "forget"}
_FIRST_WITH_ARTICLES = 3
"""Before it there are no captures, so its warehouses held no articles."""
_FIRST_WITH_QUOTES, _FIRST_WITH_PEOPLE = 92, 93
_FORMER_TABLES = {"audit.site_memory": "audit.boilerplate"}
"""Name of a table in an earlier version -> its name today."""


def expected_code(command: str, version: int) -> int:
    """Return a command's exit code on a version: 2 for a page of a warehouse without articles."""
    return 2 if command in _OF_A_PAGE and version < _FIRST_WITH_ARTICLES else 0


def make_template(folder: Path) -> Path:
    """Make a desk whose warehouse a run has filled, and whose second run stopped before it was loaded."""
    subprocess.run(
        [sys.executable, "-m", "copydesk", "init", str(folder / "template")], check=True, capture_output=True
    )
    desk = find_desk_folder(folder / "template")
    run_desk(desk)
    (desk.root / "seeds" / "later.txt").write_text("The ferry sails again\n\nIt left the harbour at noon.\n" * 9)
    with suppress(_StoppedError), new_run(desk, desk.settings.source, trigger="cli") as run:
        run_stages(run, step=_stop_at_publish)
    return desk.root


class _StoppedError(Exception):
    pass


def _stop_at_publish(stage: Stage, run: Run) -> StageCounts:
    if stage is publish:
        raise _StoppedError
    return stage(run)


def make_desk(template: Path, folder: Path, version: int | None, command: str = "") -> Path:
    """Make a desk with a warehouse as `version` left it (None: as it is); for `load`, a run waits to be loaded."""
    folder.mkdir()
    (folder / "warehouse").mkdir()
    shutil.copyfile(template / "copydesk.toml", folder / "copydesk.toml")
    shutil.copytree(template / "seeds", folder / "seeds", ignore=shutil.ignore_patterns("later.txt"))
    if version is None:
        shutil.copyfile(template / FILE, folder / FILE)
    else:
        made = template.parent / f"earlier-{version:03d}.duckdb"
        if not made.exists():
            make_earlier(made, version, template / FILE)
        shutil.copyfile(made, folder / FILE)
    if command == "load":
        shutil.copyfile(template / "seeds" / "later.txt", folder / "seeds" / "later.txt")
        shutil.copytree(template / "warehouse" / "runs", folder / "warehouse" / "runs")
    return folder


def make_earlier(path: Path, version: int, rows_of: Path) -> None:
    """Make the warehouse that the migrations up to `version` leave, with the rows of today's `rows_of`.

    Views are those of today that can be made on it, with another hash, as an older release left them.
    """
    with connect(path) as raw:
        raw.execute("set TimeZone = 'UTC'")
        raw.execute(migrate.RECORD)
        for m in migrate.migrations():
            if m.number <= version:
                raw.execute(m.sql)
                raw.execute("insert into ops.migrations values (?, ?, ?, now())", [m.number, m.name, m.sha256])
        raw.execute(f"attach '{rows_of}' as today (read_only)")
        for schema, table in raw.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
            "and schema_name in ('main', 'audit', 'ops') and table_name not in ('migrations', 'views')"
        ).fetchall():
            if schema == "ops" or version >= _FIRST_WITH_ARTICLES:
                _copy_rows(raw, f"{schema}.{table}")
        if _FIRST_WITH_QUOTES <= version < _FIRST_WITH_PEOPLE:
            raw.execute("update main.quotes set person_id = null")
        raw.execute("detach today")
        for name, sql in migrate.view_files().items():
            try:
                raw.execute(sql)
            except duckdb.Error:  # of a table that there was not yet
                continue
            raw.execute("insert into ops.views values (?, 'former')", [name])


def _copy_rows(raw: duckdb.DuckDBPyConnection, table: str) -> None:
    today = "today." + _FORMER_TABLES.get(table, table)
    try:
        present = {row[0] for row in raw.execute(f"describe {today}").fetchall()}
    except duckdb.CatalogException:  # a table that has gone since
        return
    columns = [row[:2] for row in raw.execute(f"describe {table}").fetchall() if row[0] in present]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    # An enum of one database is another type than that of the other.
    values = ", ".join(
        f'"{name}"::varchar::{kind}' if kind.startswith("ENUM") else f'"{name}"' for name, kind in columns
    )
    raw.execute(f"delete from {table}")  # rows that its migration wrote
    raw.execute(f"insert into {table} ({names}) select {values} from {today}")
