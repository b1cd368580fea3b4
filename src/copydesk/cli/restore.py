"""`copydesk restore`: restore cut lines to an article, now and in later runs."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import Because, DeskOption, echo, print_table, resuming_notice
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(restore)


def restore(
    article: Annotated[str, typer.Argument(help="Id of an article or a quarantined record, URL or path.")],
    lines: Annotated[list[int] | None, typer.Argument(help="Numbers of cut lines; default: list them.")] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back that lines were restored; without numbers, all of the page.")
    ] = False,
    because: Because = "",
    desk: DeskOption = None,
) -> None:
    """Restore cut lines of an article; later runs keep them.

    The restored text is a new revision.
    Example: `copydesk restore seeds/000_bca97a53f92043e2.txt` shows what was cut, `... 28` puts line 28 back,
    `... 28 --undo` takes that back.
    """
    from copydesk import open_desk

    where, numbers = open_desk(desk), lines or []
    if not numbers and not undo:
        print_table(f"cut from {article}", ("line", "label", "text"), where.cut_lines(article), right={"line": True})
        return
    changed = where.restore(article, *numbers, undo=undo, because=because, resuming=resuming_notice)
    what = "not restored any more; the rules decide again" if undo else "restored; later runs keep them"
    echo(f"{article}: {counted(len(changed), 'line')} {what}.")
