"""Sitemaps: plain, news, gzip, text lists and index files (sitemaps.org, 2008).

    read_sitemap(bytes) -> Sitemap( urls: pages, newest first | children: further sitemaps, newest first )

Parsed as a stream: a file of 50,000 addresses takes memory for what is kept, not for what it holds.
"""

from __future__ import annotations

import heapq
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from lxml import etree

from copydesk.sources.crawl.feeds import declares_entities, plain_title, read_moment
from copydesk.sources.crawl.results import UrlItem, parse_moment
from copydesk.web.content_encoding import BodyTooLargeError, BrokenBodyError, gunzip

__all__ = ["Sitemap", "read_sitemap"]

_MAX_ENTRIES = 50_000  # the protocol's own limit per file
_START = re.compile(rb"<\?xml\b|<(?:[A-Za-z][\w-]{0,30}:)?(?:urlset|sitemapindex)\b")
_MAX_LEAD = 65_536  # bytes before the document: blank lines, byte order marks, messages of the server's program
_BARE_AMPERSAND = re.compile(rb"&(?!#?\w{1,31};)")
"""An ampersand of an address that was not encoded, at which a reader of XML stops."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A parsed sitemap file.

    Attributes:
        urls: Pages, newest first, then in the file's order.
        children: Sitemaps that an index names, newest first.
        skipped: Reason -> entries that were not read (`over_limit`).
        problem: "" for a good file; what was wrong, also where something could be read nevertheless.
        is_sitemap: Whether it is a sitemap at all.
    """

    urls: tuple[UrlItem, ...] = ()
    children: tuple[UrlItem, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    is_sitemap: bool = True


def read_sitemap(
    content: bytes, url: str, *, max_items: int = _MAX_ENTRIES, since: date | None = None, limit: int
) -> Sitemap:
    """Read a sitemap of any kind; never raises for what is in it.

    Args:
        content: The decoded body; gzip files are unpacked here.
        url: Where it came from.
        max_items: Pages to keep, the newest ones.
        since: Nothing older than this day, where the file says how old it is.
        limit: Most bytes of an unpacked file.
    """
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gunzip(content, limit)
        except (BodyTooLargeError, BrokenBodyError) as error:
            return Sitemap(problem=str(error), is_sitemap=False)
    if declares_entities(content):  # before anything is cut off
        return Sitemap(problem="it declares entities of its own", is_sitemap=False)
    start = _START.search(content, 0, _MAX_LEAD)
    if start is not None:
        content = content[start.start() :]
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"<", b"\0", b"\xff", b"\xfe"):
        return _text_list(content, url, max_items)
    return _xml(_BARE_AMPERSAND.sub(b"&amp;", content) if b"&" in content else content, url, max_items, since)


def _xml(content: bytes, url: str, max_items: int, since: date | None) -> Sitemap:
    kinds: set[str] = set()
    problem: list[str] = []
    counts: Counter[str] = Counter()

    def read() -> Iterator[UrlItem]:
        try:
            yield from _entries(content, url, kinds, counts)
        except etree.XMLSyntaxError as error:
            problem.append(f"broken XML: {error.msg}"[:200])

    def recent() -> Iterator[UrlItem]:
        for item in read():
            if since is None or not item.is_before(since):
                counts["recent"] += 1
                yield item

    kept = heapq.nlargest(max_items, enumerate(recent()), key=lambda pair: (_age(pair[1]), -pair[0]))
    skipped = _over_limit(counts["over_limit"] + counts["recent"] - len(kept))
    urls = tuple(item for _, item in kept)
    if not kinds:
        return Sitemap(problem=problem[0] if problem else "it is not a sitemap", is_sitemap=False)
    said = problem[0] if problem else ""
    if "sitemap" in kinds:
        return Sitemap(children=urls, skipped=skipped, problem=said)
    return Sitemap(urls=urls, skipped=skipped, problem=said)


def _over_limit(number: int) -> dict[str, int]:
    return {"over_limit": number} if number else {}


def _entries(content: bytes, url: str, kinds: set[str], counts: Counter[str]) -> Iterator[UrlItem]:
    """Yield one item per `<url>` or `<sitemap>` element; each element is freed once it was read."""
    count = 0
    events = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for event, element in events:
        name = _name(element)
        if event == "start":
            if name in ("urlset", "sitemapindex"):
                kinds.add("url" if name == "urlset" else "sitemap")
            continue
        if name not in ("url", "sitemap"):
            continue
        count += 1
        item = _item(element, url) if count <= _MAX_ENTRIES else None
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
        counts["over_limit"] += count > _MAX_ENTRIES  # counted, and no more than counted
        if item is not None and kinds:
            yield item


def _item(element: etree._Element, url: str) -> UrlItem | None:
    said = _texts(element)
    place = said.get("loc", "")
    if not place:
        return None
    news = next((_texts(child) for child in element if _name(child) == "news"), said)
    published = news.get("publication_date", "")
    return UrlItem(
        url=place,
        origin=url,
        title=plain_title(news.get("title")) or None,
        published=_read_date(published)[0] or None,
        changed_at=_read_date(said.get("lastmod", ""))[1],
    )


def _texts(element: etree._Element) -> dict[str, str]:
    """Return the text of each child by its name; of several with one name (`loc`, `image:loc`) that of the first."""
    said: dict[str, str] = {}
    for child in element:
        said.setdefault(_name(child), (child.text or "").strip())
    return said


def _read_date(text: str) -> tuple[str, datetime | None]:
    """Return a date as text and as a moment; in ISO 8601 where it can be read."""
    when = parse_moment(text)
    if when is not None or not text:
        return text, when
    return read_moment(text) or (text, None)


def _text_list(content: bytes, url: str, max_items: int) -> Sitemap:
    lines = (line.strip() for line in content.decode("utf-8-sig", "replace").splitlines())
    found = [line for line in lines if line.startswith(("http://", "https://"))]
    if not found:
        return Sitemap(problem="it is not a sitemap", is_sitemap=False)
    kept = found[: min(max_items, _MAX_ENTRIES)]
    skipped = _over_limit(len(found) - len(kept))
    return Sitemap(urls=tuple(UrlItem(url=line, origin=url) for line in kept), skipped=skipped)


def _name(element: etree._Element) -> str:
    """Return the local name; a prefix that is not declared is part of the tag."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _age(item: UrlItem) -> datetime:
    return item.changed_at or parse_moment(item.published) or _NEVER
