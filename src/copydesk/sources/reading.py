"""Read the bytes of a capture again, from wherever they lie: what extract's workers do first."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from copydesk.records import Location
from copydesk.sources.captures import Limits, ReadError
from copydesk.sources.names import original
from copydesk.sources.walking import detail_of, reason_of

__all__ = ["ReadError", "Reader", "read_document_bytes"]

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class Reader:
    """Reads captures' bytes; keeps the last carrier open, so a batch in its order costs one pass.

    Keep one per worker process: a worker that is given ascending batches of one carrier goes through it once.
    """

    def __init__(self, desk: Path, *, max_bytes: int = Limits().document_bytes) -> None:
        """Read for the desk in this folder, no document longer than `max_bytes`."""
        self._desk = desk
        self._max_bytes = max_bytes

    def read(self, location: Location) -> bytes:
        """Return the bytes that lie there.

        Raises:
            ReadError: They are not there any more, or not as they were; its reason is a rejection's.
        """
        try:
            return self._file(str(self._desk / original(location.path)))
        except OSError as error:
            raise ReadError(reason_of(error), detail_of(error)) from error

    def close(self) -> None:
        """Let go of the carrier that is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _file(self, path: str) -> bytes:
        descriptor = os.open(path, _FLAGS)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ReadError("changed_while_read", "it is no regular file any more")
            if status.st_size > self._max_bytes:
                raise ReadError("too_large", f"{status.st_size} bytes, the limit is {self._max_bytes}")
            parts = []
            missing = status.st_size
            while missing > 0 and (part := os.read(descriptor, missing)):
                parts.append(part)
                missing -= len(part)
            return b"".join(parts)
        finally:
            os.close(descriptor)


def read_document_bytes(location: Location, desk: Path, *, max_bytes: int = Limits().document_bytes) -> bytes:
    """Return the bytes of one capture; for more than one of a carrier, keep a `Reader`.

    Raises:
        ReadError: They are not there any more, or not as they were.
    """
    with Reader(desk, max_bytes=max_bytes) as reader:
        return reader.read(location)
