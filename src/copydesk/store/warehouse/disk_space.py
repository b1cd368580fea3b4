"""Room: is there enough on the disk, asked before the warehouse is written to.

DuckDB 1.5.5 ends the whole process (`std::terminate`, a page of C++ frames, exit -6) when the disk fills while it
commits a transaction that replaced rows under a key: taking the commit back, it finds the key twice. The file is whole
afterwards, but nobody is told what happened. So what has no room does not begin.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from copydesk.errors import StoreError

__all__ = ["check_disk_space"]

_LEAST = 8_000_000
_TIMES = 6
"""Bytes that a load may write, journal and file together, per byte of its compressed parts."""


def check_disk_space(warehouse: Path, parts: Path | None = None) -> None:
    """Refuse to write where the disk has no room for it.

    Args:
        warehouse: The file; its folder exists.
        parts: Folder of the run that is to be loaded.

    Raises:
        StoreError: Says how much is needed and how much is there.
    """
    more = sum(p.stat().st_size for p in parts.rglob("*.parquet")) if parts is not None else 0
    needed = _LEAST + _TIMES * more
    disk = os.statvfs(warehouse.parent)
    free = disk.f_bavail * disk.f_frsize
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit != resource.RLIM_INFINITY:
        free = min(free, max(0, limit - (warehouse.stat().st_size if warehouse.exists() else 0)))
    if free < needed:
        raise StoreError(
            f"{warehouse}: {needed / 1e6:.0f} MB of room are needed, {free / 1e6:.0f} MB are there. "
            "Free some space and run again; what was fetched is kept."
        )
