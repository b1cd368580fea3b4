"""Upkeep: the chores that keep a desk in order, one function each; the scheduler does them all every night.

A chore takes the desk and returns in one line what it did. To add one, write it and name it in `CHORES`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from copydesk.errors import StoreError
from copydesk.logs import log_folder, prune_logs
from copydesk.pipeline import finish_interrupted
from copydesk.settings import Desk
from copydesk.store.relations import broken_keys
from copydesk.store.warehouse import Warehouse

__all__ = ["CHORES", "Chore"]

Chore = Callable[[Desk], str]

_DAY_S = 86_400


def finish_runs(desk: Desk) -> str:
    """Take runs whose process is gone to their end."""
    finished = finish_interrupted(desk)
    return f"{len(finished)} interrupted runs finished"


def prune_log_files(desk: Desk) -> str:
    """Remove the logs of days that are over `[schedule] log_days` ago."""
    days = desk.settings.schedule.log_days
    gone = prune_logs(log_folder(desk.warehouse), keep_days=days, today=datetime.now(UTC))
    return f"{gone} log files older than {days} days removed"


def prune_archive(desk: Desk) -> str:
    """Remove archive files that were last written more than `[warehouse] archive_days` ago; 0 keeps all."""
    days = desk.settings.warehouse.archive_days
    if days == 0:
        return "the archive is kept for ever"
    oldest = time.time() - days * _DAY_S
    old = [p for p in desk.archive.rglob("*.warc*") if p.is_file() and p.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return f"{len(old)} archive files older than {days} days removed"


def check_keys(desk: Desk) -> str:
    """Ask whether every key of the warehouse holds.

    Raises:
        StoreError: Some do not; names them.
    """
    if not desk.warehouse.exists():
        return "there is no warehouse yet"
    with Warehouse(desk.warehouse, wait_s=desk.settings.warehouse.wait_s).open_for_reading() as connection:
        broken = broken_keys(connection)
    if broken:
        raise StoreError(f"{desk.warehouse}: keys do not hold: {'; '.join(broken)}. `copydesk doctor` says more.")
    return "all keys hold"


CHORES: tuple[Chore, ...] = (finish_runs, prune_log_files, prune_archive, check_keys)
