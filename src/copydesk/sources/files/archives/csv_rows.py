"""CSV and TSV files: one page or article a row, located by the byte offset of its row.

The first row names the columns; the separator is the one it has most of (comma, semicolon, tab, bar). A cell in quotes
may hold line ends (RFC 4180). Files are read as UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.archives.records import FirstRecords, document_bytes, document_field, member_of_record
from copydesk.sources.files.archives.streams import Stream
from copydesk.sources.files.found import ReadError, Skipped
from copydesk.sources.files.safe_names import printable

__all__ = ["document_of_row", "walk_rows"]

_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_HEADER_BYTES = 65_536
csv.field_size_limit(1_000_000_000)  # a cell holds a document, whose size has a limit of its own


def walk_rows(stream: Stream, context: Context) -> Iterator[Member | Skipped]:
    """Yield the document of each row; empty rows are counted.

    Raises:
        ReadError: No column holds text or a page, or the stream ends early; what was yielded before is whole.
    """
    header = _row(stream, _HEADER_BYTES).removeprefix(b"\xef\xbb\xbf")
    separator = max(_SEPARATORS, key=lambda name: header.count(_SEPARATORS[name].encode()))
    names = [name.strip() for name in _cells(header, separator)]
    if not document_field(dict.fromkeys(names, "x"), context.fields):
        known = ", ".join(printable(name)[:30] for name in names[:8])
        raise ReadError("no_text_field", f"its columns are {known or 'none'}; `text_field` names the one with the text")
    max_bytes = 2 * context.limits.document_bytes + 1_000_000
    number, empty, first = 1, 0, FirstRecords("not_csv", "rows")
    while True:
        offset = stream.tell()
        row = _row(stream, max_bytes)
        if not row:
            break
        number += 1
        if not row.strip():
            empty += 1
            continue
        one = _member(row, f"#row-{number}", offset, names, separator, context)
        yield one
        first.check(one)
    if empty:
        yield Skipped(uri="", reason="empty", detail=f"{empty} empty rows", count=empty)


def document_of_row(row: bytes, place: str) -> bytes:
    """Return the document in a cell of a row.

    Args:
        row: The row's bytes.
        place: Number of the column, from 0, and the separator: "4.comma".

    Raises:
        ReadError: The row has changed.
    """
    column, _, separator = place.partition(".")
    try:
        return document_bytes(_cells(row, separator)[int(column)])
    except (ReadError, IndexError, KeyError, ValueError) as error:
        raise ReadError("changed_while_read", f"the row holds no column {column} any more") from error


def _member(
    row: bytes, place: str, offset: int, names: list[str], separator: str, context: Context
) -> Member | Skipped:
    try:
        cells = _cells(row, separator)
    except ReadError as error:
        return Skipped(uri=place, reason=error.reason, detail=error.detail)
    if len(cells) != len(names):
        detail = f"it has {len(cells)} cells, the first row {len(names)}"
        return Skipped(uri=place, reason="broken_line", detail=detail)
    record = dict(zip(names, cells, strict=True))
    return member_of_record(
        record, place, lambda field: MemberStep("csv", offset, len(row), f"{names.index(field)}.{separator}"), context
    )


def _row(stream: Stream, max_bytes: int) -> bytes:
    """Return the bytes of one row, with its line end: lines are joined until every quote is closed."""
    row = stream.readline(max_bytes)
    quotes = row.count(b'"')
    while quotes % 2 and len(row) < max_bytes and (more := stream.readline(max_bytes - len(row))):
        row += more
        quotes += more.count(b'"')
    return row


def _cells(row: bytes, separator: str) -> list[str]:
    try:
        text = row.decode()
    except UnicodeDecodeError as error:
        raise ReadError("broken_line", f"it is not UTF-8 ({error.reason} at byte {error.start})") from error
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=_SEPARATORS[separator]), [])
    except csv.Error as error:
        raise ReadError("broken_line", f"it is not CSV ({error})") from error
