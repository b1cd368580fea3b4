"""Pages of any kind read as documents, in batches of about equal work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.records import Document, Extraction
from copydesk.text.documents import TEXT_BATCH, rejected
from copydesk.text.media_types import is_html

__all__ = ["Page", "batches", "document_of"]

Page = str | bytes | Path | Document
"""A page's text or HTML, its bytes, a file that holds it, or the bytes with all that is known about them."""

_HTML_WEIGHT = 4


def document_of(
    page: str | bytes, *, url: str | None = None, captured_at: datetime | None = None, name: str = "-"
) -> Document | Extraction:
    """Return a page as a document, or the rejection of what is no page (PDF, an archive, a picture).

    Raises:
        UsageError: The page is neither str nor bytes.
    """
    from copydesk.sources.files.sniff import HEAD_BYTES, Kind, sniff

    if not isinstance(page, str | bytes):
        raise UsageError(f"page must be str or bytes, not {type(page).__name__}.")
    text = isinstance(page, str)
    content = page.encode("utf-8", "replace") if isinstance(page, str) else page
    sniffed = sniff("-", content[:HEAD_BYTES])
    if sniffed.reason == "unsupported_type":
        return rejected(name, sniffed.reason, sniffed.detail)
    if not text and sniffed.kind not in (Kind.DOCUMENT, Kind.REFUSED):
        return rejected(name, "unsupported_type", f"{sniffed.media_type} is an archive; write it to a file")
    return Document(
        document_id=name,
        content=content,
        media_type=sniffed.media_type if sniffed.kind == Kind.DOCUMENT else "text/plain",
        charset="utf-8" if text else sniffed.charset,
        url=url,
        captured_at=captured_at,
    )


def _read_page(page: Page | tuple[Page, str | None]) -> tuple[Document | Extraction, str | None]:
    """Return one item of `extract_many` as a document, or as the rejection of what cannot be read, with its address."""
    from copydesk.extraction.one import read_document

    url: str | None = None
    if isinstance(page, tuple):
        page, url = page
    if isinstance(page, Document):
        return page, url or page.url
    if isinstance(page, Path):
        try:
            document = read_document(str(page), url)
        except UsageError as error:
            return rejected(str(page), "unreadable", str(error)), url
        return document, document.url
    return document_of(page, url=url), url


def batches(
    pages: Iterable[Page | tuple[Page, str | None]],
) -> Iterator[list[tuple[Document | Extraction, str | None]]]:
    """Read pages and cut them into batches of 50 texts; an HTML page counts as four."""
    batch: list[tuple[Document | Extraction, str | None]] = []
    size = 0
    for page in pages:
        item = _read_page(page)
        batch.append(item)
        size += _HTML_WEIGHT if isinstance(item[0], Document) and is_html(item[0].media_type) else 1
        if size >= TEXT_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
