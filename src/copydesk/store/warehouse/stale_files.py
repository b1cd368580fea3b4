"""Temporary files beside the warehouse whose process is gone.

.copydesk.duckdb.1f3a9b2c.4711.tmp            a warehouse half written
.copydesk.snapshot.duckdb.1f3a9b2c.4711.tmp   a copy half written
.serve.json.1f3a9b2c.4711.tmp                 a note half written
archive/hosts/.5d0c.json.1f3a9b2c.4711.tmp    a robots.txt half kept
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from copydesk import filesystem

__all__ = ["remove_stale_files", "stale_files"]

_NOTES = ("serve.json", "schedule.json", "told.json")


def stale_files(warehouse: Path) -> Iterator[Path]:
    """Yield temporary files of processes of this machine that are gone."""
    for folder in sorted({warehouse.parent, warehouse.resolve().parent}):
        for name in (f"{warehouse.stem}*", *(f"{note}*" for note in _NOTES)):
            yield from filesystem.stale_files(folder, name)
    hosts = warehouse.parent / "archive" / "hosts"
    yield from filesystem.stale_files(hosts)


def remove_stale_files(warehouse: Path) -> None:
    """Remove them, so that a desk whose runs are killed does not grow."""
    for path in stale_files(warehouse):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
