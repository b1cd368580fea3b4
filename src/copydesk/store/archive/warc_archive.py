"""The archive: every fetched page as WARC 1.1, one gzip member per record, readable by warcio, FastWARC and pywb.

    archive/2026/11/<run>-000.warc.gz
        warcinfo
        request   response   metadata      three records per page; metadata is the last
        request   response   metadata
        request   respo                    an incomplete tail: removed by `recover`

A page is archived when its metadata record is complete: it holds the capture, so an interrupted run reuses it.
Files are written by one run and never appended to later. Bodies are stored decoded (without content and transfer
encoding, as in Common Crawl's files); headers keep the original encodings.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fastwarc.warc import ArchiveIterator, WarcRecordType

from copydesk.errors import StoreError
from copydesk.filesystem import write_error
from copydesk.records import Location
from copydesk.store.archive.warc_records import Exchange, records, warc_members, warcinfo

__all__ = ["Archive", "Archived", "Exchange", "read_archived", "recover"]

_FILE_BYTES = 1_000_000_000  # one gigabyte a file, as the WARC guidelines have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """An archived page: its location and its notes."""

    location: Location
    fetched_at: datetime
    notes: Mapping[str, Any]


class Archive:
    """Writes one run's pages. Use as a context manager; one writer per run.

    Attributes:
        root: The desk's folder; locations are relative to it.
        folder: The archive's folder.
    """

    def __init__(self, root: Path, folder: Path, run: str, *, software: str = "copydesk") -> None:
        self.root, self.folder = root, folder
        self._run = re.sub(r"[^A-Za-z0-9_-]", "-", run)
        self._software = software
        self._file: FileIO | None = None
        self._path = folder
        self._serial = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, exchange: Exchange) -> Location:
        """Write one page; durable after a crash of this process at once, after a power failure once flushed.

        Raises:
            StoreError: The write failed; the page is not in the archive.
        """
        try:
            file = self._open(exchange.fetched_at)
            start = file.tell()
            request, response, metadata = records(exchange)
            _write(file, request + response + metadata)
        except OSError as error:
            self._close_failed()
            raise write_error(self._path, error, then="run again; pages fetched before are kept") from error
        return Location(
            path=_relative(self._path, self.root), carrier="warc", offset=start + len(request), length=len(response)
        )

    def flush(self) -> None:
        """Flush written pages to disk; call it before a part that names them is written."""
        if self._file is not None:
            try:
                os.fsync(self._file.fileno())
                _flush_folder(self._path.parent)
            except OSError as error:
                raise write_error(self._path, error) from error

    def close(self) -> None:
        """Flush and close the file."""
        if self._file is not None:
            self.flush()
            self._file.close()
            self._file = None

    def _close_failed(self) -> None:
        """Close the file after a failed write; the next page begins a new one."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _open(self, when: datetime) -> FileIO:
        if self._file is not None and self._file.tell() < _FILE_BYTES:
            return self._file
        self.close()
        month = self.folder / f"{when:%Y}" / f"{when:%m}"
        month.mkdir(parents=True, exist_ok=True)
        while True:
            self._path = month / f"{self._run}-{self._serial:03}.warc.gz"
            self._serial += 1
            try:
                self._file = self._path.open(
                    "xb", buffering=0
                )  # never append: the file of a dead process may end in the middle of a record
                break
            except FileExistsError:
                continue
        _write(self._file, warcinfo(self._path.name, self._software, when))
        return self._file


def _write(file: FileIO, data: bytes) -> None:
    """Write all data unbuffered; on an error remove a partial write."""
    start = file.tell()
    try:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
    except OSError:
        file.truncate(start)
        raise


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_archived(root: Path, location: Location) -> bytes:
    """Return a page's body.

    Raises:
        StoreError: The file is gone, cut off or not what the location says.
    """
    path = root / location.path
    try:
        with path.open("rb") as file:
            file.seek(location.offset)
            member = file.read(location.length)
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}. Was the archive moved or pruned?") from error
    if len(member) < location.length:
        raise StoreError(f"{path} ends at byte {location.offset + len(member)}, inside a page. It was truncated.")
    try:
        for record in ArchiveIterator(io.BytesIO(member), record_types=WarcRecordType.response, parse_http=True):
            content = bytes(record.reader.read())
            if str(len(content)) == record.http_headers.get("Content-Length"):  # FastWARC ends silently when cut
                return content
    except OSError:
        pass  # reported below
    raise StoreError(f"{path} holds no whole page at byte {location.offset}. Was it written by Copydesk?")


def recover(root: Path, folder: Path, run: str) -> Iterator[Archived]:
    """Yield the pages that a run has archived, oldest first; truncate incomplete tails of its files.

    Raises:
        StoreError: A file cannot be read or truncated.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", "-", run)
    for path in sorted(folder.glob(f"[0-9]*/[0-9]*/{name}-*.warc.gz")):
        whole = 0
        try:
            for archived, end in _triples(path, root):
                whole = end
                if archived is not None:
                    yield archived
            if whole < path.stat().st_size:
                os.truncate(path, whole)
        except OSError as error:
            raise StoreError(f"cannot repair {path}: {error.strerror}. Make it readable and writable.") from error


def _triples(path: Path, root: Path) -> Iterator[tuple[Archived | None, int]]:
    """Yield (page, end) for each complete page, and (None, end) for the warcinfo record."""
    response: tuple[int, int] | None = None
    for offset, end, kind, headers, body in warc_members(path):
        if kind == "warcinfo":
            yield None, end
        elif kind == "response":
            response = (offset, end - offset)
        elif kind == "metadata" and response is not None:
            location = Location(path=_relative(path, root), carrier="warc", offset=response[0], length=response[1])
            when = datetime.fromisoformat(headers["warc-date"])
            yield Archived(location=location, fetched_at=when, notes=json.loads(body)), end
            response = None


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
