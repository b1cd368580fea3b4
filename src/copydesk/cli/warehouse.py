"""`copydesk warehouse move`: take the warehouse from a DuckDB file into a lake, or back."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, echo, print_json
from copydesk.wording import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    group = typer.Typer(no_args_is_help=True, help="Move the warehouse between a DuckDB file and a lake.")
    group.command()(move)
    app.add_typer(group, name="warehouse")


def move(
    to: Annotated[
        str, typer.Argument(help="A lake (ducklake:postgres:..., ducklake:sqlite:...) or a new DuckDB file.")
    ],
    desk: DeskOption = None,
    data_path: Annotated[
        str | None,
        typer.Option("--data-path", help="Folder of the lake's data files; [warehouse] data_path if not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy every row into a new warehouse and verify each table; the old one stays as it is.

    Example: `copydesk warehouse move "ducklake:postgres:host=db.example dbname=news user=desk"`
    """
    from copydesk import open_desk

    report = open_desk(desk).move_warehouse(to, data_path=data_path)
    if as_json:
        print_json({"rows": report.rows, "tables": len(report.tables), "settings": report.settings})
        return
    moved = f"{counted(report.rows, 'row')} of {counted(len(report.tables), 'table')} moved"
    echo(f"{moved}; each table has the same rows in both.")
    echo("To work with it, write under [warehouse] in copydesk.toml:")
    for line in report.settings:
        echo(f"    {line}")
