"""`copydesk reprocess`: extract stored pages again under today's rules; no network."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, console, echo, print_json, print_table, resuming_notice
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.reprocess import Preview

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
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Extract stored pages again under today's rules.

    Says what would change, and asks before it applies it; `--yes` does not ask. Changed texts become new revisions with
    the version of the rules. No network. Exit code 2: there is no terminal to ask on and no `--yes`.
    Example: `copydesk reprocess --source press-tv --since 2026-11-01 --dry-run`
    """
    from copydesk import open_desk
    from copydesk.cli.progress import ProgressLine

    applied = not dry_run

    def confirm(found: Preview) -> bool:
        nonlocal applied
        line.pause()
        if not as_json:
            _print(found)
        applied = yes or _agreed(len(found.changes))
        return applied

    with ProgressLine(console(stderr=True), show=not as_json) as line:
        found = open_desk(desk).reprocess(
            source, since=since, dry_run=dry_run, confirm=confirm, progress=line, resuming=resuming_notice
        )
    if as_json:
        print_json({**asdict(found), "applied": applied})
        return
    if dry_run or not found.changes:
        _print(found)
    elif applied:
        echo(f"Applied: {counted(len(found.changes), 'page')} with a new revision or outcome.")
    else:
        echo("Nothing was changed.")


def _print(found: Preview) -> None:
    """Print what would change."""
    echo(
        f"{counted(found.captures, 'page')} under today's rules: {found.same} unchanged, {len(found.changes)} changed."
    )
    if found.changes:
        rows = [(c.what, c.source, c.uri, c.was, c.would_be) for c in found.changes[:_SHOWN]]
        print_table("", ("what", "source", "uri", "was", "would be"), rows)
    if len(found.changes) > _SHOWN:
        echo(f"and {len(found.changes) - _SHOWN} more; --dry-run --json shows all.")


def _agreed(number: int) -> bool:
    """Ask on the terminal.

    Raises:
        UsageError: There is none.
    """
    from copydesk.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            f"{number} of the stored pages would change. `--yes` applies it; `--dry-run` only shows what would change."
        )
    return typer.confirm(f"Apply to {number} page{'s' if number != 1 else ''}?", err=True)
