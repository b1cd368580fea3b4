"""One page, in memory: what `copydesk extract FILE` and `copydesk explain FILE` work on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.records import Capture, Document, Extraction
from copydesk.settings import open_desk
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import Limits, ReadError, Skipped
from copydesk.sources.files.sniff import HEAD_BYTES, sniff
from copydesk.text.documents import ExtractOptions, extract_documents

__all__ = ["extract_file"]


def extract_file(file: str, *, url: str | None = None, extractor: str = "auto", explain: bool = False) -> Extraction:
    """Extract the page in a file, or on standard input for "-".

    A carrier with one page (gzip, mhtml, eml) is opened; one with many needs `copydesk run`.

    Raises:
        UsageError: The file is not there, cannot be read, or holds no page or many.
    """
    document = _from_stdin(url) if file == "-" else _from_file(file, url)
    desk = open_desk(required=False)
    options = ExtractOptions(extractor=extractor, explain=explain, site_rules=desk.site_rules)
    return extract_documents([document], options=options)[0]


def _from_stdin(url: str | None) -> Document:
    content = sys.stdin.buffer.read(Limits().document_bytes + 1)
    if len(content) > Limits().document_bytes:
        raise UsageError(f"standard input is larger than {Limits().document_bytes} bytes.")
    media_type = sniff("-", content[:HEAD_BYTES]).media_type
    return Document(document_id="-", content=content, media_type=media_type, url=url, captured_at=datetime.now(UTC))


def _from_file(file: str, url: str | None) -> Document:
    path = Path(file)
    if not path.exists():
        raise UsageError(f"no such file: {file}.")
    if path.is_dir():
        raise UsageError(f"{file} is a folder. `copydesk run {file}` takes a folder into the warehouse.")
    capture = _only_capture(path, file)
    try:
        with Reader(Path.cwd(), max_bytes=Limits().document_bytes) as reader:
            content = reader.read(capture.location)
    except ReadError as error:
        raise UsageError(f"cannot read {file}: {error}.") from error
    return Document.of(capture, content, document_id=file, url=url or capture.url, captured_at=datetime.now(UTC))


def _only_capture(path: Path, file: str) -> Capture:
    """Return the one page a file holds.

    Raises:
        UsageError: It holds none, or more than one.
    """
    captures: list[Capture] = []
    skipped: list[Skipped] = []
    for found in find_files([path]):
        items = [found] if isinstance(found, Skipped) else capture_file(found, source="-", limits=Limits(), known={})
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
