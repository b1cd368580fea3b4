"""Records of JSON lines, CSV and Parquet files: which field holds the document, and what the others say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from copydesk.sources.files.archives.members import Context, Member, MemberStep
from copydesk.sources.files.found import JsonFields, ReadError, Skipped
from copydesk.sources.files.safe_names import printable
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff

__all__ = ["FirstRecords", "document_bytes", "document_field", "member_of_record"]

_URL = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,2000}", re.IGNORECASE)
_MAX_HINT = 1000
_MAX_IDENTITY = 200
_MAX_AUTHORS = 20
_GIVE_UP_AFTER = 100
"""Broken records at the start, with no good one among them, after which the file is given up."""


class FirstRecords:
    """Whether a file's first records hold documents at all.

    Args:
        reason: Why it is given up: "not_json_lines".
        unit: What a record is called: "lines".
    """

    def __init__(self, reason: str, unit: str) -> None:
        self._reason, self._unit = reason, unit
        self._broken, self._good = 0, False

    def check(self, one: Member | Skipped) -> None:
        """Take note of one record.

        Raises:
            ReadError: It is the hundredth, and none of them held a document.
        """
        if isinstance(one, Member):
            self._good = True
        elif not self._good:
            self._broken += 1
            if self._broken >= _GIVE_UP_AFTER:
                raise ReadError(self._reason, f"none of the first {self._broken} {self._unit} holds a document")


def member_of_record(
    record: Mapping[str, Any], place: str, step_of: Callable[[str], MemberStep], context: Context
) -> Member | Skipped:
    """Return the document of a record with its hints, or why there is none.

    Args:
        record: Field -> value.
        place: Its name when it has no id: "#line-7".
        step_of: Makes the step to the record from the field that holds the document.
        context: Limits and field names.
    """
    identity = _first(record, context.fields.id)
    name = f"#{_short(str(identity))}" if _is_identity(identity) else place
    field = document_field(record, context.fields)
    if not field:
        known = ", ".join(printable(str(key))[:30] for key in list(record)[:8])
        return Skipped(uri=name, reason="no_text_field", detail=f"its fields are {known or 'none'}")
    content = document_bytes(record[field])
    if len(content) > context.limits.document_bytes:
        detail = f"{len(content)} bytes, the limit is {context.limits.document_bytes}"
        return Skipped(uri=name, reason="too_large", detail=detail)
    extension = "html" if field in context.fields.html else "txt"
    sniffed = sniff(f"line.{extension}", content[:HEAD_BYTES])
    if sniffed.kind == Kind.REFUSED:
        return Skipped(uri=name, reason=sniffed.reason, detail=sniffed.detail)
    return Member(
        name=name,
        steps=(step_of(field),),
        content=content,
        media_type=sniffed.media_type or "text/plain",
        charset="utf-8",
        url=_url(_first(record, context.fields.url)),
        title_hint=_hint(_first(record, context.fields.title)),
        published_hint=_date(_first(record, context.fields.date)),
        author_hint=_names(_first(record, context.fields.author)),
    )


def document_field(record: Mapping[str, Any], fields: JsonFields) -> str:
    """Return the name of the first field that holds text, or ""."""
    for name in (*fields.html, *fields.text):
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return name
    return ""


def document_bytes(text: str) -> bytes:
    """Return a document as UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate: valid in JSON escapes, not in UTF-8
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _is_identity(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and -(10**40) < _size(value) < 10**40


def _short(identity: str) -> str:
    """Return an id as part of a uri; a long one is cut and made unique by a hash of the whole."""
    if len(identity) <= _MAX_IDENTITY:
        return printable(identity)
    return printable(f"{identity[:_MAX_IDENTITY]}~{sha256(document_bytes(identity)).hexdigest()[:16]}")


def _size(value: object) -> int:
    return value if isinstance(value, int) else 0


def _url(value: object) -> str | None:
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


def _hint(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return document_bytes(value.strip()[:_MAX_HINT]).decode()


def _names(value: object) -> str | None:
    """Return authors, given as a text or a list of texts or of objects with a name, as one text joined by ";"."""
    some = value if isinstance(value, list) else [value]
    names = [one.get("name") if isinstance(one, dict) else one for one in some[:_MAX_AUTHORS]]
    return _hint("; ".join(name.strip() for name in names if isinstance(name, str) and name.strip()))


def _date(value: object) -> str | None:
    """Return a date as text; numbers are seconds or milliseconds since 1970 when they fall between 1990 and 2100."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for unit in (1, 1000):
            if 631_152_000 * unit < value < 4_102_444_800 * unit:
                return datetime.fromtimestamp(value / unit, UTC).isoformat()
        return None
    return _hint(value)
