"""Record decisions: release or drop a held batch, drop quarantined records, mark a run as an incident.

A decision on a held batch is written to the run's folder first and copied to the warehouse when the run has finished,
so that a crash between the two steps loses nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.errors import UsageError
from copydesk.filesystem import write_json
from copydesk.store.curate.decisions import record_decision, record_each
from copydesk.store.warehouse.connection import Connection

__all__ = ["decide", "drop_quarantined", "mark_incident", "record_decisions"]

_STAGES_TO_REPEAT = ("check", "publish")


def decide(folder: Path, sources: Sequence[str], decision: str, because: str) -> tuple[str, ...]:
    """Write a decision on held sources to the run's folder and reset the run to the state before check.

    Args:
        folder: The run's folder.
        sources: Held sources; all of them when empty.
        decision: `released` or `dropped`.
        because: Reason, stored with the decision.

    Returns:
        The sources the decision applies to.

    Raises:
        UsageError: The run holds no batch, or not one of that source.
    """
    held_path = folder / "held"
    if not held_path.exists():
        raise UsageError(f"run {folder.name} holds no batch. `copydesk quality` lists the held batches.")
    held: dict[str, Any] = json.loads(held_path.read_text(encoding="utf-8"))
    chosen = tuple(sources) or tuple(sorted(held))
    unknown = sorted(set(chosen) - set(held))
    if unknown:
        raise UsageError(f"run {folder.name} holds no batch of {unknown[0]!r}. It holds: {', '.join(sorted(held))}.")
    path = folder / "decided"
    decided = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    now = datetime.now(UTC).isoformat()
    for source in chosen:
        decided[source] = {**held[source], "decision": decision, "because": because, "decided_at": now}
    write_json(path, decided)
    for stage in _STAGES_TO_REPEAT:
        (folder / f"{stage}.done").unlink(missing_ok=True)
    shutil.rmtree(folder / "check", ignore_errors=True)
    held_path.unlink()
    return chosen


def record_decisions(connection: Connection, run_id: str, decided: dict[str, Any], *, by: str | None = None) -> None:
    """Write a run's decisions to `ops.holds` and `audit.decisions`; idempotent."""
    for source, entry in sorted(decided.items()):
        stands = connection.value("select decision from ops.holds where run_id = $1 and source = $2", [run_id, source])
        connection.execute(
            "insert or replace into ops.holds (run_id, source, rules, detail, decision, decided_at, because, held_at,"
            " held_captures) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(run_id, source, entry["rules"], entry["detail"], entry["decision"]),
                *(datetime.fromisoformat(entry["decided_at"]), entry["because"]),
                *(entry.get("held_at"), entry.get("captures")),
            ],
        )
        if stands != entry["decision"]:
            word = "release" if entry["decision"] == "released" else "drop_batch"
            record_decision(
                connection, word, run_id, source=source, detail=entry["detail"], because=entry["because"], by=by
            )


def drop_quarantined(
    connection: Connection, capture_ids: Sequence[str], *, because: str = "", by: str | None = None
) -> int:
    """Resolve open quarantine records as dropped; the rows remain. Returns the number of records changed."""
    # No `returning` here and elsewhere: a lake has none.
    chosen = "resolved_at is null and capture_id::varchar in (select unnest($1::varchar[]))"
    rows = connection.rows(f"select source, uri, reason from audit.quarantine where {chosen}", [list(capture_ids)])  # noqa: S608
    connection.execute(
        f"update audit.quarantine set resolved_at = $2, resolution = 'dropped' where {chosen}",  # noqa: S608 our own
        [list(capture_ids), datetime.now(UTC)],
    )
    record_each(connection, "drop", sorted(rows), because=because, by=by)
    return len(rows)


def mark_incident(
    connection: Connection, run_id: str, source: str | None, because: str, *, by: str | None = None
) -> int:
    """Exclude a run's statistics from history, for one source or for all. Returns the number of sources excluded.

    Raises:
        UsageError: The run has no statistics for that source.
    """
    sources = connection.rows(
        "select distinct source from ops.source_stats where run_id = $1 and ($2 is null or source = $2)",
        [run_id, source],
    )
    for (name,) in sources:
        connection.execute(
            "insert or replace into ops.incidents values ($1, $2, $3, $4)", [run_id, name, because, datetime.now(UTC)]
        )
    if not sources:
        raise UsageError(
            f"run {run_id} has no statistics{f' for {source!r}' if source else ''}. `copydesk quality` lists the runs."
        )
    record_decision(connection, "mark_incident", run_id, source=source, because=because, by=by)
    return len(sources)
