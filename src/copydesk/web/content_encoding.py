"""Content encodings of bodies, decoded under a size limit.

A decoding client returns a 67 MB first chunk for a 65 kB gzip bomb, and accepts a truncated gzip stream as a short page
(both measured on httpx). So the raw bytes are collected under one limit and decoded here under another; a truncated
stream is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard

__all__ = ["ACCEPT_ENCODING", "BodyTooLargeError", "BrokenBodyError", "TruncatedBodyError", "decode", "gunzip"]

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_CHUNK = 65_536
_ZSTD_CHUNK = 256  # a zstd block of 4 bytes can be 128 KiB of output: 256 bytes are at most 8 MiB
_ZSTD_WINDOW = 8 * 1024 * 1024  # RFC 9659: what a browser grants a zstd response
_LAYERS = 2


class BodyTooLargeError(Exception):
    """The decoded body exceeds the limit."""


class BrokenBodyError(Exception):
    """The body is truncated, corrupt, or in an encoding that was not requested."""


class TruncatedBodyError(BrokenBodyError):
    """The compressed body ends early; `available` is what came out of it."""

    def __init__(self, available: bytes) -> None:
        super().__init__(f"the compressed body ends early, after {len(available)} bytes")
        self.available = available


class _EndsEarlyError(Exception):
    """Raised by decoders at the end of their input."""


def decode(raw: bytes, content_encoding: str, limit: int) -> bytes:
    """Decode the content encodings of a body.

    Args:
        raw: The body as received.
        content_encoding: The header's value, e.g. "gzip" or "br"; "" for none.
        limit: Most bytes of the result.

    Raises:
        BodyTooLargeError: The result would be larger.
        TruncatedBodyError: It ends early.
        BrokenBodyError: It is corrupt, or its encoding is unknown.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _LAYERS:
        raise BrokenBodyError(f"{len(names)} layers of content encoding")
    for name in reversed(names):
        chunks = _DECODERS.get(name)
        if chunks is None:
            raise BrokenBodyError(f"content encoding {name[:40]!r} was not requested")
        raw = _collect(chunks(raw), limit) if raw else raw
    if len(raw) > limit:
        raise BodyTooLargeError(f"more than {limit} bytes")
    return raw


def gunzip(raw: bytes, limit: int) -> bytes:
    """Unpack a gzip file such as `sitemap.xml.gz`; raises like `decode`."""
    return decode(raw, "gzip", limit)


def _collect(chunks: Iterator[bytes], limit: int) -> bytes:
    whole = bytearray()
    try:
        for chunk in chunks:
            whole += chunk
            if len(whole) > limit:
                raise BodyTooLargeError(f"more than {limit} bytes after decompression")
    except _EndsEarlyError:
        raise TruncatedBodyError(bytes(whole)) from None
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise BrokenBodyError(f"corrupt compressed body: {error}") from error
    return bytes(whole)


def _inflate(raw: bytes, window: int) -> Iterator[bytes]:
    """Yield the output of one or more zlib or gzip members."""
    while raw:
        inflater = zlib.decompressobj(window)
        data = raw
        while not inflater.eof:
            chunk = inflater.decompress(data, _CHUNK)
            if not chunk and not inflater.eof and not inflater.unconsumed_tail:
                raise _EndsEarlyError
            yield chunk
            data = inflater.unconsumed_tail
        raw = inflater.unused_data.lstrip(b"\0")
        if raw and not (window > zlib.MAX_WBITS and raw.startswith(b"\x1f\x8b")):
            return  # browsers ignore what follows a complete stream


def _gzip(raw: bytes) -> Iterator[bytes]:
    return _inflate(raw, zlib.MAX_WBITS | 16)


def _deflate(raw: bytes) -> Iterator[bytes]:
    """Decode zlib data, or the raw deflate stream that some servers send (RFC 9110, 8.4.1.2)."""
    wrapped = len(raw) >= 2 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0
    return _inflate(raw, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _brotli(raw: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    yield decoder.process(raw, output_buffer_limit=_CHUNK)
    while not decoder.is_finished():
        chunk = decoder.process(b"", output_buffer_limit=_CHUNK)
        if not chunk and decoder.can_accept_more_data():
            raise _EndsEarlyError
        yield chunk


def _zstd(raw: bytes) -> Iterator[bytes]:
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    for start in range(0, len(raw), _ZSTD_CHUNK):
        yield decoder.decompress(raw[start : start + _ZSTD_CHUNK])
        if decoder.eof:
            return
    raise _EndsEarlyError


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
