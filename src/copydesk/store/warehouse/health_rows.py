"""Source health in the warehouse: one row per source, and one per change of state or reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from datetime import datetime

from copydesk.health import Observation, SourceHealth, judge
from copydesk.store.warehouse.connection import Connection

__all__ = ["health_rows", "record_health"]

_COLUMNS = tuple(f.name for f in fields(SourceHealth))


def record_health(
    connection: Connection, seen: Sequence[Observation], *, run_id: str, now: datetime
) -> list[SourceHealth]:
    """Judge the sources of a run and write their rows; recording a run again leaves the same rows.

    Args:
        connection: In a transaction.
        seen: What the run saw of each source.
        run_id: The run.
        now: When (UTC).
    """
    known = health_rows(connection, [one.source for one in seen]) if seen else {}
    health = [judge(one, known.get(one.source), run_id=run_id, now=now) for one in seen]
    for observation in seen:
        _replace_collections(connection, observation)
    for one in health:
        before = known.get(one.source)
        _replace(connection, one)
        if before is None or (before.state, before.reason) != (one.state, one.reason):
            connection.execute(
                "insert or replace into ops.source_health_changes values (?, ?, ?, ?, ?, ?, ?)",
                [one.source, one.checked_at, one.run_id, one.state, one.reason, one.detail, one.http_status],
            )
    return health


def _replace_collections(connection: Connection, seen: Observation) -> None:
    connection.execute("delete from ops.source_collections where source = ?", [seen.source])
    for name in sorted(set(seen.collections)):
        connection.execute("insert into ops.source_collections values (?, ?)", [seen.source, name])


def health_rows(connection: Connection, sources: Iterable[str] | None = None) -> dict[str, SourceHealth]:
    """Return source -> how its last run found it; of some sources, or of all."""
    names = ", ".join(_COLUMNS)
    chosen = "" if sources is None else "where list_contains(?, source)"
    rows = connection.rows(
        f"select {names} from ops.source_health {chosen}",  # noqa: S608 our own names
        [] if sources is None else [list(sources)],
    )
    return {row[0]: SourceHealth.from_dict(dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def _replace(connection: Connection, one: SourceHealth) -> None:
    names, marks = ", ".join(_COLUMNS), ", ".join("?" for _ in _COLUMNS)
    connection.execute(
        f"insert or replace into ops.source_health ({names}) values ({marks})",  # noqa: S608 our own names
        list(astuple(one)),
    )
