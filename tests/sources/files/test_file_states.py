"""What was seen before, asked in columns: the same answers as a dict gives."""

from __future__ import annotations

from hashlib import sha256

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.sources.files.file_states import FileStates
from copydesk.sources.files.found import FileState, FoundFile
from copydesk.store.read.known_files import SeenCaptures, uri_key


def _seen(*rows: tuple[str, bytes, int, int]) -> SeenCaptures:
    seen = SeenCaptures()
    for key, digest, size, time in sorted(
        (uri_key(uri), sha256(c).digest(), size, time) for uri, c, size, time in rows
    ):
        seen.keys.append(key)
        seen.digests.extend(digest)
        seen.sizes.append(size)
        seen.times.append(time)
    return seen


def _found(uri: str, size: int, time: int) -> FoundFile:
    return FoundFile(uri=uri, path=uri, desk_path=uri, size_bytes=size, modified_ns=time)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_python_and_sql_give_a_uri_the_same_key(uri: str) -> None:
    """The key of a uri is the same in Python, where files are found, and in SQL, where captures lie."""
    assert duckdb.execute("select md5_number_upper($1)", [uri]).fetchall() == [(uri_key(uri),)]


def test_a_file_is_untouched_when_size_and_mtime_are_those_of_then() -> None:
    """Another size, another mtime, an mtime that nobody trusts and an unknown uri are none of them untouched."""
    seen = FileStates(_seen(("a", b"1", 1, 10), ("b", b"2", 2, 20), ("c", b"3", 3, 0)))
    files = [_found("a", 1, 10), _found("b", 9, 20), _found("a", 1, 11), _found("c", 3, 0), _found("d", 1, 10)]
    was = FileState(sha256=sha256(b"1").hexdigest(), size_bytes=1, modified_ns=10)
    assert seen.untouched(files, [f.uri for f in files]) == [was, None, None, None, None]
    assert (seen.get("a"), seen.get("d")) == (was, None)


def test_held_batches_go_before_the_warehouse() -> None:
    """What a held batch has seen counts for more than what the warehouse knows; nothing seen is nothing known."""
    held = FileState(sha256=sha256(b"new").hexdigest(), size_bytes=3, modified_ns=11)
    seen = FileStates(_seen(("a", b"old", 3, 10)), {uri_key("a"): held})
    assert seen.get("a") == held
    assert FileStates().untouched([_found("a", 3, 11)], ["a"]) == [None]
    assert FileStates().get("a") is None
