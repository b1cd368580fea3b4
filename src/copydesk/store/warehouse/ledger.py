"""The run ledger (`ops.runs`, `ops.stage_runs`, `ops.tallies`): record runs and stages, mark interrupted runs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from copydesk._version import __version__
from copydesk.filesystem import process_start
from copydesk.records import StageCounts
from copydesk.store.warehouse.connection import Connection

__all__ = ["RunRow", "StageRun", "mark_interrupted", "record_run", "record_stages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One row of `ops.runs`; the process is this one unless said otherwise.

    Attributes:
        run_id: Name of the run and of its folder.
        command: Who or what asked for it: `cli`, `schedule`, `replay`, `reprocess`, ...
        sources: Names of the sources, in order.
        started_at: UTC.
        status: `running`, `finished`, `failed` or `interrupted`.
        finished_at: UTC; None while it runs.
        rules_version: Version of the rules it works under.
        settings_sha256: Hash of the settings it works under.
        exit_code, error: How it ended, and the one line that names the cause.
    """

    run_id: str
    started_at: datetime
    command: str = "cli"
    sources: tuple[str, ...] = ()
    status: str = "running"
    finished_at: datetime | None = None
    code_version: str = __version__
    rules_version: str | None = None
    settings_sha256: str | None = None
    exit_code: int | None = None
    error: str | None = None
    host: str = field(default_factory=platform.node)
    pid: int = field(default_factory=os.getpid)
    process_started_at: str | None = field(default_factory=lambda: process_start(os.getpid()))


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """What one stage of a run cost, and how its inputs ended."""

    stage: str
    seconds: float
    started_at: datetime | None = None
    pages: int | None = None
    bytes: int | None = None
    peak_memory_bytes: int | None = None
    tally: StageCounts | None = None


def record_run(connection: Connection, run: RunRow) -> None:
    """Insert or update the row of a run."""
    connection.execute(
        "insert or replace into ops.runs (run_id, status, command, sources, started_at, finished_at, host, pid,"
        " process_started_at, code_version, rules_version, settings_sha256, exit_code, error)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(run.run_id, run.status, run.command, list(run.sources), run.started_at, run.finished_at),
            *(run.host, run.pid, run.process_started_at),
            *(run.code_version, run.rules_version, run.settings_sha256, run.exit_code, run.error),
        ],
    )


def record_stages(connection: Connection, run_id: str, stages: Sequence[StageRun]) -> None:
    """Write what stages cost and counted; a stage that is there already is replaced."""
    for s in stages:
        connection.execute(
            "insert or replace into ops.stage_runs values (?, ?, ?, ?, ?, ?, ?)",
            [run_id, s.stage, s.started_at, s.seconds, s.pages, s.bytes, s.peak_memory_bytes],
        )
        connection.execute("delete from ops.tallies where run_id = ? and stage = ?", [run_id, s.stage])
        if s.tally is None:
            continue
        kinds = (("outcome", s.tally.counts), ("reason", s.tally.reasons), ("cut", s.tally.cut))
        rows = [(kind, name, inputs) for kind, counts in kinds for name, inputs in sorted(counts.items())]
        if rows:
            connection.execute(
                "insert into ops.tallies "
                "select $1, $2, unnest($3::varchar[]), unnest($4::varchar[]), unnest($5::bigint[])",
                [run_id, s.stage, *(list(column) for column in zip(*rows, strict=True))],
            )


def mark_interrupted(connection: Connection) -> list[str]:
    """Mark runs as interrupted whose process on this machine is gone; return their names."""
    running = connection.rows(
        "select run_id, pid, process_started_at from ops.runs where status = 'running' and host = ?", [platform.node()]
    )
    gone = [run_id for run_id, pid, started in running if pid is None or process_start(pid) not in {started, "unknown"}]
    for run_id in gone:
        connection.execute(
            "update ops.runs set status = 'interrupted', finished_at = ? where run_id = ?", [datetime.now(UTC), run_id]
        )
    return gone
