"""`copydesk profile`: what a source is like by week, what drifted, and whether its template changed."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(profile)


def profile(
    source: Annotated[
        str | None, typer.Argument(autocompletion=source_names, help="Name of a source; default: all.")
    ] = None,
    weeks: Annotated[int, typer.Option("--weeks", "-w", min=1, max=520, help="How far back.")] = 12,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show a source's articles by week, and what drifted.

    Language, charset, length, title, date, byline and quotes; distance is Jensen and Shannon's, 0 to 1. A publisher
    that makes its pages with another template is named, with three pages to look at.
    Example: `copydesk profile press-tv --weeks 8`
    """
    from copydesk import open_desk

    found = open_desk(desk).profile(source, weeks=weeks)
    if as_json:
        print_json(found.as_dict())
        return
    shown = [c for c in found.columns if c.drifted] if source is None else found.columns
    rows = [
        (
            c.source,
            c.name,
            str(c.week),
            c.articles,
            ", ".join(f"{value} {share:.0%}" for value, share in list(c.values.items())[:3]),
            "" if c.distance is None else f"{c.distance:.3f}",
            "" if c.limit is None else f"{c.limit:.3f}",
            "drifted" if c.drifted else "",
        )
        for c in shown
    ]
    columns = ("source", "column", "week", "articles", "values", "distance", "limit", "")
    right = dict.fromkeys(("articles", "distance", "limit"), True)
    print_table("drift" if source is None else f"profile of {source}", columns, rows, right=right)
    out = console()
    for change in found.changes:
        out.print(f"{change.source}: {change.line}", markup=False, highlight=False, soft_wrap=True, style="yellow")
        for uri in change.look_at:
            out.print(f"  {uri}", markup=False, highlight=False, soft_wrap=True)
