"""`copydesk feed`: what a search finds, as a feed for a person's reader."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import DeskOption, echo
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.desk import Desk

__all__ = ["register", "write_feed"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(feed)


def feed(
    words: Annotated[
        list[str] | None, typer.Argument(help="As for `copydesk search`; without words and filters, all articles.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", "-l", help="Only articles in this language.")] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", "-p", help="Only articles of this publisher.")] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only articles of this source.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Only articles by this author.")] = None,
    section: Annotated[str | None, typer.Option("--section", help="Only articles of this section.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles of this day (UTC) or later.")
    ] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="atom or json (JSON Feed 1.1).")] = "atom",
    full: Annotated[bool, typer.Option("--full", help="Give the whole text of each story.")] = False,
    url: Annotated[str | None, typer.Option("--url", help="Where the feed can be had, for its own link.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write, whole or not at all.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="Maximum number of stories.")] = 50,
    desk: DeskOption = None,
) -> None:
    """Print what a search finds as a feed: one item per story.

    The latest come first. Near copies of a story by other publishers share its item, so that a reader shows it once.
    Example: `copydesk feed ferry --language en --output ferry.atom`
    """
    from copydesk import UsageError, open_desk
    from copydesk.store.read.feed_formats import as_atom, as_json_feed

    forms = {"atom": as_atom, "json": as_json_feed}
    if form not in forms:
        raise UsageError(f"--format {form!r} is none of {', '.join(forms)}.")
    where = open_desk(desk)
    found = where.feed(
        " ".join(words or ()), language=language, publisher=publisher, source=source, author=author, section=section,
        since=since.date() if since else None, limit=limit,
    )  # fmt: skip
    body = forms[form](found, full=full, url=url)
    if output is None:
        sys.stdout.write(body.decode())
        return
    write_feed(where, output, body)
    echo(f"{output}: {counted(len(found.items), 'story')}.", err=True)


def write_feed(desk: Desk, path: Path, body: bytes) -> None:
    """Write a feed, whole or not at all."""
    from copydesk.errors import UsageError
    from copydesk.filesystem import replacing, write_error
    from copydesk.settings import output_path

    target = output_path(desk, path)
    try:
        with replacing(target) as temporary:
            temporary.write_bytes(body)
    except OSError as error:
        raise write_error(target, error, misplaced=UsageError) from error
