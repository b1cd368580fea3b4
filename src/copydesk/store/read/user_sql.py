"""SQL by a user: read-only, without files, with limits on memory and time.

    sql --> one statement? --> SELECT? --> table functions allowed? --> run, interrupted at the time limit --> rows
            (extract_statements)           (json_serialize_sql)

Everything a user writes as SQL (`copydesk sql`, `copydesk export --where`, the Python API) runs on a connection of
`locked_connection`. What SQL may do is documented in warehouse/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import duckdb

from copydesk.errors import UsageError
from copydesk.escapes import shown
from copydesk.filesystem import replacing, write_error
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.duckdb_errors import damage_error
from copydesk.store.warehouse.engine import connect

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "LOCKED_OPTIONS",
    "TIMEOUT_S",
    "QueryResult",
    "RowStream",
    "StatementRefusedError",
    "TimeLimitError",
    "check_statement",
    "interrupting",
    "locked_connection",
    "query_connection",
    "query_frame",
    "rows_to_parquet",
    "run_query",
    "safe_cell",
    "select_ids",
    "stream_query",
    "stream_rows",
    "write_parquet",
]

TIMEOUT_S = 60.0
"""Seconds a statement may take unless the caller says otherwise: as long as it runs, no load can begin."""

MAY_DO = (
    "SQL may read: one SELECT, WITH, FROM, VALUES, TABLE, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN statement "
    "over the warehouse's tables and views"
)

_LOCKED_OPTIONS = {"allow_community_extensions": "false", "max_temp_directory_size": "0B"}
LOCKED_OPTIONS = {**_LOCKED_OPTIONS, "enable_external_access": "false"}
"""DuckDB options of a connection on which SQL by a user may run."""

_TABLE_FUNCTIONS = frozenset(
    {
        *("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"),
        *("histogram", "histogram_values", "summary", "pg_timezone_names", "icu_calendar_names"),
        *("pragma_show", "pragma_table_info", "pragma_storage_info", "pragma_database_size", "pragma_version"),
    }
)
"""Table functions of DuckDB that SQL may call, beside the catalogue's own `duckdb_...` and macros of the warehouse.

A list of what is allowed: `select * from enable_logging(storage = 'file', storage_path = ...)` and
`enable_profiling(...)` are SELECTs that write files (DuckDB 1.5.5), and `query('...')` hides what it calls in a string.
"""

_FILE_FUNCTIONS = frozenset(
    {
        *("read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob", "glob"),
        *("read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto"),
        *("read_ndjson", "read_ndjson_auto", "read_ndjson_objects"),
        *("read_parquet", "parquet_scan", "parquet_schema", "parquet_metadata", "parquet_file_metadata"),
        *("parquet_full_metadata", "parquet_kv_metadata", "parquet_bloom_probe"),
    }
)
"""Table functions that read files; allowed with `allow_files`."""

_CATALOGUE_OF_A_LAKE = "__ducklake_metadata"
"""Begins the name of the database by which DuckLake reads its catalogue: all that its PostgreSQL user may read."""

_BATCH_ROWS = 10_000
_WRITER_OPTIONS = {"memory_limit": "300MB", "threads": "1"}
"""DuckDB options of the database that writes a result as Parquet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = frozenset(
    {
        *("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum", "float", "double", "decimal"),
        *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    }
)
"""Types whose column is aligned right, as DuckDB's Python package calls them."""


class StatementRefusedError(UsageError):
    """The statement does what SQL by a user may not; the command line adds the option that allows more."""


class TimeLimitError(UsageError):
    """The statement ran out of time; the command line adds the option that gives it more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """Result of a statement; rows and not a frame, since polars takes longer to import than most statements take.

    Attributes:
        columns: Names, in order.
        is_number: Whether the column of the same place holds numbers.
        rows: One tuple of Python values per row.
        cut: Whether there were more rows than were asked for.
    """

    columns: Sequence[str] = ()
    is_number: Sequence[bool] = ()
    rows: Sequence[tuple[Any, ...]] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStream:
    """Result of a statement while it is read, batch by batch.

    Attributes:
        columns: Names, in order.
        is_number: Whether the column of the same place holds numbers.
        batches: Lists of rows, each a tuple of Python values; can be iterated once.
    """

    columns: Sequence[str]
    is_number: Sequence[bool]
    batches: Iterator[Sequence[tuple[Any, ...]]]


@contextmanager
def locked_connection(warehouse: Warehouse, *, allow_files: bool = False) -> Iterator[Connection]:
    """Open a connection for SQL that a user wrote, for as long as the block takes.

    Read-only; no files (unless allowed), no extensions, no temporary files; its configuration cannot be changed.
    `check_statement` must see each statement first: the options alone do not stop SELECTs that write log files.

    Raises:
        WarehouseBusyError: Another process, or a connection of this process with other options, holds the file.
        WarehouseVersionError: No warehouse there, or not one that this code can read.
    """
    options = {**_LOCKED_OPTIONS, "enable_external_access": str(allow_files).lower()}
    with warehouse.open_for_reading(locked_options=options) as connection:
        yield connection


def run_query(
    warehouse: Warehouse,
    sql: str,
    *,
    limit: int | None = None,
    allow_files: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> QueryResult:
    """Return the result of one read-only statement, cut at `limit` rows; waits for a load that is running.

    Args:
        warehouse: Open only until the rows are read.
        sql: One statement.
        limit: Rows at most; None is all.
        allow_files: Whether it may read files; it can never write any.
        timeout_s: Seconds until it is interrupted; 0 is never.

    Raises:
        UsageError: The statement is wrong, not one, may not run, or took too long.
        WarehouseBusyError, WarehouseVersionError: The warehouse cannot be read.
    """
    with stream_query(warehouse, sql, allow_files=allow_files, timeout_s=timeout_s) as stream:
        rows: list[tuple[Any, ...]] = []
        for batch in stream.batches:
            rows += batch
            if limit is not None and len(rows) > limit:
                break
        cut = limit is not None and len(rows) > limit
        return QueryResult(columns=stream.columns, is_number=stream.is_number, rows=rows[:limit], cut=cut)


@contextmanager
def stream_query(
    warehouse: Warehouse, sql: str, *, allow_files: bool = False, timeout_s: float = TIMEOUT_S
) -> Iterator[RowStream]:
    """Run one read-only statement and read its rows in batches, so that memory stays flat; see `run_query`."""
    with (
        locked_connection(warehouse, allow_files=allow_files) as connection,
        stream_rows(connection, sql, allow_files=allow_files, timeout_s=timeout_s) as stream,
    ):
        yield stream


@contextmanager
def stream_rows(
    connection: Connection,
    sql: str,
    *,
    allow_files: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[RowStream]:
    """Run one read-only statement on a connection of `locked_connection` and read its rows in batches.

    Raises:
        UsageError: The statement is wrong, not one, may not run, or took too long.
    """
    with interrupting(connection, timeout_s):
        check_statement(connection, sql, allow_files=allow_files)
        cursor = connection.raw.execute(sql)
        described = cursor.description or []
        yield RowStream(
            columns=[column[0] for column in described],
            is_number=[column[1].id in _NUMBERS for column in described],
            batches=iter(lambda: cursor.fetchmany(_BATCH_ROWS), []),
        )


def query_frame(
    warehouse: Warehouse, sql: str, *, allow_files: bool = False, timeout_s: float = TIMEOUT_S
) -> pl.DataFrame:
    """Return the result of one read-only statement as a polars frame; see `run_query`."""
    with locked_connection(warehouse, allow_files=allow_files) as connection, interrupting(connection, timeout_s):
        check_statement(connection, sql, allow_files=allow_files)
        return connection.frame(sql)


def write_parquet(
    warehouse: Warehouse, sql: str, path: Path, *, allow_files: bool = False, timeout_s: float = TIMEOUT_S
) -> None:
    """Write the result of one read-only statement as Parquet, batch by batch; the file appears whole or not at all.

    Raises:
        UsageError: As `run_query`, or the file cannot be written.
    """
    try:
        with (
            replacing(path) as temporary,
            locked_connection(warehouse, allow_files=allow_files) as connection,
            interrupting(connection, timeout_s),
        ):
            check_statement(connection, sql, allow_files=allow_files)
            rows_to_parquet(connection, sql, temporary)
    except (OSError, duckdb.IOException) as error:
        raise write_error(path, error, misplaced=UsageError) from error


def rows_to_parquet(connection: Connection, sql: str, path: Path) -> None:
    """Write the result of a statement that `check_statement` has seen as Parquet, batch by batch.

    Another database writes the file: the connection of a user's SQL can write none. It takes the rows by the Arrow C
    stream, which needs no pyarrow, and buffers no more than its own memory limit allows.
    """
    stream = connection.raw.sql(sql).__arrow_c_stream__()
    with connect(options=_WRITER_OPTIONS) as writer:
        writer.from_arrow(stream).write_parquet(str(path), compression="zstd")


def select_ids(warehouse: Warehouse, where: str, *, timeout_s: float = TIMEOUT_S) -> list[str]:
    """Return the ids of the articles that meet a condition over the columns of `latest_articles`.

    Raises:
        UsageError: It is not one SQL expression, may not run, or took too long.
    """
    what = "--where is no condition over latest_articles: "
    try:
        duckdb.SQLExpression(where)
    except duckdb.Error as error:
        raise UsageError(what + _message(error)) from error
    sql = f"select article_id::varchar from latest_articles where (\n{where}\n)"  # noqa: S608 parsed as one expression
    with locked_connection(warehouse) as connection, interrupting(connection, timeout_s, what):
        check_statement(connection, sql, what=what)
        return [article for (article,) in connection.rows(sql)]


def query_connection(
    connection: Connection, sql: str, parameters: Sequence[Any] = (), *, timeout_s: float = TIMEOUT_S
) -> pl.DataFrame:
    """Return the result of one read-only statement on an open connection without access to other files.

    Raises:
        UsageError: The statement is wrong, not one, may not run, or took too long.
    """
    with interrupting(connection, timeout_s):
        check_statement(connection, sql)
        return connection.frame(sql, parameters)


def check_statement(
    connection: Connection,
    sql: str,
    *,
    allow_files: bool = False,
    what: str = "",
) -> None:
    """Refuse SQL that is not one statement that reads; DuckDB's own parser decides what it is.

    Args:
        connection: One of `locked_connection`: parsing IMPORT DATABASE reads files where they are allowed.
        sql: What the user wrote.
        allow_files: Whether functions that read files may be called.
        what: Begins the message.

    Raises:
        UsageError: It does not parse or is not one statement.
        StatementRefusedError: It may not run.
    """
    try:
        statements = connection.raw.extract_statements(sql)
    except duckdb.PermissionException as error:
        raise StatementRefusedError(f"{what}this statement reads files. {MAY_DO}.") from error
    except duckdb.Error as error:
        raise UsageError(what + _message(error)) from error
    if not statements:
        raise UsageError(f"{what}there is no statement to run.")
    if len(statements) > 1:
        hint = " (PIVOT names its values: `pivot t on kind in ('a', 'b') using count(*)`)"
        raise UsageError(f"{what}give one statement at a time{hint if statements[0].type.name == 'CREATE' else ''}.")
    kind = statements[0].type.name
    inner = _explained(connection, sql) if kind == "EXPLAIN" else sql
    tree = json.loads(connection.value("select json_serialize_sql($1::varchar)", [inner])) if inner else {}
    if kind not in {"SELECT", "EXPLAIN"} or tree.get("error", True):
        raise StatementRefusedError(f"{what}{_first_word(sql)} is not allowed. {MAY_DO}.")
    if _CATALOGUE_OF_A_LAKE in json.dumps(tree).lower():
        raise StatementRefusedError(f"{what}the catalogue of the lake is not to be read. {MAY_DO}.")
    for name in sorted({name.lower() for name in _table_functions(tree)}):
        if not _is_allowed(connection, name, allow_files=allow_files):
            raise StatementRefusedError(f"{what}the function {name}() is not allowed. {MAY_DO}.")


def _is_allowed(connection: Connection, function: str, *, allow_files: bool) -> bool:
    """Return whether SQL may call a table function: one of the lists, or a macro of the warehouse."""
    if function in _TABLE_FUNCTIONS or (allow_files and function in _FILE_FUNCTIONS) or function.startswith("duckdb_"):
        return function != "duckdb_secrets"  # reads the files of secrets, whatever the options allow
    sql = "select count(*) from duckdb_functions() where function_type = 'table_macro' and not internal"
    return bool(connection.value(f"{sql} and function_name = $1", [function]))


def _explained(connection: Connection, sql: str) -> str | None:
    """Return the statement that EXPLAIN is asked about, if it is a SELECT: EXPLAIN ANALYZE runs it."""
    words = duckdb.tokenize(sql)
    starts = [start for start, kind in words if kind != duckdb.token_type.comment][1:]
    while starts and sql[starts[0] :].lower().startswith(("analyze", "verbose")):
        starts.pop(0)
    if not starts:
        return None
    rest = sql[starts[0] :]
    if rest.startswith("(") and not _is_select(connection, rest):  # `explain (format json) select ...`
        rest = rest[rest.index(")") + 1 :] if ")" in rest else ""
    return rest if _is_select(connection, rest) else None


def _is_select(connection: Connection, sql: str) -> bool:
    try:
        return [s.type.name for s in connection.raw.extract_statements(sql)] == ["SELECT"]
    except duckdb.Error:
        return False


def _table_functions(node: Any) -> Iterator[str]:
    """Yield the names of all table functions in a serialised statement."""
    if isinstance(node, list):
        for child in node:
            yield from _table_functions(child)
    elif isinstance(node, dict):
        if node.get("type") == "TABLE_FUNCTION":
            yield str(node["function"].get("function_name", "?"))
        for child in node.values():
            yield from _table_functions(child)


@dataclass(slots=True)
class _Deadline:
    """Interrupts a connection when its time is over."""

    connection: Connection
    passed: bool = field(default=False)

    def interrupt(self) -> None:
        self.passed = True
        self.connection.raw.interrupt()


@contextmanager
def interrupting(connection: Connection, timeout_s: float, what: str = "") -> Iterator[None]:
    """Interrupt what runs on the connection after `timeout_s` seconds; turn DuckDB's errors into the user's."""
    deadline = _Deadline(connection)
    timer = Timer(timeout_s, deadline.interrupt)
    timer.daemon = True
    if timeout_s > 0:
        timer.start()
    try:
        yield
    except duckdb.PermissionException as error:
        raise StatementRefusedError(f"{what}files may not be read here. {MAY_DO}.") from error
    except duckdb.OutOfMemoryException as error:
        raise UsageError(
            f"{what}the statement needs more memory than it may take. Ask for fewer rows or columns."
        ) from error
    except duckdb.Error as error:
        if damaged := damage_error(connection.path, error):
            raise damaged from error
        if not deadline.passed:
            raise UsageError(what + _message(error)) from error
        raise TimeLimitError(f"{what}stopped after {timeout_s:g} s. Narrow the statement.") from error
    finally:
        timer.cancel()
        if timer.ident is not None:
            timer.join()


def _first_word(sql: str) -> str:
    starts = [start for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    return next(iter(sql[starts[0] :].split()), "this").strip("(;").upper()[:20] if starts else "this"


def safe_cell(value: object) -> object:
    """Return a CSV cell that no spreadsheet takes for a formula (OWASP: CSV injection), control characters escaped."""
    if not isinstance(value, str):
        return value
    return f"'{shown(value)}" if value.startswith(_FORMULA) else shown(value)


def _message(error: duckdb.Error) -> str:
    """Return DuckDB's message without the parts that only make sense on a wide screen."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines else "the statement cannot be run."
