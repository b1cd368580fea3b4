"""`copydesk backfill`: take what a source has published since a day and the desk has not."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, echo, print_json, resuming_notice
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(backfill)


def backfill(
    source: Annotated[str, typer.Argument(autocompletion=source_names, help="A source that fetches pages.")],
    since: Annotated[str, typer.Option("--since", "-s", help="First day, such as 2026-03-01.")],
    max_items: Annotated[
        int | None, typer.Option("--max-items", min=1, help="Pages to take at most; run it again for the rest.")
    ] = None,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Fetch what a source published since a day and the desk lacks.

    Asked are the source's lists, the archives of its feed (RFC 5005, WordPress), the sitemaps of its site and the pages
    that earlier runs were told of, with robots.txt, delays and limits as in any run. Interrupted, it continues when it
    is run again. `copydesk sources coverage` shows the holes.

    Example: `copydesk backfill example-feed --since 2026-03-01`
    """
    from copydesk import open_desk
    from copydesk.errors import UsageError
    from copydesk.logs import log_folder, start_logs

    try:
        day = date.fromisoformat(since)
    except ValueError as error:
        raise UsageError(f"--since {since!r} is no day. Write it as 2026-03-01.") from error
    where = open_desk(desk)
    start_logs(log_folder(where.warehouse), console=False)
    before = where.coverage(source, since=day)
    summary = where.backfill(source, since=day, max_items=max_items, resuming=None if as_json else resuming_notice)
    after = where.coverage(source, since=day)
    missing = [sum(one.missing for one in coverage.days) for coverage in (before, after)]
    if as_json:
        told = {"run_id": summary.run_id, **summary.numbers, "missing_before": missing[0], "missing": missing[1]}
        print_json({**told, **after.as_dict(), "resumed": [one.run_id for one in summary.resumed]})
        return
    for resumed in summary.resumed:
        echo(f"run {resumed.run_id}, which had been interrupted: {resumed.error or resumed.line}")
    echo(f"run {summary.run_id}: {summary.line}")
    announced = sum(one.announced for one in after.days)
    echo(f"{counted(announced, 'page')} announced since {day}; missing: {missing[1]}, before: {missing[0]}.")
    for hole in after.holes:
        echo(f"hole {hole.line}")
