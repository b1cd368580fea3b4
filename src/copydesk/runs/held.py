"""Held batches, which wait for `copydesk quality release` or `copydesk quality drop`.

runs/<run>/held    source -> rules, measured values, detail, captures, held_at; written by check
ops.holds          the same, for SQL; written by publish, updated by the decision
"""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.runs.folder import Run
from copydesk.settings import DeskFolder
from copydesk.store.warehouse.connection import Connection

__all__ = ["HeldBatch", "held_batches", "held_sources", "record_holds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBatch:
    """The batch of one source in one run, held by a rule.

    Attributes:
        run_id: The run.
        source: The source.
        rules: The hold rules it broke.
        measured: Their measured values, in the same order.
        detail: The same in words.
        captures: Captures in the batch; 0 if unknown.
        held_at: UTC; None if unknown.
    """

    run_id: str
    source: str
    rules: tuple[str, ...] = ()
    measured: tuple[float, ...] = ()
    detail: str = ""
    captures: int = 0
    held_at: datetime | None = None


def held_sources(run: Run) -> tuple[str, ...]:
    """Return the sources of a run whose batch is held, by name."""
    path = run.folder / "held"
    return tuple(sorted(json.loads(path.read_text(encoding="utf-8")))) if path.exists() else ()


def held_batches(desk: DeskFolder, sources: Collection[str] | None = None) -> list[HeldBatch]:
    """Return the held batches of some or all sources, by run and source."""
    found: list[HeldBatch] = []
    for path in sorted(desk.runs.glob("*-*/held")):
        with suppress(OSError, ValueError, AttributeError):  # decided on since, or damaged: see `copydesk runs list`
            told: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            found += [_batch(path, source, why) for source, why in sorted(told.items())]
    return [batch for batch in found if sources is None or batch.source in sources]


def _batch(path: Path, source: str, why: dict[str, Any]) -> HeldBatch:
    held_at = why.get("held_at")
    return HeldBatch(
        run_id=path.parent.name,
        source=source,
        rules=tuple(why.get("rules", ())),
        measured=tuple(why.get("measured", ())),
        detail=str(why.get("detail", "")),
        captures=int(why.get("captures") or 0),
        held_at=datetime.fromisoformat(held_at) if held_at else datetime.fromtimestamp(path.stat().st_mtime, UTC),
    )


def record_holds(connection: Connection, batches: Collection[HeldBatch]) -> None:
    """Write the held batches to `ops.holds`, in a transaction of their own; idempotent."""
    with connection.transaction():
        for batch in batches:
            connection.execute(
                "insert or replace into ops.holds (run_id, source, rules, detail, decision, held_at, held_captures)"
                " values (?, ?, ?, ?, 'waiting', ?, ?)",
                [batch.run_id, batch.source, list(batch.rules), batch.detail, batch.held_at, batch.captures],
            )
