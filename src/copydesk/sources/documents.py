"""A capture's bytes, read again, as the document that extract takes."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from copydesk.records import Capture, Document, SourceFacts
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.found import ReadError
from copydesk.sources.publishers import publisher_of

__all__ = ["read_capture"]

_NO_CLOCK = 1994
"""An mtime up to this year means that the archive or file system does not know the time."""


def read_capture(capture: Capture, reader: Reader, source: SourceFacts, *, url: str | None = None) -> Document:
    """Return the document of a capture, with what its source declares of it.

    Args:
        capture: Where the bytes lie, and their hash.
        reader: Reads them.
        source: The source that brought it: publisher, charset and language.
        url: The page's web address, where the capture does not know it.

    Raises:
        ReadError: The bytes are gone, too large, or have changed since the capture.
    """
    content = reader.read(capture.location)
    if sha256(content).hexdigest() != capture.sha256:
        raise ReadError("changed_while_read", "the bytes differ from those that were captured; run again")
    known = capture if capture.url or not url else replace(capture, url=url)
    return Document.of(
        known,
        content,
        charset=capture.charset or source.charset,
        site=publisher_of(source, known.url),
        language=source.language,
        captured_at=capture.captured_at if capture.captured_at.year > _NO_CLOCK else None,
        from_record=capture.location.carrier.endswith(("jsonl", "csv", "parquet")),
    )
