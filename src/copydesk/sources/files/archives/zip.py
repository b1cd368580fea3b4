"""Zip archives, member by member, each located by the offset of its local header.

    whole file:     the central directory lists the members
    cut or nested:  the local headers are read from the front; whole members are used

Nothing is written under member names, and declared sizes are not trusted: bytes are counted as they are decompressed.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from copydesk.sources.files.archives.members import Context, Member, MemberStep, prefix_members
from copydesk.sources.files.archives.streams import (
    BUFFER_BYTES,
    DEFLATE,
    InflateReader,
    SliceReader,
    Stream,
    buffered,
    skip_to,
)
from copydesk.sources.files.found import Limits, ReadError, Skipped
from copydesk.sources.files.safe_names import printable

__all__ = ["member_at", "walk_zip"]

_LOCAL = struct.Struct("<5H3I2H")  # behind the mark: version, flags, method, time, date, crc, packed, size, name, extra
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK = b"PK\x03\x04"
_AFTER_MEMBERS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_DESCRIPTOR_MARK = b"PK\x07\x08"
_DIRECTORY_BYTES = 24_000_000
"""`zipfile` needs some ten times the directory's size in memory; larger ones are read by local headers."""
_ENCRYPTED, _DESCRIBED_AFTER, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8

Walker = Callable[[Stream, str, Context], Iterator[Member | Skipped]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A member by its header. `packed` is None where only the data says where it ends."""

    name: str
    offset: int
    flags: int
    method: int
    packed: int | None
    crc: int | None


def walk_zip(stream: Stream, context: Context, walk: Walker) -> Iterator[Member | Skipped]:
    """Yield the documents of a zip archive.

    Raises:
        ReadError: It ends early, is damaged or is a bomb; what was yielded before is whole.
    """
    members = _directory(stream)
    if members is None:
        yield from _walk_headers(stream, context, walk)
        return
    if len(members) > context.limits.members:
        raise ReadError("too_many_members", f"{len(members)}, the limit is {context.limits.members}")
    for member in members:
        stream.seek(member.offset)
        yield from _member(stream, member, context, walk)


def member_at(stream: Stream, packed: int, limits: Limits) -> io.BufferedReader:
    """Return the data behind the local header at the stream's position.

    Args:
        stream: At the header.
        packed: Compressed size.
        limits: For the ratio.

    Raises:
        ReadError: There is no valid header.
    """
    header = _marked_header(stream, 0)
    if header.packed is None and not packed:
        return buffered(InflateReader(stream, DEFLATE, limits))
    return _data(stream, header, packed, None, limits)


def _directory(stream: Stream) -> list[_Member] | None:
    """Return the members of the central directory, by offset; None without a usable one."""
    if not stream.seekable():
        return None
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    found = tail.rfind(b"PK\x05\x06")
    try:
        directory_bytes = _END.unpack_from(tail, found)[5] if found >= 0 else _DIRECTORY_BYTES + 1
        if directory_bytes > _DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        with zipfile.ZipFile(stream) as archive:
            infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, NotImplementedError, EOFError, OSError):
        stream.seek(0)
        return None
    members = [
        _Member(
            name=info.filename,
            offset=info.header_offset,
            flags=info.flag_bits,
            method=info.compress_type,
            packed=info.compress_size,
            crc=info.CRC,
        )
        for info in infos
    ]
    stream.seek(0)
    return members if _is_plausible(members) else None


def _is_plausible(members: list[_Member]) -> bool:
    """Return whether the directory is this archive's own and its members do not overlap.

    In a truncated archive the last directory may be that of an archive inside; in some bombs all members share the same
    data.
    """
    ends = [0, *(member.offset + (member.packed or 0) for member in members)]
    return (
        bool(members)
        and members[0].offset < 8
        and all(member.offset >= end for member, end in zip(members, ends, strict=False))
    )


def _walk_headers(stream: Stream, context: Context, walk: Walker) -> Iterator[Member | Skipped]:
    number = 0
    mark = stream.read(4)
    while mark == _LOCAL_MARK:
        number += 1
        if number > context.limits.members:
            raise ReadError("too_many_members", f"more than {context.limits.members}")
        member = _header(stream, stream.tell() - 4)
        if member.packed is None:
            yield from _undescribed(stream, member, context, walk)
        else:
            start = stream.tell()
            yield from _member(stream, member, context, walk, at_data=True)
            skip_to(stream, start + member.packed)
        mark = _mark_behind_descriptor(stream) if member.flags & _DESCRIBED_AFTER else stream.read(4)
    if len(mark) < 4:
        raise ReadError("truncated", f"the archive ends early; {number} members before that were looked at")
    if mark not in _AFTER_MEMBERS:
        raise ReadError("damaged", f"no member where the next should be; {number} before it were looked at")


def _member(
    stream: Stream, member: _Member, context: Context, walk: Walker, *, at_data: bool = False
) -> Iterator[Member | Skipped]:
    if member.name.endswith("/"):
        return
    name = _plain(member.name)
    uri = f"!/{printable(name)}"
    if name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("."):
        yield Skipped(uri=uri, reason="hidden", detail="hidden by its name")
        return
    packed = member.packed or 0
    step = MemberStep("zip", member.offset, packed)
    yield from prefix_members(step, uri, _opened(stream, member, packed, name, context, walk, at_data=at_data))


def _opened(
    stream: Stream,
    member: _Member,
    packed: int,
    name: str,
    context: Context,
    walk: Walker,
    *,
    at_data: bool,
) -> Iterator[Member | Skipped]:
    """Yield the documents of a member; a generator, so that errors are raised inside `prefix_members`."""
    header = member if at_data else _marked_header(stream, member.offset)
    data = _data(stream, header, packed, member.crc, context.limits)
    yield from walk(data, printable(name), context)


class _PeekReader:
    """Reads a stream by peeking and consumes only the bytes that were needed."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lent = 0

    def read(self, size: int) -> bytes:
        self._stream.read(self._lent)
        data = self._stream.peek(size)[:size]
        self._lent = len(data)
        return data

    def give_back(self, leftover: bytes) -> None:
        self._stream.read(self._lent - len(leftover))
        self._lent = 0


def _undescribed(stream: Stream, member: _Member, context: Context, walk: Walker) -> Iterator[Member | Skipped]:
    """Read a member that was written as a stream: its length follows its data."""
    if member.method != _DEFLATED or member.flags & _ENCRYPTED:
        raise ReadError("damaged", f"{printable(member.name)} has no size")
    source = _PeekReader(stream)
    inflating = InflateReader(source, DEFLATE, context.limits)
    data = buffered(inflating)
    uri = f"!/{printable(_plain(member.name))}"
    yield from prefix_members(MemberStep("zip", member.offset), uri, walk(data, uri, context))
    while data.read(BUFFER_BYTES):
        pass
    source.give_back(inflating.leftover)


def _plain(name: str) -> str:
    return name.lstrip("/").removeprefix("./")


def _marked_header(stream: Stream, offset: int) -> _Member:
    if stream.read(4) != _LOCAL_MARK:
        raise ReadError("damaged", "no header where one should be")
    return _header(stream, offset)


def _header(stream: Stream, offset: int) -> _Member:
    """Read a local header after its signature."""
    raw = stream.read(_LOCAL.size)
    if len(raw) < _LOCAL.size:
        raise ReadError("truncated", "the archive ends within a header")
    _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(raw)
    name = stream.read(name_bytes)
    extra = stream.read(extra_bytes)
    if len(name) + len(extra) < name_bytes + extra_bytes:
        raise ReadError("truncated", "the archive ends within a header")
    if packed == 0xFFFFFFFF:
        packed = _zip64_packed(extra, has_size=size == 0xFFFFFFFF)
    unknown = bool(flags & _DESCRIBED_AFTER) and packed == 0
    return _Member(
        name=name.decode("utf-8" if flags & _UTF8 else "cp437", "surrogateescape"),
        offset=offset,
        flags=flags,
        method=method,
        packed=None if unknown else packed,
        crc=None if flags & _DESCRIBED_AFTER else crc,
    )


def _zip64_packed(extra: bytes, *, has_size: bool) -> int:
    """Return the packed size from the zip64 field (APPNOTE 4.5.3): size, if it is there, then packed size."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        at = position + 4 + (8 if has_size else 0)
        if kind == 1 and at + 8 <= len(extra):
            return int(struct.unpack_from("<Q", extra, at)[0])
        position += 4 + length
    raise ReadError("damaged", "a member has no size")


def _data(stream: Stream, header: _Member, packed: int, crc: int | None, limits: Limits) -> io.BufferedReader:
    if header.flags & _ENCRYPTED:
        raise ReadError("encrypted", "it needs a password")
    part = SliceReader(stream, packed, crc=crc if header.method == _STORED else None)
    if header.method == _STORED:
        return buffered(part)
    if header.method == _DEFLATED:
        return buffered(InflateReader(part, DEFLATE, limits, crc=crc))
    raise ReadError("unsupported_compression", f"zip method {header.method}")


def _mark_behind_descriptor(stream: Stream) -> bytes:
    """Skip checksum and sizes (12 bytes, 20 for zip64, with or without a signature); return the next signature."""
    first = stream.read(4)
    stream.read(12 if first == _DESCRIPTOR_MARK else 8)
    mark = stream.read(4)
    if mark == _LOCAL_MARK or mark in _AFTER_MEMBERS:
        return mark
    stream.read(4)
    return stream.read(4)
