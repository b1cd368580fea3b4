"""`copydesk doctor`: verify the warehouse and name repairs."""

from __future__ import annotations

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(doctor)


def doctor(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Verify the warehouse and name repairs; changes nothing.

    Checks rows, keys, and the ledger against the parts on disk.
    Example: `copydesk doctor`
    Exit code 2: the file is damaged, foreign or newer; 1: something else is wrong. Each line says what to do.
    """
    from dataclasses import asdict

    from rich.markup import escape

    from copydesk import open_desk

    found = open_desk(desk).doctor()
    if as_json:
        print_json([asdict(e) for e in found])
    else:
        screen = console()
        for e in found:
            mark = "[green]ok[/green]   " if e.ok else "[red]wrong[/red]"
            screen.print(f"{mark} {e.name:10} {escape(e.found)}")
            if e.mend and not e.ok:
                screen.print(f"                 {escape(e.mend)}", style="yellow")
    raise typer.Exit(max((e.exit_code for e in found if not e.ok), default=0))
