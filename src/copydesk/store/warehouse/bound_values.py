"""Values of a query as a variable of its connection, so that DuckDB hands out the result as it computes it.

    select * from captures where source = $1   +   ["halden"]
    -> select * from captures where source = getvariable('values_3fa2').v1

With parameters DuckDB's `sql` (1.5.5) collects the whole result first. It then writes all of it as text before it hands
out the first row (forty times the time of the query, for lists), and it forgets the order that the query asked for,
since the engine runs without `preserve_insertion_order`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import duckdb

__all__ = ["bound"]

_PIECES = re.compile(
    r"e'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""  # strings and quoted names
    r"|--[^\n]*|/\*.*?\*/"  # comments
    r"|\$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$"  # dollar-quoted strings
    r"|(?P<place>\?|\$\d+)",
    re.DOTALL | re.IGNORECASE,
)


@contextmanager
def bound(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any]) -> Iterator[str | None]:
    """Yield one statement without parameters, which reads the values from a variable while the block lasts.

    None where the values are not those that the statement asks for, or where it cannot be told.
    """
    places = [match["place"] for match in _PIECES.finditer(sql) if match["place"]]
    numbers = range(1, len(values) + 1)
    asked = {f"${n}" for n in numbers}
    in_order = places == ["?"] * len(values)
    if not (in_order or set(places) == asked) or _parameters(connection, sql) != {str(n) for n in numbers}:
        yield None
        return
    name = f"values_{secrets.token_hex(4)}"
    terms = {f"${n}": _term(name, n, value) for n, value in zip(numbers, values, strict=True)}
    fields = [f"v{n} := ${i}" for i, n in enumerate((n for n in numbers if _is_typed(values[n - 1])), start=1)]
    ordered = iter(numbers)

    def term(match: re.Match[str]) -> str:
        place = match["place"]
        return match[0] if not place else terms[place] if place != "?" else terms[f"${next(ordered)}"]

    if fields:
        connection.execute(f"set variable {name} = struct_pack({', '.join(fields)})", [*filter(_is_typed, values)])
    try:
        yield _PIECES.sub(term, sql)
    finally:
        if fields:
            with suppress(duckdb.Error):  # a transaction that failed takes no statement but its rollback
                connection.execute(f"reset variable {name}")


def _parameters(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """Return the parameters of one statement; of several, none, and of a wrong one, since running it will say so."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error:
        return set()
    return statements[0].named_parameters if len(statements) == 1 else set()


def _is_typed(value: object) -> bool:
    """Return whether a value says its type: a variable makes integers of what is null or empty."""
    return not (value is None or (isinstance(value, list | tuple) and not value))


def _term(name: str, number: int, value: object) -> str:
    if _is_typed(value):
        return f"getvariable('{name}').v{number}"
    return "null" if value is None else "[]"
