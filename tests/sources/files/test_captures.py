"""Captures of plain files: what is new, what is known, what is wrong."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from copydesk.records import Capture
from copydesk.sources.files import captures
from copydesk.sources.files.byte_reader import ReadError, read_document_bytes
from copydesk.sources.files.captures import FileResult, capture_file, find_files
from copydesk.sources.files.found import FileState, FoundFile, Limits, Skipped, Unchanged

OLD_NS = 1_700_000_000_000_000_000


def found_at(path: Path) -> FoundFile:
    """Return the one file found at a path."""
    (found,) = find_files([path])
    assert isinstance(found, FoundFile)
    return found


def ended(
    path: Path, content: bytes, known: dict[str, FileState] | None = None, limits: Limits | None = None
) -> FileResult:
    """Write a file with an old mtime and return what becomes of it."""
    path.write_bytes(content)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    (only,) = capture_file(found_at(path), source="s", known=known or {}, limits=limits or Limits())
    return only


def test_a_capture_says_what_and_where_and_can_be_read_again(tmp_path: Path) -> None:
    """The hash is that of the bytes, the time that of the file, and the location leads back to both."""
    capture = ended(tmp_path / "a.txt", "Grüße\n".encode())
    assert isinstance(capture, Capture)
    assert (capture.uri, capture.media_type, capture.size_bytes) == ("a.txt", "text/plain", 8)
    assert capture.sha256 == sha256("Grüße\n".encode()).hexdigest()
    assert capture.captured_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert read_document_bytes(capture.location, tmp_path) == "Grüße\n".encode()


def test_equal_size_and_mtime_is_unchanged_without_reading(tmp_path: Path) -> None:
    """A file that cannot even be opened any more counts as unchanged when stat says nothing happened."""
    path = tmp_path / "a.txt"
    capture = ended(path, b"text")
    assert isinstance(capture, Capture)
    found = found_at(path)
    path.unlink()
    known = {"a.txt": FileState(sha256=capture.sha256, size_bytes=4, modified_ns=OLD_NS)}
    (again,) = capture_file(found, source="s", known=known)
    assert again == Unchanged(uri="a.txt", sha256=capture.sha256, size_bytes=4, modified_ns=OLD_NS)


def test_a_touched_file_is_unchanged_by_its_hash_and_gives_the_new_mtime(tmp_path: Path) -> None:
    """The mtime alone is no news; the answer carries it, so that the next run need not read."""
    known = {"a.txt": FileState(sha256=sha256(b"text").hexdigest(), size_bytes=4, modified_ns=OLD_NS - 1)}
    again = ended(tmp_path / "a.txt", b"text", known)
    assert isinstance(again, Unchanged)
    assert again.modified_ns == OLD_NS


def test_new_bytes_under_an_old_size_are_a_capture(tmp_path: Path) -> None:
    """Where the mtime moved, the hash decides."""
    known = {"a.txt": FileState(sha256=sha256(b"text").hexdigest(), size_bytes=4, modified_ns=OLD_NS - 1)}
    assert isinstance(ended(tmp_path / "a.txt", b"next", known), Capture)


def test_a_file_written_just_now_is_not_trusted_by_its_mtime(tmp_path: Path) -> None:
    """A second write within the clock's tick leaves the mtime alone; 0 makes the next run look at the bytes."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    now = path.stat().st_mtime_ns + 10**12
    os.utime(path, ns=(now, now))
    (settled,) = capture_file(found_at(path), source="s", known={})
    assert isinstance(settled, Capture)
    assert settled.modified_ns == now


def test_a_file_written_just_now_was_captured_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That its mtime is not trusted says nothing of the time: the capture has it, not 1970."""
    monkeypatch.setattr(captures, "_TICK_NS", 10**18)  # however slow the machine
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    (fresh,) = capture_file(found_at(path), source="s", known={})
    assert isinstance(fresh, Capture)
    assert fresh.modified_ns == 0
    assert fresh.captured_at.timestamp() == pytest.approx(path.stat().st_mtime, abs=0.001)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t\n", "empty"),
        ("a.txt", bytes(range(256)) * 20, "binary"),
        ("a.txt", b"\0" * 4096, "binary"),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3", "unsupported_type"),
        ("photo", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported_type"),
        ("style.css", b"body { color: red }", "unsupported_type"),
        ("feed.txt", b"<?xml version='1.0'?><rss version='2.0'></rss>", "unsupported_type"),
        ("a.txt", b"x" * 101, "too_large"),
    ],
)
def test_what_is_no_page_is_skipped_as_what_it_is(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """Each defect has its name, whatever the file is called."""
    limits = Limits(document_bytes=100) if reason == "too_large" else Limits()
    skipped = ended(tmp_path / name, content, limits=limits)
    assert isinstance(skipped, Skipped)
    assert skipped.reason == reason
    assert skipped.detail


def test_a_file_that_vanishes_or_turns_into_something_else_is_skipped(tmp_path: Path) -> None:
    """Between finding and opening anything can happen: gone, a FIFO, a link out of the root."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    found = found_at(path)
    path.unlink()
    (gone,) = capture_file(found, source="s", known={})
    os.mkfifo(path)
    (fifo,) = capture_file(found, source="s", known={})
    path.unlink()
    path.symlink_to("/etc/hostname")
    (link,) = capture_file(found, source="s", known={})
    assert [getattr(one, "reason", None) for one in (gone, fifo, link)] == ["not_found", "not_a_file", "link_circle"]


def test_reading_again_what_is_gone_names_the_defect(tmp_path: Path) -> None:
    """Extract gets a reason for its rejection, no traceback."""
    capture = ended(tmp_path / "a.txt", b"text")
    assert isinstance(capture, Capture)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(ReadError) as caught:
        read_document_bytes(capture.location, tmp_path)
    assert caught.value.reason == "not_found"
