"""`copydesk boilerplate`: list, pin and forget the lines that recur on a site's pages."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from copydesk.cli.options import AsJson, Because, DeskOption, echo, print_json, print_table
from copydesk.wording import counted

__all__ = ["register"]

_HELP = "List, pin or forget lines that recur on a site's pages."

boilerplate = typer.Typer(name="boilerplate", help=_HELP, no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the app, also under their former name."""
    app.add_typer(boilerplate)
    app.add_typer(boilerplate, name="memory", hidden=True, callback=_former_name)


def _former_name() -> None:
    """Lines that recur on a site's pages; the former name of `copydesk boilerplate`."""
    echo("copydesk: `copydesk memory` is now `copydesk boilerplate`; the old name goes in the next release.", err=True)


@boilerplate.command("list")
def list_lines(
    site: Annotated[
        str | None, typer.Argument(help="Domain of a publisher, or name of a source; default: all.")
    ] = None,
    min_pages: Annotated[
        int, typer.Option("--min", min=1, help="Only lines on at least this many pages, and pinned lines.")
    ] = 3,
    least: Annotated[int | None, typer.Option("--least", min=1, hidden=True, help="Former name of --min.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many lines.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List the lines that recur on a site's pages.

    Example: `copydesk boilerplate list sana.sy --min 10`
    """
    from copydesk import open_desk

    if least is not None:
        echo("copydesk: `--least` is now `--min`; the old name goes in the next release.", err=True)
    table = open_desk(desk).boilerplate(site, min_pages=least or min_pages, limit=limit)
    if as_json:
        print_json(table.to_dicts())
        return
    if not table.height:
        where = f" on pages of {site}" if site else ""
        echo(
            f"Nothing has recurred{where} yet. A line is listed, and counts against itself, once it stands on three "
            "pages of a site. Load more pages of one publisher, or lower --min."
        )
        return
    columns = ("site", "line", "label", "pages", "of", "pinned")
    shown = table.with_columns(table["text"].fill_null("(never cut)"))
    names = ("site", "text", "label", "pages", "of_pages", "verdict")
    rows = [tuple(row[name] for name in names) for row in shown.iter_rows(named=True)]
    print_table("", columns, rows, right={"pages": True, "of": True})


@boilerplate.command("pin")
def pin(
    site: Annotated[str, typer.Argument(help="Domain of a publisher, or name of a source.")],
    line: Annotated[str, typer.Argument(help="The line, as it reads on the page.")],
    keep: Annotated[bool, typer.Option("--keep/--cut", help="Keep or cut the line from now on.")] = False,
    because: Because = "",
    desk: DeskOption = None,
) -> None:
    """Keep or cut a line of a site always, whatever the model says.

    Example: `copydesk boilerplate pin example.org "Read our live blog" --cut`
    """
    from copydesk import open_desk

    verdict: Literal["keep", "cut"] = "keep" if keep else "cut"
    open_desk(desk).pin(site, line, verdict, because=because)
    echo(f"{site}: {line!r} is pinned: {verdict}. `copydesk reprocess` applies it to loaded articles.")


@boilerplate.command("forget")
def forget(
    site: Annotated[str, typer.Argument(help="Domain of a publisher, or name of a source.")],
    lines: Annotated[list[str] | None, typer.Argument(help="Lines; default: all lines of the site.")] = None,
    because: Because = "",
    desk: DeskOption = None,
) -> None:
    """Forget lines of a site, or all its counts.

    Example: `copydesk boilerplate forget example.org "Read our live blog"`
    """
    from copydesk import open_desk

    number = open_desk(desk).unpin(site, *(lines or ()), because=because)
    echo(f"{site}: {counted(number, 'line')} forgotten.")
