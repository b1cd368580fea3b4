"""Find the texts of others below a story by their form, where class names say nothing: comments, lists of stories.

heading of comments                          to the end of the element around it
neighbours of one tag and class, two or more,
each with a date and a text                  each of them
date lines, each right above a text          from the first to the last
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise

from copydesk.text.dates.written import looks_like_date
from copydesk.text.html.dom.html_page import Page
from copydesk.text.phrases.comment_headings import is_comment_heading

__all__ = ["find_threads", "story_begins"]

_MIN_STORY_CHARS = 300
"""Characters between the headline and what is not its story: a heading above the story is a link to the comments."""
_MIN_TEXT_CHARS = 20
_MIN_BOTH_CHARS = 60
"""Length of a text, and of a block with a date and a text."""
_MIN_ALIKE = 2
_ANY = frozenset(("div", "section"))
"""Tags of elements that are parts of anything, without a class."""
_MAX_APART = 4
_MAX_DATED_CHARS, _LOOK_CHARS, _HEAD_CHARS = 400, 120, 40


def story_begins(page: Page, headline: int) -> int:
    """Return the index from which a block can be in a thread, behind some text below the headline (-1: none)."""
    chars = 0
    for number in range(max(0, headline + 1), len(page.blocks)):
        if chars >= _MIN_STORY_CHARS:
            return number
        chars += len(page.blocks[number].text)
    return len(page.blocks)


def find_threads(page: Page, begin: int) -> tuple[tuple[int, int], ...]:
    """Return ranges of block indexes, end exclusive, that are not the story; `begin` is that of `story_begins`."""
    if begin >= len(page.blocks):
        return ()
    dated = [n >= begin and _is_dated(block.text) for n, block in enumerate(page.blocks)]
    found = [*_announced(page, begin)]
    if sum(dated) >= _MIN_ALIKE:
        found += [*_alike(page, dated, begin), *_run(page, dated)]
    return tuple(found)


def _announced(page: Page, begin: int) -> Iterator[tuple[int, int]]:
    """Yield from each heading of comments to the end of the innermost element that holds more than the heading."""
    for n in range(begin, len(page.blocks)):
        block = page.blocks[n]
        if (block.links and not block.level) or not is_comment_heading(block.text):
            continue
        at = block.element
        while at > 0 and page.elements[at].last <= n + 1:
            at = page.elements[at].parent
        if at >= 0:
            yield n, page.elements[at].last


def _alike(page: Page, dated: list[bool], begin: int) -> Iterator[tuple[int, int]]:
    """Yield the neighbours of one tag and class, each with a date and a text."""
    lengths = [len(block.text) for block in page.blocks]
    said = [size >= (_MIN_BOTH_CHARS if d else _MIN_TEXT_CHARS) for d, size in zip(dated, lengths, strict=True)]
    dates, texts = [0, *accumulate(dated)], [0, *accumulate(said)]
    groups: dict[tuple[int, str, str], list[tuple[int, int]]] = defaultdict(list)
    for element in page.elements:
        first, last = element.first, element.last
        if not element.names and element.tag in _ANY:
            continue
        if first >= begin and dates[last] > dates[first] and texts[last] > texts[first]:
            groups[element.parent, element.tag, element.names].append((first, last))
    yield from (one for ranges in groups.values() if len(ranges) >= _MIN_ALIKE for one in ranges)


def _run(page: Page, dated: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield the range of two or more date lines, each right above a text, with few blocks between them."""
    heads = [n for n, d in enumerate(dated[:-1]) if d and not dated[n + 1] and _is_text(page.blocks[n + 1].text)]
    yield from ((a, b + 1) for a, b in pairwise(heads) if b - a <= _MAX_APART)


def _is_text(text: str) -> bool:
    return len(text) >= _MIN_TEXT_CHARS and text.rstrip("\"'”’»)")[-1:] in ".!?…。！？؟।"


def _is_dated(text: str) -> bool:
    """Return whether a block is a date line, or opens with a name and a date."""
    if len(text) > _MAX_DATED_CHARS:
        return False
    return looks_like_date(text[:_LOOK_CHARS]) or (len(text) > _MIN_BOTH_CHARS and looks_like_date(text[:_HEAD_CHARS]))
