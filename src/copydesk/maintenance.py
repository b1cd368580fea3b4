"""Upkeep: the tasks that keep a desk in order, one function each; the scheduler does them all every night.

A task takes the desk and returns in one line what it did. To add one, write it and name it in `TASKS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from copydesk.errors import StoreError
from copydesk.logs import log_folder, prune_logs
from copydesk.object_store import remove_object, stored_objects
from copydesk.pipeline import finish_interrupted
from copydesk.quality.report.html_report import render_report, write_report
from copydesk.quality.report.overview import quality_exit_code, read_overview
from copydesk.quality.rules import desk_registry
from copydesk.service.lineage.deliver import lineage_folder
from copydesk.service.source_view import source_standings
from copydesk.settings import DeskFolder
from copydesk.store.doctor import examine
from copydesk.store.read.search import refresh_index
from copydesk.store.warehouse.connection import open_warehouse
from copydesk.store.warehouse.snapshot import publish_snapshot
from copydesk.wording import counted

__all__ = ["TASKS", "MaintenanceTask"]

MaintenanceTask = Callable[[DeskFolder], str]

_DAY_S = 86_400
_REPORT_DAYS = 28
_NONE = "there is no warehouse yet"


def finish_runs(desk: DeskFolder) -> str:
    """Take runs whose process is gone to their end."""
    finished = finish_interrupted(desk)
    broken = [run.run_id for run in finished if run.error]
    return f"{counted(len(finished) - len(broken), 'interrupted run')} finished" + (
        f", not {', '.join(broken)}: see `copydesk runs list`" if broken else ""
    )


def prune_log_files(desk: DeskFolder) -> str:
    """Remove the logs, and the lineage, of days that are over `[schedule] log_days` ago."""
    days, now = desk.settings.schedule.log_days, datetime.now(UTC)
    folders = (log_folder(desk.warehouse), lineage_folder(desk.warehouse))
    gone = sum(prune_logs(folder, keep_days=days, today=now) for folder in folders)
    return f"{counted(gone, 'log file')} older than {counted(days, 'day')} removed"


def prune_archive(desk: DeskFolder) -> str:
    """Remove archive files that were last written more than `[warehouse] archive_days` ago; 0 keeps all."""
    days = desk.settings.warehouse.archive_days
    if days == 0:
        return "the archive is kept for ever"
    oldest = time.time() - days * _DAY_S
    old = [p for p in desk.archive.rglob("*.warc*") if p.is_file() and p.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    gone = len(old) + _prune_stored(desk, oldest)
    return f"{counted(gone, 'archive file')} older than {counted(days, 'day')} removed"


def _prune_stored(desk: DeskFolder, oldest: float) -> int:
    """Remove the archive's objects that were written before a time; return how many."""
    store = desk.settings.warehouse.archive_path
    if not store:
        return 0
    try:
        old = [o.address for o in stored_objects(f"{store}/") if o.modified_at.timestamp() < oldest]
        for address in old:
            remove_object(address)
    except OSError as error:
        raise StoreError(
            f"cannot remove old pages from {store}: {error.strerror}. The next upkeep tries again."
        ) from error
    return len(old)


def compact(desk: DeskFolder) -> str:
    """Checkpoint the write-ahead log and release free blocks; of a lake, merge small files and drop old snapshots."""
    if not desk.warehouse.exists():
        return _NONE
    warehouse = open_warehouse(desk)
    with warehouse.open_for_writing() as connection:
        connection.compact()
    return f"the warehouse is {warehouse.size_bytes() / 1e6:,.1f} MB"


def index_texts(desk: DeskFolder) -> str:
    """Bring the search index up to date."""
    if not desk.warehouse.exists():
        return _NONE
    return "the search index is made anew" if refresh_index(open_warehouse(desk)) else "the search index is up to date"


def copy_for_readers(desk: DeskFolder) -> str:
    """Publish the read copy, where `[warehouse] snapshot` asks for one."""
    if not desk.settings.warehouse.snapshot or not desk.warehouse.exists():
        return "no read copy is asked for"
    if open_warehouse(desk).lake is not None:
        return "a lake needs no read copy: its readers never wait"
    return f"{publish_snapshot(open_warehouse(desk)).name} is up to date"


def report_quality(desk: DeskFolder) -> str:
    """Write the quality report, `report.html` beside the warehouse."""
    if not desk.warehouse.exists():
        return _NONE
    registry = desk_registry(desk).for_sources(desk.settings.source)
    sources = source_standings(desk, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
    with open_warehouse(desk).open_for_reading() as connection:
        overview = read_overview(connection, desk, registry, days=_REPORT_DAYS, sources=sources)
    html = render_report(overview, registry, desk=desk.root.resolve().name, code=quality_exit_code(overview, desk))
    return f"{write_report(desk.warehouse.parent / 'report.html', html)} is written"


def check_warehouse(desk: DeskFolder) -> str:
    """Ask whether the file opens and every row and key of it holds.

    Raises:
        StoreError: Something is wrong; names it and what to do.
    """
    found = examine(open_warehouse(desk), desk.runs, desk.own_views)
    wrong = [f"{e.name}: {e.found} ({e.mend})" for e in found if not e.ok]
    if wrong:
        raise StoreError(f"{'; '.join(wrong)}. `copydesk doctor` says more.")
    return f"{counted(len(found), 'thing')} looked at, all in order"


TASKS: tuple[MaintenanceTask, ...] = (
    finish_runs,
    prune_log_files,
    prune_archive,
    compact,
    index_texts,
    copy_for_readers,
    report_quality,
    check_warehouse,
)
