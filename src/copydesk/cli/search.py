"""`copydesk search`: full-text search."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_held_note, print_json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(search)


def search(
    words: Annotated[list[str], typer.Argument(help="Search terms.")],
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Only articles in this language (en, ar, ...).")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", "-p", help="Only articles of this publisher (its domain).")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of hits.")] = 10,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Search articles by words, ranked by relevance.

    Words are stemmed in the article's language; the rank is BM25.
    Example: `copydesk search "ceasefire talks" --language en`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    where = open_desk(desk)
    found = where.search(" ".join(words), language=language, publisher=publisher, limit=limit)
    print_held_note(where, "this search")
    if as_json:
        print_json({"ranked": found.ranked, "hits": [asdict(h) for h in found.hits]})
        return
    from rich.markup import escape

    screen = console()
    for hit in found.hits:
        day = f"{hit.published_at:%Y-%m-%d}" if hit.published_at else "no date"
        score = f"{hit.score:6.2f}" if hit.score is not None else "     -"
        screen.print(f"{score}  [bold]{escape(hit.title or '(no title)')}[/bold]")
        screen.print(f"        {escape(hit.publisher)}, {day}, {hit.article_id[:8]}, {escape(hit.uri)}", style="dim")
        screen.print(f"        {escape(hit.excerpt)}")
    if not found.hits:
        screen.print("Nothing found.")
    if not found.ranked:
        hint = "Not ranked: DuckDB's full-text extension is missing. `pip install duckdb-extension-fts` of its version."
        console(stderr=True).print(hint, style="yellow")
