"""A feed as Atom (RFC 4287) and as JSON Feed 1.1.

Texts of pages go in as text, never as markup; characters that XML forbids are left out, and addresses other than
http and https are not linked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from copydesk._version import __version__
from copydesk.store.read.feed import Feed, FeedItem

__all__ = ["as_atom", "as_json_feed"]

_ATOM = "http://www.w3.org/2005/Atom"
_JSON_FEED = "https://jsonfeed.org/version/1.1"
_AUTHORITY = "copydesk.invalid,2026"
"""Of the tag URIs (RFC 4151): a name that nobody owns, since a desk has none."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_WEB = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SUMMARY_CHARS = 400


def as_atom(feed: Feed, *, full: bool = False, url: str | None = None) -> bytes:
    """Return an Atom document in UTF-8.

    Args:
        feed: The stories.
        full: Give the whole text of each, not only its beginning.
        url: Where the document can be had, for its `self` link.
    """
    root = ET.Element("feed", {"xmlns": _ATOM})
    _add(root, "id", _tag(f"feed/{feed.key}"))
    _add(root, "title", feed.title)
    _add(root, "updated", _time(feed.updated_at))
    _add(root, "generator", "Copydesk", {"version": __version__})
    _add(ET.SubElement(root, "author"), "name", "Copydesk")
    if url:
        ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": _plain(url)})
    for item in feed.items:
        _entry(root, item, full=full)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def as_json_feed(feed: Feed, *, full: bool = False, url: str | None = None) -> bytes:
    """Return a JSON Feed document in UTF-8; see `as_atom` for the arguments."""
    value: dict[str, Any] = {"version": _JSON_FEED, "title": _plain(feed.title)}
    if url:
        value["feed_url"] = _plain(url)
    value["items"] = [dict(_json_item(item, full=full)) for item in feed.items]
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(root: ET.Element, item: FeedItem, *, full: bool) -> None:
    language = {"xml:lang": item.language} if _LANGUAGE.fullmatch(item.language) else {}
    entry = ET.SubElement(root, "entry", language)
    _add(entry, "id", _tag(f"story/{item.key}"))
    _add(entry, "title", item.title or _beginning(item.text, 80) or item.uri)
    _add(entry, "updated", _time(item.updated_at))
    _add(entry, "published", _time(item.published_at))
    if link := _link(item):
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": link})
    for name in item.authors or (item.publisher,):
        _add(ET.SubElement(entry, "author"), "name", name)
    for term in item.section_path:
        ET.SubElement(entry, "category", {"term": _plain(term)})
    _add(entry, "summary", _summary(item))
    if full or not link:  # an entry without a link must have content
        _add(entry, "content", _html(item.text if full else _summary(item)), {"type": "html"})


def _json_item(item: FeedItem, *, full: bool) -> Iterator[tuple[str, Any]]:
    yield "id", _tag(f"story/{item.key}")
    if link := _link(item):
        yield "url", link
    yield "title", _plain(item.title or _beginning(item.text, 80) or item.uri)
    yield "summary", _plain(_summary(item))
    yield "content_text", _plain(item.text if full else _summary(item))
    yield "date_published", _time(item.published_at)
    yield "date_modified", _time(item.updated_at)
    yield "authors", [{"name": _plain(name)} for name in item.authors or (item.publisher,)]
    if item.section_path:
        yield "tags", [_plain(term) for term in item.section_path]
    if _LANGUAGE.fullmatch(item.language):
        yield "language", item.language


def _add(parent: ET.Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    ET.SubElement(parent, name, attributes or {}).text = _plain(text)


def _plain(text: str) -> str:
    """Return a text without the characters that XML forbids, and without marks that reverse what follows."""
    return _NOT_XML.sub("", text)


def _tag(specific: str) -> str:
    return f"tag:{_AUTHORITY}:{specific}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(item: FeedItem) -> str | None:
    address = _plain(item.address or "")
    return address if _WEB.fullmatch(address) else None


def _summary(item: FeedItem) -> str:
    also = ", ".join(item.also_printed_by)
    printed = f" Also printed by {also}." if also else ""
    return f"{item.publisher}: {_beginning(item.text, _SUMMARY_CHARS)}{printed}"


def _beginning(text: str, chars: int) -> str:
    """Return the first words of a text, in one line."""
    line = " ".join(text.split())
    if len(line) <= chars:
        return line
    return line[:chars].rsplit(" ", 1)[0] + "…"


def _html(text: str) -> str:
    return "".join(f"<p>{escape(_plain(part))}</p>" for part in text.split("\n\n") if part.strip())
