"""Forget: out of the tables, the archive, the file's free blocks, the index; and kept out."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from tests.store.conftest import Desk, Page

from copydesk.errors import StoreError, UsageError
from copydesk.records import Location
from copydesk.store.archive.redact_warc import redact_pages
from copydesk.store.archive.warc_archive import Archive, Exchange, read_archived
from copydesk.store.curate.forget import forget
from copydesk.store.read.known_files import removed_keys
from copydesk.store.read.search import index_path, search

SECRET = "Xylophonist Quandary"
A = Page(uri="a", title=f"About {SECRET}", address="https://paper.example/a", authors=("Zed Only",))
A_LATER = replace(A, paragraphs=(f"{SECRET} again.",), at=A.at + timedelta(days=1))
B = Page(uri="b", title="Bridge closes", address="https://paper.example/b")
OTHER = Page(uri="c", title="Elsewhere", publisher="other.example", address="https://other.example/c")


def _forget(desk: Desk, what: str, **options: object):
    return forget(desk.warehouse, desk.root, what, archive=desk.root / "archive", **options)


def test_an_address_leaves_every_table_and_the_file(desk: Desk) -> None:
    """All texts of the page are gone from every table, and no byte of its title is left in the file."""
    desk.load(A, B, OTHER)
    desk.load(A_LATER)
    search(desk.warehouse, "bridge")

    gone = _forget(desk, "https://paper.example/a", reason="asked to")
    assert (gone.articles, gone.captures) == (1, 2)
    for schema in ("main", "audit", "ops"):
        for table, rows in desk.dump(schema).items():
            assert SECRET not in repr(rows), table
            assert "Zed Only" not in repr(rows), table
    assert SECRET.encode() not in desk.warehouse.path.read_bytes()
    assert not index_path(desk.warehouse.path).exists()
    assert [h.uri for h in search(desk.warehouse, "bridge").hits] == ["https://paper.example/b"]


def test_what_is_left_is_as_if_it_had_never_been_there(make_desk) -> None:
    """After forgetting, main is what it would be without the page."""
    desk, without = make_desk("with"), make_desk("without")
    desk.load(A, B, OTHER)
    without.load(B, OTHER)
    _forget(desk, "https://paper.example/a")
    assert desk.dump() == without.dump()


def test_the_warehouse_is_as_explained_as_before(desk: Desk) -> None:
    """Writing the file anew keeps comments, keys and views, and the next load goes on."""
    desk.load(A, B)
    _forget(desk, "https://paper.example/a")
    assert desk.rows("select count(*) from duckdb_tables() where comment is null and not internal") == [(0,)]
    assert desk.load(OTHER).loaded == 1
    assert desk.rows("select count(*) from latest_articles") == [(2,)]


def test_what_was_forgotten_is_kept_out(desk: Desk) -> None:
    """Acquire is told by address and by path, and the table itself names neither."""
    desk.load(A, B)
    _forget(desk, A.article_id)

    out = removed_keys(desk.warehouse.path)
    assert out.holds(source="paper", uri="a")
    assert out.holds(source="elsewhere", uri="x", address="https://paper.example/a")
    assert not out.holds(source="paper", uri="b", address="https://paper.example/b")
    assert "paper.example/a" not in repr(desk.rows("from audit.forgotten"))


def test_what_was_forgotten_does_not_load_again(desk: Desk) -> None:
    """Whichever way the page comes in again, the load leaves it out, and takes the others."""
    desk.load(A)
    _forget(desk, "https://paper.example/a")
    report = desk.load(A, replace(A, uri="elsewhere", source="mirror"), replace(A, verdict="quarantined", salt="x"), B)
    assert (report.loaded, report.quarantined) == (1, 0)
    assert desk.rows("select uri from articles") == [("b",)]
    assert SECRET not in repr(desk.dump("audit"))


def test_a_publisher_can_be_forgotten(desk: Desk) -> None:
    """All of a publisher goes; it is kept out by name; others stay."""
    desk.load(A, B, OTHER)
    assert _forget(desk, "paper.example").articles == 2
    assert desk.rows("select publisher from publishers") == [("other.example",)]
    assert removed_keys(desk.warehouse.path).holds(source="x", uri="y", publisher="paper.example")


def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    """It says what would go, and which files of the user hold the text."""
    desk.load(A, B)
    before = desk.dump()
    report = _forget(desk, "https://paper.example/a", dry_run=True)
    assert (report.articles, report.files) == (1, ("inbox/a",))
    assert desk.dump() == before
    assert not removed_keys(desk.warehouse.path)


def test_an_address_never_seen_is_kept_out_and_a_word_is_an_error(desk: Desk) -> None:
    """A request can come before the page; what is neither known nor an address is a mistake."""
    desk.load(B)
    assert _forget(desk, "https://paper.example/never").articles == 0
    assert removed_keys(desk.warehouse.path).holds(source="s", uri="https://paper.example/never")
    with pytest.raises(UsageError, match="nonsense"):
        _forget(desk, "nonsense")


def _archive(root: Path) -> list[Location]:
    with Archive(root, root / "archive", "run") as archive:
        return [
            archive.append(
                Exchange(
                    url=f"https://paper.example/{n}",
                    status_line="200 OK",
                    content=f"<p>Page {n} {SECRET if n == 1 else ''}</p>".encode(),
                    fetched_at=datetime(2026, 5, 1, tzinfo=UTC),
                    address="192.0.2.1",
                    notes={"uri": f"https://paper.example/{n}"},
                )
            )
            for n in range(3)
        ]


def test_a_page_is_blanked_and_the_others_stay_where_they_are(tmp_path: Path) -> None:
    """The file keeps its length, the other pages their offsets; the blanked one cannot be read; readers go through."""
    places = _archive(tmp_path)
    path = tmp_path / places[1].path
    size = path.stat().st_size
    assert redact_pages(path, {places[1].offset}) == 1

    assert path.stat().st_size == size
    assert read_archived(tmp_path, places[0]) == b"<p>Page 0 </p>"
    assert read_archived(tmp_path, places[2]) == b"<p>Page 2 </p>"
    with pytest.raises(StoreError):
        read_archived(tmp_path, places[1])
    with path.open("rb") as file:
        records = [(r.record_type, r.reader.read()) for r in ArchiveIterator(file)]
    assert [kind for kind, _ in records].count(WarcRecordType.response) == 2
    assert all(SECRET.encode() not in content for _, content in records)
    assert redact_pages(path, {places[1].offset}) == 0


@contextmanager
def _bound_by_modes() -> Iterator[None]:
    """Take from this process the right of root to write where the mode of a file forbids it (CAP_DAC_OVERRIDE)."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread
    before, without = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, before) == 0
    without[:] = before[:]
    without[0] &= ~(1 << 1)
    assert libc.capset(header, without) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0


def test_an_archive_that_cannot_be_written_keeps_the_rows(desk: Desk) -> None:
    """A read-only archive leaves the rows, which alone say where a page lies; forgetting again blanks it."""
    place = _archive(desk.root)[1]
    desk.load(A, B)
    with desk.warehouse.open_for_writing() as connection:
        connection.execute(
            "update audit.captures set path = $1, carrier = 'warc', \"offset\" = $2, length = $3 where uri = 'a'",
            [place.path, place.offset, place.length],
        )
    before = [desk.dump(schema) for schema in ("main", "audit")]
    folder = (desk.root / place.path).parent
    folder.chmod(0o555)
    with _bound_by_modes(), pytest.raises(StoreError, match=r"cannot rewrite .*Permission denied"):
        _forget(desk, A.address)
    folder.chmod(0o755)
    assert [desk.dump(schema) for schema in ("main", "audit")] == before
    assert SECRET.encode() in read_archived(desk.root, place)

    report = _forget(desk, A.address)
    assert (report.captures, report.archived_pages) == (1, 1)
    with pytest.raises(StoreError):
        read_archived(desk.root, place)
