"""`copydesk watch`: watches of copydesk.toml, what they find, and what was sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, echo, print_json, print_table
from copydesk.wording import counted

__all__ = ["register"]

WatchName = Annotated[str, typer.Argument(help="The watch's name in copydesk.toml.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="List or try watches, or give one's stories as a feed.", no_args_is_help=True)
    for name, command in (("list", list_), ("test", try_), ("feed", feed)):
        group.command(name)(command)
    app.add_typer(group, name="watch")


def list_(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """List watches: their conditions, how many stories they have found, how many wait for a channel.

    Example: `copydesk watch list`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    found = open_desk(desk).watches()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        console().print('No watch is declared. Add [[watch]] with name = "..." and words = ["..."] to copydesk.toml.')
        return
    columns = ("watch", "conditions", "every", "found", "waiting", "delivered", "channels")
    rows = [
        (
            *(w.name, w.conditions, w.every if w.enabled else "off", w.found, w.waiting or None),
            *(f"{w.sent_at:%Y-%m-%d %H:%M}" if w.sent_at else None, ", ".join(w.channels) or "none: see [notify]"),
        )
        for w in found
    ]
    print_table("", columns, rows, right={"found": True, "waiting": True})


def try_(
    name: WatchName,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of stories.")] = 20,
    send: Annotated[bool, typer.Option("--send", help="Send them to every channel of [notify] as a trial.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what a watch finds in all stored articles, the latest first; nothing is recorded as sent.

    Example: `copydesk watch test ferries --send`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    where = open_desk(desk)
    stories = where.watch_stories(name, limit=limit)
    answers = where.try_watch(name, limit=limit) if send else {}
    if as_json:
        print_json({"stories": [asdict(story) for story in stories], "channels": answers})
    else:
        for story in stories:
            line = f"{story.printed_at:%Y-%m-%d}  {story.publisher}: {story.title or '(no title)'}  {story.address}"
            echo(" ".join(line.split("\n")))
        if not stories:
            echo("Nothing found.")
        for channel, error in answers.items():
            echo(f"{channel}: {error or 'delivered'}", err=True)
    if any(answers.values()):
        raise typer.Exit(1)


def feed(
    name: WatchName,
    form: Annotated[str, typer.Option("--format", "-f", help="atom or json (JSON Feed 1.1).")] = "atom",
    full: Annotated[bool, typer.Option("--full", help="Give the whole text of each story.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write, whole or not at all.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="Maximum number of stories.")] = 50,
    desk: DeskOption = None,
) -> None:
    """Print the stories of a watch as a feed: one item per story, the latest first.

    Example: `copydesk watch feed ferries --output ferries.atom`
    """
    from copydesk import UsageError, open_desk
    from copydesk.cli.feed import write_feed
    from copydesk.store.read.feed_formats import as_atom, as_json_feed

    forms = {"atom": as_atom, "json": as_json_feed}
    if form not in forms:
        raise UsageError(f"--format {form!r} is none of {', '.join(forms)}.")
    where = open_desk(desk)
    found = where.watch_feed(name, limit=limit)
    body = forms[form](found, full=full)
    if output is None:
        sys.stdout.write(body.decode())
        return
    write_feed(where, output, body)
    echo(f"{output}: {counted(len(found.items), 'story')}.", err=True)
