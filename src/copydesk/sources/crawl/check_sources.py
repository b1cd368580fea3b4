"""Check sources without fetching pages: whether the list answers, what it names, what robots.txt allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from copydesk.errors import CopydeskError
from copydesk.object_store import is_remote
from copydesk.plugins import SOURCES, is_own
from copydesk.settings import Source
from copydesk.sources.crawl.discovery import discover_with
from copydesk.sources.crawl.url_list import read_url_list
from copydesk.sources.files.found import FoundFile
from copydesk.sources.files.remote import find_remote
from copydesk.sources.kinds import desk_lists, source_kind
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.wording import counted

__all__ = ["SourceCheck", "check_sources"]

_MAX_LISTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """Result of checking one source.

    Attributes:
        items: Pages or files it names now.
        detail: The error, or what was found.
        titles: Up to five titles or URLs.
    """

    source: str
    kind: str
    good: bool
    items: int = 0
    detail: str = ""
    titles: tuple[str, ...] = ()


def check_sources(sources: Sequence[Source], root: Path, limits: WebLimits) -> list[SourceCheck]:
    """Check sources concurrently; nothing is written and no listed page is fetched."""

    async def run() -> list[SourceCheck]:
        async with Client(limits) as client:
            return list(await asyncio.gather(*(_check(source, root, client) for source in sources)))

    return asyncio.run(run())


async def _check(source: Source, root: Path, client: Client) -> SourceCheck:
    try:
        if source.kind in ("files", "warc"):
            return await asyncio.to_thread(_check_paths, source, root)
        if source.kind == "urls":
            return await _check_list(source, root, client)
        if not source.fetches or not is_own(SOURCES, source.kind):
            return await asyncio.to_thread(_check_added, source, root)
        found = await discover_with(client, source.url or "")
    except CopydeskError as error:
        return SourceCheck(source=source.name, kind=source.kind, good=False, detail=str(error))
    candidate = next((candidate for candidate in found.candidates if candidate.kind == source.kind), None)
    if candidate is None:
        detail = f"{source.url} is not a {source.kind} and names none. `copydesk sources add URL` looks for one."
        return SourceCheck(source=source.name, kind=source.kind, good=False, detail=detail)
    return SourceCheck(
        source=source.name,
        kind=source.kind,
        good=candidate.items > 0,
        items=candidate.items,
        detail=candidate.found,
        titles=candidate.titles,
    )


def _check_paths(source: Source, root: Path) -> SourceCheck:
    missing = [path for path in source.paths if not _is_there(path, root)]
    detail = f"not there: {', '.join(missing)}" if missing else counted(len(source.paths), "path")
    return SourceCheck(source=source.name, kind=source.kind, good=not missing, items=len(source.paths), detail=detail)


def _is_there(path: str, root: Path) -> bool:
    if not is_remote(path):
        return (root / path).exists()
    return any(isinstance(found, FoundFile) for found in find_remote([path]))


def _check_added(source: Source, root: Path) -> SourceCheck:
    """Check a kind by its own check, else by the first addresses or paths it names."""
    kind, lists = source_kind(source.kind), desk_lists(root)
    if hasattr(kind, "check"):
        checked: SourceCheck = kind.check(source, lists)
        return checked
    found = kind.enumerate(source, lists)
    if isinstance(found, AsyncIterator):
        return SourceCheck(source=source.name, kind=source.kind, good=True, detail="its lists are read when it runs")
    items = [str(getattr(item, "url", item)) for item in islice(found, _MAX_LISTED)]
    return SourceCheck(
        source=source.name, kind=source.kind, good=bool(items), items=len(items), titles=tuple(items[:5])
    )


async def _check_list(source: Source, root: Path, client: Client) -> SourceCheck:
    """Read each host's robots.txt and count the URLs it disallows."""
    named = [item.url for item in read_url_list(source.urls, root)]
    urls = named[:_MAX_LISTED]
    forbidden = 0
    for url in urls:
        rules = await client.robots(url)
        forbidden += not rules.allows(url, client.limits.robot_name)
    detail = f"{forbidden} of {len(urls)} may not be fetched (robots.txt or the guard)" if forbidden else ""
    if len(named) > len(urls):
        detail = "; ".join(filter(None, (detail, f"only the first {len(urls)} of {len(named)} were checked")))
    good = len(urls) > forbidden
    return SourceCheck(
        source=source.name, kind="urls", good=good, items=len(urls), detail=detail, titles=tuple(urls[:5])
    )
