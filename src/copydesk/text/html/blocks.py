"""The walk over the tree that lists a page's visible blocks.

A block is the text between two block-level boundaries: a paragraph, a heading, a list item, a row of a small table, or
bare text of a <div> or <span>. Two <br> part blocks as a paragraph does. What browsers never show (scripts, templates,
<noscript>, options of a closed menu) is not text. One explicit stack, so depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from copydesk.text.html.page import Element, Image, PageBlock, PageLink, Place

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = ["Walked", "fold", "walk"]

_UNSEEN = frozenset(
    """-comment -doctype area audio base canvas col colgroup datalist embed frame frameset head iframe input link map meta
    noembed noframes noscript object optgroup option param progress meter rp rt script select style svg template
    textarea title track video wbr""".split()
)
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark math nobr output q rb rtc
    ruby s samp small span strike strong sub sup time tt u var""".split()
)
_BOLD = frozenset(("b", "strong"))
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "dl", "menu"))
_PLACES = {
    "ul": Place.LIST,
    "ol": Place.LIST,
    "dl": Place.LIST,
    "menu": Place.LIST,
    "blockquote": Place.QUOTE,
    "pre": Place.PRE,
    "listing": Place.PRE,
    "table": Place.TABLE,
    "figure": Place.FIGURE,
    "figcaption": Place.FIGCAPTION,
    "nav": Place.NAV,
    "header": Place.HEADER,
    "footer": Place.FOOTER,
    "aside": Place.ASIDE,
    "form": Place.FORM,
    "fieldset": Place.FORM,
    "button": Place.BUTTON,
    "article": Place.ARTICLE,
    "main": Place.MAIN,
    "details": Place.DETAILS,
}
_ROLES = {
    "navigation": Place.NAV,
    "banner": Place.HEADER,
    "contentinfo": Place.FOOTER,
    "complementary": Place.ASIDE,
    "main": Place.MAIN,
    "article": Place.ARTICLE,
    "search": Place.FORM,
    "button": Place.BUTTON,
}
_IMAGE_SOURCES = ("src", "data-src", "data-lazy-src", "data-original", "srcset", "data-srcset")
# Soft hyphens and byte-order marks are typesetting; ZWNJ and ZWJ are letters' joints and stay.
_DROPPED = {0x00AD: None, 0xFEFF: None, 0x0000: None}
_LINE_CHARS = 120
"""A line of this length between two single <br> is a paragraph of its own, not a line of verse or an address."""
_CELL_CHARS = 200
"""A row whose cells are all shorter is data and becomes one block; a layout table's cells stay blocks."""


def fold(text: str) -> str:
    """White space folded to single blanks; soft hyphens and byte-order marks gone; ZWNJ and ZWJ kept."""
    text = " ".join(text.split())
    return text if text.isascii() else text.translate(_DROPPED).strip(" \u200b")


@dataclass(slots=True)
class Walked:
    """What one walk found, in page order."""

    elements: list[Element] = field(default_factory=list)
    blocks: list[PageBlock] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """Text pieces since the last boundary, with the links and bold stretches among them as piece ranges."""

    pieces: list[str] = field(default_factory=list)
    links: list[tuple[str, int, int]] = field(default_factory=list)
    bold: list[tuple[int, int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: str = ""
    broken: int = 0


class _Walk:
    """The state of one walk: the open element, the text since the last boundary, open link and bold."""

    def __init__(self) -> None:
        self.out = Walked()
        self.run = _Run()
        self.solid = False
        self.at = -1
        self.lists = 0
        self.level = 0
        self.href: str | None = None
        self.href_from = 0
        self.bold = 0
        self.bold_from = 0

    def flush(self, broken: int = 0) -> None:
        """End the block: what was gathered becomes one block, or several where single <br> part long lines."""
        run = self.run
        if self.solid:
            self.solid = False
            self._close_marks()
            if not run.lines:
                self._add(run, 0, len(run.pieces))
            else:
                self._add_lines(run)
            self.run = _Run()
            self.href_from = self.bold_from = 0
        elif run.pieces or run.broken or run.names:
            self.run = _Run()
            self.href_from = self.bold_from = 0
        if broken:
            self.run.broken = 1

    def _close_marks(self) -> None:
        end = len(self.run.pieces)
        if self.href is not None and end > self.href_from:
            self.run.links.append((self.href, self.href_from, end))
        if self.bold and end > self.bold_from:
            self.run.bold.append((self.bold_from, end))

    def _add_lines(self, run: _Run) -> None:
        cuts = [0, *run.lines, len(run.pieces)]
        spans = list(pairwise(cuts))
        sizes = [sum(map(len, run.pieces[a:b])) for a, b in spans]
        start, size = 0, sizes[0]
        for (a, _), here in zip(spans[1:], sizes[1:], strict=True):
            if max(size, here) >= _LINE_CHARS:
                self._add(run, start, a)
                start, size = a, here
                run.broken = 1
            else:
                size = max(size, here)
        self._add(run, start, len(run.pieces))

    def _add(self, run: _Run, start: int, end: int) -> None:
        element = self.out.elements[self.at]
        breaks = [n for n in run.lines if start < n < end]
        text = self._text(run.pieces, start, end, breaks, element.place)
        if not text:
            return
        links = tuple(
            PageLink(href, words)
            for href, a, b in run.links
            if a < end and b > start and (words := fold("".join(run.pieces[max(a, start) : min(b, end)])))
        )
        inside = element.place & Place.LINK
        bold = sum(
            len("".join(run.pieces[max(a, start) : min(b, end)]).strip()) for a, b in run.bold if a < end and b > start
        )
        self.out.blocks.append(
            PageBlock(
                len(self.out.blocks) + 1,
                text,
                element.tag,
                self.at,
                element.place,
                self.level,
                self.lists,
                links,
                len(text) if inside else min(len(text), sum(len(link.text) for link in links)),
                min(bold, len(text)),
                run.names,
                run.broken,
            )
        )

    def _text(self, pieces: list[str], start: int, end: int, breaks: list[int], place: int) -> str:
        if place & Place.PRE:
            return "".join(pieces[start:end]).translate(_DROPPED).replace("\r", "").rstrip().strip("\n")
        if not breaks:
            return fold("".join(pieces[start:end]))
        cuts = [start, *breaks, end]
        lines = (fold("".join(pieces[a:b])) for a, b in pairwise(cuts))
        return "\n".join(filter(None, lines))

    def line_break(self) -> None:
        """A single <br> is a line; a second one with nothing between parts blocks."""
        run = self.run
        if self.out.elements[self.at].place & Place.PRE:
            run.pieces.append("\n")
            return
        if run.lines and not "".join(run.pieces[run.lines[-1] :]).strip():
            run.lines.pop()
            self.flush(broken=1)
        elif run.pieces:
            run.lines.append(len(run.pieces))

    def open_link(self, href: str) -> None:
        """Text from here on belongs to a link; a link that follows another without a blank gets one."""
        run = self.run
        if run.links and run.links[-1][2] == len(run.pieces):
            run.pieces.append(" ")
        self.href, self.href_from = href, len(run.pieces)

    def close_link(self) -> None:
        """The link ends here."""
        if self.href is not None and len(self.run.pieces) > self.href_from:
            self.run.links.append((self.href, self.href_from, len(self.run.pieces)))
        self.href = None


def walk(tree: LexborHTMLParser, *, noscript: bool = False) -> Walked:
    """List the visible blocks of a parsed page in document order, with `noscript` as a browser without scripts would."""
    unseen = _UNSEEN - {"noscript"} if noscript else _UNSEEN
    state = _Walk()
    root = tree.root
    if root is None:
        return state.out
    _enter(state, root, "html", {})
    stack: list[tuple[Iterator[LexborNode], str]] = [(root.iter(include_text=True), "html")]
    while stack:
        children, tag = stack[-1]
        for child in children:
            kind = child.tag
            if kind == "-text":
                text = child.text_content
                if text:
                    state.run.pieces.append(text)
                    if not state.solid and not text.isspace():
                        state.solid = True
            elif kind == "br":
                state.line_break()
            elif kind == "img" or kind == "amp-img":
                _image(state, child)
            elif kind is None or kind in unseen:
                continue
            else:
                _open(state, child, kind)
                stack.append((child.iter(include_text=True), kind))
                break
        else:
            stack.pop()
            _close(state, tag)
    return state.out


def _open(state: _Walk, node: LexborNode, tag: str) -> None:
    if tag not in _INLINE:
        state.flush()
        _enter(state, node, tag, node.attributes)
        return
    if tag == "a":
        state.open_link(node.attributes.get("href") or "")
    elif tag in _BOLD:
        if not state.bold:
            state.bold_from = len(state.run.pieces)
        state.bold += 1
    elif not state.run.names and not state.run.pieces:
        attributes = node.attributes
        state.run.names = _names(attributes)


def _close(state: _Walk, tag: str) -> None:
    if tag not in _INLINE:
        _leave(state, tag)
    elif tag == "a":
        state.close_link()
    elif tag in _BOLD:
        state.bold -= 1
        if not state.bold and len(state.run.pieces) > state.bold_from:
            state.run.bold.append((state.bold_from, len(state.run.pieces)))


def _names(attributes: dict[str, str | None]) -> str:
    if not attributes:
        return ""
    get = attributes.get
    parts = (get("class"), get("id"), get("role"), get("itemprop"))
    return " ".join(p for p in parts if p).lower()


def _enter(state: _Walk, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
    elements = state.out.elements
    parent = state.at
    above = elements[parent] if parent >= 0 else None
    place = above.place if above else Place.NONE
    own = _PLACES.get(tag)
    if own is not None:
        place |= own
    if state.href is not None:
        place |= Place.LINK
    if attributes:
        role = attributes.get("role")
        if role is not None and role in _ROLES:
            place |= _ROLES[role]
        if "hidden" in attributes or _unseen(attributes):
            place |= Place.HIDDEN
    if tag in _LISTS:
        state.lists += 1
    state.level = _HEADINGS.get(tag, state.level)
    depth = above.depth + 1 if above else 0
    here = len(state.out.blocks)
    elements.append(Element(tag, parent, depth, _names(attributes), place, node, here, here))
    state.at = len(elements) - 1


def _unseen(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    if style:
        style = style.replace(" ", "").lower()
        if "display:none" in style or "visibility:hidden" in style:
            return True
    return attributes.get("aria-hidden") == "true"


def _leave(state: _Walk, tag: str) -> None:
    state.flush()
    elements = state.out.elements
    index = state.at
    element = elements[index]
    if tag == "tr":
        _join_row(state, index)
    element.last = len(state.out.blocks)
    state.at = element.parent
    if tag in _LISTS:
        state.lists -= 1
    if tag in _HEADINGS:
        state.level = 0


def _join_row(state: _Walk, row: int) -> None:
    """A row of short cells becomes one block, "a | b | c"."""
    blocks, elements = state.out.blocks, state.out.elements
    first = elements[row].first
    cells = blocks[first:]
    if len(cells) < 2 or any(len(c.text) > _CELL_CHARS or c.tag not in ("td", "th") for c in cells):  # noqa: PLR2004
        return
    if len({c.element for c in cells}) < len(cells):
        return
    text = " | ".join(c.text.replace("\n", " ") for c in cells)
    del blocks[first:]
    for inner in elements[row + 1 :]:
        inner.first = inner.last = first
    blocks.append(
        cells[0]._replace(
            text=text,
            tag="tr",
            element=row,
            place=elements[row].place,
            links=tuple(link for c in cells for link in c.links),
            link_chars=sum(c.link_chars for c in cells),
            bold_chars=sum(c.bold_chars for c in cells),
        )
    )


def _image(state: _Walk, node: LexborNode) -> None:
    attributes = node.attributes
    for name in _IMAGE_SOURCES:
        url = attributes.get(name)
        if url and not url.startswith("data:"):
            if name.endswith("srcset"):
                url = url.split(",")[0].split()[0] if url.split() else ""
            alt = fold(attributes.get("alt") or "")
            state.out.images.append(Image(url, alt, state.at, len(state.out.blocks)))
            return
