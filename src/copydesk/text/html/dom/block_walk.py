"""Walk the parsed tree and list the visible blocks of a page.

A block is the text between two block-level boundaries: a paragraph, a heading, a list item, a row of a small table, or
the bare text of a <div> or <span>. Two <br> separate blocks as a paragraph does. Elements that browsers never show
(scripts, templates, <noscript>, options of a closed menu) are skipped. The stack is explicit, so any depth works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.text.html.dom.block_builder import BlockBuilder, WalkResult, fold
from copydesk.text.html.dom.css_names import categories_of
from copydesk.text.html.dom.html_page import Element, Image, Place

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = ["INLINE_TAGS", "INVISIBLE_TAGS", "walk"]

_INVISIBLE_NAMES = """-comment -doctype area audio base canvas col colgroup datalist embed frame frameset head iframe
input link map meta noembed noframes noscript object optgroup option param progress meter rp rt script select style svg
template textarea title track video wbr"""
INVISIBLE_TAGS = frozenset(_INVISIBLE_NAMES.split())
"""Elements that browsers never show."""
_INLINE_NAMES = """a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark math nobr
output q rb rtc ruby s samp small span strike strong sub sup time tt u var"""
INLINE_TAGS = frozenset(_INLINE_NAMES.split())
"""Elements that are part of a line."""
_TEXT_HOLDERS = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "figcaption"))
_BOLD = frozenset(("b", "strong"))
_MARKS = _BOLD | {"a"}
"""Inline elements whose end matters."""
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
    "dialog": Place.LAYER,
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
    "dialog": Place.LAYER,
    "alertdialog": Place.LAYER,
}
_TELLING = frozenset(("role", "style", "hidden", "aria-hidden", "aria-modal"))
"""Attributes that add to an element's place."""
_LANDMARK_NAMES = "main article header footer nav aside section form figure table ul ol blockquote details"
_LANDMARKS = frozenset(_LANDMARK_NAMES.split())
_TELLING_TAGS = frozenset(("tr", *_PLACES, *_HEADINGS, *_LANDMARKS))
"""Block-level elements that change more than the tree: most elements of a page are none of them."""
_MAX_PATH = 6
_IMAGE_SOURCES = ("src", "data-src", "data-lazy-src", "data-original", "srcset", "data-srcset")
_INLINE, _SKIPPED, _BREAK, _IMAGE = range(4)
_ROLES_OF_TAGS = {
    **dict.fromkeys(INVISIBLE_TAGS, _SKIPPED),
    **dict.fromkeys(INLINE_TAGS, _INLINE),
    "br": _BREAK,
    "img": _IMAGE,
    "amp-img": _IMAGE,
}
"""What the walk does with a tag; a tag that is not here is block-level, or a custom element."""
_ROLES_WITHOUT_SCRIPTS = {tag: role for tag, role in _ROLES_OF_TAGS.items() if tag != "noscript"}
_MAX_CELL_CHARS = 200
"""A row of cells up to this length is data and becomes one block; cells of a layout table stay blocks."""


def walk(tree: LexborHTMLParser, *, noscript: bool = False) -> WalkResult:
    """List the visible blocks of a parsed page in order; with `noscript`, as a browser without scripts shows it."""
    roles = _ROLES_WITHOUT_SCRIPTS if noscript else _ROLES_OF_TAGS
    state = BlockBuilder()
    push = state.run.pieces.append
    root = tree.root
    if root is None:
        return state.out
    _enter(state, root, "html")
    above: list[tuple[LexborNode, str, bool]] = []
    node = root.first_child
    while node is not None or above:
        if node is None:
            node, tag, inline = above.pop()
            if not inline:
                _leave(state, tag)
            elif tag in _MARKS:
                _close(state, tag)
            node = node.next
            continue
        kind = node.tag or "-comment"
        if kind == "-text":
            text = node.text_content
            if text:
                push(text)
                if not state.has_text and not text.isspace():
                    state.has_text = True
            node = node.next
            continue
        role = roles.get(kind)
        if role is None or role == _INLINE:
            inside = role is not None or ("-" in kind and _mid_sentence(state))
            (_open if inside else _enter)(state, node, kind)
            above.append((node, kind, inside))
            node = node.first_child
            continue
        if role == _BREAK:
            state.line_break()
        elif role == _IMAGE:
            _image(state, node)
        node = node.next
    _leave(state, "html")
    return state.out


def _mid_sentence(state: BlockBuilder) -> bool:
    """Return whether a custom element is part of running text, where browsers render it inline."""
    return state.has_text or state.out.elements[state.at].tag in _TEXT_HOLDERS


def _open(state: BlockBuilder, node: LexborNode, tag: str) -> None:
    """Open an inline element; of a link only the href is read: a dictionary of its attributes costs five times that."""
    if tag == "a":
        state.open_link(node.attrs.get("href") or "")
    elif tag in _BOLD:
        if not state.bold:
            state.bold_from = len(state.run.pieces)
        state.bold += 1
    elif not state.run.names and not state.run.pieces:
        state.run.names = _names(node.attributes)


def _close(state: BlockBuilder, tag: str) -> None:
    if tag == "a":
        state.close_link()
    else:
        state.bold -= 1
        if not state.bold and len(state.run.pieces) > state.bold_from:
            state.run.bold.append((state.bold_from, len(state.run.pieces)))


def _names(attributes: dict[str, str | None]) -> str:
    get = attributes.get
    first, second, third, fourth = get("class"), get("id"), get("role"), get("itemprop")
    if not (second or third or fourth):
        return first.lower() if first else ""
    return " ".join([p for p in (first, second, third, fourth) if p]).lower()


def _enter(state: BlockBuilder, node: LexborNode, tag: str) -> None:
    """End the run before a block-level element, and open it."""
    state.flush()
    elements = state.out.elements
    parent = state.at
    if parent < 0:  # the attributes of <html> hide nothing
        elements.append(Element(tag, -1, 0, "", Place.NONE, node, 0, 0))
        state.ranks[-1, tag] = 1
        state.at = 0
        return
    attributes = node.attributes
    above = elements[parent]
    place, path = above.place, above.path
    if state.href is not None:
        place |= Place.LINK
    if tag in _TELLING_TAGS:
        place |= _PLACES.get(tag, Place.NONE)
        if tag in _LISTS:
            state.lists += 1
        elif tag in _HEADINGS:
            state.level = _HEADINGS[tag]
        if tag in _LANDMARKS:
            path = _path(path, tag)
    names, kinds = "", 0
    if attributes:
        if not _TELLING.isdisjoint(attributes):
            place |= _ROLES.get(attributes.get("role") or "", Place.NONE) | _visibility(attributes)
        names = _names(attributes)
        if names:
            kinds = categories_of(names)
    here = len(state.out.blocks)
    key = (parent, tag)
    rank = state.ranks[key] = state.ranks.get(key, 0) + 1
    state.at = len(elements)
    elements.append(Element(tag, parent, above.depth + 1, names, place, node, here, here, kinds, rank, path))


def _path(above: str, tag: str) -> str:
    """Append a landmark to a path; a deep path drops its outermost."""
    path = f"{above}/{tag}" if above else tag
    return path if path.count("/") < _MAX_PATH else path.partition("/")[2]


def _visibility(attributes: dict[str, str | None]) -> int:
    """Return the bits of an element that is hidden, or lies over the page."""
    get = attributes.get
    style, place = get("style"), Place.NONE
    if style:
        style = style.replace(" ", "").lower()
        if "display:none" in style or "visibility:hidden" in style:
            place |= Place.HIDDEN
        if "position:fixed" in style:
            place |= Place.LAYER
    if "hidden" in attributes or get("aria-hidden") == "true":
        place |= Place.HIDDEN
    return place | Place.LAYER if get("aria-modal") == "true" else place


def _leave(state: BlockBuilder, tag: str) -> None:
    state.flush()
    element = state.out.elements[state.at]
    if tag in _TELLING_TAGS:
        if tag == "tr":
            _join_row(state, state.at)
        elif tag == "pre":
            _join_listing(state, state.at)
        elif tag in _LISTS:
            state.lists -= 1
        elif tag in _HEADINGS:
            state.level = 0
    element.last = len(state.out.blocks)
    state.at = element.parent


def _join_row(state: BlockBuilder, row: int) -> None:
    """Join a row of short cells into one block, "a | b | c"."""
    blocks, elements = state.out.blocks, state.out.elements
    first = elements[row].first
    cells = blocks[first:]
    if len(cells) < 2 or any(len(c.text) > _MAX_CELL_CHARS or c.tag not in ("td", "th") for c in cells):
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


def _join_listing(state: BlockBuilder, listing: int) -> None:
    """Join the lines of a listing that are elements of their own; buttons inside stay blocks."""
    blocks, elements = state.out.blocks, state.out.elements
    first = elements[listing].first
    lines = [b for b in blocks[first:] if not b.place & Place.BUTTON]
    if len(lines) < 2 or len(lines) < len(blocks) - first - 1:
        return
    start = blocks.index(lines[0], first)
    text = "\n".join(line.text for line in lines)
    others = [b for b in blocks[first:] if b.place & Place.BUTTON]
    joined = lines[0]._replace(
        text=text,
        tag="pre",
        element=listing,
        place=elements[listing].place,
        links=tuple(link for line in lines for link in line.links),
        link_chars=sum(line.link_chars for line in lines),
        bold_chars=sum(line.bold_chars for line in lines),
    )
    del blocks[first:]
    blocks.extend([joined, *others] if start == first else [*others, joined])
    for number, block in enumerate(blocks[first:], start=first + 1):
        blocks[number - 1] = block._replace(number=number)
    for inner in elements[listing + 1 :]:
        inner.first = inner.last = first


def _image(state: BlockBuilder, node: LexborNode) -> None:
    attributes = node.attributes
    for name in _IMAGE_SOURCES:
        url = attributes.get(name)
        if url and not url.startswith("data:"):
            if name.endswith("srcset"):
                url = url.split(",")[0].split()[0] if url.split() else ""
            alt = fold(attributes.get("alt") or "")
            state.out.images.append(Image(url, alt, state.at, len(state.out.blocks)))
            return
