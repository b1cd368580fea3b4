"""Keep what the block model tears out of the story: listings, the labels of a table's rows, words inside a sentence."""

from __future__ import annotations

from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.override_rules import decision
from copydesk.text.html.blocks.story import Story
from copydesk.text.html.dom.html_page import Element, Page, PageBlock, Place

__all__ = ["restored_blocks"]

_MAX_LABEL_CHARS = 80
_MAX_CELL_CHARS = 200
"""A table with a longer cell arranges the page, it does not list data."""
_MIN_CELLS = 3
_MIN_BESIDE = 40
"""Characters of a paragraph beside a table or list of the story; a heading of further links is shorter."""
_MIN_CODE_CHARS = 3
_MAX_LEVELS = 5
_CONTROLS = "button, [role=button], [class*=copy], [class*=clipboard]"
_WANTED = Place.PRE | Place.TABLE | Place.LIST
_UNSEEN = Place.HIDDEN | Place.LAYER | Place.NAV | Place.FOOTER | Place.ASIDE | Place.BUTTON


def restored_blocks(story: Story) -> dict[int, LabelDecision]:
    """Return index -> label and rule of the cut blocks that belong to the story."""
    page, found = story.page, dict[int, LabelDecision]()
    if not story.prose:
        return found
    first, last = story.prose[0], story.prose[-1]
    keep = story.keep.tolist()
    judged: dict[int, bool] = {}
    for n in range(first, min(last + _MAX_LEVELS, len(page.blocks))):
        block = page.blocks[n]
        if keep[n]:
            continue
        if _in_sentence(page, keep, n):
            found[n] = decision("html.sentence")
        if not block.place & _WANTED or block.place & _UNSEEN:
            continue
        if block.place & (Place.TABLE | Place.LIST) and n < last and _in_figures(story, block, judged):
            found[n] = decision("html.table.data" if block.place & Place.TABLE else "html.list.announced")
            continue
        if block.place & Place.PRE:
            if n < last and _is_listing(story, block):
                found[n] = decision("html.code")
        elif block.place & Place.TABLE and _is_label(story, block):
            found[n] = decision("html.table.label")
    return found


def _in_sentence(page: Page, keep: list[bool], n: int) -> bool:
    """Return whether a short block stands between kept text of one element that goes on in the middle of a sentence."""
    if not 0 < n < len(keep) - 1 or not (keep[n - 1] and keep[n + 1]):
        return False
    before, block, after = page.blocks[n - 1 : n + 2]
    if before.element != after.element or block.element == before.element or len(block.text) > _MAX_LABEL_CHARS:
        return False
    return before.text[-1].isalnum() and (after.text[0].islower() or after.text[0] in ",;.")


def _in_figures(story: Story, block: PageBlock, judged: dict[int, bool]) -> bool:
    """Return whether a block is in a table of data, or a list that a sentence announces, between paragraphs.

    Args:
        story: The page's story.
        block: A cut block in a table or a list.
        judged: First block of a table or list -> what was found of it; filled here.
    """
    page = story.page
    outer = next((e for e in page.ancestors(block) if e.tag in ("table", "ul", "ol") and _among_prose(story, e)), None)
    if outer is None:
        return False
    if outer.first not in judged:
        judged[outer.first] = _is_figures(page, outer) if outer.tag == "table" else _is_announced(story, outer)
    return judged[outer.first]


def _among_prose(story: Story, element: Element) -> bool:
    """Return whether kept paragraphs stand on both sides of an element, all in the element's own parent."""
    page = story.page
    while element.parent >= 0:  # out of boxes that hold nothing else
        around = page.elements[element.parent]
        if (around.first, around.last) != (element.first, element.last):
            break
        element = around
    if element.parent < 0:
        return False
    near = [k for k in (element.first - 1, element.last) if around.first <= k < around.last and story.keep[k]]
    return len(near) == 2 and all(
        page.elements[page.blocks[k].element].parent == element.parent and len(page.blocks[k].text) >= _MIN_BESIDE
        for k in near
    )


def _is_figures(page: Page, table: Element) -> bool:
    cells = page.blocks[table.first : table.last]
    linked, size = sum(c.link_chars for c in cells), sum(len(c.text) for c in cells)
    return _is_data(page, table) and 5 * linked < size and not any(c.place & _UNSEEN for c in cells)


def _is_announced(story: Story, outer: Element) -> bool:
    items = story.page.blocks[outer.first : outer.last]
    before = story.page.blocks[outer.first - 1].text
    return before.endswith((":", "：")) and len(items) > 1 and all(len(i.text) <= _MAX_CELL_CHARS for i in items)


def _is_listing(story: Story, block: PageBlock) -> bool:
    """Return whether a listing without links stands in a box with its buttons, within the story.

    Every listing between paragraphs: .0014 of F1 lost on one set, whose golds leave most listings out.
    """
    if len(block.text) < _MIN_CODE_CHARS or block.link_chars or block.place & Place.LIST:
        return False
    page = story.page
    at, boxed = page.elements[block.element].parent, False
    for _ in range(_MAX_LEVELS):
        if at < 0:
            return False
        around = page.elements[at]
        if any(around.first <= k < around.last for k in story.prose):
            return boxed
        boxed = boxed or around.node.css_first(_CONTROLS) is not None
        at = around.parent
    return False


def _is_label(story: Story, block: PageBlock) -> bool:
    """Return whether a cell stands in a row of the story, in a table of data: no paragraphs, most of it kept."""
    if len(block.text) > _MAX_LABEL_CHARS or 2 * block.link_chars > len(block.text):
        return False
    page = story.page
    around = page.ancestors(block)[:_MAX_LEVELS]
    row = next((e for e in around if e.tag == "tr"), None)
    table = next((e for e in page.ancestors(block) if e.tag == "table"), None)
    if row is None or table is None or not story.keep[row.first : row.last].any():
        return False
    return _is_data(page, table) and 2 * len(story.kept_in(table)) >= table.last - table.first


def _is_data(page: Page, table: Element) -> bool:
    """Return whether a table has several rows of short cells, and no table inside."""
    cells = page.blocks[table.first : table.last]
    if len(cells) < _MIN_CELLS or any(len(c.text) > _MAX_CELL_CHARS for c in cells):
        return False
    return len(table.node.css("tr")) > 1 and len(table.node.css("table")) <= 1
