"""`copydesk mcp`: tools for other programs by the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import DeskOption, echo

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(mcp)


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Listen on 127.0.0.1 instead of standard input and output.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="With --http: the port.")] = 8765,
    desk: DeskOption = None,
) -> None:
    """Offer search, articles and SQL to other programs (MCP).

    Also stories and sources; all of it read-only.

    A client starts `copydesk mcp --desk FOLDER` and talks to it by standard input and output. With --http it connects
    to http://127.0.0.1:8765/mcp. Needs the extra: `pip install 'copydesk[mcp]'`.
    Example: `copydesk mcp --desk ~/news`
    """
    from copydesk import open_desk
    from copydesk.mcp import HOST, serve_http, serve_stdio

    where = open_desk(desk)
    if not http:
        serve_stdio(where)
        return
    _check_free(HOST, port)
    echo(f"MCP at http://{HOST}:{port}/mcp until Ctrl-C.", err=True)
    serve_http(where, port)


def _check_free(host: str, port: int) -> None:
    """Refuse a port that another program listens on, before the server starts.

    Raises:
        UsageError: With another port to try.
    """
    import socket

    from copydesk.errors import UsageError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(f"port {port} is taken ({error.strerror}). Try `--port {port % 65_535 + 1}`.") from error
