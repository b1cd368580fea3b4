"""`copydesk people`: who is named and quoted."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(people)


def people(
    name: Annotated[str | None, typer.Argument(help="Words of the name; default: everybody.")] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", "-p", help="Only people that this publisher names (its domain).")
    ] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", "-t", help="Only people in articles of this topic (politics, sport, ...).")
    ] = None,
    quoted: Annotated[bool, typer.Option("--quoted", help="Only people that are quoted.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of people.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List people: how often quoted and named, by whom and as what.

    Example: `copydesk people --topic politics --quoted`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    found = open_desk(desk).people(name, publisher=publisher, topic=topic, quoted=quoted, limit=limit)
    if as_json:
        print_json([asdict(person) for person in found])
        return
    if not found:
        console().print("Nobody found.")
        return
    columns = ("name", "role", "quotes", "articles", "signed", "publishers", "topics", "since", "until")
    rows = [
        (
            *(p.name, p.role, p.quotes, p.articles, p.signed or None),
            *(", ".join(p.publishers), ", ".join(p.topics), f"{p.first_at:%Y-%m-%d}", f"{p.last_at:%Y-%m-%d}"),
        )
        for p in found
    ]
    print_table("", columns, rows, right=dict.fromkeys(("quotes", "articles", "signed"), True))
