"""`copydesk quotes`: who said what."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(quotes)


def quotes(
    person: Annotated[str | None, typer.Argument(help="Words of the speaker's name; default: all speakers.")] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", "-p", help="Only as printed by this publisher (its domain).")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of quotes.")] = 50,
    batch: Annotated[bool, typer.Option("--batch", help="Read texts and write their quotes, as JSON lines.")] = False,
    indirect: Annotated[
        bool, typer.Option("--indirect", help="With --batch: reported speech without quotation marks, too.")
    ] = False,
    apostrophes: Annotated[
        bool, typer.Option("--apostrophes", help="With --batch: quotes between pairs of apostrophes (''...''), too.")
    ] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List quotes with their speakers, the latest first.

    Example: `copydesk quotes Putin --limit 10`

    With `--batch`, each line in is `{"id", "language", "text"}` and each line out `{"id", "quotes"}`; a quote has
    `start`, `end`, `kind`, `cue`, `speaker`, `speaker_start`, `speaker_end`, `rule`, `confidence`. No desk is needed.
    """
    if batch:
        from copydesk.text.quotes.jsonl import answer_lines

        answer_lines(sys.stdin, sys.stdout, indirect=indirect, apostrophes=apostrophes)
        return
    from dataclasses import asdict

    from copydesk import open_desk

    found = open_desk(desk).quotes(person, publisher=publisher, limit=limit)
    if as_json:
        print_json([asdict(quote) for quote in found])
        return
    from rich.markup import escape

    screen = console()
    for q in found:
        words = q.text if q.kind == "indirect" else f"“{q.text}”"
        screen.print(f"[bold magenta]{escape(q.speaker_name or q.speaker or '(nobody named)')}[/]  {escape(words)}")
        evidence = f"{q.kind}, {q.rule}{f' ({q.cue})' if q.cue else ''}, {q.confidence:.2f}"
        where = f"{q.publisher}, {q.printed_at:%Y-%m-%d}, {q.article_id[:8]}, paragraph {q.paragraph}"
        screen.print(f"    {escape(where)}: {escape(q.title or '(no title)')}", style="dim")
        screen.print(f"    {escape(evidence)}", style="dim")
    if not found:
        screen.print("No quotes found.")
