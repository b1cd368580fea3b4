"""`copydesk sql`: read-only SQL on the warehouse, as a table or as data; a prompt when no query is given."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_table

if TYPE_CHECKING:
    from copydesk.store.read.user_sql import QueryResult
    from copydesk.store.warehouse.connection import Warehouse

__all__ = ["register"]

_MARKS = re.compile(r"[\\|<\[`]")
"""What would end a cell, or begin markup or a link where the table is shown."""
_FORMATS = ("table", "csv", "json", "markdown", "parquet")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(sql)


def sql(
    query: Annotated[str | None, typer.Argument(help="One statement; - reads it from standard input.")] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table, csv, json, markdown or parquet.")] = "table",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    limit: Annotated[int, typer.Option(help="Rows of a table to show at most; 0 shows all.")] = 100,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Ask the warehouse. Read-only: it cannot be changed from here, and a load that is on is waited for.

    Example: `copydesk sql "select publisher, count(*) from latest_articles group by all" --format csv`
    """
    from copydesk.errors import UsageError
    from copydesk.settings import open_desk
    from copydesk.store.warehouse.connection import Warehouse

    form = "json" if as_json else form
    if form not in _FORMATS:
        raise UsageError(f"--format {form!r} is none of {', '.join(_FORMATS)}.")
    where = open_desk(desk)
    warehouse = Warehouse(where.warehouse, wait_s=where.settings.warehouse.wait_s)
    if query is None and sys.stdin.isatty():
        _prompt(warehouse, limit)
        return
    statement = sys.stdin.read() if query in (None, "-") else query
    if form == "parquet":
        _parquet(warehouse, statement or "", output)
        return
    _show(warehouse, statement or "", form=form, output=output, limit=limit if form == "table" else 0)


def _parquet(warehouse: Warehouse, statement: str, output: Path | None) -> None:
    from copydesk.errors import UsageError
    from copydesk.store.read.user_sql import write_answer

    if output is None:
        raise UsageError("--format parquet needs --output FILE.")
    write_answer(warehouse, statement, output)


def _show(warehouse: Warehouse, statement: str, *, form: str, output: Path | None, limit: int) -> None:
    from copydesk.store.read.user_sql import run_query

    answer = run_query(warehouse, statement, limit=limit or None)
    if form == "table" and output is None:
        _as_table(answer)
        if answer.cut:
            console(stderr=True).print(f"The first {limit} rows; --limit 0 shows all.", style="dim")
        return
    text = {"csv": _as_csv, "json": _as_json, "markdown": _as_markdown, "table": _as_markdown}[form](answer)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")


def _as_table(answer: QueryResult) -> None:
    numbers = dict(zip(answer.columns, answer.is_number, strict=True))
    print_table("", answer.columns, [[_cell(v) for v in row] for row in answer.rows], right=numbers)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_cell(v) for v in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).removesuffix("+00:00")


def _as_csv(answer: QueryResult) -> str:
    import csv
    import io

    from copydesk.store.read.user_sql import safe_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(answer.columns)
    writer.writerows([safe_cell(_cell(v) if isinstance(v, list) else v) for v in row] for row in answer.rows)
    return text.getvalue()


def _as_json(answer: QueryResult) -> str:
    import json

    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n"


def _as_markdown(answer: QueryResult) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(" ".join(_MARKS.sub(r"\\\g<0>", c).split()) for c in cells) + " |\n"

    rule = ["---:" if number else "---" for number in answer.is_number]
    rows = [line([_cell(v) for v in row]) for row in answer.rows]
    return line(list(answer.columns)) + line(rule) + "".join(rows)


def _prompt(warehouse: Warehouse, limit: int) -> None:
    """Read statements until the input ends; the file is open only while one is answered."""
    import contextlib

    from copydesk.errors import CopydeskError

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 line editing and history for input()
    typer.echo("One statement, closed by ; and Enter. Tables: `copydesk schema`. Ctrl-D ends.", err=True)
    lines: list[str] = []
    while True:
        try:
            lines.append(input("desk> " if not lines else " ...> "))
        except EOFError:
            typer.echo("", err=True)
            return
        if not "".join(lines).strip():
            lines = []
        elif lines[-1].rstrip().endswith(";"):
            try:
                _show(warehouse, "\n".join(lines), form="table", output=None, limit=limit)
            except CopydeskError as error:
                typer.echo(str(error), err=True)
            lines = []
