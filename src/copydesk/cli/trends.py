"""`copydesk trends`: what is written about more, or less, than before."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(trends)


def trends(
    words: Annotated[
        list[str] | None, typer.Argument(help="A topic, a name or a word; default: what rises in the last days.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", "-k", help="Take it for a word, person, organisation, place or topic.")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", "-p", help="Only articles of this publisher (its domain).")
    ] = None,
    days: Annotated[int, typer.Option("--days", "-d", min=1, max=365, help="Which days are the last ones.")] = 7,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of rows.")] = 30,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Count articles a day of a word, person or topic.

    Per publisher, against its own four weeks before.

    Example: `copydesk trends ceasefire`, `copydesk trends "Dmitry Peskov"`, or `copydesk trends --days 3`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    where = open_desk(desk)
    if words:
        found = where.trend(" ".join(words), kind=kind, publisher=publisher, limit=limit)
        if as_json:
            print_json(asdict(found))
            return
        rows = [(str(d.day), d.publisher, d.articles, d.all_articles, *_shares(d)) for d in found.days]
        columns = ("day", "publisher", "articles", "of", "share", "usual", "times")
        title = f"{found.kind} {found.name!r}"
    else:
        rising = where.rising(days=days, publisher=publisher, limit=limit)
        if as_json:
            print_json([asdict(one) for one in rising])
            return
        rows = [(r.kind, r.name, r.articles, r.all_articles, *_shares(r)) for r in rising]
        columns = ("kind", "name", "articles", "of", "share", "usual", "times")
        title = f"Rising in the last {counted(days, 'day')}, against the 28 before"
    if not rows:
        console().print("Nothing found.")
        return
    print_table(title, columns, rows, right=dict.fromkeys(("articles", "of", "share", "usual", "times"), True))


def _shares(row: object) -> tuple[str, str, str]:
    share, usual, ratio = (getattr(row, name) for name in ("share", "usual_share", "ratio"))
    return (
        f"{share:.1%}",
        "" if usual is None else f"{usual:.1%}",
        "new" if ratio is None and usual is not None else "" if ratio is None else f"{ratio:.1f}",
    )
