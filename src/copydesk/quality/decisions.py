"""What people decide: a held batch is released or dropped, a quarantined record is dropped, a run is an incident.

A held batch's decision is written into its run's folder first and taken to the warehouse after the run came to its
end, so that a crash between the two is repeated and not lost.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.errors import UsageError
from copydesk.runs.folder import write_json
from copydesk.store.warehouse.connection import Connection

__all__ = ["decide", "drop_quarantined", "mark_incident", "record_decisions"]

_UNDONE = ("check", "publish")


def decide(folder: Path, sources: Sequence[str], decision: str, because: str) -> tuple[str, ...]:
    """Write a decision on held sources into the run's folder and take the run back to before check.

    Args:
        folder: The run's folder.
        sources: Held sources; all of them when empty.
        decision: `released` or `dropped`.
        because: Why, for the record.

    Returns:
        The sources decided on.

    Raises:
        UsageError: The run holds nothing, or not such a source.
    """
    held_path = folder / "held"
    if not held_path.exists():
        raise UsageError(f"run {folder.name} holds nothing back. `copydesk quality` lists what is held.")
    held: dict[str, Any] = json.loads(held_path.read_text(encoding="utf-8"))
    chosen = tuple(sources) or tuple(sorted(held))
    unknown = sorted(set(chosen) - set(held))
    if unknown:
        raise UsageError(f"run {folder.name} does not hold {unknown[0]!r}, but {', '.join(sorted(held))}.")
    path = folder / "decided"
    decided = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    now = datetime.now(UTC).isoformat()
    for source in chosen:
        decided[source] = {**held[source], "decision": decision, "because": because, "decided_at": now}
    write_json(path, decided)
    for stage in _UNDONE:
        (folder / f"{stage}.done").unlink(missing_ok=True)
    shutil.rmtree(folder / "check", ignore_errors=True)
    held_path.unlink()
    return chosen


def record_decisions(connection: Connection, run_id: str, decided: dict[str, Any]) -> None:
    """Write a run's decisions to `ops.holds`; the same again changes nothing."""
    for source, word in sorted(decided.items()):
        connection.execute(
            "insert or replace into ops.holds values (?, ?, ?, ?, ?, ?, ?)",
            [
                *(run_id, source, word["rules"], word["detail"], word["decision"]),
                *(datetime.fromisoformat(word["decided_at"]), word["because"]),
            ],
        )


def drop_quarantined(connection: Connection, capture_ids: Sequence[str]) -> int:
    """Resolve open records as dropped: they stay on record and wait no more. Returns how many."""
    rows = connection.rows(
        "update audit.quarantine set resolved_at = $1, resolution = 'dropped' "
        "where resolved_at is null and capture_id::varchar in (select unnest($2::varchar[])) returning 1",
        [datetime.now(UTC), list(capture_ids)],
    )
    return len(rows)


def mark_incident(connection: Connection, run_id: str, source: str | None, because: str) -> int:
    """Leave a run's numbers out of history, for one source or all of it. Returns for how many sources.

    Raises:
        UsageError: The run has no numbers of such a source.
    """
    rows = connection.rows(
        "insert or replace into ops.incidents select distinct run_id, source, $3, $4 from ops.source_stats "
        "where run_id = $1 and ($2 is null or source = $2) returning 1",
        [run_id, source, because, datetime.now(UTC)],
    )
    if not rows:
        raise UsageError(
            f"run {run_id} has no numbers{f' of {source!r}' if source else ''}. `copydesk quality` lists runs."
        )
    return len(rows)
