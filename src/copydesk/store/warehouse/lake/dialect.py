"""The few things our SQL says that a lake refuses, written anew.

    'loaded'::audit.outcome                  a lake has no enum types: ::varchar; `copydesk doctor` checks the values
    insert or replace into t select ...      a lake has no keys: the rows go into a temporary table, rows of the same
                                             key are deleted from t, then they are inserted
    checkpoint                               a lake writes every commit through: nothing to do

Exact as long as one process writes at a time: see `writer_lock`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from copydesk.store.warehouse.constraints import KEYS
from copydesk.store.warehouse.statements import COMMENTS

__all__ = ["portable", "statements", "upsert"]

_ENUM_CAST = re.compile(r"::(?:main|audit|ops)\.[a-z_]+")
_UPSERT = re.compile(
    r"insert\s+or\s+replace\s+into\s+(?P<table>[a-z_]+\.[a-z_]+)\s*(?P<by_name>by\s+name\b)?\s*(?P<columns>\([^)]*\))?"
    r"\s*(?P<rows>.*)",
    re.DOTALL | re.IGNORECASE,
)
_TO_SPLIT = re.compile(r"\b(?:insert|checkpoint|delete|update|merge)\b", re.IGNORECASE)


def portable(sql: str) -> str:
    """Return SQL of ours without enum types."""
    return _ENUM_CAST.sub("::varchar", sql)


def statements(raw: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return SQL of ours as the pieces to run one after the other; one piece where nothing must be written anew."""
    sql = portable(sql)
    if not _TO_SPLIT.search(sql):
        return [sql]
    found = [COMMENTS.sub("", s.query) for s in raw.extract_statements(sql)]
    return [s for s in found if s.strip(" \n;").lower() != "checkpoint"]


def upsert(raw: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, bool]]:
    """Yield the statements that do what one `insert or replace` does, and whether each takes its parameters.

    As DuckDB does, columns that are not named keep what they held.
    """
    match = _UPSERT.match(sql)
    if match is None:
        yield sql, True
        return
    table, columns, rows = match["table"], match["columns"] or "", match["rows"]
    by_name = "by name" if match["by_name"] else ""
    key = KEYS[table]
    same = " and ".join(f't."{name}" = u."{name}"' for name in key)
    yield f"create or replace temp table upserted as from {table} limit 0", False
    yield f"insert into temp.upserted {by_name} {columns} {rows}", True
    if columns:
        named = {name.strip().strip('"') for name in columns.strip("()").split(",")}
        names = [row[0] for row in raw.execute(f"describe {table}").fetchall()]
        kept = ", ".join(f'"{name}" = t."{name}"' for name in names if name not in named)
        if kept:
            yield f"update temp.upserted as u set {kept} from {table} as t where {same}", False  # noqa: S608 our own names
    yield f"delete from {table} as t where exists (from temp.upserted as u where {same})", False  # noqa: S608 our own names
    yield f"insert into {table} by name from temp.upserted", False
