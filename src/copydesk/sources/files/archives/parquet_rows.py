"""Parquet files: one page or article a row, located by its row number and column.

One inside of an archive is unpacked into a file without a name: DuckDB seeks in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.archives.records import FirstRecords, document_bytes, document_field, member_of_record
from copydesk.sources.files.archives.streams import Stream, on_disk
from copydesk.sources.files.found import Limits, ReadError, Skipped
from copydesk.sources.files.safe_names import printable
from copydesk.store.warehouse.foreign_parquet import ForeignParquet, ForeignParquetError

__all__ = ["document_of_cell", "walk_parquet"]

_MAX_BROKEN = 100
"""Rows that cannot be read, after which the rest of the file is given up."""
_REREAD_ROWS = 50

Row = tuple[Any, ...]


def walk_parquet(stream: Stream, context: Context) -> Iterator[Member | Skipped]:
    """Yield the document of each row; empty rows are counted.

    Raises:
        ReadError: The file is damaged, a bomb, or no column holds text; what was yielded is whole.
    """
    whole = on_disk(stream, context.limits)
    try:
        yield from _walk(whole.fileno(), context)
    finally:
        if whole is not stream:
            whole.close()


def _walk(descriptor: int, context: Context) -> Iterator[Member | Skipped]:
    with _opened(descriptor) as file:
        columns = _columns(file, context)
        if file.rows > context.limits.members:
            raise ReadError("too_many_members", f"{file.rows}, the limit is {context.limits.members}")
        size = os.fstat(descriptor).st_size
        empty, given, first = 0, 0, FirstRecords("not_parquet", "rows")
        for row in _rows(file, columns):
            if isinstance(row, Skipped):
                yield row
                continue
            record = dict(zip(columns, map(_plain, row[1:]), strict=True))
            if not any(record.values()):
                empty += 1
                continue
            one = _member(record, int(row[0]), context)
            given += len(one.content) if isinstance(one, Member) else 0
            _refuse_bomb(given, size, context.limits)
            yield one
            first.check(one)
    if empty:
        yield Skipped(uri="", reason="empty", detail=f"{empty} empty rows", count=empty)


def document_of_cell(stream: Stream, row: int, column: str) -> bytes:
    """Return the document in a cell of a file, which `streams.on_disk` makes of any stream.

    Raises:
        ReadError: The file has changed, or cannot be read any more.
    """
    descriptor = stream.fileno()
    status = os.fstat(descriptor)
    key = (os.getpid(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, column)
    if not _read_ahead or _read_ahead[0].key != key or row not in _read_ahead[0].cells:
        _read_ahead.clear()
        with _opened(descriptor) as file:
            number = min(_REREAD_ROWS, file.window((column,)))
            _read_ahead.append(_ReadAhead(key, dict(_cells(file, column, row, number))))
    value = _plain(_read_ahead[0].cells.get(row))
    if not isinstance(value, str):
        raise ReadError("changed_while_read", f"row {row} holds no text in column {printable(column)} any more")
    return document_bytes(value)


@dataclass(frozen=True, slots=True)
class _ReadAhead:
    """Cells of one column behind the one that was asked for: a worker reads a file's rows in their order."""

    key: tuple[Any, ...]
    cells: dict[int, Any]


_read_ahead: list[_ReadAhead] = []
"""None or one, of at most 50 rows and 16 MB (`ForeignParquet.window`)."""


def _cells(file: ForeignParquet, column: str, start: int, number: int) -> Iterator[tuple[int, Any]]:
    try:
        yield from ((int(row), value) for row, value in file.read((column,), start, number))
    except ForeignParquetError as error:
        if number == 1:
            raise ReadError("damaged" if error.reason == "wide" else error.reason, error.detail) from error
        yield from _cells(file, column, start, 1)


def _opened(descriptor: int) -> ForeignParquet:
    try:
        return ForeignParquet(descriptor)
    except ForeignParquetError as error:
        raise ReadError(error.reason, error.detail) from error


def _columns(file: ForeignParquet, context: Context) -> tuple[str, ...]:
    """Return the columns of the file that fields can lie in.

    Raises:
        ReadError: None holds a document.
    """
    f = context.fields
    wanted = {*f.html, *f.text, *f.url, *f.title, *f.date, *f.author, *f.id}
    columns = tuple(name for name in file.columns if name in wanted)
    if not document_field(dict.fromkeys(columns, "x"), f):
        known = ", ".join(printable(name)[:30] for name in file.columns[:8])
        raise ReadError("no_text_field", f"its columns are {known or 'none'}; `text_field` names the one with the text")
    return columns


def _rows(file: ForeignParquet, columns: Sequence[str]) -> Iterator[Row | Skipped]:
    """Yield all rows; a window that cannot be read is halved down to the row that is at fault.

    Raises:
        ReadError: The file ends early, or many rows cannot be read.
    """
    start, most, broken = 0, file.window(columns), 0
    number = most
    while start < file.rows:
        number = min(number, file.rows - start)
        try:
            rows = file.read(columns, start, number)
        except ForeignParquetError as error:
            if number > 1:
                number //= 2
                continue
            broken += error.reason != "wide"
            if broken > _MAX_BROKEN or error.reason == "too_large":
                raise ReadError(error.reason, f"row {start + 1} and later: {error.detail}") from error
            reason = "too_large" if error.reason == "wide" else "broken_line"
            yield Skipped(uri=f"#row-{start + 1}", reason=reason, detail=error.detail)
            rows = [(start,)]
        else:
            yield from rows
            number = min(most, number * 2)
        if [row[0] for row in rows] != list(range(start, start + len(rows))) or not rows:
            raise ReadError("damaged", f"it says that it holds {file.rows} rows, and has none after row {start}")
        start += len(rows)


def _member(record: dict[str, Any], row: int, context: Context) -> Member | Skipped:
    return member_of_record(record, f"#row-{row + 1}", lambda field: MemberStep("parquet", row, 0, field), context)


def _plain(value: object) -> object:
    """Return a value as JSON would give it: bytes as text where they are UTF-8, days and moments in ISO form."""
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _refuse_bomb(given: int, size: int, limits: Limits) -> None:
    if given > limits.ratio_floor and given > limits.ratio * size:
        raise ReadError("bomb", f"{given} bytes of text came out of {size}")
