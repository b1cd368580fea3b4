"""Room: is there enough on the disk for a load, asked before it begins.

DuckDB 1.5.5 ends the whole process (`std::terminate`, a page of C++ frames, exit -6) when the disk fills while it
commits a transaction that replaced rows under a key: taking the commit back, it finds the key twice. The file is whole
afterwards, but nobody is told what happened. So a load that has no room does not begin.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from copydesk.errors import StoreError

__all__ = ["ask_for_room"]

_LEAST = 8_000_000
_TIMES = 6
"""Bytes that a load writes, journal and file together, per byte of its compressed parts: 3 to 5 (seeds, generated texts,
bench/html; 2026-11)."""


def ask_for_room(warehouse: Path, run_folder: Path) -> None:
    """Refuse a load that the disk has no room for.

    Raises:
        StoreError: Says how much is needed and how much is free.
    """
    needed = _LEAST + _TIMES * sum(p.stat().st_size for p in run_folder.rglob("*.parquet"))
    disk = os.statvfs(warehouse.parent)
    free = disk.f_bavail * disk.f_frsize
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit != resource.RLIM_INFINITY:
        free = min(free, max(0, limit - warehouse.stat().st_size))
    if free < needed:
        raise StoreError(
            f"{warehouse}: a load needs {needed / 1e6:.0f} MB of room, {free / 1e6:.0f} MB are there. "
            f"Free some space and run `copydesk load`; the parts are kept in {run_folder}."
        )
