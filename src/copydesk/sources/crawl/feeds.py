"""Feeds: RSS, Atom and RDF by feedparser, JSON Feed by its specification; feed links of HTML pages.

Input is untrusted: parsers get bytes (never a URL that a library would open), a document type with declarations is
refused, and the number of entries is limited.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin

import feedparser

from copydesk.records import Precision
from copydesk.sources.crawl.results import UrlItem, parse_moment
from copydesk.text.dates.written import read_date

__all__ = ["Feed", "FeedLink", "declares_entities", "linked_feeds", "plain_title", "read_feed", "read_moment"]

_MAX_ENTRIES = 5_000
_MAX_TAGS = 400_000  # feedparser takes up to 40 microseconds a tag when it has to repair (6.0.14, 2026-11)
_TITLE_CHARS = 500
_MAX_LINK_CHARS = 8192  # above the longest URL that is fetched, so that a longer one is reported and not cut
_DECLARATIONS = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]{0,2000}\[", re.IGNORECASE)
_FEED_TYPE = re.compile(r"(?:application|text)/(?:(?:x-)?(?:rss|atom|rdf)(?:\+xml)?|(?:x-)?feed\+json|(?:x-)?xml)")
_TAGS = re.compile(r"<[^<>]{1,500}>")
_INLINE_TAGS = re.compile(r"</?(?:a|b|br|em|font|i|mark|small|span|strong|su[bp]|u)\b[^<>]{0,400}>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MAX_ENCODED = 3  # times a title may have been encoded again
_STANDARD_DATE = re.compile(
    r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC?|Z)"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
"""Dates that feedparser reads rightly: RFC 822 with a zone that all know, and ISO 8601."""
_HALF_PAIRS = re.compile(
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));", re.I
)
"""References to U+D800 to U+DFFF, on which feedparser raises (6.0.14); as in HTML they stand for U+FFFD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A parsed feed.

    Attributes:
        title: The feed's title, "" without one.
        language: As declared, None when it is not.
        urls: Entries that have a link, in the feed's order.
        skipped: Reason -> entries that were not read (`over_limit`).
        problem: "" for a good feed; what was wrong with it, also where its entries could be read nevertheless.
        is_feed: Whether it is a feed at all.
        archive: Address of the document with older entries (RFC 5005, JSON Feed's `next_url`), "" where it names none.
        is_wordpress: Whether WordPress made it, which pages any feed by `?paged=2`.
    """

    title: str = ""
    language: str | None = None
    urls: tuple[UrlItem, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    is_feed: bool = True
    archive: str = ""
    is_wordpress: bool = False


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page links."""

    url: str
    title: str


def declares_entities(content: bytes) -> bool:
    """Return whether an XML document declares entities (billion laughs, external files)."""
    text = content.replace(b"\0", b"") if b"\0" in content[:200] else content  # UTF-16 hides them from a search
    return _DECLARATIONS.search(text) is not None


def read_feed(content: bytes, url: str) -> Feed:
    """Read a feed of any dialect; never raises for what is in it.

    Args:
        content: The decoded body.
        url: Where it came from; relative links are resolved against it.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(content, url)
    if declares_entities(content):
        return Feed(problem="it declares entities of its own", is_feed=False)
    if content.count(b"<") > _MAX_TAGS:
        return Feed(problem=f"it has more than {_MAX_TAGS} tags", is_feed=False)
    try:
        parsed = feedparser.parse(
            io.BytesIO(_HALF_PAIRS.sub(b"&#65533;", content)),
            response_headers={"content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001  a parser of anything, in Python: what it trips over is the feed's defect
        return Feed(problem=f"it cannot be read ({type(error).__name__}: {error})"[:200], is_feed=False)
    if not parsed.get("version") and not parsed.entries:
        return Feed(problem="it is not a feed", is_feed=False)
    head = parsed.feed
    language = _line(head.get("language"))
    return Feed(
        title=plain_title(head.get("title")),
        language=language or None,
        urls=tuple(_urls(parsed.entries, url, language)),
        skipped=_over_limit(len(parsed.entries)),
        problem=f"{type(parsed.bozo_exception).__name__}: {parsed.bozo_exception}"[:200] if parsed.bozo else "",
        archive=_archive(head, url),
        is_wordpress="wordpress" in _line(head.get("generator")).lower(),
    )


def linked_feeds(content: bytes, url: str) -> list[FeedLink]:
    """Return the feeds that an HTML page links with `<link rel="alternate">`, in document order."""
    finder = _LinkFinder()
    try:
        finder.feed(content[:1_000_000].decode("utf-8", "replace"))
    except (AssertionError, ValueError):
        return []  # html.parser gives up on some markup with these
    base = urljoin(url, finder.base) if finder.base else url
    return list(dict.fromkeys(FeedLink(_joined(base, href), title) for href, title in finder.found))


def _archive(head: Mapping[str, Any], url: str) -> str:
    """Return the document with older entries: an archived feed's `prev-archive`, a paged feed's `next` (RFC 5005)."""
    links = {str(one.get("rel")): _line(one.get("href"), _MAX_LINK_CHARS) for one in head.get("links") or ()}
    place = links.get("prev-archive") or links.get("next") or ""
    return _joined(url, place) if place else ""


def _over_limit(entries: int) -> dict[str, int]:
    return {"over_limit": entries - _MAX_ENTRIES} if entries > _MAX_ENTRIES else {}


def plain_title(value: object) -> str:
    """Return a title on one line as it is read, without markup, however often it was encoded; "" without one."""
    title = _line(value)
    for _ in range(_MAX_ENCODED):
        if not _REFERENCE.search(title):
            break
        title = " ".join(_INLINE_TAGS.sub("", _REFERENCE.sub(lambda found: unescape(found[0]), title)).split())
    return title


def read_moment(text: str, language: str = "") -> tuple[str, datetime] | None:
    """Read a date as people write it ("2019/03/07", "Oct 28 2023 01:05 PM").

    Args:
        text: The date.
        language: As the feed declares it ("en-gb"), for the order of day and month; "" when it does not.

    Returns:
        The date as ISO 8601 text with the parts and the zone that it gives, and as a moment (UTC where it has no
        zone); None when it is none.
    """
    tongue, _, country = language.replace("_", "-").partition("-")
    stamp = read_date(text, language=tongue.lower() or "und", country=country.upper() or None)
    if stamp is None:
        return None
    when = stamp.value
    said = when.date() if stamp.precision is Precision.DAY else when if stamp.zoned else when.replace(tzinfo=None)
    return said.isoformat(), when


def _urls(entries: Sequence[Mapping[str, Any]], url: str, language: str) -> Iterator[UrlItem]:
    for entry in entries[:_MAX_ENTRIES]:
        link = _line(entry.get("link"), _MAX_LINK_CHARS) or _permalink(entry)
        if not link:
            continue
        changed = _date(entry, "updated", language) if "updated" in entry else None
        published = _date(entry, "published", language) or changed  # RDF and much Atom have one date only
        yield UrlItem(
            url=_joined(url, link),
            origin=url,
            title=plain_title(entry.get("title")) or None,
            published=published[0] if published else _line(entry.get("published")) or None,
            changed_at=changed[1] if changed else None,
        )


def _date(entry: Mapping[str, Any], name: str, language: str) -> tuple[str, datetime] | None:
    """Return a date of an entry as ISO 8601 text and as a moment; None without one that can be read.

    feedparser guesses where a date follows no standard: "2019/03/07" gets the month of the clock, "01:05 PM" loses its
    PM. So it is asked first for the standard forms only.
    """
    text = _line(entry.get(name))
    if not _STANDARD_DATE.fullmatch(text):
        found = read_moment(text, language)
        if found is not None:
            return found
    when = _utc(entry.get(f"{name}_parsed"))
    return (when.isoformat(), when) if when else read_moment(text, language)


def _permalink(entry: Mapping[str, Any]) -> str:
    name = _line(entry.get("id"), _MAX_LINK_CHARS)
    return name if name.startswith(("http://", "https://")) else ""


def _json_feed(content: bytes, url: str) -> Feed:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return Feed(problem="it is not JSON", is_feed=False)
    if not isinstance(data, dict) or "jsonfeed.org" not in str(data.get("version", "")):
        return Feed(problem="it is not a JSON Feed", is_feed=False)
    items = data.get("items")
    entries = [item for item in items[:_MAX_ENTRIES] if isinstance(item, dict)] if isinstance(items, list) else []
    urls = []
    for item in entries:
        link = _line(item.get("url"), _MAX_LINK_CHARS) or _line(item.get("external_url"), _MAX_LINK_CHARS)
        if link:
            changed = _line(item.get("date_modified"))
            urls.append(
                UrlItem(
                    url=_joined(url, link),
                    origin=url,
                    title=plain_title(item.get("title")) or None,
                    published=_line(item.get("date_published")) or None,
                    changed_at=parse_moment(changed),
                )
            )
    return Feed(
        title=plain_title(data.get("title")),
        language=_line(data.get("language")) or None,
        urls=tuple(urls),
        skipped=_over_limit(len(items) if isinstance(items, list) else 0),
        archive=_joined(url, older) if (older := _line(data.get("next_url"), _MAX_LINK_CHARS)) else "",
    )


class _LinkFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        rel = given.get("rel", "").lower().split()
        kind = unquote(given.get("type", "")).partition(";")[0].strip().lower()
        if tag in ("link", "a") and "alternate" in rel and _FEED_TYPE.fullmatch(kind) and given.get("href"):
            self.found.append((given["href"], given.get("title", "")))


def _line(value: object, max_chars: int = _TITLE_CHARS) -> str:
    """Return text on one line, without markup, of at most `max_chars`."""
    if not isinstance(value, str):
        return ""
    return " ".join(_TAGS.sub("", value[: max_chars * 4]).split())[:max_chars]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link.strip()


def _utc(parsed: object) -> datetime | None:
    """Convert feedparser's time (a UTC time tuple); None for an impossible one."""
    if not isinstance(parsed, tuple):
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError):
        return None
