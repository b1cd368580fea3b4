"""A law for all carriers: however they are mutilated, every input ends, and every capture can be read again."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hostile.carriers import Page, as_eml, as_mhtml, as_tar, as_warc, as_zip
from tests.hostile.markup import story

from copydesk.records import Capture
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import FoundFile, Skipped, Unchanged

PAGE = b"<!doctype html><html><body><p>Words of the page.</p></body></html>"
MEMBERS = {"a.html": PAGE, "deep/b.txt": story(1), "c.html.gz": gzip.compress(PAGE + b"<!-- c -->")}
LINES = b"".join(b'{"id": %d, "text": "Words of line %d."}\n' % (n, n) for n in range(6))
RECORDS = [
    Page("http://example.org/1", PAGE),
    Page("http://example.org/2", PAGE + b"2", encoding="gzip", chunked=True),
    Page("http://example.org/3", story(3), media_type="text/plain"),
]
SOUND: Mapping[str, bytes] = {
    "a.zip": as_zip(MEMBERS),
    "s.zip": as_zip(MEMBERS, streamed=True),
    "z.zip": as_zip({"in.zip": as_zip(MEMBERS), "l.jsonl": LINES}, compression=zipfile.ZIP_STORED),
    "a.tar": as_tar(MEMBERS),
    "a.tgz": as_tar(MEMBERS, "gz"),
    "l.jsonl": LINES,
    "l.jsonl.gz": gzip.compress(LINES),
    "a.mhtml": as_mhtml(PAGE, "http://example.org/"),
    "a.eml": as_eml(story(4), PAGE),
    "w.warc": as_warc(RECORDS, packed=False),
    "w.warc.gz": as_warc(RECORDS, packed=True),
    "whole.warc.gz": gzip.compress(as_warc(RECORDS, packed=False)),
    "t.txt": story(5),
}

places = st.floats(min_value=0, max_value=1, exclude_max=True)
MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"WARC/1.1\r\n", b"\x1f\x8b\x08", b"\0" * 512)
edits = st.one_of(
    st.tuples(st.just("put"), places, st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("insert"), places, st.sampled_from(MARKS)),
    st.tuples(st.just("cut"), places, st.just(b"")),
    st.tuples(st.just("drop"), places, st.binary(min_size=1, max_size=200)),
)


def mutilated(content: bytes, todo: list[tuple[str, float, bytes]]) -> bytes:
    """Return the content after some edits, each at its share of the length."""
    for what, share, piece in todo:
        at = int(share * len(content))
        rest = {"put": at + len(piece), "insert": at, "cut": len(content), "drop": at + len(piece)}[what]
        content = content[:at] + (piece if what in {"put", "insert"} else b"") + content[rest:]
    return content


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(todo=st.lists(edits, max_size=4))
def test_mutilated_carriers_end_with_a_word(tmp_path: Path, name: str, todo: list[tuple[str, float, bytes]]) -> None:
    """No edit makes acquire raise or fall silent, and what it captured has, when read again, the hash it was given."""
    (tmp_path / name).write_bytes(mutilated(SOUND[name], todo))
    (found,) = find_files([tmp_path / name], desk=tmp_path)
    assert isinstance(found, FoundFile)
    ended = list(capture_file(found, source="s", known={}))
    assert ended
    with Reader(tmp_path) as reader:
        for one in ended:
            assert not isinstance(one, Unchanged)
            if isinstance(one, Capture):
                assert sha256(reader.read(one.location)).hexdigest() == one.sha256
            elif isinstance(one, Skipped):
                assert one.reason
