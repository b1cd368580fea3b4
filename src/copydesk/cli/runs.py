"""`copydesk runs`: runs that are not finished, and giving one up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.runs.pending import PendingRun

__all__ = ["register"]

RunName = Annotated[str, typer.Argument(help="The run's name, or the beginning of it.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="List, show or drop interrupted, held or damaged runs.", no_args_is_help=True)
    for command in (list_, show, drop):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="runs")


def list_(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """List runs that are not finished: their sources, age, stage, size, and why they wait.

    Finished runs are in the warehouse: `copydesk sql "from ops.runs"`.

    Example: `copydesk runs list`
    """
    from copydesk.pipeline import check_warehouse
    from copydesk.runs.pending import pending_runs
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    check_warehouse(where)
    found = list(pending_runs(where, verify=True))
    if as_json:
        print_json([_as_dict(run) for run in found])
        return
    if not found:
        console().print("No run waits.")
        return
    columns = ("run", "state", "sources", "trigger", "age", "stage", "MB", "why")
    rows = [
        (
            *(run.run_id, run.state, ", ".join(run.sources), run.trigger, _age(run)),
            *(run.stage, f"{run.size_bytes / 1e6:.1f}", run.why),
        )
        for run in found
    ]
    print_table("runs that are not finished", columns, rows, right={"MB": True})


def show(run: RunName, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Show one run: what it takes, how far it is, why it waits, and what can be done.

    Example: `copydesk runs show 20261127T`
    """
    from copydesk.runs.pending import find_pending
    from copydesk.settings import find_desk_folder

    found = find_pending(find_desk_folder(desk), run)
    if as_json:
        print_json(_as_dict(found))
        return
    done = {
        "interrupted": f"`copydesk load` finishes it, `copydesk runs drop {found.run_id}` gives it up.",
        "staged": f"`copydesk stage load {found.run_id}` finishes it, `copydesk runs drop {found.run_id}` gives it up.",
        "held": f"`copydesk quality release {found.run_id}` lets it through, "
        f"`copydesk quality drop {found.run_id}` puts it into quarantine.",
        "damaged": f"`copydesk runs drop {found.run_id}` gives it up; the next run takes its inputs again.",
        "working": "Wait for it, or end that process.",
    }
    lines = {
        "run": found.run_id,
        "state": found.state,
        "sources": ", ".join(found.sources),
        "paths": ", ".join(found.paths),
        "trigger": found.trigger,
        "started": f"{found.started_at:%Y-%m-%d %H:%M:%S} UTC ({_age(found)} ago)" if found.started_at else "unknown",
        "stage": found.stage,
        "parts": ", ".join(f"{name} {number}" for name, number in found.parts.items()),
        "size": f"{counted(found.size_bytes, 'byte')}",
        "why": found.why,
        "next": done[found.state],
    }
    out = console()
    for name, value in lines.items():
        if value:
            out.print(f"{name:8} {value}", markup=False)


def drop(
    run: RunName,
    because: Annotated[str, typer.Option("--because", "-b", help="Why, for the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Discard an unfinished run; the next run reads its inputs again.

    `ops.runs` keeps a row that says so. A run at work has to be ended first, a held one is decided on with
    `copydesk quality release` or `copydesk quality drop`.

    Example: `copydesk runs drop 20261127T1526 --because "ran on / by mistake"`
    """
    from copydesk.runs.pending import drop_run, find_pending
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    found = find_pending(where, run)
    if not yes and not as_json:
        typer.confirm(f"Give up run {found.run_id} of {', '.join(found.sources) or 'unknown sources'}?", abort=True)
    dropped = drop_run(where, found.run_id, because)
    if as_json:
        print_json(_as_dict(dropped))
    else:
        console().print(f"Dropped run {dropped.run_id} ({counted(dropped.size_bytes, 'byte')}).")


def _as_dict(run: PendingRun) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(run), "started_at": run.started_at.isoformat() if run.started_at else None}


def _age(run: PendingRun) -> str:
    if run.started_at is None:
        return ""
    hours = (datetime.now(UTC) - run.started_at).total_seconds() / 3600
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
