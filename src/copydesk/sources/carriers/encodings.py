"""Undo what HTTP did to a body: chunks and compression, with the same ceilings as for files."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

from copydesk.sources.captures import Limits, ReadError
from copydesk.sources.carriers.streams import inflated, read_document

__all__ = ["decoded_body"]

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,12})[^\r\n]{0,200}\r?\n")


def decoded_body(body: bytes, transfer: str, content: str, limits: Limits) -> bytes:
    """Return a body as its author wrote it.

    A header may speak of what the archiver has already undone: a body that does not begin as the header says is
    taken as it is.

    Args:
        body: As it lies in the record.
        transfer: The Transfer-Encoding header.
        content: The Content-Encoding header.
        limits: For the document's size and the ratio.

    Raises:
        ReadError: `truncated`, `damaged`, `too_large`, `bomb` or `unsupported_compression`.
    """
    if "chunked" in transfer.lower():
        body = _joined(body)
    for encoding in reversed([part.strip().lower() for part in content.split(",") if part.strip()]):
        if encoding not in _DECODERS:
            raise ReadError("unsupported_compression", f"Content-Encoding {encoding[:40]!r}")
        body = _DECODERS[encoding](body, limits)
    return body


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
        position = match.end() + size + 2
        if position > len(body) + 2:
            break
    raise ReadError("truncated", f"the chunks end early, after {sum(map(len, parts))} bytes")


def _gzip(body: bytes, limits: Limits) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    return read_document(inflated(io.BytesIO(body), limits), limits)


def _deflate(body: bytes, limits: Limits) -> bytes:
    """Inflate zlib data, or bare deflate data, which some servers send instead."""
    for window in (15, -15):
        engine = zlib.decompressobj(window)
        try:
            out = engine.decompress(body, limits.document_bytes + 1)
        except zlib.error:
            continue
        return _checked(out, ended=engine.eof, limits=limits)
    return body


def _brotli(body: bytes, limits: Limits) -> bytes:
    engine = brotli.Decompressor()
    out = bytearray()
    data = body
    try:
        while len(out) <= limits.document_bytes and not engine.is_finished():
            part = engine.process(data, output_buffer_limit=1_048_576)
            data = b""
            if not part and engine.can_accept_more_data():
                break
            out += part
    except brotli.error:
        if out:
            raise ReadError("damaged", f"the compressed data is broken after {len(out)} bytes") from None
        return body
    return _checked(bytes(out), ended=bool(engine.is_finished()), limits=limits)


def _zstd(body: bytes, limits: Limits) -> bytes:
    if not body.startswith(b"(\xb5/\xfd"):
        return body
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body, read_across_frames=True) as reader:
            out = reader.read(limits.document_bytes + 1)
    except zstandard.ZstdError as error:
        raise ReadError("damaged", f"the compressed data is broken ({error})") from error
    return _checked(out, ended=True, limits=limits)


def _checked(out: bytes, *, ended: bool, limits: Limits) -> bytes:
    if len(out) > limits.document_bytes:
        raise ReadError("too_large", f"more than {limits.document_bytes} bytes")
    if not ended:
        raise ReadError("truncated", f"the compressed data ends early, after {len(out)} bytes")
    return out


_DECODERS: dict[str, Callable[[bytes, Limits], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "identity": lambda body, _: body,
    "utf-8": lambda body, _: body,  # a charset in the wrong header
}
