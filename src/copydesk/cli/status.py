"""`copydesk status`: the state of each source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table

if TYPE_CHECKING:
    from copydesk.health import Standing
    from copydesk.service.state import Service
    from copydesk.settings import DeskFolder
    from copydesk.store.read.source_status import SourceStatus

__all__ = ["register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One source, as it is shown."""

    source: str
    schedule: str
    next_run: datetime | None
    run_id: str | None
    last_run: datetime | None
    result: str
    loaded: int
    quarantined: int
    held: int
    news_at: datetime | None
    silent: str
    health: Standing


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(status)


def status(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Show schedule, last run and state of each source.

    Example: `copydesk status`

    Works without a scheduler. Exit code 1 when a source is failing, its last run broke, it is held, or it is silent for
    longer than it may be.
    """
    from dataclasses import asdict

    from copydesk.runs.held import held_batches
    from copydesk.runs.outcome import held_line, unfinished_line
    from copydesk.runs.pending import pending_runs
    from copydesk.service.state import running_service
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    service = running_service(where)
    known, busy = _known(where)
    held = held_batches(where)
    unfinished = [run for run in pending_runs(where, verify=True) if run.state in ("interrupted", "damaged")]
    lines = _lines(where, known)
    if as_json:
        waiting = {
            "held_batches": [asdict(batch) for batch in held],
            "unfinished_runs": [{"run_id": run.run_id, "state": run.state, "inputs": run.inputs} for run in unfinished],
        }
        print_json({**_as_json(where, service, lines, busy), **waiting})
    else:
        _show(where, service, lines, busy)
        if held:
            console().print(f"{held_line(held)}.", markup=False, style="yellow")
        if unfinished:
            console().print(unfinished_line(unfinished), markup=False, style="yellow", soft_wrap=True)
    raise typer.Exit(int(any(line.result in {"failed", "quarantined"} or line.health.alarm for line in lines)))


def _known(desk: DeskFolder) -> tuple[dict[str, SourceStatus], str]:
    """Return what the warehouse knows, and why it could not be asked: a long load must not hide the schedule."""
    from copydesk.errors import WarehouseBusyError
    from copydesk.store.read.source_status import source_statuses

    try:
        return source_statuses(desk.warehouse, lock_timeout_s=10), ""
    except WarehouseBusyError as error:
        return {}, str(error)


def _lines(desk: DeskFolder, known: dict[str, SourceStatus]) -> list[_Line]:
    from copydesk.service.freshness import silence
    from copydesk.service.notifications import last_notified
    from copydesk.service.source_view import reasons_of_holds, source_standing
    from copydesk.service.state import calendar_of, is_paused
    from copydesk.store.read.source_status import SourceStatus

    now = datetime.now(UTC)
    notified, held = last_notified(desk), reasons_of_holds(desk)
    nothing = SourceStatus(
        source="", run_id=None, started_at=None, status=None, loaded=0, held=0, quarantined=0, news_at=None
    )
    lines = []
    for source in desk.settings.source:
        calendar = calendar_of(source)
        stands = known.get(source.name, nothing)
        stopped = "disabled" if not source.enabled else "paused" if is_paused(desk, source.name) else ""
        after = calendar.next(now - calendar.delay) if calendar and not stopped else None
        broken = [trouble for trouble in ("failed", "quarantined") if trouble in notified.get(source.name, {})]
        lines.append(
            _Line(
                source=source.name,
                schedule=stopped or source.schedule or "",
                next_run=after + calendar.delay if after and calendar else None,
                run_id=stands.run_id,
                last_run=stands.started_at,
                result=broken[0] if broken else stands.status or "",
                loaded=stands.loaded,
                quarantined=stands.quarantined,
                held=stands.held,
                news_at=stands.news_at,
                silent=silence(source, stands.news_at, now, days=stands.days),
                health=source_standing(desk, source, known.get(source.name), held, now=now),
            )
        )
    return lines


def _as_json(desk: DeskFolder, service: Service | None, lines: list[_Line], busy: str) -> dict[str, Any]:
    from dataclasses import asdict

    scheduler = {**asdict(service), "ui_url": service.ui_url} if service else None
    times = ("next_run", "last_run", "news_at")
    return {
        "desk": str(desk.root),
        "scheduler": scheduler,
        "busy": busy,
        "sources": [
            {k: v.astimezone(UTC).isoformat() if v and k in times else v for k, v in asdict(line).items()}
            | line.health.as_dict()
            | {"health": line.health.state}
            for line in lines
        ],
    }


def _show(desk: DeskFolder, service: Service | None, lines: list[_Line], busy: str) -> None:
    now = datetime.now(UTC)
    from copydesk.health import describe

    columns = ("source", "state", "schedule", "next run", "last run", "result", "loaded", "quarantined", "last news")
    rows = [
        (
            line.source,
            line.health.state.replace("_", " "),
            line.schedule or "by hand",
            f"in {_span(line.next_run, now)}" if line.next_run and service else "",
            f"{_span(now, line.last_run)} ago" if line.last_run else "never",
            line.result,
            line.loaded,
            line.quarantined,
            f"{_span(now, line.news_at)} ago" + (f" ({line.silent})" if line.silent else "") if line.news_at else "",
        )
        for line in lines
    ]
    print_table(str(desk.root), columns, rows, right={"loaded": True, "quarantined": True})
    out = console()
    for line in lines:
        if said := describe(line.health):
            out.print(f"{line.source} {line.health.state}: {said}", soft_wrap=True, markup=False, highlight=False)
    if busy:
        out.print(f"No figures: {busy}")
    if service:
        out.print(f"Scheduler: process {service.pid}, {service.ui_url}, since {service.since}")
    else:
        out.print("No scheduler runs. `copydesk serve` starts one.")


def _span(later: datetime, earlier: datetime) -> str:
    """Say how long, in the two largest units at most."""
    seconds = max(0, round((later - earlier).total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    if seconds < 172_800:
        return f"{seconds // 3600} h"
    return f"{seconds // 86_400} d"
