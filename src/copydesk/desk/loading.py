"""Into the warehouse: sources, runs, and stored pages under today's rules.

>>> open_desk().run().loaded
5
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.desk.opening import OpeningDesk
from copydesk.errors import UsageError
from copydesk.settings import Source

if TYPE_CHECKING:
    from copydesk.reprocess import Preview
    from copydesk.runs.folder import Progress, Resuming
    from copydesk.runs.summary import RunSummary
    from copydesk.sources.crawl.check_sources import SourceCheck
    from copydesk.store.warehouse.lake.move import MoveReport

__all__ = ["LoadingDesk"]


class LoadingDesk(OpeningDesk):
    """Methods that bring pages into the warehouse."""

    __slots__ = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that `copydesk.toml` declares."""
        return self.settings.source

    def check_sources(self, *names: str) -> list[SourceCheck]:
        """Ask whether sources are there and what they name; no page of their lists is fetched, nothing is written.

        Args:
            names: Sources; none: all.

        Raises:
            UsageError: No such source.
        """
        from copydesk.sources.crawl.check_sources import check_sources
        from copydesk.web.limits import WebLimits

        chosen = [self.source(name) for name in names] if names else list(self.sources)
        limits = WebLimits.from_settings(self.settings.web, document_bytes=self.settings.run.document_bytes)
        return check_sources(chosen, self.root, limits)

    def run(
        self,
        *targets: str | Path,
        trigger: str = "api",
        progress: Progress | None = None,
        lock_timeout_s: float = 60,
        resuming: Resuming | None = None,
    ) -> RunSummary:
        """Take sources, files or folders into the warehouse; interrupted runs are finished first.

        Args:
            targets: Names of sources, files or folders; none: every enabled source.
            trigger: Who asked; stored as `ops.runs.command`. Not `replay`, `reprocess` or `preview`.
            progress: Called as `progress(stage, done, total)`; `total` is None while unknown.
            lock_timeout_s: Seconds to wait for another run of the same source.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: A target is neither a source nor an existing path.
            RunBusyError: Another run of the same source is at work past `lock_timeout_s`.
            StoreError: The disk or the warehouse refused; what was done is kept.

        >>> summary = open_desk().run("seeds")
        >>> summary.numbers["captured"] + summary.numbers["unchanged"]
        5
        """
        from copydesk.pipeline import run_desk

        names = [str(t) for t in targets]
        return run_desk(
            self, names, trigger=trigger, progress=progress, lock_timeout_s=lock_timeout_s, resuming=resuming
        )

    def backfill(
        self,
        source: str,
        *,
        since: date,
        max_items: int | None = None,
        progress: Progress | None = None,
        resuming: Resuming | None = None,
    ) -> RunSummary:
        """Take what a web source has published since a day and this desk has not; interrupted runs continue.

        Asked are, with the limits of any run, the source's lists, the archives of its feed, the sitemaps of its site,
        and the pages that earlier runs were told of.

        Args:
            source: Name of a source that fetches.
            since: Nothing older than this day.
            max_items: Pages one run takes at most; the next backfill goes on. None: the source's own limit.
            progress: Called as `progress(stage, done, total)`.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: There is no such source, or it fetches nothing.
            RunBusyError: Another run of the source is at work.
            StoreError: The disk or the warehouse refused; what was done is kept.
        """
        from copydesk.errors import UsageError
        from copydesk.pipeline import run_desk
        from copydesk.runs.folder import BACKFILL

        declared = self.source(source)
        if not declared.fetches:
            raise UsageError(f"source {source!r} reads files, which `copydesk run {source}` takes whole.")
        changes = {"since": since, **({"max_items": max_items} if max_items else {})}
        wider = declared.model_copy(update=changes)
        return run_desk(self, [source], trigger=BACKFILL, progress=progress, resuming=resuming, sources=[wider])

    def load(self, *, snapshot: bool = False, resuming: Resuming | None = None) -> list[RunSummary]:
        """Finish runs that were interrupted, or that could not load because somebody held the warehouse.

        Args:
            snapshot: Publish a read copy afterwards, also where the settings do not ask for one.
            resuming: Called with each run before the work on it goes on.

        Raises:
            WarehouseVersionError: The warehouse is damaged, foreign or newer, whether or not a run waits.
        """
        from copydesk.pipeline import check_warehouse, finish_interrupted
        from copydesk.store.warehouse.snapshot import publish_snapshot

        check_warehouse(self)
        summaries = finish_interrupted(self, resuming=resuming)
        if snapshot or (self.settings.warehouse.snapshot and summaries):
            publish_snapshot(self.open_warehouse())
        return summaries

    def reprocess(
        self,
        source: str | None = None,
        *,
        since: datetime | None = None,
        dry_run: bool = False,
        confirm: Callable[[Preview], bool] | None = None,
        progress: Progress | None = None,
        resuming: Resuming | None = None,
    ) -> Preview:
        """Extract stored pages again under today's rules, with no network; return what changed.

        Args:
            source: Only pages of this source.
            since: Only what was seen at or after this moment (UTC where it has no zone).
            dry_run: Change nothing; return what would change.
            confirm: Asked with what would change, if there is anything; False changes nothing.
            progress: Called after every step.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: The source is neither declared nor in the warehouse.

        >>> open_desk().reprocess("seeds", dry_run=True)
        Preview(captures=5, same=5, changes=())
        """
        from copydesk.reprocess import preview_captures, reprocess_captures
        from copydesk.runs.targets import check_source
        from copydesk.store.read.lookups import captures_to_reprocess

        check_source(self, source)
        moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
        captures = captures_to_reprocess(
            self.warehouse, source, moment, outcomes=("loaded", "quarantined"), lock_timeout_s=self._lock_timeout_s
        )
        found = preview_captures(self, captures, progress=progress)
        if not dry_run and found.changes and (confirm is None or confirm(found)):
            changed = {c.capture_id for c in found.changes}
            chosen = [c for c in captures if c.capture_id in changed]
            reprocess_captures(self, chosen, trigger="reprocess", progress=progress, resuming=resuming)
        return found

    def move_warehouse(self, to: str, *, data_path: str | None = None) -> MoveReport:
        """Copy the warehouse, row for row, into a new lake or a new DuckDB file; the old one stays as it is.

        Args:
            to: `ducklake:...` or the path of a DuckDB file that does not exist yet.
            data_path: Of a lake: the folder of its data files; None is `[warehouse] data_path`.

        Raises:
            UsageError: The target is of the same kind, or holds rows.
            StoreError: The disk or the catalogue failed; the target is as it was.
        """
        from copydesk.settings.lake_path import is_lake, lake_path
        from copydesk.store.warehouse.connection import Warehouse
        from copydesk.store.warehouse.lake.move import MoveReport, move_warehouse

        data = data_path or self.settings.warehouse.data_path
        try:
            path = lake_path(self.root, to, data) if is_lake(to) else self.root / to
        except ValueError as error:
            raise UsageError(f"{error}.") from error
        target = Warehouse(path, lock_timeout_s=self._lock_timeout_s)
        tables = move_warehouse(self.open_warehouse(), target)
        lines = [f'path = "{target.lake.shown if target.lake else to}"']
        if target.lake is not None:
            lines.append(f'data_path = "{data}"')
        return MoveReport(tables=tuple(tables), settings=tuple(lines))
