"""Publish: load the accepted records, in one transaction with the ledger and the state of the sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from copydesk.errors import CopydeskError, StoreError
from copydesk.filesystem import write_json
from copydesk.health import Observation, judge
from copydesk.logs import log
from copydesk.records import StageCounts
from copydesk.resources import rules_version
from copydesk.runs.folder import STORED_TRIGGERS, Run
from copydesk.runs.held import held_batches, record_holds
from copydesk.stages.observations import declared_sources, read_observations, write_health
from copydesk.stages.troubles import record_run_troubles
from copydesk.store.load.due_parts import LoadReport
from copydesk.store.load.load_run import load_run
from copydesk.store.load.own_views import RULE, apply_own_views
from copydesk.store.warehouse.connection import Warehouse, open_warehouse
from copydesk.store.warehouse.health_rows import record_health
from copydesk.store.warehouse.ledger import RunRow, StageRun, record_run
from copydesk.store.warehouse.snapshot import publish_snapshot

__all__ = ["publish", "recording_failure"]

_BEFORE = ("acquire", "extract", "check")


def publish(run: Run) -> StageCounts:
    """Load the run's parts; loading them again changes nothing.

    Raises:
        WarehouseBusyError: Another process holds the file past the deadline; the parts are kept and load next time.
        StoreError: A disk error or a broken key constraint; nothing was loaded.
    """
    settings = run.desk.settings
    row = replace(
        _row(run, "finished", exit_code=0),
        rules_version=rules_version(run.desk.own_rules),
        settings_sha256=sha256(settings.model_dump_json().encode()).hexdigest(),
    )
    warehouse = open_warehouse(run.desk)
    seen, whole = read_observations(run), declared_sources(run)
    recorded = [one for one in seen if one.source in whole]
    report = load_run(
        warehouse,
        row,
        run.folder,
        [_stage(run, name) for name in _BEFORE],
        seen=recorded,
        evidence=settings.warehouse.evidence,
        also=lambda connection, health: record_run_troubles(connection, run, health),
        progress=lambda done, total: run.progress("publish", done, total),
    )
    if report.rows:
        tables = {table: {"rows": n, "columns": report.columns.get(table, ())} for table, n in report.rows.items()}
        write_json(run.folder / "written.json", tables)  # for lineage
    partial = [one for one in seen if one.source not in whole]  # says nothing about the source as it is declared
    judged = [judge(one, None, run_id=run.run_id, now=datetime.now(UTC)) for one in partial]
    write_health(run, [*report.health, *judged])
    failed = apply_own_views(warehouse, run.desk.own_views, run.run_id)
    for file, why in failed.items():
        log.warning("view failed", file=f"views/{file}", why=why)
    waiting = [batch for batch in held_batches(run.desk) if batch.run_id == run.run_id]
    if waiting:
        with warehouse.open_for_writing() as connection:
            record_holds(connection, waiting)
    if settings.warehouse.snapshot:
        publish_snapshot(warehouse)
    return _tally(report, failed)


@contextmanager
def recording_failure(run: Run, stage: str) -> Iterator[None]:
    """Record a failing stage in `ops.runs`; turn an OSError into a StoreError."""
    try:
        try:
            yield
        except OSError as error:
            where = error.filename or run.folder
            raise StoreError(
                f"run {run.run_id} stopped at {stage}: {where}: {error.strerror or error}. "
                "What was done is kept: remove the cause and run again."
            ) from error
    except CopydeskError as error:
        _record_failure(run, error)
        raise


def _record_failure(run: Run, error: CopydeskError) -> None:
    """Write a row for a run that failed, if the warehouse is free; finishing the run replaces it."""
    row = replace(_row(run, "failed", exit_code=error.exit_code), error=str(error))
    whole = declared_sources(run) if run.trigger not in STORED_TRIGGERS else set()
    seen = [
        Observation(source=s.name, kind=s.kind, error=str(error), collections=s.collections)
        for s in run.sources
        if s.name in whole
    ]
    if run.desk.warehouse.exists():
        with (
            suppress(StoreError),
            Warehouse(run.desk.warehouse, lock_timeout_s=0).open_for_writing() as connection,
            connection.transaction(),
        ):
            record_run(connection, row)
            record_health(connection, seen, run_id=run.run_id, now=datetime.now(UTC))


def _row(run: Run, status: str, *, exit_code: int) -> RunRow:
    return RunRow(
        run_id=run.run_id,
        command=run.trigger,
        sources=tuple(s.name for s in run.sources),
        started_at=run.started_at,
        finished_at=datetime.now(UTC),
        status=status,
        exit_code=exit_code,
    )


def _stage(run: Run, name: str) -> StageRun:
    note = run.note(name)
    return StageRun(
        stage=name,
        seconds=note["seconds"],
        started_at=datetime.fromisoformat(note["started_at"]),
        pages=note.get("pages"),
        bytes=note.get("bytes"),
        peak_memory_bytes=note["peak_memory_bytes"],
        tally=StageCounts(**note["tally"]),
    )


def _tally(report: LoadReport, failed: Mapping[str, str]) -> StageCounts:
    return StageCounts(stage="publish", counts=report.counts, reasons={RULE: len(failed)} if failed else {})
