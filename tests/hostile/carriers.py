"""Builds carriers for tests: zip, tar, WARC, MHTML, letters. Sound ones; what breaks them is in `corpus`."""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import brotli

__all__ = ["Page", "as_eml", "as_mhtml", "as_tar", "as_warc", "as_zip"]

_WHEN = "2024-03-01T10:00:00Z"


@dataclass(frozen=True, slots=True)
class Page:
    """One record of a WARC.

    Attributes:
        url: Its address.
        body: As its author wrote it.
        media_type: Its Content-Type.
        status: Its HTTP status.
        encoding: `gzip`, `deflate`, `br`, or "" for none.
        chunked: Whether it was sent in chunks.
        kind: The record's type.
    """

    url: str
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    encoding: str = ""
    chunked: bool = False
    kind: str = "response"


class _Unseekable(io.RawIOBase):
    """A sink that cannot seek: what is written to it is written as a stream."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.written += bytes(data)
        return len(bytes(data))


def as_zip(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED, streamed: bool = False) -> bytes:
    """Return a zip; a streamed one has its lengths behind the data."""
    sink = _Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:  # type: ignore[arg-type]
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return bytes(sink.written) if isinstance(sink, _Unseekable) else sink.getvalue()


def as_tar(members: Mapping[str, bytes], packing: str = "") -> bytes:
    """Return a tar, packed with "gz" or not."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def as_warc(pages: Iterable[Page], *, packed: bool) -> bytes:
    """Return a WARC; a packed one has a gzip member per record."""
    records = [_record(page, number) for number, page in enumerate(pages)]
    return b"".join(gzip.compress(record) if packed else record for record in records)


def _record(page: Page, number: int) -> bytes:
    """Return one record (ISO 28500): header lines, blank line, the HTTP message, two line ends."""
    body = _encoded(page)
    if page.kind == "request":
        http = [f"GET {page.url} HTTP/1.1"]
    else:
        http = [f"HTTP/1.1 {page.status} OK", f"Content-Type: {page.media_type}", f"Content-Length: {len(body)}"]
        http += [f"Content-Encoding: {page.encoding}"] * bool(page.encoding)
        http += ["Transfer-Encoding: chunked"] * page.chunked
    block = "\r\n".join([*http, "", ""]).encode() + body
    head = [
        "WARC/1.1",
        f"WARC-Type: {page.kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>",
        f"WARC-Date: {_WHEN}",
        f"WARC-Target-URI: {page.url}",
        f"Content-Type: application/http; msgtype={page.kind}",
        f"Content-Length: {len(block)}",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + block + b"\r\n\r\n"


def _encoded(page: Page) -> bytes:
    packers = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    body = packers[page.encoding](page.body)
    if not page.chunked:
        return body
    chunks = [body[start : start + 700] for start in range(0, len(body), 700)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def as_mhtml(page: bytes, url: str) -> bytes:
    """Return a saved page with a picture, as browsers save it."""
    head = (
        "From: <Saved by a browser>\r\n"
        f"Snapshot-Content-Location: {url}\r\n"
        "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
        "Date: Fri, 1 Mar 2024 11:00:00 +0100\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----edge----"\r\n\r\n\r\n'
    )
    parts = (
        f"------edge----\r\nContent-Type: text/html\r\nContent-ID: <root@x>\r\n"
        f"Content-Transfer-Encoding: base64\r\nContent-Location: {url}\r\n\r\n"
    )
    picture = "------edge----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    encoded = io.BytesIO()
    base64.encode(io.BytesIO(page), encoded)
    return head.encode() + parts.encode() + encoded.getvalue() + picture.encode() + b"------edge------\r\n"


def as_eml(text: bytes | None, page: bytes | None) -> bytes:
    """Return a letter with a text part, an HTML part, both, or neither and only an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Letter"
    if text is not None:
        message.set_content(text.decode(), cte="base64")
    if page is not None:
        message.add_alternative(page, "text", "html", cte="base64")
    if text is None and page is None:
        message.set_content(b"%PDF-", "application", "pdf")
    return message.as_bytes()
