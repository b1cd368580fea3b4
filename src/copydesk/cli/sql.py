"""`copydesk sql`: read-only SQL on the warehouse, as a table or as data; a prompt when no query is given."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Annotated

import typer

from copydesk.cli.completion import choices
from copydesk.cli.options import AsJson, DeskOption, console, echo, print_table
from copydesk.escapes import json_text, shown
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.store.read.user_query import UserQuery
    from copydesk.store.read.user_sql import QueryResult, RowStream

__all__ = ["register"]

_MARKS = re.compile(r"[\\|<\[`]")
"""What would end a cell, or begin markup or a link where the table is shown."""
_FORMATS = ("table", "csv", "json", "markdown", "parquet")
_TIMEOUT_S = 60.0
_SPOOL_BYTES = 8_000_000


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(sql)


def sql(
    query: Annotated[
        str | None, typer.Argument(help="One statement; - reads it from standard input; default: a prompt.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            autocompletion=choices(("table", "csv", "json", "markdown", "parquet")),
            help="Output format: table, csv, json, markdown or parquet.",
        ),
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Maximum number of table rows; 0: all.")] = 100,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds until the statement is stopped; 0: never.")
    ] = _TIMEOUT_S,
    allow_files: Annotated[bool, typer.Option("--allow-files", help="Let SQL read files (never write).")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Run read-only SQL on the warehouse.

    Waits for a load that is running.
    SQL may do one thing: read. It is one statement (SELECT, WITH, FROM, VALUES, TABLE, SHOW, DESCRIBE, SUMMARIZE or
    EXPLAIN). It cannot write, change settings, load extensions or (without --allow-files) read files. It is stopped
    after --timeout seconds, or when it needs more memory than a load may take.

    Example: `copydesk sql "select publisher, count(*) from latest_articles group by all" --format csv`
    """
    from copydesk import UsageError, open_desk
    from copydesk.settings import is_stream, output_path

    form = "json" if as_json else form
    if form not in _FORMATS:
        raise UsageError(f"--format {form!r} is none of {', '.join(_FORMATS)}.")
    if form == "parquet" and output is None:
        raise UsageError("--format parquet needs --output FILE.")
    where = open_desk(desk)
    if output is not None and (form == "parquet" or not is_stream(output)):
        output = output_path(where, output)
    ask = partial(where.sql, allow_files=allow_files, timeout_s=timeout)
    if query is None and sys.stdin.isatty():
        _prompt(ask, limit, allow_files=allow_files)
        return
    asked = ask((sys.stdin.read() if query in (None, "-") else query) or "")
    with _naming_options(allow_files=allow_files):
        if form == "table" and output is None:
            _show(asked, limit)
        elif form == "parquet" and output is not None:
            asked.write_parquet(output)
        else:
            _write(asked, form, output)


@contextmanager
def _naming_options(*, allow_files: bool) -> Iterator[None]:
    """Add to a refusal the option of this command that allows more: pages, tools and Python have no such option."""
    from copydesk.errors import UsageError
    from copydesk.store.read.user_sql import StatementRefusedError, TimeLimitError

    try:
        yield
    except StatementRefusedError as error:
        if allow_files:
            raise
        raise UsageError(f"{error} With --allow-files it may read files.") from error
    except TimeLimitError as error:
        raise UsageError(f"{error} Or give it more time with --timeout.") from error


def _show(asked: UserQuery, limit: int) -> None:
    """Print the result as a table."""
    answer = asked.result(limit=limit or None)
    _as_table(answer)
    if answer.cut:
        console(stderr=True).print(f"The first {counted(limit, 'row')}; --limit 0 shows all.", style="dim")


def _write(asked: UserQuery, form: str, output: Path | None) -> None:
    """Write the result to a file or to standard output, which may be slow: the warehouse is closed by then."""
    chunks = {"csv": _as_csv, "json": _as_json}.get(form, _as_markdown)
    with SpooledTemporaryFile(_SPOOL_BYTES, "w+", encoding="utf-8", newline="") as spool:
        with asked.stream() as stream:
            spool.writelines(chunks(stream))
        spool.seek(0)
        if output is None:
            shutil.copyfileobj(spool, sys.stdout)
        else:
            _copy(spool, output)


def _copy(text: IO[str], output: Path) -> None:
    """Write text to a device as it comes, or to a file, which appears whole or not at all."""
    from copydesk.errors import UsageError
    from copydesk.filesystem import replacing, write_error
    from copydesk.settings import is_stream

    try:
        target = nullcontext(output) if is_stream(output) else replacing(output)
        with target as place, place.open("w", encoding="utf-8", newline="") as file:
            shutil.copyfileobj(text, file)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise write_error(output, error, misplaced=UsageError) from error


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


def _as_csv(answer: RowStream) -> Iterator[str]:
    """Yield CSV (RFC 4180), a batch of rows at a time."""
    import csv
    import io

    from copydesk.store.read.user_sql import safe_cell

    def text(rows: Sequence[Sequence[object]]) -> str:
        lines = io.StringIO()
        cells = [[safe_cell(_cell(v) if isinstance(v, list) else v) for v in row] for row in rows]
        csv.writer(lines, lineterminator="\n").writerows(cells)
        return lines.getvalue()

    yield text([answer.columns])
    for batch in answer.batches:
        yield text(batch)


def _as_json(answer: RowStream) -> Iterator[str]:
    """Yield a JSON array of objects, one per row."""
    before = "[\n  "
    for row in chain.from_iterable(answer.batches):
        item = dict(zip(answer.columns, row, strict=True))
        yield before + json_text(item).replace("\n", "\n  ")
        before = ",\n  "
    yield "[]\n" if before.startswith("[") else "\n]\n"


def _as_markdown(answer: RowStream) -> Iterator[str]:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(" ".join(_MARKS.sub(r"\\\g<0>", shown(c)).split()) for c in cells) + " |\n"

    yield line(list(answer.columns))
    yield line(["---:" if number else "---" for number in answer.is_number])
    for row in chain.from_iterable(answer.batches):
        yield line([_cell(v) for v in row])


def _prompt(ask: Callable[[str], UserQuery], limit: int, *, allow_files: bool) -> None:
    """Read statements until the input ends; the file is open only while one is answered."""
    import contextlib

    from copydesk.errors import CopydeskError

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 line editing and history for input()
    echo("One statement, closed by ; and Enter. Tables: `copydesk schema`. Ctrl-D ends.", err=True)
    lines: list[str] = []
    while True:
        try:
            lines.append(input("desk> " if not lines else " ...> "))
        except EOFError:
            echo("", err=True)
            return
        if not "".join(lines).strip():
            lines = []
        elif lines[-1].rstrip().endswith(";"):
            try:
                with _naming_options(allow_files=allow_files):
                    _show(ask("\n".join(lines)), limit)
            except CopydeskError as error:
                echo(str(error), err=True)
            lines = []
