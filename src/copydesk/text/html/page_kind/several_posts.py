"""Recognise pages of several posts: blog indexes, forum threads, feeds shown as a page.

The kept text lies in neighbours of one shape (the same parent, tag and class), and each is a post of its own: a heading
that is not the page's title and links to the post or has a date beside it; or an author and a date, in a forum.
An article with stories of others below is none: its title is the heading of one of them. A live blog has one title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from copydesk.records import PageKind
from copydesk.text.dates.written import looks_like_date
from copydesk.text.html.dom.css_names import categories, categories_of
from copydesk.text.html.dom.html_page import Element, Page, PageBlock, Place
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.tokens.word_key import word_key

__all__ = ["several_posts"]

_MIN_POSTS, _MIN_UNLINKED_POSTS = 2, 3
_MIN_POST_CHARS = 60
_MIN_SHARE = 0.7
"""Share of the kept text that lies in the posts; the rest are introductions."""
_MIN_ALIKE_SHARE = 0.75
"""Share of the posts that have what makes a post."""
_MAX_LINE_CHARS = 90
_MAX_LEVELS = 14
_DIGITS = re.compile(r"\d+")
_MEMBER = re.compile(
    r"/(?:u|user|users|member|members|profile|profiles|author|people)/|[?&](?:u|uid|user|author)=", re.IGNORECASE
)


class _Post(NamedTuple):
    """One neighbour: its element, and what it has."""

    element: Element
    heading: str
    linked: bool
    dated: bool
    signed: bool


def several_posts(page: Page, metadata: Metadata, kept: Sequence[PageBlock]) -> tuple[PageKind, str] | None:
    """Return the kind and the reason in words for a page of several posts, None for any other.

    Args:
        page: The page.
        metadata: Its metadata.
        kept: The blocks of its body.
    """
    data = metadata.head.data
    declared = metadata.head.metas.get("og:type", [""])[0].lower() == "article" or data.is_article
    if len(kept) < _MIN_POSTS or (declared and data.article_count <= 1) or "liveblogposting" in data.types:
        return None
    group = _largest_group(page, kept)
    if not group:
        return None
    posts = [_post(page, element) for element in group]
    title = word_key(metadata.title or "")
    headings = [p.heading for p in posts if p.heading]
    if any(heading == title for heading in headings):
        return None
    alike = _MIN_ALIKE_SHARE * len(posts)
    if len(set(headings)) >= alike and len(set(headings)) >= _MIN_POSTS:
        linked = sum(p.linked and (p.dated or p.signed) for p in posts)
        dated = sum(p.dated and p.signed for p in posts)
        if linked >= alike:
            return (
                PageKind.LISTING,
                f"{len(posts)} posts of one shape, each dated or signed under a heading that links to it",
            )
        if dated >= alike and len(posts) >= _MIN_UNLINKED_POSTS:
            return PageKind.LISTING, f"{len(posts)} posts of one shape, each with a heading, a date and an author"
        return None
    if len(posts) >= _MIN_UNLINKED_POSTS and sum(p.signed and p.dated for p in posts) >= alike:
        return PageKind.FORUM, f"{len(posts)} posts of one shape, each with an author and a date"
    return None


def _largest_group(page: Page, kept: Sequence[PageBlock]) -> list[Element]:
    """Return the most neighbours of one shape that hold most of the kept text, each enough of it."""
    sizes: dict[tuple[int, str, str], dict[int, int]] = {}
    for block in kept:
        at, level = block.element, 0
        while at > 0 and level < _MAX_LEVELS:
            element = page.elements[at]
            key = (element.parent, element.tag, _shape(element.names))
            inside = sizes.setdefault(key, {})
            inside[at] = inside.get(at, 0) + len(block.text)
            at, level = element.parent, level + 1
    total = sum(len(b.text) for b in kept)
    best: list[int] = []
    for (_, tag, _), inside in sizes.items():
        if tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tbody", "body"):
            continue
        posts = [at for at, size in inside.items() if size >= _MIN_POST_CHARS]
        if len(posts) > max(1, len(best)) and sum(inside[at] for at in posts) >= _MIN_SHARE * total:
            best = posts
    return [page.elements[at] for at in sorted(best)]


@lru_cache(maxsize=10_000)
def _shape(names: str) -> str:
    """Return the first of an element's names without digits."""
    return _DIGITS.sub("", names.partition(" ")[0])


def _post(page: Page, element: Element) -> _Post:
    blocks = page.blocks[element.first : element.last]
    heading = next((b for b in blocks if b.level), None)
    lines = [b for b in blocks if len(b.text) <= _MAX_LINE_CHARS]
    dated = element.node.css_first("time, abbr[title]") is not None or any(looks_like_date(b.text) for b in lines)
    return _Post(
        element,
        word_key(heading.text) if heading is not None else "",
        heading is not None and 2 * heading.link_chars > len(heading.text) and not _is_anchor(heading),
        dated,
        any(_is_signed(page, b) for b in lines),
    )


def _is_anchor(heading: PageBlock) -> bool:
    return bool(heading.links) and heading.links[0].href.startswith("#")


def _is_signed(page: Page, block: PageBlock) -> bool:
    """Return whether a short block names an author, by its names or a link to a member."""
    names = f"{page.elements[block.element].names} {block.names}"
    if categories_of(names) & _byline_bit() or any(_MEMBER.search(link.href) for link in block.links):
        return True
    return bool(block.place & Place.LINK) and "user" in names


def _byline_bit() -> int:
    return next(1 << c.number for c in categories() if c.id == "byline")
