"""Read a capture's bytes again from its location; the first step of extraction."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from copydesk.object_store import is_remote
from copydesk.records import MAX_DOCUMENT_BYTES, Location
from copydesk.sources.files.archives.members import MemberStep, steps_of
from copydesk.sources.files.archives.streams import BUFFER_BYTES, Stream, on_disk
from copydesk.sources.files.find_files import detail_of, reason_of
from copydesk.sources.files.found import Limits, ReadError
from copydesk.sources.files.remote import open_remote, read_remote
from copydesk.sources.files.safe_names import original

__all__ = ["ReadError", "Reader", "read_document_bytes"]

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_REMOTE_BUFFER_BYTES = 1_048_576


class Reader:
    """Reads captures' bytes; streams opened for one document stay open for the next.

    In a stream that cannot seek (gzip, nested archives) an earlier offset costs a new pass, so read in order. A closed
    reader leaves such a stream to the next reader of this process: a worker that gets ascending batches of one archive,
    with a reader for each, reads it once.
    """

    def __init__(self, desk: Path, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> None:
        """Read for the desk in this folder; refuse documents longer than `max_bytes`."""
        self._desk = desk
        self._limits = Limits(document_bytes=max_bytes)
        self._path = ""
        self._identity: tuple[int, ...] = ()
        self._open: list[tuple[MemberStep | None, Stream]] = []  # the file, then what was opened in it, step by step

    def read(self, location: Location) -> bytes:
        """Return the bytes at a location.

        Raises:
            ReadError: They are gone or have changed; its reason is a rejection's.
        """
        path = original(location.path)
        if not is_remote(path):
            path = str(self._desk / path)
        try:
            if location.carrier == "file":
                return self._file(path)
            return self._member(path, steps_of(location))
        except OSError as error:
            self._drop()
            raise ReadError(reason_of(error), detail_of(error)) from error
        except ReadError:
            self._drop()
            raise

    def close(self) -> None:
        """Close the open archive; a stream that cannot seek is left to the next reader."""
        if len(self._open) > 1:
            _idle.append(_IdleStreams(os.getpid(), self._path, self._identity, self._open))
            self._open, self._path = [], ""
            while len(_idle) > 1:
                _close(_idle.pop(0).streams)
        self._drop()

    def _drop(self) -> None:
        _close(self._open)
        self._path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _file(self, path: str) -> bytes:
        if is_remote(path):
            content = read_remote(path, max_bytes=self._limits.document_bytes)
            if len(content) > self._limits.document_bytes:
                raise ReadError("too_large", f"the limit is {self._limits.document_bytes} bytes")
            return content
        with _regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > self._limits.document_bytes:
                raise ReadError("too_large", f"{size} bytes, the limit is {self._limits.document_bytes}")
            return file.read(size + 1)

    def _member(self, path: str, steps: tuple[MemberStep, ...]) -> bytes:
        """Open the streams up to the last step, which holds the document."""
        from copydesk.sources.files.archives.reopen import open_step, read_step

        self._use_file(path)
        *outer, last = steps
        self._keep(tuple(outer), last)
        for step in outer[len(self._open) - 1 :]:
            self._open.append((step, open_step(self._open[-1][1], step, self._limits)))
        if last.kind == "parquet":
            self._put_on_disk()
        content = read_step(self._open[-1][1], last, self._limits)
        if len(content) > self._limits.document_bytes:
            raise ReadError("too_large", f"{len(content)} bytes, the limit is {self._limits.document_bytes}")
        return content

    def _put_on_disk(self) -> None:
        """Unpack the innermost stream once for all rows of it: Parquet is read by seeking."""
        step, stream = self._open[-1]
        whole = on_disk(stream, self._limits)
        if whole is not stream:
            self._open[-1] = (step, whole)
            stream.close()

    def _use_file(self, path: str) -> None:
        """Open the file, unless it is open; a file that was replaced is opened again."""
        if is_remote(path):
            self._use_remote(path)
            return
        status = os.stat(path)  # noqa: PTH116
        identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if path == self._path and identity == self._identity:
            return
        self._drop()
        self._open = _reuse(path, identity) or [(None, io.BufferedReader(_regular(path), BUFFER_BYTES))]
        self._path, self._identity = path, identity

    def _use_remote(self, path: str) -> None:
        """Open a file elsewhere, unless it is open; that it was replaced shows in its documents' hashes."""
        if path == self._path:
            return
        self._drop()
        self._open = _reuse(path, ()) or [(None, open_remote(path, buffer_bytes=_REMOTE_BUFFER_BYTES))]
        self._path, self._identity = path, ()

    def _keep(self, outer: tuple[MemberStep, ...], last: MemberStep) -> None:
        """Close streams that do not lead to the document or are past it."""
        shared = 0
        while shared < min(len(outer), len(self._open) - 1) and self._open[shared + 1][0] == outer[shared]:
            shared += 1
        following = (*outer, last)
        while shared and self._open[shared][1].tell() > following[shared].offset:
            shared -= 1
        _close(self._open, shared + 1)


@dataclass(frozen=True, slots=True)
class _IdleStreams:
    """Streams a reader left open, with process and file; not reused after a fork, which shares the offset."""

    process: int
    path: str
    identity: tuple[int, ...]
    streams: list[tuple[MemberStep | None, Stream]]


_idle: list[_IdleStreams] = []


def _reuse(path: str, identity: tuple[int, ...]) -> list[tuple[MemberStep | None, Stream]]:
    """Return the streams that the last reader left open in this file, if any."""
    try:
        left = _idle.pop()
    except IndexError:
        return []
    if (left.process, left.path, left.identity) == (os.getpid(), path, identity):
        return left.streams
    _close(left.streams)
    return []


def _close(streams: list[tuple[MemberStep | None, Stream]], keep: int = 0) -> None:
    while len(streams) > keep:
        streams.pop()[1].close()


def _regular(path: str) -> io.FileIO:
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReadError("changed_while_read", "it is not a regular file any more")
    return io.FileIO(descriptor)


def read_document_bytes(location: Location, desk: Path, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> bytes:
    """Return the bytes of one capture; for several of one archive, keep a `Reader`.

    Raises:
        ReadError: They are gone or have changed.
    """
    with Reader(desk, max_bytes=max_bytes) as reader:
        return reader.read(location)
