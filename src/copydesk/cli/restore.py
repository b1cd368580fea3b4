"""`copydesk restore`: restore cut lines to an article, now and in later runs."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import DeskOption, echo, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(restore)


def restore(
    article: Annotated[str, typer.Argument(help="Id, URL or path of an article.")],
    lines: Annotated[list[int] | None, typer.Argument(help="Numbers of cut lines; default: list them.")] = None,
    desk: DeskOption = None,
) -> None:
    """Restore cut lines of an article; later runs keep them.

    The restored text is a new revision.
    Example: `copydesk restore seeds/000_bca97a53f92043e2.txt` shows what was cut, `... 28` puts line 28 back.
    """
    from copydesk.errors import UsageError
    from copydesk.reprocess import reprocess_captures
    from copydesk.settings import find_desk_folder
    from copydesk.store.curate.curation import cut_lines, restore_lines
    from copydesk.store.read.lookups import captures_to_reprocess
    from copydesk.text.boilerplate import line_key

    where = find_desk_folder(desk)
    capture, source, uri, cut = cut_lines(where.warehouse, article)
    if not lines:
        print_table(f"cut from {uri}", ("line", "label", "text"), cut, right={"line": True})
        return
    texts = {number: text for number, _, text in cut}
    missing = [n for n in lines if n not in texts]
    if missing:
        raise UsageError(f"line {missing[0]} was not cut from {uri}. `copydesk restore {article}` lists what was.")
    restore_lines(where.warehouse, source, uri, [(line_key(texts[n]), texts[n]) for n in lines])
    reprocess_captures(where, captures_to_reprocess(where.warehouse, capture_ids=[capture]), trigger="reprocess")
    echo(f"{uri}: {len(lines)} lines restored; later runs keep them.")
