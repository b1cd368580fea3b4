"""What was seen before, asked in columns: the same answers as a dict gives."""

from __future__ import annotations

from hashlib import sha256

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.sources.files.file_states import FileStates
from copydesk.sources.files.found import FileState, FoundFile
from copydesk.store.read.lookups import SEEN_COLUMNS, uri_key


def _table(*rows: tuple[str, bytes, int, int]) -> pl.DataFrame:
    columns = [(uri_key(uri), sha256(content).digest(), size, time) for uri, content, size, time in rows]
    return pl.DataFrame(columns, schema=SEEN_COLUMNS, orient="row")


def _found(uri: str, size: int, time: int) -> FoundFile:
    return FoundFile(uri=uri, path=uri, desk_path=uri, size_bytes=size, modified_ns=time)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_python_and_sql_give_a_uri_the_same_key(uri: str) -> None:
    """The key of a uri is the same in Python, where files are found, and in SQL, where captures lie."""
    assert duckdb.execute("select md5_number_upper($1)", [uri]).fetchall() == [(uri_key(uri),)]


def test_a_file_is_untouched_when_size_and_mtime_are_those_of_then() -> None:
    """Another size, another mtime, an mtime that nobody trusts and an unknown uri are none of them untouched."""
    seen = FileStates([_table(("a", b"1", 1, 10), ("b", b"2", 2, 20), ("c", b"3", 3, 0))])
    files = [_found("a", 1, 10), _found("b", 9, 20), _found("a", 1, 11), _found("c", 3, 0), _found("d", 1, 10)]
    was = FileState(sha256=sha256(b"1").hexdigest(), size_bytes=1, modified_ns=10)
    assert seen.untouched(files, [f.uri for f in files]) == [was, None, None, None, None]
    assert (seen.get("a"), seen.get("d")) == (was, None)


def test_later_tables_go_before_earlier_ones() -> None:
    """What a held batch has seen counts for more than what the warehouse knows; nothing seen is nothing known."""
    seen = FileStates([_table(("a", b"old", 3, 10)), _table(("a", b"new", 3, 11))])
    assert seen.get("a") == FileState(sha256=sha256(b"new").hexdigest(), size_bytes=3, modified_ns=11)
    assert FileStates().untouched([_found("a", 3, 11)], ["a"]) == [None]
    assert FileStates().get("a") is None
