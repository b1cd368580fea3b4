"""Enumerate the URLs of each kind of web source.

urls      the list itself
feed      the feed; or the feed that a site's front page links
sitemap   the sitemap and, for an index, those it names; for a site's URL, those that robots.txt names
all       pages that failed before, and recent pages that are due again

A backfill goes further back: see backfill.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from copydesk.records import Outcome
from copydesk.settings import Source
from copydesk.sources.addresses import canonical
from copydesk.sources.crawl.backfill import feed_archives, site_of
from copydesk.sources.crawl.feeds import Feed, linked_feeds, read_feed
from copydesk.sources.crawl.frontier import Frontier
from copydesk.sources.crawl.progress import SourceProgress
from copydesk.sources.crawl.results import UrlItem
from copydesk.sources.crawl.sitemaps import Sitemap, read_sitemap
from copydesk.sources.crawl.state import AddressState
from copydesk.sources.crawl.url_list import UnreadableListError, read_url_list
from copydesk.sources.kinds import naming_errors, source_kind
from copydesk.web.responses import Purpose, Response

__all__ = ["FeedKind", "SitemapKind", "UrlsKind", "enumerate_urls"]

_MAX_SITEMAPS = 500
_MAX_SITEMAP_DEPTH = 3
_BATCH_ITEMS = 1000
_HARMLESS = ("NonXMLContentType", "CharacterEncodingOverride")
"""What feedparser says of the headers of a feed that it has read whole."""


async def enumerate_urls(progress: SourceProgress, frontier: Frontier, root: Path) -> None:
    """Add all URLs of a source to the frontier, then mark the source as enumerated.

    Raises:
        SettingsError: A pattern is not a regular expression.
    """
    source = progress.source
    lists = _Lists(progress, frontier, root)
    try:
        with naming_errors(source):
            async for item in _items(source_kind(source.kind).enumerate(source, lists)):
                named = item if isinstance(item, UrlItem) else UrlItem(url=str(item), origin=source.kind)
                await frontier.add(progress, named, always=source.kind == "urls")
    except UnreadableListError as error:
        progress.list_error = str(error)
    if source.kind == "urls":  # a page that is off the list is not asked for again
        await frontier.finish(progress)
        return
    number = progress.named
    for missed in frontier.plan.missed.get(source.name, ()):
        await frontier.add(progress, missed)
    for known in frontier.revisits.get(source.name, ()):
        await frontier.add(progress, UrlItem(url=known.url or known.uri, origin=""))
    progress.named = number
    await frontier.finish(progress)


async def _items(found: Iterable[str | UrlItem] | AsyncIterator[str | UrlItem]) -> AsyncIterator[str | UrlItem]:
    """Yield what a kind names; an ordinary generator works in a thread, so that it holds up no download."""
    if isinstance(found, AsyncIterator):
        async for item in found:
            yield item
        return
    waiting = iter(found)
    while some := await asyncio.to_thread(lambda: list(islice(waiting, _BATCH_ITEMS))):
        for item in some:
            yield item


@dataclass(frozen=True, slots=True)
class _Lists:
    """What a kind that fetches may use: the frontier, for one source."""

    progress: SourceProgress
    frontier: Frontier
    root: Path

    async def ask(self, url: str) -> Response:
        """Fetch one address; when it was not due, or unchanged, the response has no content."""
        response, state = await self.frontier.ask_list(self.progress, url, Purpose.FEED)
        await _end_list(self.progress, self.frontier, response, state)
        return response


class UrlsKind:
    """A list of addresses, in the settings or in a file."""

    fetches = True
    settings = None

    def enumerate(self, source: Source, lists: _Lists, /) -> Iterator[UrlItem]:
        """Yield the list's addresses."""
        yield from read_url_list(source.urls, lists.root)


class FeedKind:
    """A feed (RSS, Atom, JSON Feed), or a site whose front page names one."""

    fetches = True
    settings = None

    def enumerate(self, source: Source, lists: _Lists, /) -> AsyncIterator[UrlItem]:
        """Yield the feed's items."""
        return _feed(lists.progress, lists.frontier, source.url or "")


class SitemapKind:
    """A sitemap or an index of sitemaps, or a site whose robots.txt names them."""

    fetches = True
    settings = None

    def enumerate(self, source: Source, lists: _Lists, /) -> AsyncIterator[UrlItem]:
        """Yield the addresses of all sitemaps."""
        return _sitemaps(lists.progress, lists.frontier, source.url or "")


async def _feed(progress: SourceProgress, frontier: Frontier, url: str) -> AsyncIterator[UrlItem]:
    for is_site in (True, False):
        response, state = await frontier.ask_list(progress, url, Purpose.FEED)
        if response.outcome is not Outcome.CAPTURED:
            await _end_list(progress, frontier, response, state)
            return
        feed = await asyncio.to_thread(read_feed, response.content, response.url)
        links = linked_feeds(response.content, response.url) if not feed.is_feed and is_site else []
        if not links:
            break
        url = links[0].url
    if not feed.is_feed:
        response, state = _not_a_list(response, state, "no_feed", feed)
    elif feed.problem and not feed.problem.startswith(_HARMLESS):
        response = replace(response, detail=feed.problem)
    await _report_limits(progress, frontier, url, feed, len(feed.urls))
    for item in feed.urls:
        yield replace(item, origin=canonical(url))
    await _end_list(progress, frontier, response, state, entries=len(feed.urls))
    since = progress.source.since
    if frontier.plan.backfill and since is not None and feed.is_feed:
        async for item in feed_archives(progress, frontier, feed, url, since):
            yield item
        async for item in _sitemaps(progress, frontier, site_of(url), optional=True):
            if item.changed_at or item.published:  # of a site as a whole, only what says when it is from
                yield item


async def _sitemaps(
    progress: SourceProgress, frontier: Frontier, url: str, *, optional: bool = False
) -> AsyncIterator[UrlItem]:
    """Yield what the sitemaps name; without those that are `optional` a source is none the worse."""
    since = progress.source.since
    max_items = max(progress.source.max_items or 50_000, 1000)  # more than are fetched: many may be known
    waiting = deque((place, 0) for place in await _first_sitemaps(progress, frontier, url))
    met = {place for place, _ in waiting}
    while waiting and not progress.over_limit:
        place, depth = waiting.popleft()
        response, state = await frontier.ask_list(progress, place, Purpose.SITEMAP)
        if response.outcome is not Outcome.CAPTURED:
            if not optional:
                await _end_list(progress, frontier, response, state)
            continue
        found = await asyncio.to_thread(
            read_sitemap,
            response.content,
            response.url,
            max_items=max_items,
            since=since,
            limit=frontier.client.limits.list_bytes,
        )
        if not found.is_sitemap and optional:
            continue
        if not found.is_sitemap:
            response, state = _not_a_list(response, state, "no_sitemap", found)
        children = [c for c in found.children if c.url not in met and _is_news(c, frontier, progress)]
        room = _MAX_SITEMAPS - len(met) if depth < _MAX_SITEMAP_DEPTH else 0
        why = f"beyond {_MAX_SITEMAPS} sitemaps" if depth < _MAX_SITEMAP_DEPTH else f"deeper than {_MAX_SITEMAP_DEPTH}"
        left = len(children) - len(children[:room])
        await frontier.skip(progress, place, "over_limit", left, f"{left} of {len(children)} sitemaps: {why}")
        for child in children[:room]:
            met.add(child.url)
            waiting.append((child.url, depth + 1))
        await _report_limits(progress, frontier, place, found, len(found.urls or found.children))
        for item in found.urls:
            yield replace(item, origin=canonical(place))
        entries = len(found.urls) + len(found.children)
        await _end_list(progress, frontier, response, state, entries=entries or int(found.is_sitemap and bool(since)))
    detail = f"{len(waiting)} sitemaps were not read: the run had all the URLs it may ask for"
    await frontier.skip(progress, url, "over_limit", len(waiting), detail)


async def _report_limits(
    progress: SourceProgress, frontier: Frontier, url: str, found: Feed | Sitemap, read: int
) -> None:
    """Record what a list names beyond a limit."""
    for reason, number in found.skipped.items():
        detail = f"{number} of {read + number} entries were not read"
        await frontier.skip(progress, url, reason, number, detail)


async def _first_sitemaps(progress: SourceProgress, frontier: Frontier, url: str) -> list[str]:
    """Return the sitemap itself; for a site's URL those in its robots.txt, else `/sitemap.xml`."""
    if urlsplit(url).path not in ("", "/", "/robots.txt"):
        return [url]
    rules = await frontier.client.robots(url)
    left = len(rules.sitemaps) - len(rules.sitemaps[:_MAX_SITEMAPS])
    await frontier.skip(progress, url, "over_limit", left, f"{left} of {len(rules.sitemaps)} sitemaps of robots.txt")
    return list(rules.sitemaps[:_MAX_SITEMAPS]) or [urljoin(url, "/sitemap.xml")]


def _is_news(child: UrlItem, frontier: Frontier, progress: SourceProgress) -> bool:
    """Return whether a sitemap in an index may hold new URLs, by its lastmod and the last visit."""
    if progress.source.since is not None and child.is_before(progress.source.since):
        return False
    known = frontier.plan.state.address(progress.source.name, canonical(child.url))
    if frontier.plan.backfill or known is None or known.last_success_at is None or child.changed_at is None:
        return True
    return child.changed_at > known.last_success_at or known.last_outcome not in ("captured", "unchanged")


def _not_a_list(
    response: Response, state: AddressState, reason: str, what: Feed | Sitemap
) -> tuple[Response, AddressState]:
    """Turn an answer that is not a list into a failure, without validators, so that it is read again next time."""
    failed = replace(response, outcome=Outcome.FAILED, reason=reason, detail=what.problem)
    bare = replace(state, etag=None, last_modified=None, last_outcome="failed", last_reason=reason)
    return failed, replace(bare, failures_in_row=state.failures_in_row + 1)


async def _end_list(
    progress: SourceProgress, frontier: Frontier, response: Response, state: AddressState, *, entries: int = 0
) -> None:
    """Store the list's state, without validators when a limit cut it short: the rest is read next time."""
    progress.add_list(response, entries=entries, next_attempt_at=state.next_allowed_at)
    if response.outcome is not Outcome.SKIPPED and not response.backs_off:
        await frontier.keep(replace(state, etag=None, last_modified=None) if progress.over_limit else state)
