"""Values of a query that is handed out as a frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.store.warehouse.connection import Connection
from copydesk.store.warehouse.engine import connect


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """A database in memory with the settings of every warehouse, and more than one thread."""
    with connect(options={"threads": "4"}) as raw:
        yield Connection(raw, Path())


def test_rows_come_in_the_order_that_was_asked_for(connection: Connection) -> None:
    """A result of several row groups is sorted, though the engine keeps no order of insertion."""
    frame = connection.frame("select hash(range) as h from range(?) order by h", [1_000_000])
    assert frame.height == 1_000_000
    assert frame["h"].is_sorted()


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.dates(),
    st.lists(st.text("ab'?$", max_size=3), max_size=3),
)


@given(st.lists(_VALUES, min_size=1, max_size=4))
def test_any_value_arrives_as_it_was_given(connection: Connection, values: list[Any]) -> None:
    """Numbers, texts, days, lists and nothing come back, by place or by number, whatever signs they hold."""
    by_place = ", ".join(f"? as c{n}" for n in range(len(values)))
    by_number = ", ".join(f"${n + 1} as c{n}" for n in reversed(range(len(values))))
    assert connection.frame(f"select {by_place}", values).row(0) == tuple(values)
    assert connection.frame(f"select {by_number}", values).row(0) == tuple(reversed(values))
    assert connection.rows("select name from duckdb_variables()") == []


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("select '$1 ?' as a, ? as b", ("$1 ?", "x")),
        ("select e'it\\'s ?' as a, ? as b -- and ?", ("it's ?", "x")),
        ('select $$ ? $1 $$ as a, $1 as "b?"', (" ? $1 ", "x")),
        ("/* ? /* ? */ */ select 1 as a, ? as b", (1, "x")),
        ("select count(*) as a, $1 as b from range(3) where $1 = 'x'", (3, "x")),
    ],
)
def test_signs_in_strings_names_and_comments_are_no_places(connection: Connection, sql: str, row: tuple[Any]) -> None:
    """Only what DuckDB takes as a parameter gets a value."""
    assert connection.frame(sql, ["x"]).row(0) == row


@pytest.mark.parametrize(
    ("sql", "values"), [("select $1 as a", [1, 2]), ("select ? as a, ? as b", [1]), ("select", [1])]
)
def test_a_wrong_number_of_values_is_duckdbs_error(connection: Connection, sql: str, values: list[int]) -> None:
    """Too many, too few, or no statement at all: DuckDB says which, and no variable is left behind."""
    with pytest.raises((duckdb.InvalidInputException, duckdb.ParserException)):
        connection.frame(sql, values)
    assert connection.rows("select name from duckdb_variables()") == []
