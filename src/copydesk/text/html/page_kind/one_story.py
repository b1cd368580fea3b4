"""Recognise one story as the body of a page whose other signs point to no article.

The address of a home page, many links and a missing author say little about a page whose body is one run of text below
the page's headline: teasers, products, answers and services lie in elements of their own, under headings of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.tokens.word_key import word_key

__all__ = ["is_one_story"]

_MIN_CHARS, _MIN_DATED_CHARS = 600, 250
"""Length of the body; a page with a date of publication may be a short notice."""
_MIN_CONTAINER_SHARE = 0.6
"""Share of the characters of the body's paragraphs that lie directly in one element."""
_MIN_DENSITY = 0.8
"""Share of the body in the visible text from its first block to its last."""
_MAX_LINK_SHARE, _MAX_HEADINGS = 0.1, 1
_HEADLINE_BLOCKS = 12
"""Blocks above the body in which its headline stands."""


def is_one_story(page: Page, title: str | None, kept: Sequence[PageBlock], *, dated: bool) -> bool:
    """Return whether the body is one run of text below the page's headline.

    Args:
        page: The page.
        title: Its headline, or None.
        kept: The blocks of the body, in the page's order.
        dated: Whether the page has a date of publication.
    """
    chars = sum(len(b.text) for b in kept)
    if chars < (_MIN_DATED_CHARS if dated else _MIN_CHARS) or not title:
        return False
    containers: Counter[int] = Counter()
    for block in kept:
        if not block.level:  # a headline with a lead below it lies in an element of its own
            containers[page.elements[block.element].parent] += len(block.text)
    if max(containers.values(), default=0) < _MIN_CONTAINER_SHARE * containers.total() or not containers:
        return False
    if sum(b.link_chars for b in kept) >= _MAX_LINK_SHARE * chars or sum(b.level > 0 for b in kept) > _MAX_HEADINGS:
        return False
    own = {id(b) for b in kept}
    at = [n for n, b in enumerate(page.blocks) if id(b) in own]
    first, last = at[0], at[-1]
    run = sum(len(b.text) for b in page.blocks[first : last + 1] if not b.place & Place.HIDDEN)
    key = word_key(title)
    above = page.blocks[max(0, first - _HEADLINE_BLOCKS) : first + 1]
    return chars >= _MIN_DENSITY * run and any(word_key(b.text) == key for b in above)
