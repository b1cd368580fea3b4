"""`copydesk report`: the quality report as one offline HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(report)


def report(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; default: report.html beside the warehouse.")
    ] = None,
    days: Annotated[int, typer.Option("--days", "-d", min=1, help="Days to look back.")] = 30,
    show: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Write the quality report as one HTML file that works offline.

    Example: `copydesk report --days 90 --open`
    """
    import webbrowser

    from copydesk.quality.report.html_report import render_report, write_report
    from copydesk.quality.report.overview import quality_exit_code, read_overview
    from copydesk.quality.rules import desk_registry
    from copydesk.service.source_view import source_standings
    from copydesk.settings import find_desk_folder, output_path
    from copydesk.store.warehouse.connection import open_warehouse

    where = find_desk_folder(desk)
    path = output_path(where, out or where.warehouse.parent / "report.html")
    registry = desk_registry(where).for_sources(where.settings.source)
    sources = source_standings(where, lock_timeout_s=where.settings.warehouse.lock_timeout_s)
    with open_warehouse(where).open_for_reading() as connection:
        overview = read_overview(connection, where, registry, days=days, sources=sources)
    code = quality_exit_code(overview, where)
    html = render_report(overview, registry, desk=where.root.resolve().name, code=code)
    write_report(path, html)
    held = overview.held
    if held and not as_json:
        batches = f"{counted(len(held), 'batch')} {'is' if len(held) == 1 else 'are'}"
        console(stderr=True).print(f"{batches} held; the report lists them.", style="yellow")
    if as_json:
        print_json(
            {"report": str(path), "bytes": len(html.encode("utf-8", "replace")), "verdict": code, "held": len(held)}
        )
    else:
        console().print(f"{path}", markup=False)
    if show:
        webbrowser.open(path.resolve().as_uri())
