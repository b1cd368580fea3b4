"""Options and output that every command shares, so that `--json` and `--desk` mean the same everywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.escapes import json_text, shown
from copydesk.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.runs.folder import Run
    from copydesk.settings import DeskFolder

__all__ = [
    "AsJson",
    "Because",
    "DeskOption",
    "console",
    "echo",
    "print_held_note",
    "print_json",
    "print_table",
    "resuming_notice",
    "shown",
    "with_old_keys",
]

DeskOption = Annotated[
    Path | None,
    typer.Option(
        "--desk",
        envvar="COPYDESK_DESK",
        help="Folder of the desk; default: the nearest one from here upwards with a copydesk.toml.",
    ),
]
_PIPED_WIDTH = 160
_MIN_WIDTH = 20
_FRAME = 3
_READABLE_WIDTH = 20
"""A column needs this or its widest cell, whichever is less; a table that is wider then is printed as records."""

Because = Annotated[str, typer.Option("--because", "-b", help="Reason, stored with the decision.")]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def echo(text: str, *, err: bool = False) -> None:
    """Print one message; control characters in it, of a file name for example, are escaped."""
    typer.echo(shown(text), err=err)


def console(*, stderr: bool = False) -> Console:
    """Return a rich console that escapes control characters; summaries go to standard error beside other results."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            """Escape control characters in every text, whatever printed it."""
            for segment in super().render(renderable, options):
                text = segment.text
                yield segment if segment.control or text.isprintable() else segment._replace(text=shown(text))

    found = SafeConsole(stderr=stderr, highlight=False)
    if not found.is_terminal and not os.environ.get("COLUMNS", "").strip("0").isdecimal():
        found.width = _PIPED_WIDTH  # a pipe has no width, and rich takes 80 for it
    found.width = max(found.width, _MIN_WIDTH)  # narrower, rich prints nothing
    return found


def print_json(value: Any) -> None:
    """Print one JSON value; times in ISO 8601, other scripts as they are, control characters escaped."""
    sys.stdout.write(json_text(value) + "\n")


def with_old_keys(value: dict[str, Any]) -> dict[str, Any]:
    """Repeat each block's evidence under its former JSON key `witnesses`; kept for one release."""
    if "blocks" in value:
        return {**value, "blocks": [with_old_keys(block) for block in value["blocks"]]}
    return {**value, "witnesses": value["evidence"]}


def resuming_notice(run: Run) -> None:
    """Name on standard error an interrupted run that goes on now."""
    from copydesk.runs.outcome import resuming_line

    echo(resuming_line(run), err=True)


def print_held_note(desk: DeskFolder, what: str) -> None:
    """Say on standard error how many captures wait with held batches, when there are any.

    Args:
        desk: The desk.
        what: What they are missing from, e.g. "this export".
    """
    from copydesk.runs.held import held_batches

    batches = held_batches(desk)
    if batches:
        captures = sum(batch.captures for batch in batches)
        sources = ", ".join(sorted({batch.source for batch in batches}))
        note = f"Not in {what}: {counted(captures, 'capture')} of {sources}, held; `copydesk quality` says why."
        console(stderr=True).print(note, markup=False, style="yellow")


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Mapping[str, bool] | None = None
) -> None:
    """Print a table, its columns named in `right` aligned right; on a screen too narrow for it, one line per value."""
    from rich.markup import escape
    from rich.table import Table

    out = console()
    if _readable_width(columns, rows) > out.width:
        _print_records(out, title, columns, rows)
        return
    table = Table(header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if (right or {}).get(name) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if v is None else shown(str(v))) for v in row))
    if title:  # a title of the table itself would be wrapped to the table's width
        out.print(title, style="italic", markup=False)
    out.print(table)


def _readable_width(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Return the width below which a table would break its words and headings apart."""
    widest = [
        max([len(name), *(len(str(row[n])) for row in rows if row[n] is not None)]) for n, name in enumerate(columns)
    ]
    needed = (max(len(name), min(width, _READABLE_WIDTH)) for name, width in zip(columns, widest, strict=True))
    return sum(needed) + _FRAME * len(columns) + 1


def _print_records(out: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print each row as lines `column: value`, without its empty values; an empty line ends a row."""
    if title:
        out.print(title, style="italic", markup=False)
    for row in rows:
        for name, value in zip(columns, row, strict=True):
            if value not in (None, ""):
                out.print(f"{name}: {shown(str(value))}", markup=False, soft_wrap=True)
        out.print()
    if not rows:
        out.print(f"No rows. Columns: {', '.join(columns)}", markup=False, soft_wrap=True)
