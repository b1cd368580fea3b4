"""`copydesk browse`: the desk in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copydesk.cli.options import DeskOption, echo
from copydesk.wording import counted

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
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the pages as a static folder instead, and end.")
    ] = None,
    words: Annotated[str, typer.Option("--search", help="With --export: which articles; default: the latest.")] = "",
    publisher: Annotated[str | None, typer.Option("--publisher", help="With --export: only of this publisher.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="With --export: only of this source.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="With --export: most articles.")] = 100,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = False,
    desk: DeskOption = None,
) -> None:
    """Show the desk in a browser: articles, stories, sources, SQL.

    Also people, trends, quarantine, quality, runs and schema, and each line that was cut. Read-only, for this machine
    alone, without scripts. A load never waits for it.
    Example: `copydesk browse --open`, or `copydesk browse --export pages --search ferry` for a folder to give away.
    """
    from copydesk import open_desk
    from copydesk.browse.server import serve

    where = open_desk(desk)
    if export is not None:
        from copydesk.browse.server import export_desk

        done = export_desk(where, export, words=words, publisher=publisher, source=source, limit=limit)
        echo(f"{done.folder / 'index.html'}: {counted(done.pages, 'page')}, {counted(done.articles, 'article')}.")
        return

    def started(address: str) -> None:
        echo(f"{address}  (Ctrl-C ends)")
        if show:
            import webbrowser

            webbrowser.open(address)

    serve(where, host=host, port=port, names=name or (), writable=write, started=started)
