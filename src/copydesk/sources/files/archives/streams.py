"""Streams over archives: decompression with a limit on the ratio, checksums, bounded slices."""

from __future__ import annotations

import io
import os
import tempfile
import zlib
from typing import Any, Protocol, TypeAlias

from copydesk.sources.files.found import Limits, ReadError

__all__ = [
    "BUFFER_BYTES",
    "DEFLATE",
    "GZIP",
    "ByteSource",
    "InflateReader",
    "SliceReader",
    "Stream",
    "buffered",
    "inflated",
    "on_disk",
    "read_document",
    "skip_to",
]

_CHUNK = 65_536
BUFFER_BYTES = 262_144
GZIP = 31
"""zlib's window bits for a gzip member with its header and check sum."""
DEFLATE = -15
"""zlib's window bits for bare deflate data, as in a zip."""


Stream: TypeAlias = "io.BufferedReader[Any]"
"""Input of archive readers: over a file, which can seek, or over one of the classes below, which cannot."""


class ByteSource(Protocol):
    """Source of compressed bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


class InflateReader(io.RawIOBase):
    """Inflates a stream as it is read.

    An error is raised only after all output before it was returned, so documents before a cut are whole. The members of
    a gzip file are joined; zeros after the last are padding.

    Args:
        source: Compressed bytes, from its present position.
        window: `GZIP` or `DEFLATE`.
        limits: For the ratio.
        crc: The checksum of the zip header, if there is one.

    Raises (on reading):
        ReadError: `truncated`, `damaged` or `bomb`.
    """

    def __init__(self, source: ByteSource, window: int, limits: Limits, *, crc: int | None = None) -> None:
        super().__init__()
        self._source = source
        self._window = window
        self._limits = limits
        self._crc = crc
        self._sum = 0
        self._broken = ""
        self._engine = zlib.decompressobj(window)
        self._pending = b""
        self._taken = 0
        self._given = 0
        self._done = False
        self._position = 0

    @property
    def leftover(self) -> bytes:
        """Bytes taken from the source beyond the end of the data."""
        return self._engine.unused_data if self._done else b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._position

    def readinto(self, buffer: object, /) -> int:
        """Fill the buffer as far as there is data."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        filled = 0
        while filled < len(view) and not self._done:
            try:
                out = self._inflate(len(view) - filled)
            except ReadError:
                if filled:
                    break  # the same error comes again on the next call
                raise
            view[filled : filled + len(out)] = out
            filled += len(out)
        self._position += filled
        return filled

    def _inflate(self, room: int) -> bytes:
        if self._broken:
            raise ReadError("damaged", self._broken)
        if not self._pending:
            self._pending = self._source.read(_CHUNK) or b""
            self._taken += len(self._pending)
            if not self._pending:
                raise ReadError("truncated", f"the compressed data ends early, after {self._given} bytes")
        before = self._engine.copy() if self._window == GZIP else None  # a zip member is whole or not used
        try:
            out = self._engine.decompress(self._pending, room)
        except zlib.error as error:
            out = _until_broken(before, self._pending, room) if before is not None else b""
            self._broken = f"the compressed data is broken after {self._given + len(out)} bytes ({error})"
            self._given += len(out)
            return out
        self._pending = self._engine.unconsumed_tail
        self._given += len(out)
        taken = self._taken - len(self._pending)
        if self._given > self._limits.ratio_floor and self._given > self._limits.ratio * taken:
            raise ReadError("bomb", f"{self._given} bytes came out of {taken}")
        if self._crc is not None:
            self._sum = zlib.crc32(out, self._sum)
        if self._engine.eof:
            self._end_member()
        return out

    def _end_member(self) -> None:
        if self._window == GZIP:
            rest = self._engine.unused_data or self._source.read(_CHUNK) or b""
            rest_is_padding = not rest.strip(b"\x00")
            if not rest_is_padding:
                self._engine = zlib.decompressobj(self._window)
                self._pending = rest
                return
        self._done = True
        if self._crc is not None and self._sum != self._crc:
            self._done, self._broken = False, "its checksum does not match its bytes"


class SliceReader(io.RawIOBase):
    """A slice of a stream, from its current position.

    Raises (on reading):
        ReadError: `truncated`, where the stream ends before the slice does.
    """

    def __init__(self, source: Stream, length: int, *, crc: int | None = None) -> None:
        super().__init__()
        self._source = source
        self._idle = length
        self._crc = crc
        self._sum = 0
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._position

    def readinto(self, buffer: object, /) -> int:
        """Fill the buffer as far as the slice goes."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._source.read(min(len(view), self._idle))
        if not data and self._idle and view.nbytes:
            raise ReadError("truncated", f"it ends {self._idle} bytes early")
        view[: len(data)] = data
        self._idle -= len(data)
        self._position += len(data)
        if self._crc is not None and data:
            self._sum = zlib.crc32(data, self._sum)
        if self._crc is not None and not self._idle and self._sum != self._crc:
            raise ReadError("damaged", "its checksum does not match its bytes")
        return len(data)


def _until_broken(engine: zlib._Decompress, data: bytes, room: int) -> bytes:
    """Return the output before the error: zlib drops that of the failing call, so feed it byte by byte."""
    out = bytearray()
    try:
        for number in range(len(data)):
            out += engine.decompress(data[number : number + 1], room - len(out) or 1)
    except zlib.error:
        pass
    return bytes(out[:room])


def buffered(raw: io.RawIOBase, size: int = 65_536) -> Stream:
    """Return a stream over one of the classes above; a larger buffer costs a system call per small member."""
    return io.BufferedReader(raw, size)


def inflated(source: ByteSource, limits: Limits) -> Stream:
    """Return the decompressed stream of gzip data."""
    return buffered(InflateReader(source, GZIP, limits), BUFFER_BYTES)


def on_disk(stream: Stream, limits: Limits) -> Stream:
    """Return a stream that is a file: itself, or its bytes from here on in an unnamed file that closing removes.

    Raises:
        ReadError: `too_large`, or an error of the stream.
    """
    try:
        stream.fileno()
    except io.UnsupportedOperation:
        with tempfile.TemporaryFile() as file:
            while chunk := stream.read(BUFFER_BYTES):
                if file.write(chunk) and file.tell() > limits.unpacked_bytes:
                    raise ReadError("too_large", f"more than {limits.unpacked_bytes} bytes to unpack") from None
            file.seek(0)
            return io.BufferedReader(io.FileIO(os.dup(file.fileno())))
    return stream


def read_document(stream: Stream, limits: Limits) -> bytes:
    """Return the rest of a stream as one document.

    Raises:
        ReadError: `too_large`, or an error of the stream.
    """
    content = stream.read(limits.document_bytes + 1)
    if len(content) > limits.document_bytes:
        raise ReadError("too_large", f"more than {limits.document_bytes} bytes")
    return content


def skip_to(stream: Stream, offset: int) -> None:
    """Read forward to an offset of a stream that cannot seek.

    Raises:
        ReadError: `truncated`, when it ends before; `damaged`, when the offset lies behind.
    """
    missing = offset - stream.tell()
    if missing < 0:
        raise ReadError("damaged", f"it points back to {offset}")
    while missing:
        read = len(stream.read(min(missing, BUFFER_BYTES)))
        if not read:
            raise ReadError("truncated", f"it ends {missing} bytes before {offset}")
        missing -= read
