"""`copydesk export`: the articles as Parquet, JSONL or CSV, with a manifest and a dataset card."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from copydesk.cli.completion import choices
from copydesk.cli.options import AsJson, DeskOption, echo, print_held_note, print_json
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; an earlier export in it is replaced.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            autocompletion=choices(("parquet", "jsonl", "csv", "text", "tei")),
            help="Output format: parquet, jsonl (Dolma fields), csv, text or tei.",
        ),
    ] = "parquet",
    where: Annotated[str | None, typer.Option(help="SQL condition over latest_articles.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds until --where is stopped; 0: never.")] = 60.0,
    as_of: Annotated[str | None, typer.Option(help="State of the corpus at this time (ISO 8601, UTC).")] = None,
    licence: Annotated[
        str, typer.Option("--license", help="License named in manifest and dataset card.")
    ] = "unknown: the texts belong to their publishers",
    wacz: Annotated[bool, typer.Option("--wacz", help="Add the archived pages as articles.wacz, for replay.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Export articles with a manifest and a dataset card.

    The same articles give the same bytes.
    Example: `copydesk export out --format jsonl --where "language = 'en'" --as-of 2026-05-01`
    """
    from dataclasses import asdict

    from copydesk import open_desk

    here = open_desk(desk)
    report = here.export(
        folder, format=form, where=where, timeout_s=timeout, as_of=_moment(as_of), license=licence, wacz=wacz
    )
    print_held_note(here, "this export")
    if as_json:
        print_json(asdict(report))
    else:
        written = f"{counted(report.articles, 'article')} in {counted(report.files, 'file')}"
        echo(f"{written} ({counted(report.bytes, 'byte')}): {report.folder}")
    if report.wacz and not as_json:
        left_out = counted(report.wacz.left_out, "article")
        echo(f"articles.wacz: {counted(report.wacz.pages, 'page')}; without an archived page: {left_out}.")


def _moment(text: str | None) -> datetime | None:
    from copydesk.errors import UsageError

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of {text!r} is not a date or time. Write 2026-05-01 or 2026-05-01T12:00:00Z."
        ) from error
