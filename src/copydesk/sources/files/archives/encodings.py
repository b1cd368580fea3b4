"""Undo what HTTP did to an archived body: chunks, then compression (`web.content_encoding` knows how)."""

from __future__ import annotations

import re

from copydesk.sources.files.found import ReadError
from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff
from copydesk.web.content_encoding import BodyTooLargeError, BrokenBodyError, decode

__all__ = ["decoded_body"]

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,12})[^\r\n]{0,200}\r?\n")


def decoded_body(body: bytes, transfer: str, content: str, limit: int) -> bytes:
    """Return a body as its author wrote it.

    A header may speak of what the archiver has undone already: a body that is not as the header says, but is text,
    is taken as it is.

    Args:
        body: As it lies in the record.
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
