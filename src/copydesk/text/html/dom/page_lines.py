"""List the short lines of a page without walking it, for counting what recurs on a site: a third of a walk's time.

Inline elements are dissolved and neighbouring text nodes joined by the parser, so that a text node is a block. Text
inside links is left out: the model tells links well, and headlines of other stories are most of what differs.
"""

from __future__ import annotations

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import parse_page

__all__ = ["page_lines"]

_DROPPED_NAMES = "a script style noscript template svg select textarea iframe object video audio datalist"
_DROPPED = _DROPPED_NAMES.split()
_DISSOLVED_NAMES = "span b strong i em font small u sup sub cite abbr time mark big q s nobr"
_DISSOLVED = ", ".join(_DISSOLVED_NAMES.split())
"""Inline elements that are common in lines, as one selector: rare ones are left out."""


def page_lines(content: bytes, charset: str | None, *, max_chars: int) -> set[str]:
    """Return the different lines of a page up to a length, white space collapsed; none of a page that is refused."""
    parsed = parse_page(content, charset)
    if isinstance(parsed, Page):
        return set()
    tree = parsed.tree
    tree.strip_tags(_DROPPED)
    for node in tree.css(_DISSOLVED):
        node.unwrap()
    body = tree.body
    if body is None:
        return set()
    body.merge_text_nodes()
    lines = {" ".join(text.split()) for text in body.text(deep=True, separator="\0", skip_empty=True).split("\0")}
    return {line for line in lines if 0 < len(line) <= max_chars}
