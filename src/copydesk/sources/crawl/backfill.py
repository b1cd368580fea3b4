"""Enumerate what a source has published since a day, from wherever its own lists and this desk's log reach back.

all       pages that were announced and not taken (audit.sightings)
feed      the feed; its archive documents (RFC 5005: prev-archive, next; JSON Feed: next_url; WordPress: ?paged=2 ...)
          then, where these end before the day, the site's sitemaps: pages with a date
sitemap   the sitemaps, those that are not new to this desk included
others    what the kind names

Lists are asked for whole (no If-None-Match): "not modified" would hide what they hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from copydesk.records import Outcome
from copydesk.sources.addresses import canonical
from copydesk.sources.crawl.feeds import Feed, read_feed
from copydesk.sources.crawl.frontier import Frontier
from copydesk.sources.crawl.progress import SourceProgress
from copydesk.sources.crawl.results import UrlItem
from copydesk.web.responses import Purpose

__all__ = ["MAX_ARCHIVES", "feed_archives", "site_of"]

MAX_ARCHIVES = 200
"""Archive documents of a feed that one backfill reads."""


async def feed_archives(
    progress: SourceProgress, frontier: Frontier, feed: Feed, url: str, since: date
) -> AsyncIterator[UrlItem]:
    """Yield the items of a feed's archive documents, until one is older than `since`, is empty or names none before it.

    A document that brings nothing new ends the walk: some servers send the first page for every number.
    """
    met = {item.url for item in feed.urls}
    asked = {url}
    number = 1
    while len(asked) <= MAX_ARCHIVES and not _reaches(feed, since) and not progress.over_limit:
        number += 1
        place = feed.archive or (_paged(url, number) if feed.is_wordpress else "")
        if not place or place in asked:
            return
        asked.add(place)
        response, state = await frontier.ask_list(progress, place, Purpose.FEED)
        if response.outcome is not Outcome.CAPTURED:
            if not (feed.is_wordpress and response.status == 404):  # WordPress ends its pages with 404
                progress.add_list(response, entries=0, next_attempt_at=state.next_allowed_at)
            return
        was_wordpress = feed.is_wordpress
        feed = await asyncio.to_thread(read_feed, response.content, response.url)
        feed = replace(feed, is_wordpress=feed.is_wordpress or was_wordpress)
        new = [item for item in feed.urls if item.url not in met]
        if not new:
            return
        met.update(item.url for item in new)
        for item in new:
            yield replace(item, origin=canonical(place))


def _reaches(feed: Feed, since: date) -> bool:
    """Return whether a document holds an item from before a day; archives go back in time."""
    return any(item.is_before(since) for item in feed.urls)


def _paged(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("paged", str(number))])))


def site_of(url: str) -> str:
    """Return the address of the site that a feed is of."""
    return urljoin(url, "/")
