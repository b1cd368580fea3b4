"""`copydesk forget`: delete an article or a publisher everywhere and block it from returning."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, echo, print_json
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(forget)


def forget(
    what: Annotated[str, typer.Argument(help="URL, path or id of an article, or the domain of a publisher.")],
    reason: Annotated[str | None, typer.Option(help="Reason, stored with the tombstone.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Delete an article or publisher and block it from returning.

    Deleted from tables, archive, index and later exports. This cannot be undone.
    Example: `copydesk forget https://example.org/news/1 --reason "right to be forgotten"`
    """
    from dataclasses import asdict

    from copydesk import open_desk
    from copydesk.errors import CopydeskError

    where = open_desk(desk)
    found = where.forget(what, dry_run=True)
    numbers = {"article": found.articles, "capture": found.captures, "archived page": found.archived_pages}
    said = ", ".join(counted(number, noun) for noun, number in numbers.items())
    if not dry_run:
        if not (yes or as_json or _confirmed(f"{what}: {said}. Delete them for good?")):
            raise CopydeskError("Nothing was deleted. Give --yes to delete without confirmation.")
        found = where.forget(what, reason=reason)
    if as_json:
        print_json(asdict(found) | {"dry_run": dry_run})
        return
    echo(f"{'Would be deleted' if dry_run else 'Deleted, and blocked from returning'}: {said}.")
    for path in found.files:
        echo(f"Your own file still contains it: {path}")


def _confirmed(question: str) -> bool:
    """Ask; no answer is a no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False
