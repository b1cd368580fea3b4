"""A read copy of the warehouse, replaced by rename: long-running readers use it and never block a load."""

from __future__ import annotations

import shutil
from pathlib import Path

from copydesk.filesystem import replacing, write_error
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["publish_snapshot", "snapshot_path"]


def snapshot_path(warehouse: Path) -> Path:
    """Return where the read copy of a warehouse lies."""
    return warehouse.with_suffix(".snapshot.duckdb")


def publish_snapshot(warehouse: Warehouse) -> Path:
    """Replace the read copy; readers that have the former one open keep it. A lake needs none.

    Raises:
        WarehouseBusyError: A load is on past the deadline; the former copy stays.
        StoreError: The disk refused; the former copy stays.
    """
    if warehouse.lake is not None:  # its readers never wait, and a copy would not be small
        return warehouse.path
    target = snapshot_path(warehouse.path)
    if warehouse.path.with_name(warehouse.path.name + ".wal").exists():
        with warehouse.open_for_writing() as connection:
            connection.execute("checkpoint")
    try:
        with replacing(target, durable=True) as temporary, warehouse.open_for_reading():  # no writer while it is copied
            shutil.copyfile(warehouse.path, temporary)
    except OSError as error:
        raise write_error(target, error, then="run again; the load itself is safe") from error
    return target
