"""An HTML page as it is worked on: decoded once, parsed once, its visible blocks in page order.

    bytes --charset--> str --guards--> lexbor tree --walk--> Page( tree, elements, blocks, images )

`elements` are the block-level elements in document order. An element knows the range of blocks inside it
(`first` to `last`, end exclusive), so that any sum over a subtree is a difference of two running sums.
A page that cannot be worked on carries a `Rejection` and no blocks; nothing here raises for hostile input.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from copydesk.records import Finding, Rejection
from copydesk.text.decode import is_binary
from copydesk.text.html.dom.charset import decode_html

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Element",
    "Image",
    "Page",
    "PageBlock",
    "PageLink",
    "Place",
    "read_page",
]

MAX_BYTES = 20_000_000
"""Decoded size above which a page is refused."""
MAX_NODES = 200_000
"""Tags above which a page is refused, at up to 0.7 kB each; the largest of 1,496 benchmark pages has under 20,000."""
MAX_BLOCKS = 30_000
"""Visible blocks above which a page is refused: each costs 3.4 kB while it is judged, and all workers have 1 GB."""
MAX_DEPTH = 10_000
"""Open elements above which a page is refused: the parser scans all of them at each <div> (40,000 take 2 s)."""
MAX_ATTRIBUTES = 5_000
"""Attributes of one tag above which a page is refused: each is compared with all before it."""
_LONG_TAG = 50_000
_THIN_CHARS = 200
_MANY_TAGS = 20_000


class Place:
    """Bits of `place`: what an element stands in, itself included; inherited by everything below it.

    Plain ints: IntFlag's operators cost a microsecond each, and a page needs thousands.
    """

    NONE = 0
    HIDDEN = 1
    LINK = 2
    LIST = 4
    QUOTE = 8
    PRE = 16
    TABLE = 32
    FIGURE = 64
    FIGCAPTION = 128
    NAV = 256
    HEADER = 512
    FOOTER = 1024
    ASIDE = 2048
    FORM = 4096
    BUTTON = 8192
    ARTICLE = 16384
    MAIN = 32768
    DETAILS = 65536


class PageLink(NamedTuple):
    """A link inside a block: its address as written, and its words."""

    href: str
    text: str


class Image(NamedTuple):
    """A picture: address as written, alternative text, its block-level element, and the number of blocks before it."""

    url: str
    alt: str
    element: int
    before: int


class PageBlock(NamedTuple):
    r"""One visible paragraph, heading, list item, table row or bare run of text.

    Attributes:
        number: 1-based position on the page.
        text: White space folded; "\n" where a single <br> broke a short line and inside <pre>.
        tag: Tag of the block-level element that holds it.
        element: Index of that element in `Page.elements`.
        place: What it stands in, bits of `Place`.
        level: 1 to 6 for a heading, else 0.
        list_depth: Lists around it.
        links: Links in it.
        link_chars: Characters inside links (the whole text where a link surrounds the block).
        bold_chars: Characters in bold.
        names: Class and id of the inline element the text begins with, lower case.
        breaks: 1 where a <br> ended the block before it inside the same element.
    """

    number: int
    text: str
    tag: str
    element: int
    place: int
    level: int
    list_depth: int
    links: tuple[PageLink, ...]
    link_chars: int
    bold_chars: int
    names: str
    breaks: int


@dataclass(slots=True)
class Element:
    """A block-level element.

    Attributes:
        names: Its class, id, role and itemprop, lower case, parted by spaces.
        place: What it stands in, itself included; bits of `Place`.
        first, last: The blocks inside it, as a range of indexes, end exclusive.
        rank: Its place among its parent's children of the same tag, from 1.
        path: The landmarks down to it, itself included, at most six: `main/article`.
    """

    tag: str
    parent: int
    depth: int
    names: str
    place: int
    node: LexborNode
    first: int
    last: int
    rank: int = 1
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One parsed page. Lives in one process: the tree cannot be pickled.

    Attributes:
        charset: What the bytes were decoded as.
        html: The decoded source.
        tree: The parsed tree; None only where there is a rejection.
        elements: Block-level elements in document order; the first is <html>.
        blocks: Visible blocks in page order.
        images: Pictures in page order.
        findings: What looked wrong while reading.
        rejection: Why there is nothing to work on.
    """

    charset: str
    html: str
    tree: LexborHTMLParser | None
    elements: tuple[Element, ...] = ()
    blocks: tuple[PageBlock, ...] = ()
    images: tuple[Image, ...] = ()
    findings: tuple[Finding, ...] = ()
    rejection: Rejection | None = None

    def ancestors(self, block: PageBlock) -> list[Element]:
        """The block-level elements around a block, the innermost first."""
        found, at = [], block.element
        while at >= 0:
            element = self.elements[at]
            found.append(element)
            at = element.parent
        return found

    def where(self, block: PageBlock) -> str:
        """A short DOM path such as `main/article/p[3]`: landmarks around the block, then its place among its like."""
        element = self.elements[block.element]
        above = self.elements[element.parent].path if element.parent >= 0 else ""
        return f"{above}/{element.tag}[{element.rank}]" if above else f"{element.tag}[{element.rank}]"


def read_page(
    content: bytes, charset: str | None = None, *, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES
) -> Page:
    """Decode and parse a page and list its visible blocks.

    Args:
        content: The bytes as they lay in the carrier.
        charset: What the carrier declared; the bytes win over a lie.
        max_bytes: Decoded bytes above which the page is refused (`too_large`).
        max_nodes: Tags above which the page is refused (`too_many_nodes`).
    """
    if len(content) > max_bytes:
        return _refused("", charset or "", "too_large", f"{len(content)} bytes, {max_bytes} allowed")
    if is_binary(content, charset):
        return _refused("", charset or "", "binary", "the bytes are no text in any charset")
    decoded = decode_html(content, charset)
    html = decoded.text
    if not html.strip():
        return _refused(html, decoded.charset, "empty", f"{len(content)} bytes, nothing but white space")
    reason, detail = _danger(html, max_nodes)
    if reason:
        return _refused(html, decoded.charset, reason, detail)
    tree = LexborHTMLParser(html)
    from copydesk.text.html.dom.block_walk import walk  # the walk builds this module's nouns

    walked = walk(tree)
    if sum(len(b.text) for b in walked.blocks) < _THIN_CHARS and "<noscript" in html:
        walked = walk(tree, noscript=True)  # a script would have built the page; this is what it gives without
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
        findings=decoded.findings,
        rejection=rejection,
    )


def _refused(html: str, charset: str, reason: str, detail: str) -> Page:
    rejection = Rejection(stage="extract", reason=reason, detail=detail)
    return Page(charset=charset, html=html, tree=None, rejection=rejection)


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_NO_DEPTH_TAGS = "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option"
_NO_DEPTH = frozenset(_NO_DEPTH_TAGS.split())
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def _danger(html: str, max_nodes: int) -> tuple[str, str]:
    """What would make parsing take more than linear time, as (reason, detail); empty strings where nothing does."""
    tags = html.count("<")
    if tags > max_nodes:
        return "too_many_nodes", f"{tags} tags, {max_nodes} allowed"
    if _has_long_tag(html):
        count = _most_attributes(html)
        if count > MAX_ATTRIBUTES:
            return "too_many_nodes", f"{count} attributes in one tag, {MAX_ATTRIBUTES} allowed"
    depth = _depth(html) if tags > _MANY_TAGS else 0
    return ("too_deep", f"{depth} open elements, {MAX_DEPTH} allowed") if depth > MAX_DEPTH else ("", "")


def _has_long_tag(html: str) -> bool:
    """Whether `_most_attributes` could find anything: text of the length of a long tag that begins as a tag does.

    Long stretches without "<" are found by looking back from their least length on, so that a page is not cut into
    thousands of strings; that and scripts that were no tags took 4 % of an extraction.
    """
    at = html.find("<")
    while 0 <= at < len(html) - _LONG_TAG:
        after = html.rfind("<", at + 1, at + _LONG_TAG + 2)
        if after < 0:
            if html[at + 1].isalpha() and html.find(">", at, at + _LONG_TAG + 1) < 0:
                return True
            after = html.find("<", at + 1)
        at = after
    return False


def _most_attributes(html: str) -> int:
    """Words outside quotes in the longest tag; what stands in scripts or before the first tag is no tag."""
    most = 0
    for part in _without_scripts(html).split("<")[1:]:
        if len(part) > _LONG_TAG and part[0].isalpha():
            head = part.partition(">")[0]
            if len(head) > _LONG_TAG:
                most = max(most, len(_QUOTED.sub("", head).split()))
    return most


def _without_scripts(html: str) -> str:
    lower = html.lower()
    if len(lower) != len(html):  # a few letters change their number when lowered
        return html
    kept, at = [], 0
    while (start := lower.find("<script", at)) >= 0:
        kept.append(html[at:start])
        end = lower.find("</script", start)
        at = len(html) if end < 0 else end
        if end < 0:
            break
    return "".join([*kept, html[at:]])


def _depth(html: str) -> int:
    """A rough upper bound of the elements open at once."""
    depth = deepest = 0
    for close, tag in _TAG.findall(html):
        if tag.lower() in _NO_DEPTH:
            continue
        depth = max(0, depth - 1) if close else depth + 1
        deepest = max(deepest, depth)
    return deepest
