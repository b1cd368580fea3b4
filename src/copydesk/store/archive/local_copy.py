"""Lend an archive object as a file, for code that reads and rewrites WARC files by path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copydesk.filesystem import scratch_folder
from copydesk.object_store import read_object

__all__ = ["local_copy"]


@contextmanager
def local_copy(address: str) -> Iterator[Path]:
    """Copy an object to this process's scratch folder for as long as the block takes; one at a time.

    Raises:
        OSError: The store refused (FileNotFoundError: the object is gone), or the disk is full.
    """
    path = scratch_folder() / f"object.{os.getpid()}.warc.gz"
    try:
        path.write_bytes(read_object(address))
        yield path
    finally:
        path.unlink(missing_ok=True)
