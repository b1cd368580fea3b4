"""Read the documents of a stream, whatever its format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from copydesk.sources.files.archives.csv_rows import walk_rows
from copydesk.sources.files.archives.jsonl import walk_lines
from copydesk.sources.files.archives.mail import walk_mail
from copydesk.sources.files.archives.members import Context, Member, MemberStep, prefix_members
from copydesk.sources.files.archives.streams import Stream, inflated, read_document
from copydesk.sources.files.archives.tar import walk_tar
from copydesk.sources.files.archives.warc import has_record_members, walk_warc
from copydesk.sources.files.archives.zip import walk_zip
from copydesk.sources.files.found import ReadError, Skipped
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff

__all__ = ["walk_file", "walk_stream"]

Walker = Callable[[Stream, str, Context], Iterator[Member | Skipped]]


def walk_stream(stream: Stream, name: str, context: Context) -> Iterator[Member | Skipped]:
    """Yield the documents of a stream, and what in it could not be used.

    Args:
        stream: From its beginning.
        name: Its file or member name; only the extension matters.
        context: Limits and nesting.

    Raises:
        ReadError: The stream ends early or exceeds a limit; what was yielded before is whole.
    """
    sniffed = sniff(name, stream.peek(HEAD_BYTES)[:HEAD_BYTES])
    if sniffed.kind == Kind.REFUSED:
        yield Skipped(uri="", reason=sniffed.reason, detail=sniffed.detail)
    elif sniffed.kind == Kind.DOCUMENT:
        content = read_document(stream, context.limits)
        yield Member(content=content, media_type=sniffed.media_type, charset=sniffed.charset)
    elif sniffed.kind == Kind.MAIL:
        yield from walk_mail(stream, name, context)
    elif sniffed.kind == Kind.GZIP and not context.wrapped:
        unpacked = walk_stream(inflated(stream, context.limits), _unpacked(name), replace(context, wrapped=True))
        yield from prefix_members(MemberStep("gzip"), "", unpacked)
    elif context.depth >= context.limits.depth:
        yield Skipped(uri="", reason="nested_too_deep", detail=f"an archive {context.depth + 1} archives deep")
    else:
        deeper = replace(context, depth=context.depth + 1, wrapped=False)
        yield from _report_empty(_walk(sniffed.kind, stream, name, deeper))


def walk_file(stream: Stream, name: str, context: Context) -> Iterator[Member | Skipped]:
    """Yield the documents of a file that can seek; as `walk_stream`, but records of a compressed WARC can be located.

    Raises:
        ReadError: As `walk_stream`.
    """
    if sniff(name, stream.peek(HEAD_BYTES)[:HEAD_BYTES]).kind == Kind.GZIP and _is_warc_of_members(stream, context):
        return _report_empty(walk_warc(stream, context))
    return walk_stream(stream, name, context)


def _is_warc_of_members(stream: Stream, context: Context) -> bool:
    try:
        head = inflated(stream, context.limits).read(5)
    except ReadError:
        head = b""
    stream.seek(0)
    packed_by_record = head == b"WARC/" and has_record_members(stream)
    stream.seek(0)
    return packed_by_record


def _walk(kind: str, stream: Stream, name: str, context: Context) -> Iterator[Member | Skipped]:
    if kind == Kind.ZIP:
        return walk_zip(stream, context, walk_stream)
    if kind == Kind.TAR:
        return walk_tar(stream, context, walk_stream)
    if kind == Kind.WARC:
        return walk_warc(stream, context)
    if kind == Kind.JSONL:
        return walk_lines(stream, context)
    if kind == Kind.CSV:
        return walk_rows(stream, context)
    if kind == Kind.PARQUET:
        from copydesk.sources.files.archives.parquet_rows import walk_parquet  # DuckDB, for these alone

        return walk_parquet(stream, context)
    unpacked = walk_stream(inflated(stream, context.limits), _unpacked(name), replace(context, wrapped=True))
    return prefix_members(MemberStep("gzip"), "", unpacked)


def _report_empty(contents: Iterator[Member | Skipped]) -> Iterator[Member | Skipped]:
    """Yield the results; one `Skipped` when there are none."""
    nothing = True
    for one in contents:
        nothing = False
        yield one
    if nothing:
        yield Skipped(uri="", reason="empty", detail="it holds no documents")


def _unpacked(name: str) -> str:
    """Return the name without its compression extension."""
    return re.sub(r"\.tgz$", ".tar", re.sub(r"\.gz$", "", name, flags=re.IGNORECASE), flags=re.IGNORECASE)
