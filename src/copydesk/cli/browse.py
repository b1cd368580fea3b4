"""`copydesk browse`: the desk in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import DeskOption, echo

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(browse)


def browse(
    host: Annotated[
        str, typer.Option("--host", help="Address to bind to; other than this machine alone, a token is needed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0: any that is free.")] = 8321,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Further host name under which it may be asked, behind a proxy.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Let who has the token take decisions.")] = False,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = False,
    desk: DeskOption = None,
) -> None:
    """Show the desk in a browser: articles, cut lines, stories, sources, quarantine, quality, SQL.

    Read-only, for this machine alone, without scripts. A load never waits for it.
    Example: `copydesk browse --open`
    """
    from copydesk import open_desk
    from copydesk.browse.server import serve

    def started(address: str) -> None:
        echo(f"{address}  (Ctrl-C ends)")
        if show:
            import webbrowser

            webbrowser.open(address)

    serve(open_desk(desk), host=host, port=port, names=name or (), writable=write, started=started)
