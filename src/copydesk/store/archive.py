"""The archive: every fetched page as WARC 1.1, one gzip member per record, readable by warcio, FastWARC and pywb.

    archive/2026/11/<run>-000.warc.gz
        warcinfo
        request   response   metadata      one triple per page; the metadata record closes it
        request   response   metadata
        request   respo                    a torn tail: found by `recover` and cut

A page counts as archived when its metadata record is whole: that record says whose page it is, so an interrupted run
finds what it had fetched without fetching it again. Files are written once, by one run, and never appended to later.
Bodies lie decoded (content and transfer encoding undone, as in Common Crawl's files), the headers say how they came.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import re
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from fastwarc.warc import ArchiveIterator, WarcRecordType

from copydesk.errors import StoreError
from copydesk.records import Location

__all__ = ["Archive", "Archived", "Exchange", "read_archived", "recover", "warc_members"]

_FILE_BYTES = 1_000_000_000  # one gigabyte a file, as the WARC guidelines have it
_GZIP_LEVEL = 4  # 2.5 ms a page; 6 takes 4.1 ms for files 5 % smaller (100 pages of bench/html, 2026-11)
_MEMBER_BYTES = 200_000_000  # nothing we write comes near it
_HOP_BY_HOP = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer, ready to be archived.

    Attributes:
        url: The address that answered.
        status_line: "200 OK".
        content: The decoded body.
        fetched_at: When it was asked for (UTC).
        address: The network address that answered.
        notes: What the metadata record keeps; JSON values only.
    """

    url: str
    status_line: str
    content: bytes
    fetched_at: datetime
    request_headers: Sequence[tuple[str, str]] = ()
    response_headers: Sequence[tuple[str, str]] = ()
    address: str | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A page that is in the archive already: where, and the notes it was written with."""

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
        self._file: BinaryIO | None = None
        self._path = folder
        self._serial = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, exchange: Exchange) -> Location:
        """Write one page; it is safe from a crash of this process at once, from one of the machine after `flush`.

        Raises:
            StoreError: The disk refused; the page is not in the archive.
        """
        try:
            file = self._open(exchange.fetched_at)
            start = file.tell()
            request, response, metadata = _records(exchange)
            file.write(request + response + metadata)
            file.flush()
        except OSError as error:
            raise StoreError(
                f"cannot write {self._path}: {error.strerror or error}. Free some space and run again; "
                "pages fetched before are kept."
            ) from error
        return Location(
            path=_relative(self._path, self.root), carrier="warc", offset=start + len(request), length=len(response)
        )

    def flush(self) -> None:
        """Flush what was written to the disk itself; call it before a part that names these pages is written."""
        if self._file is not None:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise StoreError(
                    f"cannot write {self._path}: {error.strerror}. Free some space and run again."
                ) from error

    def close(self) -> None:
        """Flush and close the file."""
        if self._file is not None:
            self.flush()
            self._file.close()
            self._file = None

    def _open(self, when: datetime) -> BinaryIO:
        if self._file is not None and self._file.tell() < _FILE_BYTES:
            return self._file
        self.close()
        month = self.folder / f"{when:%Y}" / f"{when:%m}"
        month.mkdir(parents=True, exist_ok=True)
        while True:
            self._path = month / f"{self._run}-{self._serial:03}.warc.gz"
            self._serial += 1
            try:
                self._file = self._path.open("xb")  # never append: what a dead process left may have a torn tail
                break
            except FileExistsError:
                continue
        self._file.write(_warcinfo(self._path.name, self._software, when))
        return self._file


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
        raise StoreError(f"{path} ends at byte {location.offset + len(member)}, inside a page. It was cut off.")
    try:
        for record in ArchiveIterator(io.BytesIO(member), record_types=WarcRecordType.response, parse_http=True):
            content = bytes(record.reader.read())
            if str(len(content)) == record.http_headers.get("Content-Length"):  # FastWARC ends silently when cut
                return content
    except OSError:
        pass  # said below: between two records there is no header, inside a damaged one no gzip
    raise StoreError(f"{path} holds no whole page at byte {location.offset}. Was it written by Copydesk?")


def recover(root: Path, folder: Path, run: str) -> Iterator[Archived]:
    """Yield the pages a run has archived already, oldest first, and cut the torn tails of its files.

    Raises:
        StoreError: A file cannot be read or cut.
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
            raise StoreError(f"cannot mend {path}: {error.strerror}. Make it readable and writable.") from error


def _triples(path: Path, root: Path) -> Iterator[tuple[Archived | None, int]]:
    """Yield (page, end) for each closed triple, and (None, end) for the warcinfo record."""
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


def warc_members(path: Path) -> Iterator[tuple[int, int, str, dict[str, str], bytes]]:
    """Yield (offset, end, type, headers, block) of each whole record; stop where the file is torn."""
    with path.open("rb") as file:
        offset, pending = 0, b""
        while True:
            inflater, raw, used = zlib.decompressobj(zlib.MAX_WBITS | 16), bytearray(), 0
            while not inflater.eof and len(raw) <= _MEMBER_BYTES:
                chunk = pending or file.read(1 << 16)
                pending = b""
                if not chunk:
                    return
                try:
                    raw += inflater.decompress(chunk)
                except zlib.error:
                    return
                used += len(chunk)
            pending = inflater.unused_data
            end = offset + used - len(pending)
            head, _, rest = bytes(raw).partition(b"\r\n\r\n")
            headers = _headers(head)
            length = int(headers.get("content-length", "-1"))
            if length < 0 or rest[length:] != b"\r\n\r\n":
                return
            yield offset, end, headers.get("warc-type", ""), headers, rest[:length]
            offset = end


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    return {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}


def _records(exchange: Exchange) -> tuple[bytes, bytes, bytes]:
    response_id, request_id = _urn(), _urn()
    when = exchange.fetched_at
    target = [("WARC-Target-URI", exchange.url)]
    peer = [("WARC-IP-Address", exchange.address)] if exchange.address else []
    asked = _http(f"GET {_path_of(exchange.url)} HTTP/1.1", exchange.request_headers)
    answered = _http(f"HTTP/1.1 {exchange.status_line}", _archived_headers(exchange))
    return (
        _member(
            "request", request_id, when, asked, "application/http;msgtype=request",
            [*target, ("WARC-Concurrent-To", response_id)],
        ),
        _member(
            "response", response_id, when, answered + exchange.content, "application/http;msgtype=response",
            [*target, *peer, ("WARC-Payload-Digest", _digest(exchange.content))],
        ),
        _member(
            "metadata", _urn(), when, json.dumps(exchange.notes, ensure_ascii=False, sort_keys=True).encode(),
            "application/json", [*target, ("WARC-Refers-To", response_id)],
        ),
    )  # fmt: skip


def _archived_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """Say how the body came, and how it lies here."""
    kept = [(k if k.lower() not in _HOP_BY_HOP else f"X-Archive-Orig-{k}", v) for k, v in exchange.response_headers]
    return [*kept, ("Content-Length", str(len(exchange.content)))]


def _warcinfo(name: str, software: str, when: datetime) -> bytes:
    fields = f"software: {software}\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\n"
    return _member("warcinfo", _urn(), when, fields.encode(), "application/warc-fields", [("WARC-Filename", name)])


def _member(
    kind: str, urn: str, when: datetime, block: bytes, content_type: str, extra: Sequence[tuple[str, str]]
) -> bytes:
    """Build one record as one gzip member."""
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", urn),
        ("WARC-Date", f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"),
        *extra,
        ("WARC-Block-Digest", _digest(block)),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{k}: {_one_line(v)}\r\n" for k, v in fields)
    return gzip.compress(b"WARC/1.1\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n", _GZIP_LEVEL, mtime=0)


def _http(first: str, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{_one_line(k)}: {_one_line(v)}" for k, v in headers)]
    return "\r\n".join(_one_line(line) for line in lines).encode("latin-1", "replace") + b"\r\n\r\n"


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _path_of(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2]


def _digest(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _urn() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
