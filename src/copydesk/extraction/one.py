"""The one page that a file holds, as a document."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.records import MAX_DOCUMENT_BYTES, Capture, Document
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import FoundFile, Limits, ReadError, Skipped
from copydesk.sources.files.sniff import HEAD_BYTES, sniff

__all__ = ["only_capture", "read_document"]


def read_document(file: str, url: str | None = None) -> Document:
    """Read the page in a file, or on standard input for "-".

    An archive with one page (gzip, mhtml, eml) is opened; one with many needs `copydesk run`.

    Raises:
        UsageError: The file is not there, cannot be read, or holds no page or many.
    """
    return _from_stdin(url) if file == "-" else _from_file(file, url)


def _from_stdin(url: str | None) -> Document:
    content = sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise UsageError(f"standard input is larger than {MAX_DOCUMENT_BYTES} bytes.")
    media_type = sniff("-", content[:HEAD_BYTES]).media_type
    return Document(document_id="-", content=content, media_type=media_type, url=url, captured_at=datetime.now(UTC))


def _from_file(file: str, url: str | None) -> Document:
    path = Path(file)
    if not path.exists():
        raise UsageError(f"no such file: {file}.")
    if path.is_dir():
        raise UsageError(f"{file} is a folder. `copydesk run {file}` takes a folder into the warehouse.")
    capture = only_capture(path, file)
    try:
        with Reader(Path.cwd(), max_bytes=MAX_DOCUMENT_BYTES) as reader:
            content = reader.read(capture.location)
    except ReadError as error:
        raise UsageError(f"cannot read {file}: {error}.") from error
    return Document.of(capture, content, document_id=file, url=url or capture.url, captured_at=datetime.now(UTC))


def only_capture(path: Path, file: str, *, source: str = "-", desk: Path | None = None) -> Capture:
    """Return the one page a file holds.

    Args:
        path: The file.
        file: Its name in messages.
        source: Name of the source it belongs to.
        desk: Folder of the desk, which the capture's uri is relative to; None: the file's name is its uri.

    Raises:
        UsageError: It holds none, or more than one.
    """
    captures: list[Capture] = []
    skipped: list[Skipped] = []
    for found in find_files([path], desk=desk):
        if isinstance(found, FoundFile) and desk is not None:
            found = replace(found, uri=found.desk_path)  # noqa: PLW2901
        items = [found] if isinstance(found, Skipped) else capture_file(found, source=source, limits=Limits(), known={})
        for item in items:
            if isinstance(item, Capture):
                captures.append(item)
            elif isinstance(item, Skipped):
                skipped.append(item)
            if len(captures) > 1:
                raise UsageError(f"{file} holds more than one page. `copydesk run {file}` takes them all.")
    if not captures:
        why = f"{skipped[0].reason}: {skipped[0].detail}".rstrip(": ") if skipped else "it is empty"
        raise UsageError(f"{file} holds no page ({why}).")
    return captures[0]
