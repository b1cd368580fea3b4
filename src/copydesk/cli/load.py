"""`copydesk load`: bring in what earlier runs left on disk."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, echo, print_json, resuming_notice

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(load)


def load(
    desk: DeskOption = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Publish a read copy of the warehouse afterwards.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Finish interrupted runs and load what is waiting.

    Example: `copydesk load`
    """
    from copydesk import open_desk

    summaries = open_desk(desk).load(snapshot=snapshot, resuming=resuming_notice)
    if as_json:
        print_json([{"run_id": s.run_id, "loaded": s.count("publish", "loaded"), "error": s.error} for s in summaries])
    for s in summaries if not as_json else ():
        numbers = f"{s.count('publish', 'loaded'):,} loaded, {s.count('publish', 'quarantined'):,} quarantined"
        echo(f"copydesk: {s.error}" if s.error else f"{s.run_id}: {numbers}", err=bool(s.error))
    if not summaries and not as_json:
        echo("Nothing to load.")
    raise typer.Exit(int(any(s.error for s in summaries)))
