"""A parsed HTML page: its block-level elements, visible blocks and pictures, in page order.

    Page ( tree, elements, blocks, images )

`elements` are the block-level elements in document order. Each holds the range of blocks inside it (`first` to `last`,
end exclusive), so a sum over any subtree is the difference of two running sums. `read_page` builds a `Page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from copydesk.records import Finding, Rejection

__all__ = ["Element", "Image", "Page", "PageBlock", "PageLink", "Place"]


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
