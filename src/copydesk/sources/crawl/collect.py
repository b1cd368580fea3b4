"""Fetch what is new from web sources and archive every new page; yield one result per URL.

sources --> frontier (event loop in a thread of its own) --> FrontierItem --> archive (this thread) --> FetchResult

for batch in batched(collect(sources, CrawlPlan(state=state), limits, archives), documents=2000, size_bytes=...):
    archives.flush()
    write_part(folder, batch.tables(), ...)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from copydesk.errors import CopydeskError
from copydesk.settings import Source
from copydesk.sources.crawl.enumerate_urls import enumerate_urls
from copydesk.sources.crawl.frontier import CrawlPlan, Frontier, FrontierItem
from copydesk.sources.crawl.progress import SourceProgress
from copydesk.sources.crawl.results import ArchivedPage, FetchResult, archived_page, page_notes
from copydesk.store.archive.warc_archive import Archive, recover
from copydesk.store.archive.warc_records import Exchange
from copydesk.web.background import in_background
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.web.responses import Response

__all__ = ["PageArchives", "collect"]

_POLL_S = 0.05
_MAX_UNARCHIVED = 16  # pages that are fetched and not yet archived: the loss in a power cut


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArchives:
    """The two archives that a run writes fetched pages to.

    Attributes:
        permanent: For sources that are archived.
        temporary: For sources with `archive = false`: in the run's folder, removed with it once the run is loaded.
    """

    permanent: Archive
    temporary: Archive

    @classmethod
    def of(cls, root: Path, archive: Path, run_folder: Path, run_id: str, *, store: str = "") -> PageArchives:
        """Return the desk's archive, whose files go to a store where one is named, and the run's own."""
        return cls(
            permanent=Archive(root, archive, run_id, store=store),
            temporary=Archive(root, run_folder / "pages", run_id),
        )

    def of_source(self, source: Source) -> Archive:
        """Return the archive for a source's pages."""
        return self.permanent if source.archive else self.temporary

    def recover_pages(self, run_id: str) -> dict[tuple[str, str], ArchivedPage]:
        """Return the pages that this run had archived before it was interrupted, by (source, uri)."""
        pages = [
            archived_page(found.notes, found.location, found.fetched_at)
            for archive in (self.permanent, self.temporary)
            for found in recover(archive.root, archive.folder, run_id, store=archive.store)
        ]
        return {(page.capture.source, page.capture.uri): page for page in pages}

    def flush(self) -> None:
        """Flush written pages to disk; call it before a part that names them is written."""
        self.permanent.flush()
        self.temporary.flush()

    def close(self) -> None:
        """Flush and close."""
        self.permanent.close()
        self.temporary.close()


def collect(
    sources: Sequence[Source], plan: CrawlPlan, limits: WebLimits, archives: PageArchives
) -> Iterator[FetchResult]:
    """Ask all sources concurrently, one request per host at a time; yield each result as it comes.

    Raises:
        SettingsError: A source's list or pattern cannot be read, or the limits cannot be kept.
        StoreError: The archive cannot be written.
    """
    by_name = {source.name: source for source in sources}
    for found in in_background(
        lambda: _frontier(sources, plan, limits, archives.permanent.root), ahead=_MAX_UNARCHIVED
    ):
        if found.response is None:
            yield found.result
        else:
            yield _archive(found.result, found.response, archives.of_source(by_name[found.result.source]))


async def _frontier(
    sources: Sequence[Source], plan: CrawlPlan, limits: WebLimits, root: Path
) -> AsyncGenerator[FrontierItem, None]:
    found: asyncio.Queue[FrontierItem | None] = asyncio.Queue(maxsize=_MAX_UNARCHIVED)
    driver = asyncio.create_task(_drive(sources, plan, limits, root, found))
    try:
        while (item := await found.get()) is not None:
            yield item
        await driver
    finally:
        driver.cancel()
        while not driver.done():
            while not found.empty():  # whoever waits for a place in the queue must be able to end
                found.get_nowait()
            await asyncio.wait([driver], timeout=_POLL_S)


async def _drive(
    sources: Sequence[Source],
    plan: CrawlPlan,
    limits: WebLimits,
    root: Path,
    found: asyncio.Queue[FrontierItem | None],
) -> None:
    """Enumerate every source's URLs; the frontier's host workers run in the same task group."""
    failure: BaseException | None = None
    try:
        async with Client(limits, hosts_folder=plan.hosts_folder) as client, asyncio.TaskGroup() as group:
            names = frozenset(source.name for source in sources)
            frontier = Frontier(client, plan, names, group=group, found=found)
            for source in sources:
                group.create_task(enumerate_urls(SourceProgress(source), frontier, root))
    except BaseExceptionGroup as group_error:
        failure = _first(group_error.subgroup(CopydeskError) or group_error)
    except Exception as error:  # noqa: BLE001 - raised again below, once whoever listens knows that it is over
        failure = error
    await found.put(None)  # not when cancelled: the queue may be full and has no reader then
    if failure is not None:
        raise failure


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _archive(result: FetchResult, response: Response, archive: Archive) -> FetchResult:
    """Write a fetched page to the archive; return its result with the location in its capture."""
    capture, log = result.capture, result.log
    assert capture is not None  # noqa: S101 - the frontier hands a response out with its capture only
    assert log is not None  # noqa: S101
    exchange = Exchange(
        url=response.url,
        status_line=f"{response.status} {response.status_text}".strip(),
        content=response.content,
        fetched_at=capture.captured_at,
        request_headers=response.request_headers,
        response_headers=response.response_headers,
        address=response.address,
        notes=page_notes(capture, log, response.hops),
    )
    return replace(result, capture=replace(capture, location=archive.append(exchange)))
