"""Discovery: look at an address and find out how its pages can be followed. What `copydesk sources add URL` asks.

the address is a feed or a sitemap itself
the page names feeds                       <link rel="alternate">
robots.txt names sitemaps
the usual places                           /feed, /rss, /feed.xml, ...; /sitemap.xml, /news-sitemap.xml
nothing of that: the page alone            a `urls` source
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from copydesk.errors import UsageError
from copydesk.records import Outcome
from copydesk.sources.crawl.feeds import Feed, linked_feeds, read_feed
from copydesk.sources.crawl.leads import UrlItem
from copydesk.sources.crawl.sitemaps import Sitemap, read_sitemap
from copydesk.sources.publishers import domain_of
from copydesk.sources.toml_entries import Entry, source_name
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["Discovery", "Way", "discover"]

_FEED_PLACES = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
_SITEMAP_PLACES = ("/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_TITLES = 5
_MOST_WAYS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to follow a site.

    Attributes:
        kind: "feed", "sitemap" or "urls".
        title: The feed's name, "" without one.
        items: How many pages it names now (for an index: in the first of its sitemaps).
        titles: Up to five titles, or addresses where it gives no titles, newest first.
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
    """What an address offers.

    Attributes:
        ways: How it can be followed, the best first.
        entry: What to write into `copydesk.toml` for the best way.
        notes: What went wrong on the way, in words.
    """

    url: str
    ways: tuple[Way, ...]
    entry: Entry
    notes: tuple[str, ...] = ()


def discover(url: str, limits: WebLimits, *, taken: Collection[str] = ()) -> Discovery:
    """Look at an address; asks a handful of addresses of its host, politely.

    Args:
        url: A site's, feed's or sitemap's address; without a scheme https is taken.
        limits: The desk's manners.
        taken: Names that the desk's sources have already.

    Raises:
        UsageError: The address does not answer, or the rules forbid to ask.
    """

    async def run() -> Discovery:
        async with Client(limits) as client:
            return await discover_with(client, url, taken=taken)

    return asyncio.run(run())


async def discover_with(client: Client, url: str, *, taken: Collection[str] = ()) -> Discovery:
    """Look at an address with a client that is there already; see `discover`."""
    url = url.strip() if "://" in url else f"https://{url.strip()}"
    reply = await client.fetch(FetchRequest(url=url, purpose=Purpose.DISCOVERY))
    if reply.outcome is not Outcome.CAPTURED:
        why = " ".join(part for part in (reply.reason, reply.detail) if part)
        raise UsageError(f"{url} could not be looked at: {why}. Check the address in a browser.")
    notes: list[str] = []
    ways = await _ways(reply, client, notes)
    if not ways:
        ways = [Way(kind="urls", url=reply.url, items=1, found="no feed and no sitemap was found: the page alone")]
    best = ways[0]
    title = best.title or domain_of(best.url) or best.url
    entry = Entry(
        name=source_name(title, taken),
        kind="feed" if best.kind == "feed" else "sitemap" if best.kind == "sitemap" else "urls",
        url=best.url,
        language=best.language,
        comment=best.title,
    )
    return Discovery(url=url, ways=tuple(ways), entry=entry, notes=tuple(notes))


async def _ways(reply: Response, client: Client, notes: list[str]) -> list[Way]:
    itself = _way_of(reply, "the address itself", client.limits, titled=True)
    if itself is not None:
        return [await _first_child(itself, reply, client)]
    ways = []
    for link in linked_feeds(reply.content, reply.url)[:_MOST_WAYS]:
        ways += await _try(link.url, Purpose.FEED, "the page names it", client, notes)
    rules = await client.robots(reply.url)
    for place in rules.sitemaps[:_MOST_WAYS]:
        ways += await _try(place, Purpose.SITEMAP, "robots.txt names it", client, notes)
    if not any(way.kind == "feed" for way in ways):
        ways += await _first_of(_FEED_PLACES, Purpose.FEED, reply.url, client)
    if not any(way.kind == "sitemap" for way in ways):
        ways += await _first_of(_SITEMAP_PLACES, Purpose.SITEMAP, reply.url, client)
    return sorted(ways, key=lambda way: (way.kind != "feed", way.items == 0))[:_MOST_WAYS]


async def _first_of(places: Collection[str], purpose: Purpose, url: str, client: Client) -> list[Way]:
    for place in places:
        found = await _try(urljoin(url, place), purpose, "it is at a usual place", client, [])
        if found:
            return found
    return []


async def _try(url: str, purpose: Purpose, found: str, client: Client, notes: list[str]) -> list[Way]:
    reply = await client.fetch(FetchRequest(url=url, purpose=purpose))
    if reply.outcome is not Outcome.CAPTURED:
        notes.append(f"{found}, but {url} could not be read: {reply.reason}")
        return []
    way = _way_of(reply, found, client.limits)
    if way is None or (way.kind == "feed") != (purpose is Purpose.FEED):
        notes.append(f"{found}, but {url} is no {purpose}")
        return []
    return [await _first_child(way, reply, client)]


def _way_of(reply: Response, found: str, limits: WebLimits, *, titled: bool = False) -> Way | None:
    is_map = b"<urlset" in reply.content[:4096] or b"<sitemapindex" in reply.content[:4096]
    feed: Feed = read_feed(reply.content, reply.url) if not is_map else Feed(is_feed=False)
    if feed.is_feed:
        language = (feed.language or "")[:2].lower()
        return Way(
            kind="feed",
            url=reply.url,
            title=feed.title,
            language=language if len(language) == 2 and language.isalpha() else None,
            items=len(feed.leads),
            titles=_titles(feed.leads),
            found=found,
        )
    if titled and reply.media_type == "text/plain" and urlsplit(reply.url).path in ("", "/"):
        return None
    sitemap: Sitemap = read_sitemap(reply.content, reply.url, limit=limits.list_bytes)
    if not sitemap.is_sitemap:
        return None
    leads = sitemap.leads
    return Way(kind="sitemap", url=reply.url, items=len(leads), titles=_titles(leads), found=found)


async def _first_child(way: Way, reply: Response, client: Client) -> Way:
    """An index shows what the newest of its sitemaps names."""
    if way.kind != "sitemap" or way.items:
        return way
    index = read_sitemap(reply.content, reply.url, limit=client.limits.list_bytes)
    if not index.children:
        return way
    child = await client.fetch(FetchRequest(url=index.children[0].url, purpose=Purpose.SITEMAP))
    leads = read_sitemap(child.content, child.url, limit=client.limits.list_bytes).leads if child.content else ()
    found = f"{way.found}; an index of {len(index.children)} sitemaps"
    return Way(kind="sitemap", url=way.url, items=len(leads), titles=_titles(leads), found=found)


def _titles(leads: Collection[UrlItem]) -> tuple[str, ...]:
    return tuple(lead.title or lead.url for lead in list(leads)[:_TITLES])
