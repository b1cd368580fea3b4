"""`copydesk forget`: take an article or a publisher out everywhere, and keep it out."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, echo, print_json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(forget)


def forget(
    what: Annotated[str, typer.Argument(help="An address, a path, an article's id, or a publisher.")],
    reason: Annotated[str | None, typer.Option(help="Kept with the tombstone.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Take it out of the tables, the archive, the index and the exports to come, and keep it out. It cannot be undone.

    Example: `copydesk forget https://example.org/news/1 --reason "right to be forgotten"`
    """
    from dataclasses import asdict

    from copydesk.errors import CopydeskError
    from copydesk.settings import open_desk
    from copydesk.store.curate.forget import forget as take_out
    from copydesk.store.warehouse.connection import Warehouse

    where = open_desk(desk)
    warehouse = Warehouse(where.warehouse, wait_s=where.settings.warehouse.wait_s)
    found = take_out(warehouse, where.root, what, archive=where.archive, dry_run=True)
    said = f"{found.articles} articles, {found.captures} captures, {found.archived_pages} archived pages"
    if not dry_run:
        if not (yes or as_json or _confirmed(f"{what}: {said}. Take them out for good?")):
            raise CopydeskError("Nothing was taken out. Give --yes to be asked no more.")
        found = take_out(warehouse, where.root, what, archive=where.archive, reason=reason)
    if as_json:
        print_json(asdict(found) | {"dry_run": dry_run})
        return
    echo(f"{'Would go' if dry_run else 'Gone, and kept out'}: {said}.")
    for path in found.files:
        echo(f"Your own file still holds it: {path}")


def _confirmed(question: str) -> bool:
    """Ask; no answer is a no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False
