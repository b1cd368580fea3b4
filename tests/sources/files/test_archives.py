"""Carriers: what is in them comes out, each document can be read again, what is broken is named."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.hostile.carriers import Page, as_eml, as_mhtml, as_tar, as_warc, as_zip

from copydesk.records import Capture
from copydesk.sources.files import byte_reader
from copydesk.sources.files.archives.streams import Stream, on_disk
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.captures import FileResult, capture_file, find_files
from copydesk.sources.files.found import FileState, FoundFile, JsonFields, Limits, Skipped, Unchanged

PAGE = b"<!doctype html><html><body><p>Words of the page.</p></body></html>"
TEXT = "Ein Satz über Köln.\n\nNoch einer.\n".encode()
OLD_NS = 1_700_000_000_000_000_000


def put(folder: Path, name: str, content: bytes) -> FoundFile:
    """Write a file with an old mtime and return it as found."""
    path = folder / name
    path.write_bytes(content)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    (found,) = find_files([path], desk=folder)
    assert isinstance(found, FoundFile)
    return found


def results(folder: Path, name: str, content: bytes, limits: Limits | None = None) -> list[FileResult]:
    """Return all that a carrier gives."""
    return list(capture_file(put(folder, name, content), source="s", known={}, limits=limits or Limits()))


def captures(ended: list[FileResult]) -> dict[str, Capture]:
    """Return the captures by uri."""
    return {one.uri: one for one in ended if isinstance(one, Capture)}


def reasons(ended: list[FileResult]) -> dict[str, str]:
    """Return uri -> reason of what was skipped."""
    return {one.uri: one.reason for one in ended if isinstance(one, Skipped)}


def read_all(folder: Path, taken: dict[str, Capture]) -> dict[str, bytes]:
    """Read every capture again with one reader, forwards and then backwards; both must agree with the hash."""
    with Reader(folder) as reader:
        forwards = {uri: reader.read(capture.location) for uri, capture in taken.items()}
        backwards = {uri: reader.read(capture.location) for uri, capture in reversed(taken.items())}
    assert forwards == backwards
    assert {uri: sha256(content).hexdigest() for uri, content in forwards.items()} == {
        uri: capture.sha256 for uri, capture in taken.items()
    }
    return forwards


MEMBERS = {"a.html": PAGE, "deep/b.txt": TEXT, "c.html.gz": gzip.compress(PAGE + b"<!-- c -->")}
LINES = b"".join(json.dumps({"id": n, "html": PAGE.decode() + str(n)}).encode() + b"\n" for n in range(5))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pages.zip", as_zip(MEMBERS)),
        ("stored.zip", as_zip(MEMBERS, compression=zipfile.ZIP_STORED)),
        ("streamed.zip", as_zip(MEMBERS, streamed=True)),
        ("pages.tar", as_tar(MEMBERS)),
        ("pages.tar.gz", as_tar(MEMBERS, "gz")),
        ("pages.tgz", as_tar(MEMBERS, "gz")),
        ("without-extension", as_tar(MEMBERS, "gz")),
    ],
)
def test_archives_give_their_members(tmp_path: Path, name: str, content: bytes) -> None:
    """Zip and tar, packed and not, under any name: each member is a capture with the archive's name before its own."""
    ended = results(tmp_path, name, content)
    taken = captures(ended)
    assert not reasons(ended)
    assert read_all(tmp_path, taken) == {
        f"{name}!/a.html": PAGE,
        f"{name}!/deep/b.txt": TEXT,
        f"{name}!/c.html.gz": PAGE + b"<!-- c -->",
    }
    assert [capture.media_type for capture in taken.values()].count("text/html") == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("z-in-z.zip", as_zip({"in.zip": as_zip(MEMBERS), "a.txt": TEXT, "in2.zip": as_zip(MEMBERS)})),
        ("z-in-t.tar", as_tar({"in.zip": as_zip(MEMBERS), "a.txt": TEXT, "in2.zip": as_zip(MEMBERS, streamed=True)})),
        ("t-in-z.zip", as_zip({"in.tgz": as_tar(MEMBERS, "gz"), "a.txt": TEXT, "in2.tar": as_tar(MEMBERS)})),
        ("t-in-t.tgz", as_tar({"in.tgz": as_tar(MEMBERS, "gz"), "a.txt": TEXT, "in2.tar": as_tar(MEMBERS)}, "gz")),
    ],
)
def test_an_archive_in_an_archive_is_read_and_read_again(tmp_path: Path, name: str, content: bytes) -> None:
    """Two deep, every document is there and can be read again in any order."""
    ended = results(tmp_path, name, content)
    assert not reasons(ended)
    assert len(read_all(tmp_path, captures(ended))) == 7


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.jsonl", LINES),
        ("f.jsonl.gz", gzip.compress(LINES)),
        ("f.zip", as_zip({"f.ndjson": LINES})),
        ("f.zip", as_zip({"f.ndjson.gz": gzip.compress(LINES)})),
        ("f.tar.gz", as_tar({"x/f.jsonl": LINES}, "gz")),
    ],
)
def test_lines_are_documents_wherever_they_lie(tmp_path: Path, name: str, content: bytes) -> None:
    """JSON lines, packed and in archives: each line's page is a capture whose uri ends in the line's id."""
    ended = results(tmp_path, name, content)
    assert not reasons(ended)
    taken = captures(ended)
    assert [uri.rpartition("#")[2] for uri in taken] == ["0", "1", "2", "3", "4"]
    assert list(read_all(tmp_path, taken).values()) == [PAGE + str(n).encode() for n in range(5)]


def test_lines_give_their_hints_and_their_defects(tmp_path: Path) -> None:
    """Address, title and date are hints; a line that is broken, empty of text or half a surrogate harms only itself."""
    lines = [
        '{"text": "Words.", "url": "https://example.org/a", "title": "T", "date": 1700000000, "id": "x#/1"}',
        "{broken",
        "",
        "[1, 2]",
        '{"title": "no text"}',
        '{"text": "half \\ud83d a pair", "url": "javascript:alert(1)"}',
        '{"body": "<!doctype html><html><p>x</p></html>"}',
        "[" * 100_000,
        '{"text": "last", "id": ' + "9" * 5000 + "}",
    ]
    ended = results(tmp_path, "f.jsonl", "\n".join(lines).encode())
    taken = captures(ended)
    first = taken["f.jsonl#x%23/1"]
    assert (first.url, first.title_hint, first.published_hint) == (
        "https://example.org/a",
        "T",
        "2023-11-14T22:13:20+00:00",
    )
    assert taken["f.jsonl#line-6"].url is None
    assert taken["f.jsonl#line-7"].media_type == "text/html"
    assert read_all(tmp_path, taken)["f.jsonl#line-6"] == "half \ufffd a pair".encode()
    assert reasons(ended) == {
        "f.jsonl#line-2": "broken_line",
        "f.jsonl#line-4": "broken_line",
        "f.jsonl#line-5": "no_text_field",
        "f.jsonl#line-8": "broken_line",
        "f.jsonl#line-9": "broken_line",
        "f.jsonl": "empty",
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_are_documents_with_hints_and_defects(tmp_path: Path, separator: str) -> None:
    """CSV: cells in quotes hold line ends and quotes; hints come from the columns; a broken row harms only itself."""
    text = 'First "words".\n\nSecond paragraph, with; all separators.'
    quoted = '"' + text.replace('"', '""') + '"'
    rows = [
        ["id", "url", "title", "date", "author", "text"],
        ["a1", "https://example.org/a", "T", "2026-05-01", '"Nora Field; Jon Berg"', quoted],
        ["too", "few"],
        [],
        ["", "", "", "", "", "Ä last one."],
        ["e", "", "", "", "", ""],
    ]
    content = b"\xef\xbb\xbf" + "\r\n".join(separator.join(row) for row in rows).encode() + b"\r\n"
    ended = results(tmp_path, "f.csv" if separator != "\t" else "f.tsv", content)
    taken = captures(ended)
    first = taken[next(uri for uri in taken if uri.endswith("#a1"))]

    assert (first.url, first.title_hint, first.published_hint, first.author_hint) == (
        "https://example.org/a", "T", "2026-05-01", "Nora Field; Jon Berg",
    )  # fmt: skip
    assert [c.decode() for c in read_all(tmp_path, taken).values()] == [text, "Ä last one."]
    assert sorted(reasons(ended).values()) == ["broken_line", "empty", "no_text_field"]


def test_a_table_without_texts_is_refused_whole(tmp_path: Path) -> None:
    """A CSV file of numbers is one defect that names its columns and the setting, not one a row."""
    (one,) = results(tmp_path, "f.csv", b"a,b\n" + b"1,2\n" * 1000)
    assert isinstance(one, Skipped)
    assert (one.reason, "a, b" in one.detail, "text_field" in one.detail) == ("no_text_field", True, True)


def test_long_ids_that_begin_alike_stay_apart(tmp_path: Path) -> None:
    """A uri has an end, but two different ids never share one."""
    lines = "".join(json.dumps({"text": "Words.", "id": "x" * 5000 + end}) + "\n" for end in "ab")
    uris = list(captures(results(tmp_path, "f.jsonl", lines.encode())))
    assert len(set(uris)) == 2
    assert max(map(len, uris)) < 300


def test_configured_fields_are_taken_and_found_again(tmp_path: Path) -> None:
    """What the source's settings name is read, and the capture alone says which field to read again."""
    found = put(tmp_path, "f.jsonl", json.dumps({"text": "teaser", "seite": PAGE.decode()}).encode())
    fields = JsonFields(html=("seite",), text=())
    (capture,) = capture_file(found, source="s", known={}, fields=fields)
    assert isinstance(capture, Capture)
    assert capture.media_type == "text/html"
    assert read_all(tmp_path, {"f": capture}) == {"f": PAGE}


def test_a_file_that_is_no_json_lines_is_given_up_early(tmp_path: Path) -> None:
    """A million lines of something else are one defect, not a million."""
    ended = results(tmp_path, "f.jsonl", b"no json\n" * 1_000_000)
    assert reasons(ended)["f.jsonl"] == "not_json_lines"
    assert [one.count for one in ended if one.uri == "f.jsonl#more"] == [80]
    assert len(ended) == 22


@pytest.mark.parametrize("kind", ["zip", "tar", "jsonl"])
def test_members_that_nobody_has_to_look_into_are_one_row(tmp_path: Path, kind: str) -> None:
    """20,000 empty members are one row with their number and some of their names; the page among them is taken."""
    number = 20_000
    if kind == "jsonl":
        content = b"\n" * number + b'{"text": "A ferry sails."}\n'
    else:
        members = {f"{n}.txt": b"" for n in range(number)} | {"page.html": PAGE}
        content = as_zip(members) if kind == "zip" else as_tar(members)
    ended = results(tmp_path, f"f.{kind}", content)
    (row,) = [one for one in ended if isinstance(one, Skipped)]
    assert (row.uri, row.reason, row.count) == (f"f.{kind}", "empty", number)
    assert kind == "jsonl" or row.detail == "20000 members: 0.txt, 1.txt, 2.txt, ..."
    assert len(captures(ended)) == 1


def test_defects_of_an_archive_have_rows_of_their_own_up_to_a_number(tmp_path: Path) -> None:
    """The first twenty lines that hold no text are named, the others are one row; two of one id are told apart."""
    lines = b'{"id": "a"}\n{"id": "a"}\n' + b"".join(b'{"id": "%d"}\n' % n for n in range(98))
    ended = results(tmp_path, "f.jsonl", b'{"text": "A ferry sails."}\n' + lines)
    rows = [one for one in ended if isinstance(one, Skipped)]
    assert [one.uri for one in rows[:3]] == ["f.jsonl#a", "f.jsonl#a#2", "f.jsonl#0"]
    assert (len(rows), rows[-1].uri, rows[-1].count) == (21, "f.jsonl#more", 80)
    assert sum(one.count for one in rows) == 100


def test_a_body_shorter_than_its_content_length_is_marked(tmp_path: Path) -> None:
    """A record whose page lacks what its own header announced is taken, with what is missing."""
    warc = as_warc([Page("http://p.example/a", PAGE)], packed=False)
    announced = f"Content-Length: {len(PAGE)}".encode()
    http = warc.index(b"HTTP/1.")
    assert announced in warc[http:]
    longer = warc[:http] + warc[http:].replace(announced, f"Content-Length: {len(PAGE) + 9}".encode(), 1)
    (capture,) = captures(results(tmp_path, "f.warc", longer)).values()
    assert capture.truncation == f"{len(PAGE)} of {len(PAGE) + 9} bytes are in the archive"
    assert [c.truncation for c in captures(results(tmp_path, "g.warc", warc)).values()] == [None]


def test_one_packed_page_keeps_the_name_of_its_file(tmp_path: Path) -> None:
    """page.html.gz is one capture, hashed and read as what is in it."""
    ended = results(tmp_path, "page.html.gz", gzip.compress(PAGE))
    assert read_all(tmp_path, captures(ended)) == {"page.html.gz": PAGE}


def test_saved_pages_and_letters_give_their_text(tmp_path: Path) -> None:
    """MHTML gives the root page with its address and time, a letter its HTML before its plain text."""
    mhtml = captures(results(tmp_path, "a.mhtml", as_mhtml(PAGE, "https://example.org/page")))
    capture = mhtml["a.mhtml"]
    assert (capture.url, capture.title_hint) == ("https://example.org/page", "Grüße")
    assert capture.captured_at.isoformat() == "2024-03-01T10:00:00+00:00"
    assert read_all(tmp_path, mhtml) == {"a.mhtml": PAGE}
    letter = captures(results(tmp_path, "a.eml", as_eml(TEXT, PAGE)))
    assert read_all(tmp_path, letter) == {"a.eml": PAGE}
    plain = captures(results(tmp_path, "b.eml", as_eml(TEXT, None)))
    assert (plain["b.eml"].media_type, plain["b.eml"].charset) == ("text/plain", "utf-8")
    assert read_all(tmp_path, plain) == {"b.eml": TEXT}
    assert reasons(results(tmp_path, "c.eml", as_eml(None, None))) == {"c.eml": "no_text_part"}


WARC_PAGES = [
    Page("http://example.org/1", PAGE),
    Page("http://example.org/2", PAGE + b"2", encoding="gzip", chunked=True),
    Page("http://example.org/3", PAGE + b"3", encoding="br"),
    Page("http://example.org/4", PAGE + b"4", encoding="deflate"),
    Page("http://example.org/t", TEXT, media_type="text/plain; charset=utf-8"),
    Page("http://example.org/404", PAGE, status=404),
    Page("http://example.org/i.png", b"\x89PNG\r\n\x1a\n", media_type="image/png"),
    Page("http://example.org/j.png", b"\x89PNG\r\n\x1a\n", media_type="image/png"),
    Page("http://example.org/5", PAGE + b"5", kind="request"),
]


@pytest.mark.parametrize(
    ("name", "content", "carrier"),
    [
        ("c.warc", as_warc(WARC_PAGES, packed=False), "warc"),
        ("c.warc.gz", as_warc(WARC_PAGES, packed=True), "warc"),
        ("whole.warc.gz", gzip.compress(as_warc(WARC_PAGES, packed=False)), "gzip+warc"),
        ("c.tar.gz", as_tar({"c.warc.gz": as_warc(WARC_PAGES, packed=True)}, "gz"), "gzip+tar+gzip+warc"),
    ],
)
def test_warcs_give_their_pages_and_count_the_rest(tmp_path: Path, name: str, content: bytes, carrier: str) -> None:
    """Bodies come decoded, addresses are the pages' own, and what is no page is counted by reason."""
    ended = results(tmp_path, name, content)
    taken = captures(ended)
    assert [capture.url for capture in taken.values()] == [f"http://example.org/{n}" for n in ("1", "2", "3", "4", "t")]
    assert list(read_all(tmp_path, taken).values()) == [PAGE, PAGE + b"2", PAGE + b"3", PAGE + b"4", TEXT]
    assert {capture.location.carrier for capture in taken.values()} == {carrier}
    assert {capture.captured_at.isoformat() for capture in taken.values()} == {"2024-03-01T10:00:00+00:00"}
    counts = {one.reason: (one.count, one.detail) for one in ended if isinstance(one, Skipped)}
    assert counts == {
        "http_status": (1, "1 404"),
        "other_records": (1, "1 request"),
        "unsupported_type": (2, "2 image/png"),
    }


def text_pages(count: int) -> list[Page]:
    """Return records that do not compress to nothing."""
    return [
        Page(f"http://example.org/{n}", text, media_type="text/plain") for n, text in enumerate(many(count).values())
    ]


def test_a_warc_that_is_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    """A cut record is handed over by fastwarc as if it were whole; the lengths say that it is not."""
    pages = text_pages(4)
    for name, content in (("c.warc", as_warc(pages, packed=False)), ("c.warc.gz", as_warc(pages, packed=True))):
        ended = results(tmp_path, name, content[: -1500 if len(content) > 17_000 else -800])
        assert len(captures(ended)) == 3
        assert list(reasons(ended).values()) == ["truncated"]


def test_a_warc_that_is_broken_in_the_middle_goes_on_behind_it(tmp_path: Path) -> None:
    """Broken compressed data ends one record, not the file."""
    pages = text_pages(4)
    content = bytearray(as_warc(pages, packed=True))
    middle = len(content) // 4 + 2000
    content[middle : middle + 40] = b"\xff" * 40
    ended = results(tmp_path, "c.warc.gz", bytes(content))
    assert [capture.url for capture in captures(ended).values()] == [f"http://example.org/{n}" for n in (0, 2, 3)]
    assert list(reasons(ended).values()) == ["damaged"]


def many(count: int) -> dict[str, bytes]:
    """Return members that do not compress to nothing."""
    return {f"{n:03}.txt": os.urandom(2000).hex().encode() for n in range(count)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.zip", as_zip(many(40))),
        ("s.zip", as_zip(many(40), streamed=True)),
        ("c.tar", as_tar(many(40))),
        ("c.tar.gz", as_tar(many(40), "gz")),
        ("l.jsonl.gz", gzip.compress(b"".join(b'{"text": "%b"}\n' % text for text in many(40).values()))),
    ],
)
def test_what_is_whole_in_a_cut_archive_is_used(tmp_path: Path, name: str, content: bytes) -> None:
    """Half an archive gives nearly half its documents and one defect that says where it ended."""
    ended = results(tmp_path, name, content[: len(content) // 2])
    assert 18 <= len(captures(ended)) <= 21
    assert "truncated" in reasons(ended).values()
    read_all(tmp_path, captures(ended))


def test_a_broken_member_harms_only_itself(tmp_path: Path) -> None:
    """One flipped byte in a zip costs one member, named as damaged by its check sum."""
    content = bytearray(as_zip(many(5), compression=zipfile.ZIP_STORED))
    content[len(content) // 2] ^= 0xFF
    ended = results(tmp_path, "c.zip", bytes(content))
    assert len(captures(ended)) == 4
    assert reasons(ended) == {"c.zip!/002.txt": "damaged"}


def test_a_second_run_finds_members_unchanged(tmp_path: Path) -> None:
    """What is known by hash is not captured again, one changed line is."""
    found = put(tmp_path, "f.jsonl", LINES)
    first = [one for one in capture_file(found, source="s", known={}) if isinstance(one, Capture)]
    known = {c.uri: FileState(sha256=c.sha256, size_bytes=c.size_bytes, modified_ns=c.modified_ns) for c in first}
    assert all(isinstance(one, Unchanged) for one in capture_file(found, source="s", known=known))
    found = put(tmp_path, "f.jsonl", LINES.replace(b"</html>3", b"</html>three"))
    again = list(capture_file(found, source="s", known=known))
    assert [one.uri for one in again if isinstance(one, Capture)] == ["f.jsonl#3"]


def test_names_in_archives_never_lead_anywhere(tmp_path: Path) -> None:
    """Paths that climb, start at the root or hold odd bytes are labels in a uri; nothing is written."""
    odd = ("../../etc/cron.d/x.txt", "/abs.txt", "a\nb.txt", "-rf #1!/x.txt")
    names = {name: TEXT + name.encode() for name in odd}
    before = sorted(path for path in tmp_path.parent.rglob("*") if path.is_file())
    ended = results(tmp_path, "n.zip", as_zip(names)) + results(tmp_path, "n.tar", as_tar(names))
    assert len(read_all(tmp_path, captures(ended))) == 8
    assert "n.zip!/a%0Ab.txt" in captures(ended)
    after = sorted(path for path in tmp_path.parent.rglob("*") if path.is_file())
    assert [path.name for path in after if path not in before] == ["n.tar", "n.zip"]


def test_links_and_devices_in_a_tar_are_skipped(tmp_path: Path) -> None:
    """A link in an archive is not followed, a device not opened."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert set(reasons(results(tmp_path, "l.tar", buffer.getvalue())).values()) == {"not_a_file"}


def record(kind: str, uri: str, content_type: str, body: bytes) -> bytes:
    """Return one WARC record as a browser crawler writes it."""
    name = sha256(uri.encode() + body).hexdigest()[:32]
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{name}>\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Target-URI: {uri}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def test_rendered_forms_of_a_page_have_its_address(tmp_path: Path) -> None:
    """`urn:text:` and `onreadydom:` records are the page they were made of; plain names of other things are not."""
    content = (
        record("resource", "urn:text:https://p.example/a?b=1", "text/plain", TEXT)
        + record("resource", "onreadydom:https://p.example/b", "text/html", PAGE)
        + record("resource", "urn:text:https%3A%2F%2Fp.example%2Fc", "text/plain", TEXT + b"c")
        + record("resource", "urn:isbn:9780000000000", "text/plain", TEXT + b"d")
    )
    taken = captures(results(tmp_path, "r.warc", content))
    assert [capture.url for capture in taken.values()] == [
        "https://p.example/a?b=1",
        "https://p.example/b",
        "https://p.example/c",
        None,
    ]
    assert len(read_all(tmp_path, taken)) == 4


def test_rendered_text_does_not_stand_in_for_a_page_with_text(tmp_path: Path) -> None:
    """Beside an empty shell the rendered text is the page; beside a page with paragraphs it is counted, not read."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    response = "application/http; msgtype=response"
    shell = b"<html><body><div id=app></div></body></html>"
    full = b"<html><body>" + b"<p>A paragraph of the story.</p>" * 4 + b"</body></html>"
    content = (
        record("response", "https://p.example/shell", response, http + shell)
        + record("resource", "urn:text:https://p.example/shell", "text/plain", TEXT)
        + record("response", "https://p.example/full", response, http + full)
        + record("resource", "urn:text:https://p.example/full", "text/plain", TEXT)
    )
    ended = results(tmp_path, "r.warc", content)
    assert sorted((c.url or "", c.media_type) for c in captures(ended).values()) == [
        ("https://p.example/full", "text/html"),
        ("https://p.example/shell", "text/html"),
        ("https://p.example/shell", "text/plain"),
    ]
    assert [(s.reason, s.detail) for s in ended if isinstance(s, Skipped)] == [
        ("other_records", "1 rendered text of a page that is here itself")
    ]


def as_parquet(folder: Path, select: str, options: str = "") -> bytes:
    """Return a Parquet file with the rows of a query."""
    path = folder / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to '{path}' (format parquet{options})")
    return path.read_bytes()


def test_rows_of_parquet_files_are_records(tmp_path: Path) -> None:
    """A row gives its text with url, title, day and authors; bytes, lists and structs are read; rows over groups."""
    rows = f"""
        select i as id, 'https://example.org/' || i as url, 'T' || i as headline, date '2026-05-01' as published,
               [{{name: 'Nora Field'}}, {{name: 'Jon Berg'}}] as authors, 42 as views,
               case when i % 3 = 0 then '{PAGE.decode()}'::blob end as html,
               case when i % 3 = 1 then 'Words of row ' || i || '.' end as text
        from range(5000) r(i)"""
    ended = results(tmp_path, "f.parquet", as_parquet(tmp_path, rows, ", row_group_size 2048"))
    taken = captures(ended)
    one = taken["f.parquet#1"]

    assert len(taken) == 3334
    assert (one.url, one.title_hint, one.published_hint, one.author_hint) == (
        "https://example.org/1", "T1", "2026-05-01", "Nora Field; Jon Berg",
    )  # fmt: skip
    some = {uri: taken[uri] for uri in ("f.parquet#1", "f.parquet#3", "f.parquet#4000", "f.parquet#4998")}
    assert list(read_all(tmp_path, some).values()) == [b"Words of row 1.", PAGE, b"Words of row 4000.", PAGE]
    assert set(reasons(ended).values()) == {"no_text_field"}


def test_parquet_files_in_archives_are_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a zip, a tar in gzip and alone in gzip, each row is a record; a reader unpacks the file once for all rows."""
    whole = as_parquet(tmp_path, "select i as id, 'A ferry sails. ' || i as text from range(120) r(i)")
    packed = {
        "a.zip": as_zip({"a.html": PAGE, "deep/rows.parquet": whole}),
        "b.tar.gz": gzip.compress(as_tar({"rows.parquet": whole, "z.html": PAGE})),
        "c.parquet.gz": gzip.compress(whole),
    }
    opened: list[Stream] = []
    for name, content in packed.items():
        taken = captures(results(tmp_path, name, content))
        rows = {uri: capture for uri, capture in taken.items() if "html" not in uri}
        assert len(rows) == 120, name
        assert len(taken) == 120 + (name != "c.parquet.gz")
        opened.clear()
        with monkeypatch.context() as patched:
            patched.setattr(byte_reader, "on_disk", lambda *given: opened.append(on_disk(*given)) or opened[-1])
            assert set(read_all(tmp_path, rows).values()) == {b"A ferry sails. %d" % i for i in range(120)}
        assert len({id(one) for one in opened}) == 1, name
    (refused,) = results(tmp_path, "a.zip", as_zip({"r.parquet": whole}), Limits(unpacked_bytes=100))
    assert isinstance(refused, Skipped)
    assert (refused.uri, refused.reason) == ("a.zip!/r.parquet", "too_large")


def test_fields_of_parquet_files_can_be_named(tmp_path: Path) -> None:
    """`text_field` names the column; without one that fits, the file is one defect that names its columns."""
    content = as_parquet(tmp_path, 'select \'A ferry sails.\' as story, 1 as "odd ""name"')
    (refused,) = results(tmp_path, "f.parquet", content)
    (taken,) = capture_file(
        put(tmp_path, "f.parquet", content), source="s", known={}, fields=JsonFields(html=(), text=("story",))
    )
    assert isinstance(refused, Skipped)
    assert (refused.reason, "story, odd" in refused.detail, "text_field" in refused.detail) == (
        "no_text_field", True, True,
    )  # fmt: skip
    assert isinstance(taken, Capture)
    assert read_all(tmp_path, {taken.uri: taken}) == {"f.parquet#row-1": b"A ferry sails."}


def test_damaged_parquet_files_are_one_row_each(tmp_path: Path) -> None:
    """Cut, without a footer, with lies in its footer, encrypted, in a zip as well: one row that says what is wrong."""
    whole = as_parquet(tmp_path, "select i as id, md5(i::varchar) as text from range(3000) r(i)")
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    broken = {
        "cut": whole[: len(whole) // 2],
        "start": whole[:4],
        "length": whole[:-8] + b"\xff\xff\xff\x7fPAR1",
        "footer": whole[:-footer] + bytes(footer - 8) + whole[-8:],
        "encrypted": b"PARE" + whole[4:],
        "zipped": as_zip({"inner.parquet": whole[: len(whole) // 2]}),
    }
    for name, content in broken.items():
        ended = results(tmp_path, f"{name}.{'zip' if name == 'zipped' else 'parquet'}", content)
        assert [type(one) for one in ended] == [Skipped], name
        assert reasons(ended).popitem()[1] == ("unsupported_type" if name == "encrypted" else "damaged")


def test_a_damaged_page_of_a_parquet_file_costs_its_rows(tmp_path: Path) -> None:
    """Row groups before a damaged one are read; its rows are named, and the file is given up after a hundred."""
    rows = "select i as id, md5(i::varchar) as text from range(4096) r(i)"
    content = bytearray(as_parquet(tmp_path, rows, ", row_group_size 2048, compression uncompressed"))
    page = content.index(hashlib.md5(b"2048").hexdigest().encode()) - 40  # noqa: S324 a text, no secret
    content[page : page + 40] = b"\xff" * 40
    ended = results(tmp_path, "f.parquet", bytes(content))
    assert len(captures(ended)) == 2048
    assert "damaged" in reasons(ended).values()
    assert len(reasons(ended)) < 30


def test_a_parquet_bomb_is_cut_off_within_the_memory_limit(tmp_path: Path) -> None:
    """100,000 rows that share one value of 15 MB: some at most are taken, then one row; memory stays bounded."""
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, "int32")), pa.array(["a" * 15_000_000]))
    pq.write_table(
        pa.table({"text": column}), tmp_path / "f.parquet", compression="zstd", dictionary_pagesize_limit=30_000_000
    )
    script = """
from pathlib import Path
from copydesk.records import Capture
from copydesk.sources.files.captures import capture_file, find_files
(found,) = find_files([Path("f.parquet").absolute()], desk=Path.cwd())
ended = list(capture_file(found, source="s", known={}))
assert [one.reason for one in ended if not isinstance(one, Capture)] == ["bomb"], ended
assert len(ended) < 10, len(ended)
print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 900_000
