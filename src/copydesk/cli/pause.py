"""`copydesk pause` and `copydesk resume`: suspend the schedule of sources."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, echo, print_json

__all__ = ["register"]

_Names = Annotated[list[str], typer.Argument(autocompletion=source_names, help="Names of sources, or `upkeep`.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(pause)
    app.command()(resume)


def pause(sources: _Names, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Pause the schedule of sources; they can still be run by hand.

    Example: `copydesk pause press-tv`
    """
    _set(sources, desk, to_pause=True, as_json=as_json)


def resume(sources: _Names, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Resume the schedule of paused sources.

    Runs missed in the meantime are not made up for.
    Example: `copydesk resume press-tv`
    """
    _set(sources, desk, to_pause=False, as_json=as_json)


def _set(names: list[str], desk: DeskOption, *, to_pause: bool, as_json: bool) -> None:
    from copydesk.service import state as service
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    for name in names:
        if name != "upkeep":
            where.source(name)
    verb, done = (service.pause, "paused") if to_pause else (service.resume, "resumed")
    changed = {name: verb(where, name) for name in names}
    if as_json:
        print_json([{"source": name, "state": done, "changed": c} for name, c in changed.items()])
        return
    for name, new in changed.items():
        echo(f"{name} {done}" if new else f"{name} was {'paused' if to_pause else 'not paused'} already")
