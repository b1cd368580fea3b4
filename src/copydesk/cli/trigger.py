"""`copydesk trigger`: request a run from the scheduler."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(trigger)


def trigger(
    source: Annotated[
        str, typer.Argument(autocompletion=source_names, help="Name of a source, or `upkeep`, `replay`, `reprocess`.")
    ],
    desk: DeskOption = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Wait for the run and exit with its code.")] = False,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="Parameter of the flow as name=value.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a source now by the scheduler.

    With `--watch`, wait for the run and exit with its code.
    Example: `copydesk trigger press-tv --watch --param max_items=5`

    `copydesk run SOURCE` runs it without a scheduler.
    """
    from copydesk.cli.flow import hand_over
    from copydesk.errors import UsageError
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    if source not in {"upkeep", "replay", "reprocess"}:
        where.source(source)
    for pair in param or []:
        if "=" not in pair:
            raise UsageError(f"--param {pair!r} is not of the form name=value. Write for example --param max_items=5.")
    flags = [*(["--watch"] if watch else []), *(["--json"] if as_json else [])]
    hand_over("trigger", "--desk", str(where.root), source, *flags, *(f"--param={p}" for p in param or []))
