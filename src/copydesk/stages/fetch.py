"""Network part of acquire: source states in, batches of results out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from copydesk.runs.folder import BACKFILL, Run
from copydesk.schedule.calendar import read_schedule
from copydesk.settings import Settings, Source
from copydesk.sources.crawl.collect import PageArchives, collect
from copydesk.sources.crawl.frontier import CrawlPlan
from copydesk.sources.crawl.results import FetchBatch, UrlItem, batched, done_in
from copydesk.sources.crawl.state import State
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import part_paths
from copydesk.store.read.coverage import missed_pages
from copydesk.store.read.known_files import removed_keys
from copydesk.store.read.lookups import read_states
from copydesk.web.limits import WebLimits

__all__ = ["fetch"]


def fetch(run: Run, sources: Sequence[Source]) -> Iterator[FetchBatch]:
    """Fetch new pages of web sources; the pages of a batch are on disk before the batch is yielded.

    An interrupted run resumes: pages in its parts or its archive are not fetched again.

    Raises:
        SettingsError: A source's list or pattern cannot be read.
        StoreError: The archive cannot be written, or the warehouse cannot be read.
    """
    if not sources:
        return
    desk = run.desk
    backfill = run.trigger == BACKFILL
    store = desk.settings.warehouse.archive_path
    archives = PageArchives.of(desk.root, desk.archive, run.folder, run.run_id, store=store)
    plan = CrawlPlan(
        state=_state(run, sources),
        by_hand=run.trigger != "schedule",
        ignore_backoff=run.named and run.trigger != "schedule",
        done=done_in(run.stage_folder("acquire")),
        archived=archives.recover_pages(run.run_id),
        hosts_folder=desk.archive / "hosts",
        kept_out=removed_keys(desk.warehouse),
        backfill=backfill,
        missed=_missed(run, sources) if backfill else {},
    )
    limits = desk.settings.run
    try:
        results = collect(sources, plan, _limits(desk.settings, sources), archives)
        for batch in batched(results, documents=limits.part_documents, size_bytes=limits.part_bytes):
            archives.flush()
            yield batch
    finally:
        archives.close()


def _missed(run: Run, sources: Sequence[Source]) -> dict[str, list[UrlItem]]:
    """Return source -> the pages that earlier runs were told of and have not taken."""
    return {
        source.name: [
            UrlItem(url=page.url, origin=page.feed, title=page.title, published=page.published)
            for page in missed_pages(run.desk.warehouse, source.name, source.since or date.min)
        ]
        for source in sources
    }


def _limits(settings: Settings, sources: Sequence[Source]) -> WebLimits:
    """Return the limits; the shortest list interval is that of the most frequent schedule."""
    limits = WebLimits.from_settings(settings.web, document_bytes=settings.run.document_bytes)
    least_s, most_s = limits.list_interval_s
    for source in sources:
        if source.schedule:
            calendar = read_schedule(source.schedule, timezone=source.timezone, name=source.name)
            one = calendar.next(datetime.now(UTC))
            other = calendar.next(one) if one else None
            if one and other:
                least_s = min(least_s, (other - one).total_seconds())
    return replace(limits, list_interval_s=(least_s, most_s))


def _state(run: Run, sources: Sequence[Source]) -> State:
    """Read the state of earlier runs: from the warehouse, and from held batches."""
    names = {source.name for source in sources}
    return State.of_rows(*(list(_rows(run, table, names)) for table in ("source_state", "address_state")))


def _rows(run: Run, table: str, names: set[str]) -> Iterator[Mapping[str, Any]]:
    yield from read_states(run.desk.warehouse, table, names).iter_rows(named=True)
    for held in sorted(run.desk.runs.glob("*-*/held")):
        for part in part_paths(held.parent / "acquire"):
            for row in read_frame(part, table).iter_rows(named=True):
                if row["source"] in names:
                    yield row
