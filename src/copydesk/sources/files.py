"""Files as a source: find them, and make captures of what is new in them.

    find_files(roots) --> capture_file(found) --> Capture* | Unchanged* | Skipped*

Uris: `folder/a.txt` for a file, `pages.zip!/b.html` for a member, `feed.jsonl#id` or `feed.jsonl#line-7` for a line,
`crawl.warc.gz#1234` for a record (its byte offset); see `names` for what is escaped. The bytes are hashed and let go:
a capture says where they lie, and `reading.Reader` reads them again.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from copydesk.keys import capture_key
from copydesk.records import Capture, Location
from copydesk.sources.captures import FoundFile, JsonFields, Known, Limits, ReadError, Skipped, Unchanged
from copydesk.sources.sniffing import HEAD_BYTES, Kind, sniff
from copydesk.sources.walking import detail_of, find_files, reason_of

__all__ = ["capture_file", "find_files"]

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TICK_NS = 20_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Ended = Capture | Unchanged | Skipped


def capture_file(
    found: FoundFile,
    *,
    source: str,
    charset: str | None = None,
    limits: Limits = Limits(),  # noqa: B008  frozen
    known: Mapping[str, Known],
    fields: JsonFields = JsonFields(),  # noqa: B008  frozen
) -> Iterator[Ended]:
    """Make captures of one file: one of a page, one per document of a carrier.

    Never raises for what is in the file; memory stays flat however large it is.

    Args:
        found: From `find_files`.
        source: Name of the source.
        charset: What the user's configuration says the files are in, or None.
        limits: See `Limits`.
        known: Uri -> what an earlier run saw there. Equal size and mtime is `Unchanged` without reading.
        fields: Which fields of a JSON line hold what.
    """
    seen = known.get(found.uri)
    if seen is not None and seen.modified_ns == found.modified_ns != 0 and seen.size_bytes == found.size_bytes:
        yield Unchanged(uri=found.uri, sha256=seen.sha256, size_bytes=seen.size_bytes, modified_ns=seen.modified_ns)
        return
    try:
        descriptor = os.open(found.path, _FLAGS)
    except OSError as error:
        yield Skipped(uri=found.uri, reason=reason_of(error), detail=detail_of(error))
        return
    try:
        yield from _capture_open(descriptor, found, source, charset, limits, known, fields)
    except OSError as error:
        yield Skipped(uri=found.uri, reason=reason_of(error), detail=detail_of(error))
    except ReadError as error:
        yield Skipped(uri=found.uri, reason=error.reason, detail=error.detail)
    finally:
        os.close(descriptor)


def _capture_open(
    descriptor: int,
    found: FoundFile,
    source: str,
    charset: str | None,
    limits: Limits,
    known: Mapping[str, Known],
    fields: JsonFields,
) -> Iterator[Ended]:
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        yield Skipped(uri=found.uri, reason="not_a_file", detail="it was put in the place of a file")
        return
    head = os.read(descriptor, HEAD_BYTES)
    sniffed = sniff(found.uri, head)
    if sniffed.kind == Kind.REFUSED:
        yield Skipped(uri=found.uri, reason=sniffed.reason, detail=sniffed.detail)
        return
    if sniffed.kind == Kind.DOCUMENT:
        content = _read_rest(descriptor, head, before, limits)
        digest = sha256(content).hexdigest()
        modified_ns = _trusted(before)
        seen = known.get(found.uri)
        if seen is not None and seen.sha256 == digest:
            yield Unchanged(uri=found.uri, sha256=digest, size_bytes=len(content), modified_ns=modified_ns)
            return
        yield Capture(
            capture_id=capture_key(source, found.uri, digest),
            source=source,
            uri=found.uri,
            url=None,
            sha256=digest,
            media_type=sniffed.media_type,
            charset=charset,
            size_bytes=len(content),
            captured_at=_when(before),
            location=Location(path=found.place),
            modified_ns=modified_ns,
        )
        return
    yield Skipped(uri=found.uri, reason="unsupported_type", detail=sniffed.media_type)


def _read_rest(descriptor: int, head: bytes, before: os.stat_result, limits: Limits) -> bytes:
    """Return the whole document; size and mtime must be after reading what they were before."""
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
    after = os.fstat(descriptor)
    if len(content) != after.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise ReadError("changed_while_read", f"{before.st_size} bytes before reading, {after.st_size} after")
    return content


def _trusted(status: os.stat_result) -> int:
    """Return the mtime, or 0 when it is so fresh that a change within the clock's tick would not show in it."""
    return 0 if abs(time.time_ns() - status.st_mtime_ns) < _TICK_NS else status.st_mtime_ns


def _when(status: os.stat_result) -> datetime:
    """Return the mtime as a time that every calendar can hold; a file from beyond them is from the epoch."""
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):
        return _EPOCH
