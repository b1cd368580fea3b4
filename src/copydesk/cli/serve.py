"""`copydesk serve`: the scheduler."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import DeskOption

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(serve)


def serve(
    desk: DeskOption = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the Prefect server it starts.")] = None,
) -> None:
    """Run all sources on their schedules until Ctrl-C.

    The nightly upkeep runs too.
    Example: `copydesk serve --port 4300` and a browser on http://127.0.0.1:4300

    Starts a Prefect server of the desk's own (its data under warehouse/prefect), unless PREFECT_API_URL names one.
    Changes to copydesk.toml are used at once.
    """
    from copydesk.cli.flow import hand_over
    from copydesk.service.state import calendar_of
    from copydesk.settings import find_desk_folder

    where = find_desk_folder(desk)
    for source in where.settings.source:
        calendar_of(source)  # a schedule that cannot be read is said at once, not after the server has started
    hand_over("serve", "--desk", str(where.root), *(["--port", str(port)] if port else []))
