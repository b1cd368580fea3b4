"""WARC files: the pages among the records. FastWARC parses records; errors that it does not report are checked here.

It returns a truncated record as if it were whole, so lengths are compared; and it stops at broken compressed data, so
the next record is searched for behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from fastwarc.warc import ArchiveIterator, any_type, conversion, resource, response

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.archives.streams import Stream
from copydesk.sources.files.found import Limits, ReadError, Skipped
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff
from copydesk.web.content_encoding import BodyTooLargeError, BrokenBodyError, decode

__all__ = ["document_of_record", "has_record_members", "undo_http_encoding", "walk_warc"]

_PAGES = {"text/html": "page.html", "application/xhtml+xml": "page.html", "text/plain": "page.txt", "": "page"}
_GZIP_MARK = b"\x1f\x8b\x08"
_RECORD_MARK = b"WARC/1."
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,12})[^\r\n]{0,200}\r?\n")
_TRIES = 1000
"""Possible record starts tried behind an error before the rest is given up."""
_SEARCH_BYTES = 1_048_576
_SHARES = "it shares a gzip member with the record before it and cannot be located. Compress each record by itself"
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,4000}", re.IGNORECASE)
_RENDERED = re.compile(
    r"(?P<view>[a-z][a-z0-9+.-]{1,30}(?::[a-z][a-z0-9._-]{0,30})?):(?://)?(?=https?(?::|%3a))", re.IGNORECASE
)
"""What browser crawlers put before the address of a page whose rendered form they store: urn:text:, onreadydom:."""
_MIN_PARAGRAPHS = 3
"""Paragraphs in the markup of a page that is no empty shell: its rendered text adds only the navigation."""


def walk_warc(stream: Stream, context: Context) -> Iterator[Member | Skipped]:
    """Yield the pages of a WARC: responses, resources and conversions that are HTML or plain text with status 200.

    Other records are one `Skipped` per reason at the end, with their count.
    """
    others: dict[str, Counter[str]] = {}
    whole: set[int] = set()  # addresses of pages with text of their own
    for offset, record in _records(stream):
        if isinstance(record, Skipped):
            yield record
            continue
        reason, detail = _other(record)
        if reason:
            others.setdefault(reason, Counter())[detail] += 1
            continue
        if _is_rendered_text(record) and hash(_url(record)) in whole:
            others.setdefault("other_records", Counter())["rendered text of a page that is here itself"] += 1
            continue
        found = _page_of(record, offset, context.limits)
        if isinstance(found, Member) and found.content.count(b"<p") >= _MIN_PARAGRAPHS:
            whole.add(hash(found.url))
        yield found
    for reason, counts in sorted(others.items()):
        words = ", ".join(f"{number} {what}" for what, number in counts.most_common(8))
        yield Skipped(uri="", reason=reason, detail=words, count=sum(counts.values()))


def document_of_record(file: Stream, limits: Limits) -> bytes:
    """Return the decoded body of the record at the file's position.

    Raises:
        ReadError: There is no record, or it is cut off, broken or too large.
    """
    try:
        record = next(iter(ArchiveIterator(file, record_types=any_type)), None)
        if record is None:
            raise ReadError("changed_while_read", "there is no record any more")
        return _body(record, limits)
    except OSError as error:
        raise ReadError("damaged", f"the record cannot be read ({error})") from error


def has_record_members(file: Stream) -> bool:
    """Return whether a compressed WARC has one gzip member per record, so that records can be located.

    The standard requires it (ISO 28500, annex D); a WARC that was compressed as a whole has not.
    """
    try:
        positions = [record.stream_pos for _, record in zip(range(2), ArchiveIterator(file), strict=False)]
    except OSError:
        return True  # broken within the first records: only seeking gets past it
    if len(positions) < 2:
        return True
    file.seek(positions[1])
    return file.read(3) == _GZIP_MARK


def _records(stream: Stream) -> Iterator[tuple[int, Any]]:
    """Yield offset and record; after an error continue at the next record that can be found."""
    tries = 0
    last = -1
    while True:
        try:
            before = -1
            for record in ArchiveIterator(stream, record_types=any_type):
                last, shares = record.stream_pos, record.stream_pos == before
                before = last
                yield last, Skipped(uri=f"#{last}", reason="damaged", detail=_SHARES) if shares else record
                tries = 0
        except OSError as error:
            if not stream.seekable():
                raise ReadError("damaged", f"behind byte {max(last, 0)}: {error}") from error
            if not tries:
                yield (
                    last,
                    Skipped(uri=f"#{max(last, 0)}", reason="damaged", detail=f"at or behind this record: {error}"),
                )
            tries += 1
            if tries > _TRIES:
                detail = f"given up after {_TRIES} possible records; the rest was not read"
                yield last, Skipped(uri=f"#{max(last, 0)}-rest", reason="over_limit", detail=detail)
            last = _next_mark(stream, last + 1) if tries <= _TRIES else -1
            if last < 0:
                return
            stream.seek(last)
            continue
        if last < 0:
            raise ReadError("damaged", "it holds no record")
        return


def _next_mark(stream: Stream, start: int) -> int:
    """Return the offset of the next possible record; -1 without one."""
    stream.seek(0)
    mark = _GZIP_MARK if stream.read(3) == _GZIP_MARK else _RECORD_MARK
    stream.seek(start)
    tail = b""
    position = start
    while data := stream.read(_SEARCH_BYTES):
        found = (tail + data).find(mark)
        if found >= 0:
            return position - len(tail) + found
        position += len(data)
        tail = (tail + data)[-len(mark) + 1 :]
    return -1


def _other(record: Any) -> tuple[str, str]:
    """Return (reason, detail) for a record that is not a page; ("", "") for a page."""
    kind = record.record_type
    if kind not in (response, resource, conversion):
        return "other_records", f"{kind!s}"
    status = record.http_headers.status_code if record.is_http and record.http_headers is not None else None
    if kind == response and status is None:
        return "other_records", "response without HTTP"
    if status not in {None, 200}:
        return "http_status", f"{status}"
    media_type = _media_type(record)
    return ("", "") if media_type in _PAGES else ("unsupported_type", media_type[:60])


def _media_type(record: Any) -> str:
    declared = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    return (declared or "").partition(";")[0].strip().lower()


def _page_of(record: Any, offset: int, limits: Limits) -> Member | Skipped:
    try:
        content = _body(record, limits)
    except ReadError as error:
        return Skipped(uri=f"#{offset}", reason=error.reason, detail=error.detail)
    except OSError as error:
        return Skipped(uri=f"#{offset}", reason="damaged", detail=str(error))
    sniffed = sniff(_PAGES[_media_type(record)], content[:HEAD_BYTES])
    if sniffed.kind != Kind.DOCUMENT:
        return Skipped(uri=f"#{offset}", reason=sniffed.reason or "unsupported_type", detail=sniffed.detail)
    http = record.http_headers if record.is_http else None
    return Member(
        name=f"#{offset}",
        steps=(MemberStep("warc", offset),),
        content=content,
        media_type=sniffed.media_type,
        charset=record.http_charset if http is not None else None,
        url=_url(record),
        captured_at=_date(record),
        http_status=http.status_code if http is not None else None,
        etag=http.get("ETag") if http is not None else None,
        last_modified=http.get("Last-Modified") if http is not None else None,
        truncation=_missing(record) if http is not None else None,
    )


def _missing(record: Any) -> str | None:
    """Say how much of a plain body the archive lacks, by its Content-Length; None where that tells nothing."""
    http = record.http_headers
    declared = (http.get("Content-Length") or "").strip()[:18]
    if http.get("Transfer-Encoding") or http.get("Content-Encoding") or not declared.isdigit():
        return None
    held: int = record.content_length
    return f"{held} of {declared} bytes are in the archive" if held < int(declared) else None


def _body(record: Any, limits: Limits) -> bytes:
    length = record.content_length
    if length > limits.document_bytes:
        raise ReadError("too_large", f"{length} bytes, the limit is {limits.document_bytes}")
    body = record.reader.read(length) if length else b""
    if len(body) < length:
        raise ReadError("truncated", f"the record ends early: {len(body)} of {length} bytes")
    if record.headers.get("WARC-Truncated"):
        raise ReadError("truncated", f"its archiver cut it off ({record.headers.get('WARC-Truncated')[:40]})")
    if not record.is_http:
        return bytes(body)
    http = record.http_headers
    transfer, content = http.get("Transfer-Encoding") or "", http.get("Content-Encoding") or ""
    return undo_http_encoding(bytes(body), transfer, content, limits.document_bytes)


def _url(record: Any) -> str | None:
    """Return the address of the page; for a rendered form of a page (`urn:text:https://...`) that of the page."""
    address = _target(record)
    if rendered := _RENDERED.match(address):
        address = address[rendered.end() :]
        address = address if "://" in address else unquote(address)
    return address if _URL.fullmatch(address) else None


def _target(record: Any) -> str:
    return (record.headers.get("WARC-Target-URI") or "").strip().strip("<>")


def _is_rendered_text(record: Any) -> bool:
    return _media_type(record) == "text/plain" and _RENDERED.match(_target(record)) is not None


def _date(record: Any) -> datetime | None:
    moment = record.record_date
    if not isinstance(moment, datetime):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def undo_http_encoding(body: bytes, transfer: str, content: str, limit: int) -> bytes:
    """Return a body with transfer and content encoding removed.

    The archiver may have decoded it and kept the headers: a body that does not match them, but is text, is returned
    unchanged.

    Args:
        body: As in the record.
        transfer: The Transfer-Encoding header.
        content: The Content-Encoding header.
        limit: Most bytes of the result.

    Raises:
        ReadError: `truncated`, `damaged` or `too_large`.
    """
    if "chunked" in transfer.lower():
        body = _joined(body)
    try:
        return decode(body, content, limit)
    except BodyTooLargeError as error:
        raise ReadError("too_large", str(error)) from error
    except BrokenBodyError as error:
        if sniff("body", body[:HEAD_BYTES]).kind == Kind.DOCUMENT:
            return body
        raise ReadError("damaged", str(error)) from error


def _joined(body: bytes) -> bytes:
    """Join the chunks (RFC 9112, 7.1)."""
    if not _CHUNK_SIZE.match(body):
        return body
    parts: list[bytes] = []
    position = 0
    while match := _CHUNK_SIZE.match(body, position):
        size = int(match[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size
        position += len(body[position : position + 2]) if body[position : position + 2] == b"\r\n" else 1
    raise ReadError("truncated", f"the chunks end early, after {sum(map(len, parts))} bytes")
