"""The archive: every fetched page as WARC 1.1, one gzip member per record, readable by warcio, FastWARC and pywb.

    archive/2026/11/<run>-000.warc.gz
        warcinfo
        request   response   metadata      three records per page; metadata is the last
        request   response   metadata
        request   respo                    an incomplete tail: removed by `recover`

A page is archived when its metadata record is complete: it holds the capture, so an interrupted run reuses it.
With `[warehouse] archive_path` a file is written to the folder first; each flush makes an object of it,

    s3://bucket/folder/<run>/000.warc.gz

and removes it. Where a page lies is its object from the start; a file that a dead process left is stored by `recover`.

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
from copydesk.object_store import is_remote, put_file, read_range, stored_objects
from copydesk.records import Location
from copydesk.store.archive.local_copy import local_copy
from copydesk.store.archive.warc_records import Exchange, records, warc_members, warcinfo

__all__ = ["Archive", "Archived", "Exchange", "read_archived", "read_member", "recover"]

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
        store: Address of the folder of an object store that the files go to; empty keeps them here.
    """

    def __init__(self, root: Path, folder: Path, run: str, *, store: str = "", software: str = "copydesk") -> None:
        self.root, self.folder, self.store = root, folder, store
        self._run = _file_name(run)
        self._software = software
        self._file: FileIO | None = None
        self._path = folder
        self._serial = 0
        self._unstored: list[Path] = []

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
            path=_place(self._path, self.root, self._run, self.store),
            carrier="warc",
            offset=start + len(request),
            length=len(response),
        )

    def flush(self) -> None:
        """Flush written pages to disk or to the store; call it before a part that names them is written.

        Raises:
            StoreError: The disk or the store refused.
        """
        if self._file is not None:
            try:
                os.fsync(self._file.fileno())
                _flush_folder(self._path.parent)
            except OSError as error:
                raise write_error(self._path, error) from error
            if self.store:
                self._file.close()
                self._file = None
        while self._unstored:
            _store_file(self._unstored[0], self._run, self.store)
            del self._unstored[0]

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        if self._file is not None:
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
        if self.store and self._serial == 0:
            self._serial = sum(1 for _ in _stored(self._run, self.store))
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
        if self.store:
            self._unstored.append(self._path)
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


def read_member(root: Path, path: str, offset: int, length: int) -> bytes:
    """Return some bytes of an archive file, on disk or in a store; fewer where it ends before.

    Raises:
        OSError: It cannot be read.
    """
    if is_remote(path):
        return read_range(path, offset, length)
    with (root / path).open("rb") as file:
        file.seek(offset)
        return file.read(length)


def read_archived(root: Path, location: Location) -> bytes:
    """Return a page's body.

    Raises:
        StoreError: The file is gone, cut off or not what the location says.
    """
    path = location.path if is_remote(location.path) else root / location.path
    try:
        member = read_member(root, location.path, location.offset, location.length)
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


def recover(root: Path, folder: Path, run: str, *, store: str = "") -> Iterator[Archived]:
    """Yield the pages that a run has archived, oldest first; truncate incomplete tails of its files.

    Args:
        root: The desk's folder.
        folder: The archive's folder.
        run: Name of the run.
        store: Address of the archive's folder in an object store: files that still lie here are stored.

    Raises:
        StoreError: A file cannot be read, truncated or stored.
    """
    name = _file_name(run)
    if store:
        yield from _recover_stored(name, store)
    for path in sorted(folder.glob(f"[0-9]*/[0-9]*/{name}-*.warc.gz")):
        whole = 0
        try:
            for archived, end in _triples(path, _place(path, root, name, store)):
                whole = end
                if archived is not None:
                    yield archived
            if whole < path.stat().st_size:
                os.truncate(path, whole)
        except OSError as error:
            raise StoreError(f"cannot repair {path}: {error.strerror}. Make it readable and writable.") from error
        if store:
            _store_file(path, name, store)


def _recover_stored(run: str, store: str) -> Iterator[Archived]:
    for address in _stored(run, store):
        try:
            with local_copy(address) as path:
                yield from (archived for archived, _ in _triples(path, address) if archived is not None)
        except OSError as error:
            raise StoreError(
                f"cannot read {address}: {error.strerror}. The run goes on when it can be read."
            ) from error


def _stored(run: str, store: str) -> list[str]:
    """Return the addresses of a run's objects."""
    try:
        return [found.address for found in stored_objects(f"{store}/{run}/")]
    except OSError as error:
        raise StoreError(
            f"cannot list {store}: {error.strerror}. Nothing was fetched; run again when it answers."
        ) from error


def _store_file(path: Path, run: str, store: str) -> None:
    """Make an object of a file and remove it."""
    address = _place(path, path.parent, run, store)
    try:
        put_file(address, path)
        path.unlink()
    except OSError as error:
        raise StoreError(
            f"cannot store {address}: {error.strerror}. Its pages are kept in {path}; run again when the store answers."
        ) from error


def _place(path: Path, root: Path, run: str, store: str) -> str:
    """Return where a file's pages are said to lie: relative to the desk, or its object."""
    if not store:
        return _relative(path, root)
    return f"{store}/{run}/{path.name.removeprefix(f'{run}-')}"


def _file_name(run: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", run)


def _triples(path: Path, place: str) -> Iterator[tuple[Archived | None, int]]:
    """Yield (page, end) for each complete page, and (None, end) for the warcinfo record."""
    response: tuple[int, int] | None = None
    for offset, end, kind, headers, body in warc_members(path):
        if kind == "warcinfo":
            yield None, end
        elif kind == "response":
            response = (offset, end - offset)
        elif kind == "metadata" and response is not None:
            location = Location(path=place, carrier="warc", offset=response[0], length=response[1])
            when = datetime.fromisoformat(headers["warc-date"])
            yield Archived(location=location, fetched_at=when, notes=json.loads(body)), end
            response = None


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
