"""Decode and parse an HTML page, list its visible blocks, and refuse what would take more than linear time.

    bytes --charset--> str --limits--> lexbor tree --walk--> Page

A page that cannot be processed has a `Rejection` and no blocks; hostile input raises nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from copydesk.records import MAX_DOCUMENT_BYTES, Rejection
from copydesk.text.decode import Decoded, is_binary
from copydesk.text.html.dom.block_walk import walk
from copydesk.text.html.dom.charset import read_source
from copydesk.text.html.dom.html_page import Page

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "ParsedPage", "parse_page", "read_page"]

MAX_BYTES = MAX_DOCUMENT_BYTES
"""Size in bytes above which a page is refused."""
MAX_NODES = 200_000
"""Tags above which a page is refused: each takes up to 0.7 kB; no page of the benchmark (1,496) has 20,000."""
MAX_BLOCKS = 30_000
"""Visible blocks above which a page is refused: each takes 3.4 kB in extraction, and a worker has 1 GB."""
MAX_DEPTH = 10_000
"""Nesting depth above which a page is refused: the parser scans all open elements at each <div> (40,000: 2 s)."""
MAX_ATTRIBUTES = 5_000
"""Attributes of one tag above which a page is refused: the parser compares each with all before it."""
_MIN_LONG_TAG_CHARS = 50_000
_MIN_VISIBLE_CHARS = 200
_MIN_TAGS_FOR_DEPTH = 20_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_NO_DEPTH_TAGS = "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option"
_NO_DEPTH = frozenset(_NO_DEPTH_TAGS.split())
_OPEN_TITLE = re.compile(r"<title[^>]{0,200}>", re.IGNORECASE)
_TITLE_END = re.compile(r"[\n\r<]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class ParsedPage(NamedTuple):
    """The decoded source of a page and its tree."""

    decoded: Decoded
    tree: LexborHTMLParser


def read_page(
    content: bytes, charset: str | None = None, *, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES
) -> Page:
    """Decode and parse a page and list its visible blocks.

    Args:
        content: The bytes of the page.
        charset: Charset declared outside the page (HTTP header, WARC), or None; the bytes win over a wrong one.
        max_bytes: Size above which the page is refused (`too_large`).
        max_nodes: Tags above which the page is refused (`too_many_nodes`).
    """
    parsed = parse_page(content, charset, max_bytes=max_bytes, max_nodes=max_nodes)
    if isinstance(parsed, Page):
        return parsed
    decoded, tree = parsed
    html = decoded.text
    walked = walk(tree)
    if sum(len(b.text) for b in walked.blocks) < _MIN_VISIBLE_CHARS and "<noscript" in html:
        walked = walk(tree, noscript=True)  # the page is built by a script; read the fallback
    if not walked.blocks and (closed := _closed_title(html)) is not None:
        html, tree = closed, LexborHTMLParser(closed)
        walked = walk(tree)
    rejection = None
    if len(walked.blocks) > MAX_BLOCKS:
        return _refused(html, decoded.charset, "too_many_blocks", f"{len(walked.blocks)}, {MAX_BLOCKS} allowed")
    if not walked.blocks:
        scripts = len(tree.css("script"))
        reason = "script_only" if scripts else "empty"
        rejection = Rejection(stage="extract", reason=reason, detail=f"no visible text; {scripts} scripts")
    return Page(
        charset=decoded.charset,
        html=html,
        tree=tree,
        elements=tuple(walked.elements),
        blocks=tuple(walked.blocks),
        images=tuple(walked.images),
        names=tuple(dict.fromkeys([e.names for e in walked.elements])),
        findings=decoded.findings,
        rejection=rejection,
    )


def _closed_title(html: str) -> str | None:
    """Return the source with its title closed at the end of the line or before the next tag; None where it is closed.

    To a parser all behind an open <title> is the title: a page that was damaged there has no text at all.
    """
    start = _OPEN_TITLE.search(html)
    if start is None or "</title" in html.lower():
        return None
    end = _TITLE_END.search(html, start.end())
    at = end.start() if end else len(html)
    return f"{html[:at]}</title>{html[at:]}"


def parse_page(
    content: bytes, charset: str | None = None, *, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES
) -> ParsedPage | Page:
    """Decode and parse a page; a page beyond the limits gives a `Page` with a rejection. Arguments as `read_page`."""
    if len(content) > max_bytes:
        return _refused("", charset or "", "too_large", f"{len(content)} bytes, {max_bytes} allowed")
    if is_binary(content, charset):
        return _refused("", charset or "", "binary", "the bytes are not text in any charset")
    decoded, source = read_source(content, charset)
    html = decoded.text
    if not html.strip():
        return _refused(html, decoded.charset, "empty", f"{len(content)} bytes, only white space")
    reason, detail = _limit_exceeded(html, max_nodes)
    if reason:
        return _refused(html, decoded.charset, reason, detail)
    return ParsedPage(decoded, LexborHTMLParser(source))


def _refused(html: str, charset: str, reason: str, detail: str) -> Page:
    rejection = Rejection(stage="extract", reason=reason, detail=detail)
    return Page(charset=charset, html=html, tree=None, rejection=rejection)


def _limit_exceeded(html: str, max_nodes: int) -> tuple[str, str]:
    """Return (reason, detail) of the first limit that the source exceeds, ("", "") where none."""
    tags = html.count("<")
    if tags > max_nodes:
        return "too_many_nodes", f"{tags} tags, {max_nodes} allowed"
    if _has_long_tag(html):
        count = _max_attributes(html)
        if count > MAX_ATTRIBUTES:
            return "too_many_nodes", f"{count} attributes in one tag, {MAX_ATTRIBUTES} allowed"
    depth = _max_depth(html) if tags > _MIN_TAGS_FOR_DEPTH else 0
    return ("too_deep", f"{depth} open elements, {MAX_DEPTH} allowed") if depth > MAX_DEPTH else ("", "")


def _has_long_tag(html: str) -> bool:
    """Return whether the source may hold a tag longer than `_MIN_LONG_TAG_CHARS`, so that attributes must be counted.

    Search backwards from the minimum length, which skips ordinary tags: splitting every page at "<" took 4 % of an
    extraction.
    """
    at = html.find("<")
    while 0 <= at < len(html) - _MIN_LONG_TAG_CHARS:
        after = html.rfind("<", at + 1, at + _MIN_LONG_TAG_CHARS + 2)
        if after < 0:
            if html[at + 1].isalpha() and html.find(">", at, at + _MIN_LONG_TAG_CHARS + 1) < 0:
                return True
            after = html.find("<", at + 1)
        at = after
    return False


def _max_attributes(html: str) -> int:
    """Count the words outside quotes in the longest tag; scripts and text before the first tag are skipped."""
    most = 0
    for part in _without_scripts(html).split("<")[1:]:
        if len(part) > _MIN_LONG_TAG_CHARS and part[0].isalpha():
            head = part.partition(">")[0]
            if len(head) > _MIN_LONG_TAG_CHARS:
                most = max(most, len(_QUOTED.sub("", head).split()))
    return most


def _without_scripts(html: str) -> str:
    lower = html.lower()
    if len(lower) != len(html):  # lower-casing changed the length: offsets would differ
        return html
    kept, at = [], 0
    while (start := lower.find("<script", at)) >= 0:
        kept.append(html[at:start])
        end = lower.find("</script", start)
        at = len(html) if end < 0 else end
        if end < 0:
            break
    return "".join([*kept, html[at:]])


def _max_depth(html: str) -> int:
    """Return a rough upper bound of the nesting depth."""
    depth = deepest = 0
    for close, tag in _TAG.findall(html):
        if tag.lower() in _NO_DEPTH:
            continue
        depth = max(0, depth - 1) if close else depth + 1
        deepest = max(deepest, depth)
    return deepest
