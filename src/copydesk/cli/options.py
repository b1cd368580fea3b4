"""Options and output that every command shares, so that `--json` and `--desk` mean the same everywhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["AsJson", "DeskOption", "console", "print_json", "print_table", "shown", "with_old_keys"]

DeskOption = Annotated[
    Path | None,
    typer.Option("--desk", envvar="COPYDESK_DESK", help="The desk's folder; the nearest copydesk.toml when left out."),
]
_PIPED_WIDTH = 160

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


_STEERING = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " "
)
"""Controls, and marks that turn the direction of what follows: on a screen they show what is not there."""


def shown(text: str) -> str:
    """Return text as it may go to a terminal."""
    return text if text.isprintable() else text.translate(_STEERING)


def console(*, stderr: bool = False) -> Console:
    """Return a rich console; progress and summaries go to standard error when results go to standard output."""
    from rich.console import Console

    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PIPED_WIDTH  # a pipe has no width, and rich takes 80 for it
    return found


def print_json(value: Any) -> None:
    """Print one JSON value; times in ISO 8601, text as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def with_old_keys(value: dict[str, Any]) -> dict[str, Any]:
    """Repeat each block's evidence under its former JSON key `witnesses`; kept for one release."""
    if "blocks" in value:
        return {**value, "blocks": [with_old_keys(block) for block in value["blocks"]]}
    return {**value, "witnesses": value["evidence"]}


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Mapping[str, bool] | None = None
) -> None:
    """Print a table; columns named in `right` are aligned right."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if (right or {}).get(name) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if v is None else shown(str(v))) for v in row))
    console().print(table)
