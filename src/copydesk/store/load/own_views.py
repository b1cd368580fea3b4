"""The views of a desk: `views/NAME.sql` holds one SELECT and becomes view `main.NAME` after each load.

They come after the package's own and may name those and each other. One that fails stops no load: it is a finding of
the run (`view_failed`) and a line of `copydesk doctor`. A view whose file is gone is dropped.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = ["RULE", "apply_own_views", "failing_views"]

RULE = "view_failed"
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_MARK = "A view of this desk: "


def apply_own_views(warehouse: Warehouse, folder: Path, run_id: str) -> dict[str, str]:
    """Make the views of a folder, and drop those whose file is gone; return file name -> why it failed.

    Args:
        warehouse: Opened for writing.
        folder: The desk's `views/`; nothing is done where there is none.
        run_id: The run whose findings name the views that fail.

    Raises:
        StoreError: The warehouse cannot be written.
    """
    if not folder.is_dir():
        return {}
    with warehouse.open_for_writing() as connection, connection.transaction():
        for (name,) in connection.rows(
            "select view_name from duckdb_views() where schema_name = 'main' and starts_with(comment, $1)", [_MARK]
        ):
            connection.execute(f'drop view main."{name}"')
        failed = _make(connection, folder)
        connection.execute(
            "delete from audit.findings where run_id = $1 and rule = $2 and capture_id is null", [run_id, RULE]
        )
        for file, why in failed.items():
            connection.execute(
                "insert into audit.findings (run_id, rule, severity, detail) values ($1, $2, 'warn', $3)",
                [run_id, RULE, f"views/{file}: {why}"],
            )
    return failed


def _make(connection: Connection, folder: Path) -> dict[str, str]:
    """Make all views that can be made, each after those it names; return file name -> why it failed."""
    failed: dict[str, str] = {}
    waiting = sorted(folder.glob("*.sql"))
    while waiting:
        failed = {path.name: why for path in waiting if (why := _make_one(connection, path))}
        left = [path for path in waiting if path.name in failed]
        if len(left) == len(waiting):
            break
        waiting = left
    return failed


def _make_one(connection: Connection, path: Path) -> str:
    """Make one view; return why it cannot be made, "" when it was."""
    name = path.stem
    try:
        if not _NAME.match(name):
            return "a view's name is lower-case letters, digits and _; rename the file"
        if connection.value("select count(*) from duckdb_views() where view_name = $1 and not internal", [name]) or (
            connection.value("select count(*) from duckdb_tables() where table_name = $1", [name])
        ):
            return "this name is taken by the package; rename the file"
        sql = path.read_text(encoding="utf-8")
        if [s.type.name for s in connection.raw.extract_statements(sql)] != ["SELECT"]:
            return "a view's file holds one SELECT and nothing else"
        body = sql.strip().removesuffix(";")
        connection.execute(f'create view main."{name}" as\n{body}\n')
        comment = f"{_MARK}{_first_comment(sql) or path.name}".replace("'", "''")
        connection.execute(f"comment on view main.\"{name}\" is '{comment}'")
    except (duckdb.Error, OSError, UnicodeDecodeError) as error:
        return " ".join(str(error).split("\n")[0].split())
    return ""


def _first_comment(sql: str) -> str:
    first = sql.strip().split("\n", 1)[0]
    return first.removeprefix("--").strip() if first.startswith("--") else ""


def failing_views(connection: Connection, folder: Path) -> dict[str, str]:
    """Return file name -> what is wrong with it: it is not there as a view, or cannot be read."""
    wrong = {}
    for path in sorted(folder.glob("*.sql")):
        try:
            connection.rows(f'select * from main."{path.stem}" limit 0')  # noqa: S608 the desk's own file name
        except duckdb.Error as error:
            wrong[path.name] = " ".join(str(error).split("\n")[0].split())
    return wrong
