"""What processes that are gone have left beside the warehouse: temporary files that never got their name.

.copydesk.duckdb.4711.tmp    a warehouse half made      .copydesk.snapshot.duckdb.4711.tmp    a copy half made
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from copydesk.store.warehouse.ledger import process_start

__all__ = ["remove_stale_files", "stale_files"]

_TEMPORARY = re.compile(r"\.(\d+)\.tmp(?:\.wal)?$")


def stale_files(warehouse: Path) -> Iterator[Path]:
    """Yield temporary files of processes of this machine that are gone."""
    beside = (p for p in warehouse.parent.glob(".*.tmp*") if p.name.startswith(f".{warehouse.stem}"))
    hosts = (warehouse.parent / "archive" / "hosts").glob("*.tmp")
    for path in sorted((*beside, *hosts)):
        owner = _TEMPORARY.search(path.name)
        if owner and process_start(int(owner[1])) is None:
            yield path


def remove_stale_files(warehouse: Path) -> None:
    """Remove them, so that a desk whose runs are killed does not grow."""
    for path in stale_files(warehouse):
        path.unlink(missing_ok=True)
