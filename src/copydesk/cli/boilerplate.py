"""`copydesk boilerplate`: list, pin and forget the lines that recur on a site's pages."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, echo, print_json, print_table

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
    least: Annotated[int, typer.Option(min=1, help="Only lines on at least this many pages, and pinned lines.")] = 3,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many lines.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List the lines that recur on a site's pages.

    Example: `copydesk boilerplate list sana.sy --least 10`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.store.curate.curation import boilerplate_lines

    table = boilerplate_lines(find_desk_folder(desk).warehouse, site=site, min_pages=least, limit=limit)
    if as_json:
        print_json(table.to_dicts())
        return
    columns = ("site", "line", "label", "pages", "of", "pinned")
    rows = [
        (r["site"], r["text"], r["label"], r["pages"], r["of_pages"], r["verdict"]) for r in table.iter_rows(named=True)
    ]
    print_table("", columns, rows, right={"pages": True, "of": True})


@boilerplate.command("pin")
def pin(
    site: Annotated[str, typer.Argument(help="Domain of a publisher, or name of a source.")],
    line: Annotated[str, typer.Argument(help="The line, as it reads on the page.")],
    keep: Annotated[bool, typer.Option("--keep/--cut", help="Keep or cut the line from now on.")] = False,
    desk: DeskOption = None,
) -> None:
    """Keep or cut a line of a site always, whatever the model says.

    Example: `copydesk boilerplate pin example.org "Read our live blog" --cut`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.store.curate.curation import pin_line
    from copydesk.text.boilerplate import line_key

    verdict = "keep" if keep else "cut"
    pin_line(find_desk_folder(desk).warehouse, site, line_key(line), line, verdict)
    echo(f"{site}: {line!r} is pinned: {verdict}. `copydesk reprocess` applies it to loaded articles.")


@boilerplate.command("forget")
def forget(
    site: Annotated[str, typer.Argument(help="Domain of a publisher, or name of a source.")],
    lines: Annotated[list[str] | None, typer.Argument(help="Lines; default: all lines of the site.")] = None,
    desk: DeskOption = None,
) -> None:
    """Forget lines of a site, or all its counts.

    Example: `copydesk boilerplate forget example.org "Read our live blog"`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.store.curate.curation import forget_line
    from copydesk.text.boilerplate import line_key

    number = forget_line(find_desk_folder(desk).warehouse, site, [line_key(t) for t in lines] if lines else None)
    echo(f"{site}: {number} lines forgotten.")
