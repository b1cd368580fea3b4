"""`copydesk memory`: the lines learnt of each site; read them, pin them, forget them."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, print_json, print_table

__all__ = ["register"]

memory = typer.Typer(name="memory", help="The lines learnt of each site: list, pin, forget.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.add_typer(memory)


@memory.command("list")
def list_lines(
    site: Annotated[str | None, typer.Argument(help="A publisher's domain or a source; all when left out.")] = None,
    least: Annotated[int, typer.Option(help="Only lines on at least so many pages, and pinned ones.")] = 3,
    limit: Annotated[int, typer.Option(help="Lines to show at most.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show the lines that recur on a site's pages.

    Example: `copydesk memory list sana.sy --least 10`
    """
    from copydesk.settings import open_desk
    from copydesk.store.curate.curation import memory_lines

    table = memory_lines(open_desk(desk).warehouse, site=site, least=least, limit=limit)
    if as_json:
        print_json(table.to_dicts())
        return
    columns = ("site", "line", "label", "pages", "of", "pinned")
    rows = [
        (r["site"], r["text"], r["label"], r["pages"], r["of_pages"], r["verdict"]) for r in table.iter_rows(named=True)
    ]
    print_table("", columns, rows, right={"pages": True, "of": True})


@memory.command("pin")
def pin(
    site: Annotated[str, typer.Argument(help="A publisher's domain or a source.")],
    line: Annotated[str, typer.Argument(help="The line, as it stands on the page.")],
    keep: Annotated[bool, typer.Option("--keep/--cut", help="What to do with it from now on.")] = False,
    desk: DeskOption = None,
) -> None:
    """Decide about a line of a site, whatever the other evidence says.

    Example: `copydesk memory pin example.org "Read our live blog" --cut`
    """
    from copydesk.settings import open_desk
    from copydesk.store.curate.curation import pin_line
    from copydesk.text.boilerplate import line_key

    verdict = "keep" if keep else "cut"
    pin_line(open_desk(desk).warehouse, site, line_key(line), line, verdict)
    typer.echo(f"{site}: {line!r} is pinned: {verdict}. `copydesk reprocess` applies it to what is loaded.")


@memory.command("forget")
def forget(
    site: Annotated[str, typer.Argument(help="A publisher's domain or a source.")],
    lines: Annotated[list[str] | None, typer.Argument(help="Lines; the whole site when left out.")] = None,
    desk: DeskOption = None,
) -> None:
    """Forget lines of a site, or all that was learnt of it.

    Example: `copydesk memory forget example.org "Read our live blog"`
    """
    from copydesk.settings import open_desk
    from copydesk.store.curate.curation import forget_line
    from copydesk.text.boilerplate import line_key

    number = forget_line(open_desk(desk).warehouse, site, [line_key(t) for t in lines] if lines else None)
    typer.echo(f"{site}: {number} lines forgotten.")
