"""JSON lines: one page or article a line, located by the byte offset of its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.archives.streams import Stream
from copydesk.sources.files.found import JsonFields, Limits, ReadError, Skipped
from copydesk.sources.files.safe_names import printable
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff

__all__ = ["document_of_line", "walk_lines"]

_GIVE_UP_AFTER = 100
"""Broken lines at the start, with no good one among them, after which the file is given up."""
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,2000}", re.IGNORECASE)
_MAX_HINT = 1000
_MAX_IDENTITY = 200


def walk_lines(stream: Stream, context: Context) -> Iterator[Member | Skipped]:
    """Yield the document of each line; blank lines are counted.

    Raises:
        ReadError: The stream ends early; what was yielded before is whole.
    """
    max_bytes = _max_line_bytes(context.limits)
    number, good, broken, blank = 0, 0, 0, 0
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
        good, broken = (good + 1, broken) if isinstance(one, Member) else (good, broken + 1)
        yield one
        if not good and broken >= _GIVE_UP_AFTER:
            raise ReadError("not_json_lines", f"none of the first {broken} lines holds a document")
    if blank:
        yield Skipped(uri="", reason="empty", detail=f"{blank} blank lines", count=blank)


def document_of_line(line: bytes, field: str) -> bytes:
    """Return the document that a field of a JSON line holds.

    Raises:
        ReadError: The line has changed.
    """
    try:
        return _encoded(_object(line)[field])
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
    identity = _first(record, context.fields.id)
    name = f"#{_short(str(identity))}" if _is_identity(identity) else f"#line-{number}"
    field = _field(record, context.fields)
    if not field:
        known = ", ".join(printable(str(key))[:30] for key in list(record)[:8])
        return Skipped(uri=name, reason="no_text_field", detail=f"its fields are {known or 'none'}")
    content = _encoded(record[field])
    if len(content) > context.limits.document_bytes:
        detail = f"{len(content)} bytes, the limit is {context.limits.document_bytes}"
        return Skipped(uri=name, reason="too_large", detail=detail)
    extension = "html" if field in context.fields.html else "txt"
    sniffed = sniff(f"line.{extension}", content[:HEAD_BYTES])
    if sniffed.kind == Kind.REFUSED:
        return Skipped(uri=name, reason=sniffed.reason, detail=sniffed.detail)
    return Member(
        name=name,
        steps=(MemberStep("jsonl", offset, len(line), field),),
        content=content,
        media_type=sniffed.media_type or "text/plain",
        charset="utf-8",
        url=_url(_first(record, context.fields.url)),
        title_hint=_hint(_first(record, context.fields.title)),
        published_hint=_date(_first(record, context.fields.date)),
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


def _field(record: dict[str, Any], fields: JsonFields) -> str:
    """Return the name of the first field that holds text, or ""."""
    for name in (*fields.html, *fields.text):
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return name
    return ""


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate: valid in JSON escapes, not in UTF-8
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _first(record: dict[str, Any], names: tuple[str, ...]) -> object:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _is_identity(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and -(10**40) < _size(value) < 10**40


def _short(identity: str) -> str:
    """Return an id as part of a uri; a long one is cut and made unique by a hash of the whole."""
    if len(identity) <= _MAX_IDENTITY:
        return printable(identity)
    return printable(f"{identity[:_MAX_IDENTITY]}~{sha256(_encoded(identity)).hexdigest()[:16]}")


def _size(value: object) -> int:
    return value if isinstance(value, int) else 0


def _url(value: object) -> str | None:
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


def _hint(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return _encoded(value.strip()[:_MAX_HINT]).decode()


def _date(value: object) -> str | None:
    """Return a date as text; numbers are seconds or milliseconds since 1970 when they fall between 1990 and 2100."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for unit in (1, 1000):
            if 631_152_000 * unit < value < 4_102_444_800 * unit:
                return datetime.fromtimestamp(value / unit, UTC).isoformat()
        return None
    return _hint(value)
