"""`copydesk search`: full-text search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, echo, print_held_note, print_json
from copydesk.wording import counted

__all__ = ["register"]

_SLOW_S = 3


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(search)


def search(
    words: Annotated[
        list[str] | None, typer.Argument(help="Search terms; what stands in double quotes must occur word for word.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Only articles in this language (en, ar, ...).")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", "-p", help="Only articles of this publisher (its domain).")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only articles of this source.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only pages of this kind.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Only articles by this author.")] = None,
    section: Annotated[str | None, typer.Option("--section", help="Only articles of this section.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles of this day (UTC) or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles of this day or earlier.")
    ] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Latest first instead of best first.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of hits.")] = 10,
    count: Annotated[bool, typer.Option("--count", help="Print only how many articles match.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Search articles by words, ranked by relevance.

    Words are stemmed in the article's language; the rank is BM25.
    Example: `copydesk search "ceasefire talks" --language en`, or `copydesk search '"ceasefire talks"'` for the phrase.
    """
    from dataclasses import asdict

    from copydesk import open_desk

    where = open_desk(desk)
    found = where.search(
        " ".join(words or ()), language=language, publisher=publisher, source=source, kind=kind, author=author,
        section=section, since=since.date() if since else None, until=until.date() if until else None,
        newest=newest, limit=limit, making=_making,
    )  # fmt: skip
    print_held_note(where, "this search")
    if as_json:
        print_json(
            {"ranked": found.ranked, "total": found.total, "more": found.more, "hits": [asdict(h) for h in found.hits]}
        )
        return
    total = f"more than {found.total:,}" if found.more else f"{found.total:,}"
    if count:
        echo(total)
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
    elif found.more or found.total > len(found.hits):
        screen.print(f"{len(found.hits)} of {total} articles; --limit shows more.", style="dim")
    if not found.ranked:
        hint = "Not ranked: DuckDB's full-text extension is missing. `pip install duckdb-extension-fts` of its version."
        console(stderr=True).print(hint, style="yellow")


def _making(articles: int) -> None:
    """Say that an index is made first, where that takes a while."""
    from copydesk.store.read.search_index import build_seconds

    if (seconds := build_seconds(articles)) > _SLOW_S:
        echo(f"Making the search index of {counted(articles, 'article')} first, about {seconds:.0f} s.", err=True)
