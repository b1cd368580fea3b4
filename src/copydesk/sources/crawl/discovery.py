"""Feed and sitemap discovery for `copydesk sources add URL`.

Tried in this order:

the URL itself is a feed or a sitemap
the page links feeds                       <link rel="alternate">
robots.txt names sitemaps
well-known paths                           /feed, /rss, /feed.xml, ...; /sitemap.xml, /news-sitemap.xml
none of these: the page alone              a `urls` source
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from copydesk.errors import UsageError
from copydesk.records import Outcome
from copydesk.sources.crawl.feeds import Feed, linked_feeds, read_feed
from copydesk.sources.crawl.results import UrlItem
from copydesk.sources.crawl.sitemaps import Sitemap, read_sitemap
from copydesk.sources.publishers import domain_of
from copydesk.sources.toml_entries import Entry, source_name
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["Discovery", "SourceCandidate", "discover"]

_FEED_PATHS = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
_SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_TITLES = 5
_MAX_CANDIDATES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCandidate:
    """One feed, sitemap or page by which a site can be followed.

    Attributes:
        kind: "feed", "sitemap" or "urls".
        title: The feed's name, "" without one.
        items: How many pages it names now (for an index: in the first of its sitemaps).
        titles: Up to five titles, or URLs where it gives no titles, newest first.
        found: How it was found.
    """

    kind: str
    url: str
    title: str = ""
    language: str | None = None
    items: int = 0
    titles: tuple[str, ...] = ()
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Result of discovery at one URL.

    Attributes:
        candidates: Feeds and sitemaps found, the best first.
        entry: Entry of `copydesk.toml` for the best candidate.
        notes: Requests that failed, in words.
    """

    url: str
    candidates: tuple[SourceCandidate, ...]
    entry: Entry
    notes: tuple[str, ...] = ()


def discover(url: str, limits: WebLimits, *, taken: Collection[str] = ()) -> Discovery:
    """Find the feeds and sitemaps of a site with a handful of requests to its host.

    Args:
        url: A site's, feed's or sitemap's URL; https when it has no scheme.
        limits: The web client's limits.
        taken: Names of existing sources.

    Raises:
        UsageError: The URL does not answer, or robots.txt or the guard forbids it.
    """

    async def run() -> Discovery:
        async with Client(limits) as client:
            return await discover_with(client, url, taken=taken)

    return asyncio.run(run())


async def discover_with(client: Client, url: str, *, taken: Collection[str] = ()) -> Discovery:
    """Do the same with an open client; see `discover`."""
    url = url.strip() if "://" in url else f"https://{url.strip()}"
    response = await client.fetch(FetchRequest(url=url, purpose=Purpose.DISCOVERY))
    if response.outcome is not Outcome.CAPTURED:
        why = " ".join(part for part in (response.reason, response.detail) if part)
        raise UsageError(f"{url} could not be read: {why}. Check the URL in a browser.")
    notes: list[str] = []
    candidates = await _candidates(response, client, notes)
    if not candidates:
        candidates = [
            SourceCandidate(
                kind="urls", url=response.url, items=1, found="no feed and no sitemap was found: the page alone"
            )
        ]
    best = candidates[0]
    title = best.title or domain_of(best.url) or best.url
    entry = Entry(
        name=source_name(title, taken),
        kind="feed" if best.kind == "feed" else "sitemap" if best.kind == "sitemap" else "urls",
        url=best.url,
        language=best.language,
        comment=best.title,
    )
    return Discovery(url=url, candidates=tuple(candidates), entry=entry, notes=tuple(notes))


async def _candidates(response: Response, client: Client, notes: list[str]) -> list[SourceCandidate]:
    itself = _candidate_of(response, "the address itself", client.limits, titled=True)
    if itself is not None:
        return [await _first_child(itself, response, client)]
    candidates = []
    links = linked_feeds(response.content, response.url)
    for link in links[:_MAX_CANDIDATES]:
        candidates += await _try(link.url, Purpose.FEED, "the page names it", client, notes)
    rules = await client.robots(response.url)
    for what, named in (("feeds that the page names", links), ("sitemaps that robots.txt names", rules.sitemaps)):
        if len(named) > _MAX_CANDIDATES:
            notes.append(f"of {len(named)} {what} only the first {_MAX_CANDIDATES} were read")
    for place in rules.sitemaps[:_MAX_CANDIDATES]:
        candidates += await _try(place, Purpose.SITEMAP, "robots.txt names it", client, notes)
    if not any(candidate.kind == "feed" for candidate in candidates):
        candidates += await _first_of(_FEED_PATHS, Purpose.FEED, response.url, client)
    if not any(candidate.kind == "sitemap" for candidate in candidates):
        candidates += await _first_of(_SITEMAP_PATHS, Purpose.SITEMAP, response.url, client)
    return sorted(candidates, key=lambda candidate: (candidate.kind != "feed", candidate.items == 0))[:_MAX_CANDIDATES]


async def _first_of(places: Collection[str], purpose: Purpose, url: str, client: Client) -> list[SourceCandidate]:
    for place in places:
        found = await _try(urljoin(url, place), purpose, "it is at a usual place", client, [])
        if found:
            return found
    return []


async def _try(url: str, purpose: Purpose, found: str, client: Client, notes: list[str]) -> list[SourceCandidate]:
    response = await client.fetch(FetchRequest(url=url, purpose=purpose))
    if response.outcome is not Outcome.CAPTURED:
        notes.append(f"{found}, but {url} could not be read: {response.reason}")
        return []
    candidate = _candidate_of(response, found, client.limits)
    if candidate is None or (candidate.kind == "feed") != (purpose is Purpose.FEED):
        notes.append(f"{found}, but {url} is not a {purpose}")
        return []
    return [await _first_child(candidate, response, client)]


def _candidate_of(response: Response, found: str, limits: WebLimits, *, titled: bool = False) -> SourceCandidate | None:
    is_map = b"<urlset" in response.content[:4096] or b"<sitemapindex" in response.content[:4096]
    feed: Feed = read_feed(response.content, response.url) if not is_map else Feed(is_feed=False)
    if feed.is_feed:
        language = (feed.language or "")[:2].lower()
        return SourceCandidate(
            kind="feed",
            url=response.url,
            title=feed.title,
            language=language if len(language) == 2 and language.isalpha() else None,
            items=len(feed.urls),
            titles=_titles(feed.urls),
            found=found,
        )
    if titled and response.media_type == "text/plain" and urlsplit(response.url).path in ("", "/"):
        return None
    sitemap: Sitemap = read_sitemap(response.content, response.url, limit=limits.list_bytes)
    if not sitemap.is_sitemap:
        return None
    urls = sitemap.urls
    return SourceCandidate(kind="sitemap", url=response.url, items=len(urls), titles=_titles(urls), found=found)


async def _first_child(candidate: SourceCandidate, response: Response, client: Client) -> SourceCandidate:
    """Show for an index what the newest of its sitemaps names."""
    if candidate.kind != "sitemap" or candidate.items:
        return candidate
    index = read_sitemap(response.content, response.url, limit=client.limits.list_bytes)
    if not index.children:
        return candidate
    child = await client.fetch(FetchRequest(url=index.children[0].url, purpose=Purpose.SITEMAP))
    urls = read_sitemap(child.content, child.url, limit=client.limits.list_bytes).urls if child.content else ()
    found = f"{candidate.found}; an index of {len(index.children)} sitemaps"
    return SourceCandidate(kind="sitemap", url=candidate.url, items=len(urls), titles=_titles(urls), found=found)


def _titles(urls: Collection[UrlItem]) -> tuple[str, ...]:
    return tuple(item.title or item.url for item in list(urls)[:_TITLES])
