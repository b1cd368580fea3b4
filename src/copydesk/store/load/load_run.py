"""Load the accepted rows of a run's parts, in one transaction with the ledger.

A run of more than 20,000 captures (100,000 on a lake) takes several such loads, one after the other, so that memory
stays flat however many there are: what a load leaves is the same wherever the parts are cut.

    parts that the ledger does not know (due_parts) --> their rows (load_parts) --> ledger --> commit --> checkpoint
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import duckdb

from copydesk.errors import StoreError, WarehouseBusyError, WarehouseVersionError
from copydesk.health import Observation, SourceHealth
from copydesk.records import StageCounts
from copydesk.store.load.due_parts import DuePart, LoadReport, due_parts
from copydesk.store.parts.part_files import BATCH_PART, part_paths, read_tally
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.disk_space import check_disk_space
from copydesk.store.warehouse.health_rows import record_health
from copydesk.store.warehouse.ledger import RunRow, StageRun, mark_interrupted, record_run, record_stages

__all__ = ["load_run"]

_FEW_CAPTURES = 3000
"""What one thread loads in some four seconds."""


def load_run(
    warehouse: Warehouse,
    run: RunRow,
    folder: Path,
    stages: Sequence[StageRun] = (),
    *,
    seen: Sequence[Observation] = (),
    evidence: str = "full",
    also: Callable[[Connection, Sequence[SourceHealth]], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LoadReport:
    """Load what a run's folder holds and the ledger does not know yet.

    A commit or checkpoint that fails may still have been written (DuckDB 1.5.5 on a full disk), so after one the
    connection is dropped, the file opened again and the ledger asked. Room is asked for before.

    Args:
        warehouse: Opened for as long as the load takes.
        run: Written to `ops.runs` with the rows.
        folder: The run's folder, with `acquire/`, `extract/` and `check/`.
        stages: What the stages so far cost and counted.
        seen: What the run saw of its sources.
        evidence: `[warehouse] evidence`: what is stored of how the pages were read.
        also: Called with the connection and the sources' health before the last commit.
        progress: Called after each load but the last with the captures loaded so far and those due in all.

    Raises:
        WarehouseBusyError: Somebody else holds the file past the deadline; the parts are kept.
        StoreError: The disk refused, a part is damaged, or keys would not hold; nothing was loaded.
    """
    try:
        with warehouse.open_for_writing() as connection:
            check_disk_space(warehouse.path, folder)
            mark_interrupted(connection)
            connection.execute("set variable evidence = $1", [evidence])
            due = due_parts(connection, run.run_id, folder)
            with _in_one_thread(connection, due):
                return _load(connection, run, folder, due, stages, seen, also, progress)
    except (WarehouseBusyError, WarehouseVersionError):
        raise
    except (duckdb.Error, StoreError) as error:
        if isinstance(error, StoreError) and not isinstance(error.__cause__, duckdb.Error):
            raise
        if _is_durable(warehouse, run.run_id, folder):
            with warehouse.open_for_writing() as connection, connection.transaction():
                health = record_health(connection, seen, run_id=run.run_id, now=datetime.now(UTC))
            return LoadReport(done_before=True, health=tuple(health))
        raise StoreError(
            f"{warehouse.name}: run {run.run_id} was not loaded: {_one_line(error)}. "
            f"Its parts are kept in {folder}; mend the cause and run `copydesk load`."
        ) from error


@contextmanager
def _in_one_thread(connection: Connection, due: Sequence[DuePart]) -> Iterator[None]:
    """Let DuckDB work in one thread while few captures are loaded: its threads that wait take a third of the CPU."""
    if _captured_in(due) > _FEW_CAPTURES:
        yield
        return
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # after a fatal error nothing is left to set
            connection.execute("reset threads")


def _captured_in(parts: Sequence[DuePart]) -> int:
    """Return the captures that some parts hold."""
    acquired = (read_tally(part.path) for part in parts if part.stage == "acquire")
    return sum(int(tally.get("counts", {}).get("captured", 0)) for tally in acquired)


def _load(
    connection: Connection,
    run: RunRow,
    folder: Path,
    due: Sequence[DuePart],
    stages: Sequence[StageRun],
    seen: Sequence[Observation],
    also: Callable[[Connection, Sequence[SourceHealth]], None] | None,
    progress: Callable[[int, int], None] | None,
) -> LoadReport:
    started, clock = datetime.now(UTC), time.monotonic()
    report = LoadReport()
    *before, last = _slices(due, connection.max_captures)
    done, total = 0, sum(one.captures for one in (*before, last))
    for some in before:
        with connection.transaction():
            record_run(connection, replace(run, status="running", finished_at=None, exit_code=None))
            report += _load_slice(connection, run, folder, some.parts)
        connection.execute("checkpoint")
        done += some.captures
        if progress is not None:
            progress(done, total)
    with connection.transaction():
        record_run(connection, run)
        record_stages(connection, run.run_id, stages)
        health = tuple(record_health(connection, seen, run_id=run.run_id, now=datetime.now(UTC)))
        if due:
            report += _load_slice(connection, run, folder, last.parts)
            pages = report.loaded + report.quarantined + report.held
            publish = StageRun(
                stage="publish",
                started_at=started,
                seconds=time.monotonic() - clock,  # up to the commit, which this row is part of
                pages=pages,
                bytes=max((s.bytes or 0 for s in stages), default=0),
                peak_memory_bytes=getrusage(RUSAGE_SELF).ru_maxrss * 1024,
                tally=StageCounts(stage="publish", counts=report.counts),
            )
            record_stages(connection, run.run_id, [publish])
        whole = [one.source for one in seen if not one.fetches and not one.error]
        _close_found_again(connection, run.started_at, whole)
        if also is not None:
            also(connection, health)
    if not due:
        return LoadReport(done_before=True, health=health)
    connection.execute("checkpoint")
    return replace(report, health=health, columns={table: connection.columns(table) for table in report.rows})


def _close_found_again(connection: Connection, started_at: datetime, sources: Sequence[str]) -> None:
    """Close what acquire could not read before a run that read these sources whole and did not report it again.

    A folder that was missing has no bytes of its own: no capture of it is ever loaded, which would close its row.
    """
    connection.execute(
        "update audit.quarantine set resolved_at = $1, resolution = 'superseded' "
        "where resolved_at is null and stage = 'acquire' and list_contains($2, source) "
        "and reason in ('not_found', 'unreadable', 'link_broken') and last_seen_at < $3",
        [datetime.now(UTC), list(sources), started_at],
    )


@dataclass(slots=True)
class _Slice:
    """Parts that are loaded together, and how many captures they hold."""

    parts: list[DuePart] = field(default_factory=list)
    captures: int = 0


def _slices(due: Sequence[DuePart], max_captures: int) -> list[_Slice]:
    """Cut the parts that are due, an acquire part and its check part together, into loads; the batch's is in the last.

    There is always one, be it empty.
    """
    together: dict[str, list[DuePart]] = {}
    for part in due:
        together.setdefault(part.path.name, []).append(part)
    slices = [_Slice()]
    for name in sorted(together, key=lambda name: (name == BATCH_PART, name)):
        more = _captured_in(together[name])
        if slices[-1].captures and slices[-1].captures + more > max_captures:
            slices.append(_Slice())
        slices[-1].parts += together[name]
        slices[-1].captures += more
    return slices


def _load_slice(connection: Connection, run: RunRow, folder: Path, due: Sequence[DuePart]) -> LoadReport:
    """Load some parts and enter them in the ledger; parts without a table bring nothing new."""
    now = datetime.now(UTC)
    report = LoadReport(parts=len(due))
    if any(path.suffix == ".parquet" for part in due for path in part.path.iterdir()):
        from copydesk.store.load.load_parts import load_parts  # Polars and NumPy

        report = load_parts(connection, run, folder, due, now)
    entries = [(part.stage, part.path.name, part.fingerprint, _size(part.path)) for part in due]
    stages, names, fingerprints, sizes = (list(column) for column in zip(*entries, strict=True))
    connection.execute(  # all at once: a statement for each part takes 4 ms, lists as parameters 1 ms a part
        "insert or replace into ops.loads "
        "select $1, unnest(string_split($2, chr(10))), unnest(string_split($3, chr(10))), "
        "unnest(string_split($4, chr(10))), $5, unnest(string_split($6, chr(10)))::bigint",
        [run.run_id, *("\n".join(column) for column in (stages, names, fingerprints)), now, "\n".join(map(str, sizes))],
    )
    return report


def _size(part: Path) -> int:
    return sum(int(n) for n in read_tally(part).get("counts", {}).values())


def _is_durable(warehouse: Warehouse, run_id: str, folder: Path) -> bool:
    """Ask the ledger of the file as it is on disk whether the load that raised was written after all."""
    if not warehouse.path.exists():
        return False
    with warehouse.open_for_reading() as connection:
        return bool(part_paths(folder / "check")) and not due_parts(connection, run_id, folder)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
