"""Unfinished runs: working, interrupted, held or damaged; list and discard them.

working       a process holds the run's lock
interrupted   its process is gone; the next run, or `copydesk load`, finishes it
held          a batch waits for `copydesk quality release` or `copydesk quality drop`
damaged       what it captured cannot be read: it can only be dropped
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from copydesk.errors import CopydeskError, RunBusyError, StoreError, UsageError
from copydesk.filesystem import lock
from copydesk.runs.folder import Run, open_run, run_lock, stage_names
from copydesk.runs.verify import damaged_parts
from copydesk.settings import DeskFolder
from copydesk.store.parts.part_files import part_paths
from copydesk.store.warehouse.connection import Warehouse, open_warehouse
from copydesk.store.warehouse.ledger import RunRow, record_run

__all__ = ["PendingRun", "drop_run", "find_pending", "pending_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRun:
    """A run whose folder still exists.

    Attributes:
        run_id: Its name.
        state: See the module.
        sources: Names of its sources; empty when `run.json` cannot be read.
        paths: Files and folders its sources name.
        inputs: Names of its sources; the files and folders of the ad-hoc source in place of its name.
        trigger: `cli`, `schedule`, `api`, `replay`, `reprocess` or `preview`.
        started_at: UTC; None when `run.json` cannot be read.
        stage: The first stage that is not done.
        parts: Number of complete parts of each stage.
        why: Why it is unfinished.
        held: Source -> the hold rules its batch broke, with the measured values.
        size_bytes: Size of its folder on disk.
    """

    run_id: str
    state: Literal["working", "interrupted", "staged", "held", "damaged"]
    sources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    inputs: str = ""
    trigger: str = ""
    started_at: datetime | None = None
    stage: str = ""
    parts: dict[str, int] = field(default_factory=dict)
    why: str = ""
    held: dict[str, str] = field(default_factory=dict)
    size_bytes: int = 0


def pending_runs(desk: DeskFolder, *, verify: bool = False) -> Iterator[PendingRun]:
    """Yield the runs whose folders exist, oldest first.

    Args:
        desk: The desk.
        verify: Read every part of acquire, to tell damaged runs from interrupted ones.
    """
    for folder in sorted(desk.runs.glob("*-*")) if desk.runs.is_dir() else ():
        if (folder / "run.json").exists():
            with suppress(FileNotFoundError):  # finished since
                yield _pending(desk, folder, verify=verify)


def find_pending(desk: DeskFolder, name: str) -> PendingRun:
    """Return one run by its id or a prefix of it, with its parts verified.

    Raises:
        UsageError: No such run, or several.
    """
    found = [run for run in pending_runs(desk) if run.run_id.startswith(name)] if name else []
    if len(found) != 1:
        what = f"{len(found)} runs are" if found else "no run that waits is"
        raise UsageError(f"{what} called {name!r}. `copydesk runs list` shows them.")
    return _pending(desk, desk.runs / found[0].run_id, verify=True)


def drop_run(desk: DeskFolder, name: str, because: str = "") -> PendingRun:
    """Discard an unfinished run: record it in `ops.runs`, remove its folder; the next run reads its inputs again.

    Raises:
        UsageError: No such run, or its batch waits for a decision.
        RunBusyError: A process works on it.
        StoreError: The warehouse cannot be written; the run stays.
    """
    run = find_pending(desk, name)
    folder = desk.runs / run.run_id
    if run.state == "held":
        raise UsageError(
            f"run {run.run_id} holds a batch of {', '.join(run.held)}, which would be lost: nobody takes its inputs "
            f"again. `copydesk quality drop {run.run_id}` puts it into quarantine."
        )
    with lock(folder / "lock"):
        row = RunRow(
            run_id=run.run_id,
            command=run.trigger or "unknown",
            sources=run.sources,
            started_at=run.started_at or datetime.now(UTC),
            finished_at=datetime.now(UTC),
            status="interrupted",
            exit_code=0,
            error=f"dropped by hand (copydesk runs drop){': ' if because else ''}{because}",
        )
        with open_warehouse(desk).open_for_writing() as connection:
            record_run(connection, row)
            connection.execute(
                "update ops.holds set decision = 'dropped', decided_at = ?, because = ? "
                "where run_id = ? and decision = 'waiting'",
                [row.finished_at, row.error, run.run_id],
            )
        try:
            Run(
                run_id=run.run_id, folder=folder, desk=desk, sources=(), started_at=row.started_at, trigger=run.trigger
            ).remove()
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            raise StoreError(f"cannot remove {folder}: {error.strerror or error}.") from error
    return run


def _pending(desk: DeskFolder, folder: Path, *, verify: bool) -> PendingRun:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    stage = next((name for name in stage_names() if not (folder / f"{name}.done").exists()), "")
    parts = {name: len(part_paths(folder / name)) for name in stage_names()[:-1]}
    held = _held(folder)
    run = PendingRun(
        run_id=folder.name,
        state="held" if held else "interrupted",
        stage=stage,
        parts=parts,
        why="; ".join(held.values()) or _last_error(desk, folder.name),
        held=held,
        size_bytes=sum(sizes),
    )
    try:
        opened = open_run(desk, folder)
    except CopydeskError as error:
        return replace(run, state="damaged", why=str(error))
    run = replace(
        run,
        sources=tuple(source.name for source in opened.sources),
        paths=tuple(path for source in opened.sources for path in source.paths),
        inputs=opened.inputs,
        trigger=opened.trigger,
        started_at=opened.started_at,
    )
    try:
        with run_lock(folder):
            pass
    except RunBusyError as error:
        return replace(run, state="working", why=str(error).split(". ")[0])
    if opened.is_staged and run.state == "interrupted":
        run = replace(run, state="staged", why=f"`copydesk stage load {run.run_id}` finishes it")
    damage = next(damaged_parts(folder / "acquire"), None) if verify else None
    return replace(run, state="damaged", why=f"{damage[0].name} of acquire: {damage[1]}") if damage else run


def _held(folder: Path) -> dict[str, str]:
    try:
        told: dict[str, Any] = json.loads((folder / "held").read_text(encoding="utf-8"))
        return {source: str(why["detail"]) for source, why in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {"?": f"{folder / 'held'} cannot be read"}


def _last_error(desk: DeskFolder, run_id: str) -> str:
    """Return the run's error, if the warehouse has it and can be read without waiting."""
    with suppress(StoreError):
        if desk.warehouse.exists():
            with Warehouse(desk.warehouse, lock_timeout_s=0).open_for_reading() as connection:
                return (
                    connection.value("select error from ops.runs where run_id = ?", [run_id]) or "its process is gone"
                )
    return "its process is gone"
