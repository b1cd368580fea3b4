"""Tar archives, one member after the other; `tarfile` reads the headers and never writes a file.

A member is located by offset and length: a slice of the decompressed stream.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator

from copydesk.sources.files.archives.members import Context, Member, MemberStep, prefix_members
from copydesk.sources.files.archives.streams import SliceReader, Stream, buffered, skip_to
from copydesk.sources.files.found import ReadError, Skipped
from copydesk.sources.files.safe_names import printable

__all__ = ["walk_tar"]

_HEADER_BYTES = 1_048_576
"""A long name or a pax header is a few kilobytes; a larger one is an attack on memory."""

Walker = Callable[[Stream, str, Context], Iterator[Member | Skipped]]


class _Forward:
    """The stream for `tarfile`: seeks forward only, and limits the size of a read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.last = b""

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int) -> int:
        skip_to(self._stream, offset)
        return offset

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise ReadError("damaged", f"a header of {size} bytes")
        self.last = self._stream.read(size)
        return self.last


def walk_tar(stream: Stream, context: Context, walk: Walker) -> Iterator[Member | Skipped]:
    """Yield the documents of a tar archive.

    Raises:
        ReadError: It ends early or is damaged; what was yielded before is whole.
    """
    forward = _Forward(stream)
    number = 0
    archive = _opened(forward)
    member = _next(archive)
    while member is not None:
        number += 1
        if number > context.limits.members:
            raise ReadError("too_many_members", f"more than {context.limits.members}")
        yield from _member(stream, member, context, walk)
        archive.members.clear()  # type: ignore[attr-defined]  # it remembers every member it has seen
        member = _next(archive)
    if len(forward.last) < tarfile.BLOCKSIZE:
        raise ReadError("truncated", f"the archive ends without its end mark, after {number} members")
    if forward.last.strip(b"\0"):
        raise ReadError("damaged", f"no header where the next should be, after {number} members")


def _opened(forward: _Forward) -> tarfile.TarFile:
    try:
        return tarfile.TarFile(fileobj=forward, mode="r", errors="surrogateescape")  # type: ignore[arg-type]
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise ReadError("damaged", f"it does not start like a tar archive ({error})") from error


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except tarfile.ReadError as error:
        raise ReadError("truncated", f"the archive ends early ({error})") from error
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise ReadError("damaged", f"a header cannot be read ({error})") from error


def _member(stream: Stream, member: tarfile.TarInfo, context: Context, walk: Walker) -> Iterator[Member | Skipped]:
    name = member.name.removeprefix("./").lstrip("/")
    uri = f"!/{printable(name)}"
    if member.isdir():
        return
    if not member.isreg() or member.issparse():
        yield Skipped(uri=uri, reason="not_a_file", detail="a link, a device or a sparse file in the archive")
    elif any(part.startswith(("._", ".DS_Store")) for part in name.split("/")):
        yield Skipped(uri=uri, reason="hidden", detail="hidden by its name")
    elif member.size < 0:
        raise ReadError("damaged", f"a member of {member.size} bytes")
    else:
        part = buffered(SliceReader(stream, member.size))
        step = MemberStep("tar", member.offset_data, member.size)
        yield from prefix_members(step, uri, walk(part, printable(name), context))
        if stream.tell() < member.offset_data + member.size:
            skip_to(stream, member.offset_data + member.size)
