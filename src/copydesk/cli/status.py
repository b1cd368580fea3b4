"""`copydesk status`: the state of each source."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.desk import Desk
    from copydesk.service.status import DeskStatus

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(status)


def status(
    watch: Annotated[
        float, typer.Option("--watch", min=0, help="Show it again every so many seconds, until Ctrl-C; 0: once.")
    ] = 0,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show schedule, last run and state of each source.

    Example: `copydesk status`, `copydesk status --watch 5`

    Works without a scheduler. Exit code 1 when a source is failing, its last run broke, it is held, or it is silent for
    longer than it may be.
    """
    from copydesk import open_desk

    where = open_desk(desk)
    alarm = _print_status(where, as_json=as_json)
    while watch:
        time.sleep(watch)
        console().clear()
        alarm = _print_status(where, as_json=as_json)
    raise typer.Exit(int(alarm))


def _print_status(where: Desk, *, as_json: bool) -> bool:
    """Print the state of the desk; return whether a person has to look at it."""
    from dataclasses import asdict

    from copydesk.runs.outcome import held_line, unfinished_line

    found = where.status()
    if as_json:
        waiting = {
            "held_batches": [asdict(batch) for batch in found.held],
            "unfinished_runs": [
                {"run_id": run.run_id, "state": run.state, "inputs": run.inputs} for run in found.unfinished
            ],
        }
        waiting["incidents"] = [one.as_dict() for one in found.incidents]
        print_json({**_as_json(where, found), **waiting})
        return found.alarm
    _show(where, found)
    if found.incidents:
        from copydesk.cli.incidents import print_incidents

        print_incidents(found.incidents, "open incidents")
    if found.held:
        console().print(f"{held_line(found.held)}.", markup=False, style="yellow")
    if found.unfinished:
        console().print(unfinished_line(found.unfinished), markup=False, style="yellow", soft_wrap=True)
    return found.alarm


def _as_json(desk: Desk, found: DeskStatus) -> dict[str, Any]:
    from dataclasses import asdict

    service = found.scheduler
    return {
        "desk": str(desk.root),
        "scheduler": {**asdict(service), "ui_url": service.ui_url} if service else None,
        "busy": found.busy,
        "sources": [line.as_dict() for line in found.sources],
    }


def _show(desk: Desk, found: DeskStatus) -> None:
    now, service = datetime.now(UTC), found.scheduler
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
        for line in found.sources
    ]
    print_table(str(desk.root), columns, rows, right={"loaded": True, "quarantined": True})
    out = console()
    for line in found.sources:
        if said := describe(line.health):
            out.print(f"{line.source} {line.health.state}: {said}", soft_wrap=True, markup=False, highlight=False)
        if line.missing:
            missing = counted(line.missing, "page")
            said = f"{missing} announced in 28 days and not taken; `copydesk sources coverage {line.source}`"
            out.print(f"{line.source}: {said}", soft_wrap=True, markup=False, highlight=False)
    if any(line.source == "paths" for line in found.sources) and not any(s.name == "paths" for s in desk.sources):
        out.print("paths: files and folders that were named to `copydesk run PATH`", markup=False, style="dim")
    if found.busy:
        out.print(f"No figures: {found.busy}")
    if service:
        out.print(f"Scheduler: process {service.pid}, {service.ui_url}, since {service.since}")
    elif found.starting:
        out.print("The scheduler is starting; its first start takes a minute.")
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
