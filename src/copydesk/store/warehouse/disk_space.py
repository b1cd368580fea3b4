"""Check free disk space before writing to the warehouse.

DuckDB 1.5.5 ends the whole process (`std::terminate`, a page of C++ frames, exit -6) when the disk fills while it
commits a transaction that replaced rows under a key: the rollback finds the key twice. The file is whole afterwards,
but no error can be reported. So a write without enough space is refused before it begins.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from copydesk.errors import StoreError

__all__ = ["check_disk_space"]

_MIN_BYTES = 8_000_000
_BYTES_PER_PART_BYTE = 6
"""Bytes that a load may write, journal and file together, per byte of its compressed parts."""


def check_disk_space(warehouse: Path, parts: Path | None = None) -> None:
    """Refuse a write for which the disk, or the limit on the size of this process's files, has no room.

    Args:
        warehouse: The file; its folder exists.
        parts: Folder of the run that is to be loaded.

    Raises:
        StoreError: Says how much is needed and how much is free.
    """
    more = sum(p.stat().st_size for p in parts.rglob("*.parquet")) if parts is not None else 0
    needed = _MIN_BYTES + _BYTES_PER_PART_BYTE * more
    disk = os.statvfs(warehouse.parent)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        raise StoreError(
            f"{warehouse}: {needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB of the disk are free. "
            "Free some space and run again; what was fetched is kept."
        )
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = warehouse.stat().st_size if warehouse.is_file() else 0
    if limit != resource.RLIM_INFINITY and limit - size < needed:
        raise StoreError(
            f"{warehouse}: {(size + needed) / 1e6:.0f} MB are needed, and a file may have {limit / 1e6:.0f} MB. "
            "Raise the limit on the size of files (ulimit -f) and run again; what was fetched is kept."
        )
