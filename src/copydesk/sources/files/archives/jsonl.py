"""JSON lines: one page or article a line, located by the byte offset of its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.archives.records import FirstRecords, document_bytes, member_of_record
from copydesk.sources.files.archives.streams import Stream
from copydesk.sources.files.found import Limits, ReadError, Skipped

__all__ = ["document_of_line", "walk_lines"]


def walk_lines(stream: Stream, context: Context) -> Iterator[Member | Skipped]:
    """Yield the document of each line; blank lines are counted.

    Raises:
        ReadError: The stream ends early; what was yielded before is whole.
    """
    max_bytes = _max_line_bytes(context.limits)
    number, blank, first = 0, 0, FirstRecords("not_json_lines", "lines")
    while True:
        offset = stream.tell()
        line = stream.readline(max_bytes)
        if not line:
            break
        number += 1
        if len(line) == max_bytes and not line.endswith(b"\n"):
            size = max_bytes + _rest_of_line(stream)
            yield Skipped(uri=f"#line-{number}", reason="too_large", detail=f"a line of {size} bytes")
            continue
        if not line.strip():
            blank += 1
            continue
        one = _line(line, number, offset, context)
        yield one
        first.check(one)
    if blank:
        yield Skipped(uri="", reason="empty", detail=f"{blank} blank lines", count=blank)


def document_of_line(line: bytes, field: str) -> bytes:
    """Return the document that a field of a JSON line holds.

    Raises:
        ReadError: The line has changed.
    """
    try:
        return document_bytes(_object(line)[field])
    except (ReadError, KeyError, AttributeError) as error:
        raise ReadError("changed_while_read", f"the line holds no field {field} any more") from error


def _max_line_bytes(limits: Limits) -> int:
    """Return the most bytes of a line: a document in which letters may be escaped as six bytes, and its hints."""
    return 3 * limits.document_bytes + 1_000_000


def _rest_of_line(stream: Stream) -> int:
    size = 0
    while part := stream.readline(1_048_576):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return size


def _line(line: bytes, number: int, offset: int, context: Context) -> Member | Skipped:
    try:
        record = _object(line)
    except ReadError as error:
        return Skipped(uri=f"#line-{number}", reason=error.reason, detail=error.detail)
    return member_of_record(
        record, f"#line-{number}", lambda field: MemberStep("jsonl", offset, len(line), field), context
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError as error:
        raise ReadError("broken_line", f"it is not UTF-8 ({error.reason} at byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise ReadError("broken_line", f"it is not JSON ({error.msg} at character {error.pos})") from error
    except (ValueError, RecursionError) as error:
        raise ReadError("broken_line", f"the JSON cannot be parsed ({type(error).__name__})") from error
    if not isinstance(record, dict):
        raise ReadError("broken_line", f"it is JSON, but a {type(record).__name__} and not an object")
    return record
