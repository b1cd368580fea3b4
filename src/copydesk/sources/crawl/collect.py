"""Collect: ask web sources what is new, archive every new page, hand out what came of each address.

sources --> frontier (event loop, a thread of its own) --> found --> archive (this thread) --> Gathered

with Archive(...) as archive:
    for batch in batched(collect(sources, Desired(state=state), limits, keeping), documents=2000, size_bytes=...):
        archive.flush()
        write_part(folder, batch.tables(), ...)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from copydesk.errors import CopydeskError
from copydesk.keys import capture_key
from copydesk.records import Capture, Location
from copydesk.settings import Source
from copydesk.sources.crawl.enumerate_urls import enumerate_urls
from copydesk.sources.crawl.frontier import CrawlPlan, Frontier, FrontierItem
from copydesk.sources.crawl.progress import SourceProgress
from copydesk.sources.crawl.results import FetchLog, FetchResult
from copydesk.store.archive.warc_archive import Archive, Archived, recover
from copydesk.store.archive.warc_records import Exchange
from copydesk.web.background import in_background
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.web.responses import Response

__all__ = ["PageArchives", "collect"]

_POLL_S = 0.05
_AHEAD = 16  # pages that are fetched and not yet archived: what a power cut costs


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArchives:
    """Where fetched pages go.

    Attributes:
        archive: For sources that are archived.
        passing: For the others (`archive = false`): in the run's folder, gone when the run is loaded.
    """

    archive: Archive
    passing: Archive

    @classmethod
    def of(cls, root: Path, archive: Path, run_folder: Path, run_id: str) -> PageArchives:
        """Keep under the desk's archive, or in the run's folder."""
        return cls(archive=Archive(root, archive, run_id), passing=Archive(root, run_folder / "pages", run_id))

    def of_source(self, source: Source) -> Archive:
        """Return where this source's pages go."""
        return self.archive if source.archive else self.passing

    def found(self, run_id: str) -> dict[tuple[str, str], Archived]:
        """Return the pages that this run has written before it was interrupted, by (source, uri)."""
        held: dict[tuple[str, str], Archived] = {}
        for place in (self.archive, self.passing):
            for page in recover(place.root, place.folder, run_id):
                held[str(page.notes["source"]), str(page.notes["uri"])] = page
        return held

    def flush(self) -> None:
        """Flush to disk what was written; before a part is written that names it."""
        self.archive.flush()
        self.passing.flush()

    def close(self) -> None:
        """Flush and close."""
        self.archive.close()
        self.passing.close()


def collect(
    sources: Sequence[Source], plan: CrawlPlan, limits: WebLimits, keeping: PageArchives
) -> Iterator[FetchResult]:
    """Ask all sources at once, politely; yield what came of each address as it comes.

    Raises:
        SettingsError: A source's list or pattern cannot be read, or the limits cannot be kept.
        StoreError: The archive cannot be written.
    """
    by_name = {source.name: source for source in sources}
    for found in in_background(lambda: _frontier(sources, plan, limits, keeping.archive.root), ahead=_AHEAD):
        if found.response is not None and found.item is not None:
            source = by_name[found.result.source]
            yield replace(found.result, capture=_archived(found, found.response, keeping.of_source(source)))
        elif found.archived is not None:
            yield _again(found.result, found.archived)
        else:
            yield found.result


async def _frontier(
    sources: Sequence[Source], plan: CrawlPlan, limits: WebLimits, root: Path
) -> AsyncGenerator[FrontierItem, None]:
    found: asyncio.Queue[FrontierItem | None] = asyncio.Queue(maxsize=_AHEAD)
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
    """Let every source announce its pages; the frontier's workers join the same group of tasks."""
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
    await found.put(None)  # not when cancelled: then nobody listens any more, and the queue may be full for ever
    if failure is not None:
        raise failure


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _archived(found: FrontierItem, response: Response, archive: Archive) -> Capture:
    """Write a page to the archive; its notes hold all that its capture needs."""
    item, result = found.item, found.result
    notes: dict[str, Any] = {
        "source": result.source,
        "uri": result.uri,
        "url": response.url,
        "sha256": sha256(response.content).hexdigest(),
        "media_type": response.media_type or _sniffed(response.content),
        "charset": response.charset,
        "size_bytes": len(response.content),
        "http_status": response.status,
        "etag": response.etag,
        "last_modified": response.last_modified,
        "title_hint": item.title if item else None,
        "published_hint": item.published if item else None,
        "opt_outs": list(response.opt_outs),
        "hops": list(response.hops),
        "wire_bytes": response.wire_bytes,
        "elapsed_ms": response.elapsed_ms,
    }
    fetched_at = response.started_at
    assert fetched_at is not None  # noqa: S101 - a captured response was sent at some time
    exchange = Exchange(
        url=response.url,
        status_line=f"{response.status} {response.status_text}".strip(),
        content=response.content,
        fetched_at=fetched_at,
        request_headers=response.request_headers,
        response_headers=response.response_headers,
        address=response.address,
        notes=notes,
    )
    return _capture(notes, archive.append(exchange), fetched_at)


def _again(result: FetchResult, archived: Archived) -> FetchResult:
    """Make of a page that is in the archive what would have been made of it when it was fetched."""
    notes = archived.notes
    log = FetchLog(
        source=result.source,
        uri=result.uri,
        purpose="page",
        url=str(notes["url"]),
        outcome="captured",
        reason="in_archive",
        http_status=notes["http_status"],
        wire_bytes=notes["wire_bytes"],
        body_bytes=notes["size_bytes"],
        elapsed_ms=notes["elapsed_ms"],
        started_at=archived.fetched_at,
        opt_outs=",".join(notes["opt_outs"]),
    )
    return replace(result, log=log, capture=_capture(notes, archived.location, archived.fetched_at))


def _capture(notes: Mapping[str, Any], location: Location, captured_at: datetime) -> Capture:
    return Capture(
        capture_id=capture_key(notes["source"], notes["uri"], notes["sha256"]),
        source=notes["source"],
        uri=notes["uri"],
        url=notes["url"],
        sha256=notes["sha256"],
        media_type=notes["media_type"],
        charset=notes["charset"],
        size_bytes=notes["size_bytes"],
        captured_at=captured_at,
        location=location,
        http_status=notes["http_status"],
        etag=notes["etag"],
        last_modified=notes["last_modified"],
        title_hint=notes["title_hint"],
        published_hint=notes["published_hint"],
    )


def _sniffed(content: bytes) -> str:
    return "text/html" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "text/plain"
