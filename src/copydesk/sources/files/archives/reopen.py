"""Reopen a member by its steps, one at a time, from a stream to the document."""

from __future__ import annotations

import io

from copydesk.sources.files.archives.csv_rows import document_of_row
from copydesk.sources.files.archives.jsonl import document_of_line
from copydesk.sources.files.archives.mail import document_of_mail
from copydesk.sources.files.archives.members import MemberStep
from copydesk.sources.files.archives.streams import SliceReader, Stream, buffered, inflated, read_document, skip_to
from copydesk.sources.files.archives.warc import document_of_record
from copydesk.sources.files.archives.zip import member_at
from copydesk.sources.files.found import Limits, ReadError

__all__ = ["open_step", "read_step"]


def open_step(stream: Stream, step: MemberStep, limits: Limits) -> Stream:
    """Return the stream of a member.

    Raises:
        ReadError: There is none that can be opened.
    """
    _go_to(stream, step.offset)
    if step.kind == "gzip":
        return inflated(stream, limits)
    if step.kind == "zip":
        return member_at(stream, step.length, limits)
    if step.kind == "tar":
        return buffered(SliceReader(stream, step.length))
    raise ReadError("no_such_place", f"nothing can lie in {step.kind}")


def read_step(stream: Stream, step: MemberStep, limits: Limits) -> bytes:
    """Return the document of a member.

    Raises:
        ReadError: It is gone or has changed.
    """
    if step.kind == "parquet":
        from copydesk.sources.files.archives.parquet_rows import document_of_cell  # DuckDB, for these alone

        return document_of_cell(stream, step.offset, step.field)
    _go_to(stream, step.offset)
    if step.kind == "jsonl":
        return document_of_line(stream.read(step.length), step.field)
    if step.kind == "csv":
        return document_of_row(stream.read(step.length), step.field)
    if step.kind == "warc":
        return document_of_record(stream, limits)
    if step.kind in {"mhtml", "eml"}:
        return document_of_mail(stream.read(limits.mail_bytes))
    with open_step(stream, step, limits) as inner:
        return read_document(inner, limits)


def _go_to(stream: Stream, offset: int) -> None:
    if stream.seekable():
        stream.seek(offset, io.SEEK_SET)
    else:
        skip_to(stream, offset)
