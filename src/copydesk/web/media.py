"""Media types: as declared, as accepted for each purpose, and detection of binary bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from copydesk.web.responses import Purpose

__all__ = ["ACCEPT", "accepted", "charset_of", "looks_binary", "media_type_of"]

_PAGE = frozenset({"text/html", "application/xhtml+xml", "text/plain", ""})
_OTHER_THINGS = frozenset({"image", "audio", "video", "font", "model", "multipart", "message"})
_LIST_WORDS = re.compile(r"xml|rss|atom|rdf|json|octet-stream|download|unknown|text|gzip")
"""Words in the subtype of a feed or sitemap, as servers send it: application/x-rss+xml, binary/octet-stream."""

ACCEPT: Mapping[Purpose, str] = {
    Purpose.PAGE: "text/html,application/xhtml+xml,text/plain;q=0.8,*/*;q=0.1",
    Purpose.FEED: "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    Purpose.SITEMAP: "application/xml,text/xml,application/gzip,text/plain;q=0.8,*/*;q=0.5",
    Purpose.DISCOVERY: "text/html,application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.5",
    Purpose.ROBOTS: "text/plain,*/*;q=0.5",
    Purpose.TDMREP: "application/json,*/*;q=0.5",
}

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_MAGIC = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"OggS",
    b"\x7fELF",
    b"ID3",
)
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def media_type_of(content_type: str) -> str:
    """Return "text/html" of "Text/HTML; charset=utf-8"."""
    return content_type.partition(";")[0].partition(",")[0].strip().lower()


def charset_of(content_type: str) -> str | None:
    """Return the charset parameter in lower case, None without one."""
    found = _CHARSET.search(content_type)
    return found[1].lower() if found else None


def accepted(purpose: Purpose, media_type: str) -> bool:
    """Return whether the media type is accepted for the purpose."""
    if purpose is Purpose.PAGE:
        return media_type in _PAGE
    return purpose in (Purpose.ROBOTS, Purpose.TDMREP) or _may_be_list(media_type)


def _may_be_list(media_type: str) -> bool:
    """Return whether a feed or sitemap may be sent under this type; its content decides whether it is one."""
    main, slash, subtype = unquote(media_type).partition("/")
    if not slash or main == "text":
        return True
    return main not in _OTHER_THINGS and _LIST_WORDS.search(subtype) is not None


def looks_binary(content: bytes) -> bool:
    """Return whether a body declared as text is binary (UTF-16 has NULs, but a byte order mark)."""
    head = content[:1024]
    if head.startswith(_BOMS):
        return False
    return head.startswith(_MAGIC) or head.count(0) > len(head) // 10
