"""Files as a source: find them and make captures of new content.

    find_files(roots) --> capture_file(found) --> Capture* | Unchanged* | Skipped*

Uris: `folder/a.txt` for a file, `pages.zip!/b.html` for a member, `feed.jsonl#id` or `feed.jsonl#line-7` for a line,
`crawl.warc.gz#1234` for a record (its byte offset); see `safe_names` for escaping. The bytes are hashed and dropped:
a capture holds their location, and `byte_reader.Reader` reads them again.
"""

from __future__ import annotations

import io
import os
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from copydesk.keys import capture_key
from copydesk.object_store import is_remote
from copydesk.records import Capture
from copydesk.sources.files.archives.members import Context, Member, location_of
from copydesk.sources.files.find_files import detail_of, find_files, reason_of
from copydesk.sources.files.found import FileState, FoundFile, JsonFields, Limits, ReadError, Skipped, Unchanged
from copydesk.sources.files.remote import open_remote
from copydesk.sources.files.saved_pages import saved_url
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff

if TYPE_CHECKING:
    from copydesk.sources.files.archives.streams import Stream

__all__ = ["FileStateLookup", "capture_file", "find_files"]

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_BUFFER_BYTES = 262_144
_TICK_NS = 20_000_000
_SHARED_FIELDS = tuple(
    {f.name for f in fields(Member)} & {f.name for f in fields(Capture)} - {"charset", "captured_at"}
)
_shared_values = attrgetter(*_SHARED_FIELDS)
_ONE_ROW = frozenset({"empty", "hidden", "not_a_file", "unsupported_type"})
"""Reasons of members that nobody has to look into."""
_MAX_ROWS = 20
"""Rows per file for members with any other reason."""
_NAMED = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FileResult = Capture | Unchanged | Skipped


class FileStateLookup(Protocol):
    """File states of earlier runs; a dict is one."""

    def get(self, key: str, /) -> FileState | None:
        """Return the state of a uri, or None."""


def capture_file(
    found: FoundFile,
    *,
    source: str,
    charset: str | None = None,
    limits: Limits = Limits(),  # noqa: B008  frozen
    known: FileStateLookup,
    fields: JsonFields = JsonFields(),  # noqa: B008  frozen
) -> Iterator[FileResult]:
    """Make captures of one file: one for a page, one per document for an archive.

    Never raises for a file's content; memory does not grow with the file.

    Args:
        found: From `find_files`.
        source: Name of the source.
        charset: Configured charset, or None.
        limits: See `Limits`.
        known: Uri -> file state of earlier runs. Equal size and mtime is `Unchanged` without reading.
        fields: Field names of JSON lines.
    """
    capture = _capture_remote if is_remote(found.path) else _capture_local
    return capture(found, source, charset, limits, known, fields)


def _capture_local(
    found: FoundFile,
    source: str,
    charset: str | None,
    limits: Limits,
    known: FileStateLookup,
    fields: JsonFields,
) -> Iterator[FileResult]:
    seen = known.get(found.uri)
    if seen is not None and seen.modified_ns == found.modified_ns != 0 and seen.size_bytes == found.size_bytes:
        yield Unchanged(uri=found.uri, sha256=seen.sha256, size_bytes=seen.size_bytes, modified_ns=seen.modified_ns)
        return
    try:
        descriptor = os.open(found.path, _FLAGS)
    except OSError as error:
        yield Skipped(uri=found.uri, reason=reason_of(error), detail=detail_of(error))
        return
    fold: _SkippedFold | None = None
    try:
        before = os.fstat(descriptor)
        head = os.read(descriptor, HEAD_BYTES) if stat.S_ISREG(before.st_mode) else b""
        sniffed = sniff(found.uri, head)
        if not stat.S_ISREG(before.st_mode):
            yield Skipped(uri=found.uri, reason="not_a_file", detail="a file was replaced by it")
        elif sniffed.kind == Kind.REFUSED:
            yield Skipped(uri=found.uri, reason=sniffed.reason, detail=sniffed.detail)
        elif sniffed.kind == Kind.DOCUMENT:
            content = _read_rest(descriptor, head, before, limits)
            member = Member(content=content, media_type=sniffed.media_type, charset=sniffed.charset)
            yield _ended(found, member, _stable_mtime_ns(before), source, charset, known)
        else:
            fold = _SkippedFold(found.uri)
            context = Context(limits=limits, fields=fields)
            for one in _walk(descriptor, found, context):
                if isinstance(one, Skipped):
                    yield from fold.add(one)
                else:
                    yield _ended(found, one, _stable_mtime_ns(before), source, charset, known)
            _raise_if_changed(descriptor, before)
    except OSError as error:
        yield Skipped(uri=found.uri, reason=reason_of(error), detail=detail_of(error))
    except ReadError as error:
        yield Skipped(uri=found.uri, reason=error.reason, detail=error.detail)
    except Exception as error:  # noqa: BLE001  a file that no rule foresaw must not end a run over a million others
        yield Skipped(uri=found.uri, reason="acquire_failed", detail=f"{type(error).__name__}: {error}"[:300])
    finally:
        os.close(descriptor)
    if fold is not None:
        yield from fold.rest()


def _capture_remote(
    found: FoundFile,
    source: str,
    charset: str | None,
    limits: Limits,
    known: FileStateLookup,
    fields: JsonFields,
) -> Iterator[FileResult]:
    """Make captures of a file in an object store or on a web server, which is replaced whole if at all."""
    fold = _SkippedFold(found.uri)
    try:
        with open_remote(found.path, found.size_bytes) as stream:
            sniffed = sniff(found.uri, stream.peek(HEAD_BYTES)[:HEAD_BYTES])
            if sniffed.kind == Kind.DOCUMENT and found.size_bytes > limits.document_bytes:
                raise ReadError("too_large", f"{found.size_bytes} bytes, the limit is {limits.document_bytes}")
            for one in _members(stream, found, Context(limits=limits, fields=fields)):
                if isinstance(one, Skipped):
                    yield from fold.add(one)
                else:
                    yield _ended(found, one, found.modified_ns, source, charset, known)
    except OSError as error:
        yield Skipped(uri=found.uri, reason=reason_of(error), detail=detail_of(error))
    except ReadError as error:
        yield Skipped(uri=found.uri, reason=error.reason, detail=error.detail)
    except Exception as error:  # noqa: BLE001  as in `capture_file`
        yield Skipped(uri=found.uri, reason="acquire_failed", detail=f"{type(error).__name__}: {error}"[:300])
    yield from fold.rest()


class _SkippedFold:
    """Aggregate skipped members: one row per harmless reason; the first few of other defects get their own."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._groups: dict[str, list[Skipped]] = {}
        self._own_rows: Counter[str] = Counter()
        self._folded: Counter[str] = Counter()
        self._rows: Counter[tuple[str, str]] = Counter()

    def add(self, one: Skipped) -> Iterator[Skipped]:
        """Take a skipped member; yield it where it has a row of its own."""
        if one.uri == self._uri:  # about the file as a whole
            yield one
            return
        if one.reason not in _ONE_ROW and self._own_rows[one.reason] < _MAX_ROWS:
            self._own_rows[one.reason] += 1
            self._rows[one.uri, one.reason] += 1
            times = self._rows[one.uri, one.reason]
            yield one if times == 1 else replace(one, uri=f"{one.uri}#{times}")  # two members of one name
            return
        self._folded[one.reason] += one.count
        group = self._groups.setdefault(one.reason, [])
        if len(group) < _NAMED:
            group.append(one)

    def rest(self) -> Iterator[Skipped]:
        """Yield one row for each reason that members had beyond those with rows of their own."""
        for reason, group in self._groups.items():
            number, more = self._folded[reason], self._own_rows[reason] > 0
            if len(group) == 1:
                yield group[0]
            else:
                names = ", ".join(one.uri.removeprefix(self._uri).lstrip("!/#") for one in group)
                detail = f"{number} {'more ' if more else ''}members: {names}{', ...' if number > len(group) else ''}"
                uri = f"{self._uri}#more" if more else self._uri
                yield Skipped(uri=uri, reason=reason, detail=detail[:300], count=number)


def _walk(descriptor: int, found: FoundFile, context: Context) -> Iterator[Member | Skipped]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with io.BufferedReader(io.FileIO(descriptor, closefd=False), _BUFFER_BYTES) as stream:
        yield from _members(stream, found, context)


def _members(stream: Stream, found: FoundFile, context: Context) -> Iterator[Member | Skipped]:
    from copydesk.sources.files.archives.walk import walk_file  # plain files need no codecs

    for one in walk_file(stream, found.uri, context):
        yield replace(one, uri=found.uri + one.uri) if isinstance(one, Skipped) else one


def _ended(
    found: FoundFile,
    member: Member,
    modified_ns: int,
    source: str,
    charset: str | None,
    known: FileStateLookup,
) -> Capture | Unchanged:
    uri = found.uri + member.name
    digest = sha256(member.content).hexdigest()
    seen = known.get(uri)
    if seen is not None and seen.sha256 == digest:
        return Unchanged(uri=uri, sha256=digest, size_bytes=len(member.content), modified_ns=modified_ns)
    if member.url is None and member.media_type != "text/plain":
        member = replace(member, url=saved_url(member.content))
    return Capture(
        capture_id=capture_key(source, uri, digest),
        source=source,
        uri=uri,
        sha256=digest,
        size_bytes=len(member.content),
        location=location_of(found.desk_path, member),
        modified_ns=modified_ns,
        charset=member.charset or charset,
        captured_at=member.captured_at or _when(modified_ns or found.modified_ns),  # 0 is no time
        **dict(zip(_SHARED_FIELDS, _shared_values(member), strict=True)),
    )


def _read_rest(descriptor: int, head: bytes, before: os.stat_result, limits: Limits) -> bytes:
    """Return the whole document; size and mtime must be the same before and after reading."""
    if before.st_size > limits.document_bytes:
        raise ReadError("too_large", f"{before.st_size} bytes, the limit is {limits.document_bytes}")
    content = head
    if before.st_size > len(head):
        parts = [head]
        missing = before.st_size - len(head)
        while missing > 0 and (part := os.read(descriptor, missing)):
            parts.append(part)
            missing -= len(part)
        content = b"".join(parts)
    _raise_if_changed(descriptor, before)
    if len(content) != before.st_size:
        raise ReadError("changed_while_read", f"{before.st_size} bytes by its size, {len(content)} read")
    return content


def _raise_if_changed(descriptor: int, before: os.stat_result) -> None:
    after = os.fstat(descriptor)
    if after.st_size != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise ReadError("changed_while_read", f"{before.st_size} bytes before reading, {after.st_size} after")


def _stable_mtime_ns(status: os.stat_result) -> int:
    """Return the mtime, or 0 when it is so recent that a change within the clock's tick would not show in it."""
    return 0 if abs(time.time_ns() - status.st_mtime_ns) < _TICK_NS else status.st_mtime_ns


def _when(modified_ns: int) -> datetime:
    """Return the mtime as a datetime; the epoch where it is out of range."""
    try:
        return datetime.fromtimestamp(modified_ns / 1e9, UTC)
    except (OverflowError, ValueError, OSError):
        return _EPOCH
