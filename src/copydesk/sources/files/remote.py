"""Files in object stores and on web servers: `s3://bucket/folder`, `gs://`, `az://`, `https://host/crawl.warc.gz`.

A folder of a store is listed, a file of a web server is asked for its length; bytes are read in ranges, so of a WARC of
a gigabyte a worker reads the records of its part. Where the bytes lie is `Location.path`, as the address.

These are addresses that the desk's owner wrote down, of data and not of pages: robots.txt is not asked.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from copydesk.object_store import StoredObject, is_folder, is_web, read_range, stored_object, stored_objects
from copydesk.sources.files.find_files import detail_of, matcher, reason_of
from copydesk.sources.files.found import FoundFile, Skipped
from copydesk.sources.files.safe_names import printable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["find_remote", "open_remote", "read_remote"]

_BUFFER_BYTES = 8_388_608
"""Bytes asked for at once when a file is read from end to end: a request takes about 0.1 s, however short."""


def find_remote(
    roots: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Iterator[FoundFile | Skipped]:
    """Yield the files at some addresses, each address in the order of its listing; an address alone is one file.

    Args:
        roots: Addresses of files, or of folders in a store.
        include: Glob patterns as of `find_files`, on the path below the address.
        exclude: Glob patterns of files to leave out.

    Raises:
        UsageError: obstore is not installed, or a pattern is invalid.
    """
    wanted, unwanted = matcher(include, nothing=True), matcher(exclude, nothing=False)
    for root in dict.fromkeys(roots):
        try:
            yield from _find(root, wanted, unwanted)
        except OSError as error:
            yield Skipped(uri=printable(root), reason=reason_of(error), detail=detail_of(error))


def _find(root: str, wanted: Any, unwanted: Any) -> Iterator[FoundFile | Skipped]:
    try:
        if not is_folder(root):
            yield _found(stored_object(root))
            return
    except FileNotFoundError:
        if is_web(root):
            raise
    if is_web(root):
        raise OSError(errno.EISDIR, "a web server cannot be asked for the files of a folder; name the files")
    number = 0
    for found in stored_objects(root):
        number += 1
        if wanted(found.name) and not unwanted(found.name):
            yield _found(found)
    if not number:
        raise FileNotFoundError(errno.ENOENT, "nothing has this address, or begins with it")


def _found(one: StoredObject) -> FoundFile:
    return FoundFile(
        uri=printable(one.address),
        path=one.address,
        desk_path=printable(one.address),
        size_bytes=one.size_bytes,
        modified_ns=int(one.modified_at.timestamp()) * 10**9,
    )


def open_remote(address: str, size: int | None = None, *, buffer_bytes: int = _BUFFER_BYTES) -> io.BufferedReader:
    """Return a file as a stream that can seek; reads ask for ranges.

    Args:
        address: The file.
        size: Its length, where it is known.
        buffer_bytes: Bytes asked for at once.

    Raises:
        OSError: It is not there, or cannot be asked for.
    """
    if size is None:
        size = stored_object(address).size_bytes
    return io.BufferedReader(_Ranges(address, size), buffer_bytes)


def read_remote(address: str, *, max_bytes: int) -> bytes:
    """Return a file's bytes; at most `max_bytes` and one more.

    Raises:
        OSError: It is not there, or cannot be asked for.
    """
    with open_remote(address, buffer_bytes=io.DEFAULT_BUFFER_SIZE) as stream:
        return stream.read(max_bytes + 1)


class _Ranges(io.RawIOBase):
    """A file elsewhere, read in ranges."""

    def __init__(self, address: str, size: int) -> None:
        self._address, self._size, self._at = address, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        wanted = min(len(view), self._size - self._at)
        if wanted <= 0:
            return 0
        data = read_range(self._address, self._at, wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
