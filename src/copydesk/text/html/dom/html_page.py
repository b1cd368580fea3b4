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
    """Bits of `place`: the containers of an element, itself included; descendants inherit them.

    Plain ints, since operators of IntFlag cost a microsecond each and a page needs thousands.
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
    LAYER = 131072
    """A dialog, or fixed over the page by its own style."""


class PageLink(NamedTuple):
    """A link inside a block: its href as written, and its text."""

    href: str
    text: str


class Image(NamedTuple):
    """A picture: URL as written, alternative text, index of its block-level element, number of blocks before it."""

    url: str
    alt: str
    element: int
    before: int


class PageBlock(NamedTuple):
    r"""One visible paragraph, heading, list item, table row or bare run of text.

    Attributes:
        number: 1-based position on the page.
        text: White space collapsed; "\n" where a single <br> ends a short line and inside <pre>.
        tag: Tag of its block-level element.
        element: Index of that element in `Page.elements`.
        place: Its containers, bits of `Place`.
        level: 1 to 6 for a heading, else 0.
        list_depth: Number of lists around it.
        links: Links inside it.
        link_chars: Characters inside links (all of them where a link surrounds the block).
        bold_chars: Characters in bold.
        names: Class, id, role and itemprop of the inline element the text starts with, lower case.
        breaks: 1 where a <br> ended the previous block inside the same element, else 0.
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
        names: Its class, id, role and itemprop, lower case, separated by blanks.
        place: Its containers, itself included; bits of `Place`.
        first, last: The blocks inside it, as a range of indexes, end exclusive.
        kinds: Categories of its names, bits (`css_names`).
        rank: Position among the children of its parent with the same tag, from 1.
        path: The landmarks from the root to it, itself included, at most six: `main/article`.
    """

    tag: str
    parent: int
    depth: int
    names: str
    place: int
    node: LexborNode
    first: int
    last: int
    kinds: int = 0
    rank: int = 1
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One parsed page. It stays in one process: the tree cannot be pickled.

    Attributes:
        charset: Charset the bytes were decoded with.
        html: The decoded source.
        tree: The parsed tree; None only with a rejection.
        elements: Block-level elements in document order; the first is <html>.
        blocks: Visible blocks in page order.
        images: Pictures in page order.
        names: The different names of its elements, in page order.
        findings: Problems found while decoding.
        rejection: Why the page cannot be extracted, or None.
    """

    charset: str
    html: str
    tree: LexborHTMLParser | None
    elements: tuple[Element, ...] = ()
    blocks: tuple[PageBlock, ...] = ()
    images: tuple[Image, ...] = ()
    names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    rejection: Rejection | None = None

    def ancestors(self, block: PageBlock) -> list[Element]:
        """Return the block-level elements around a block, innermost first."""
        found, at = [], block.element
        while at >= 0:
            element = self.elements[at]
            found.append(element)
            at = element.parent
        return found

    def where(self, block: PageBlock) -> str:
        """Return a short DOM path such as `main/article/p[3]`: the landmarks around the block, its tag and rank."""
        element = self.elements[block.element]
        above = self.elements[element.parent].path if element.parent >= 0 else ""
        return f"{above}/{element.tag}[{element.rank}]" if above else f"{element.tag}[{element.rank}]"
