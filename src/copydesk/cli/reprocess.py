"""`copydesk reprocess`: extract stored pages again under today's rules; no network."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, echo, print_json, print_table, resuming_notice

__all__ = ["register"]

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(reprocess)


def reprocess(
    source: Annotated[
        str | None, typer.Option(autocompletion=source_names, help="Only records of this source.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only records captured since this day.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Extract stored pages again under today's rules.

    Changed texts become new revisions with the version of the rules. No network.
    Example: `copydesk reprocess --source press-tv --since 2026-11-01 --dry-run`
    """
    from copydesk import open_desk

    found = open_desk(desk).reprocess(source, since=since, dry_run=dry_run, resuming=resuming_notice)
    if as_json:
        print_json({**asdict(found), "applied": not dry_run})
        return
    echo(f"{found.captures} pages under today's rules: {found.same} unchanged, {len(found.changes)} changed.")
    if found.changes:
        rows = [(c.what, c.source, c.uri, c.was, c.would_be) for c in found.changes[:_SHOWN]]
        print_table("", ("what", "source", "uri", "was", "would be" if dry_run else "is"), rows)
    if len(found.changes) > _SHOWN:
        echo(f"and {len(found.changes) - _SHOWN} more; --json shows all.")
