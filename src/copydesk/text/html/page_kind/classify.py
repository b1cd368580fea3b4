"""What kind of page is it? Precision first: what is not surely something else is an article.

    phrases of walls and errors (short pages only) -> stubs of media -> points of signs above the limit -> article

The points are a table that people can read (`rules/kind_points.toml`); the phrases stand in `rules/kinds.toml`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import fsum

from copydesk.records import PageKind
from copydesk.text.dates.date_words import fold
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.metadata.page_urls import page_url
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.page_kind.sign_rules import kind_phrases, points
from copydesk.text.html.page_kind.signs import head_signs, text_signs

__all__ = ["classify_page"]

_SHORT = 120
"""Words of body under which a page may be a wall or an error; a story may quote any of their phrases."""
_STUB = 60
_FEW = 1_500
"""Characters of a page's visible text that are searched for phrases."""
_MEDIA_TYPES = frozenset(("videoobject", "imagegallery", "mediagallery", "videogallery", "audioobject"))


def classify_page(
    page: Page,
    metadata: Metadata,
    *,
    body_chars: int,
    body_words: int,
    paragraph_share: float,
    link_density: float,
    url: str | None = None,
) -> tuple[PageKind, str]:
    """Return the kind of page and the signal that said so.

    Args:
        page: The parsed page.
        metadata: What was read from it.
        body_chars: Characters of the chosen body.
        body_words: Words of it.
        paragraph_share: Share of the body's characters in running paragraphs, 0 to 1.
        link_density: Share of the body's characters inside links, 0 to 1.
        url: Address of the page; its canonical address where None.
    """
    if not page.blocks:
        scripts = len(page.tree.css("script")) if page.tree is not None else 0
        return (
            (PageKind.SHELL, f"no visible text, {scripts} scripts") if scripts else (PageKind.EMPTY, "no visible text")
        )
    if body_words < _SHORT:
        kind, signal = _by_phrase(page, metadata, body_words)
        if kind is not PageKind.ARTICLE:
            return kind, signal
    if body_words < _STUB:
        kind, signal = _stub(page, metadata, body_words)
        if kind is not PageKind.ARTICLE:
            return kind, signal
    if link_density > 0.6 and paragraph_share < 0.2 and not metadata.declared.data.is_article:
        return PageKind.LISTING, f"links make {100 * link_density:.0f} % of {body_chars} characters"
    return _by_points(page, metadata, page_url(url or metadata.canonical_url))


def _by_phrase(page: Page, metadata: Metadata, body_words: int) -> tuple[PageKind, str]:
    """Look for phrases of walls and errors in the title and, if the page says little else, in its text."""
    title = f" {_plain(metadata.title or '')} {_plain(metadata.declared.title)} "
    shown = [b for b in page.blocks if not b.place & (Place.HIDDEN | Place.NAV | Place.FOOTER)]
    size = sum(len(b.text) for b in shown)
    text = f" {_plain(' '.join(b.text for b in shown))} " if size <= _FEW else ""
    for phrase, kind in _phrases():
        # An article of an error page's name has a body; a wall's title may be the article's.
        if (kind is not PageKind.WALL and len(title) < _TITLE and phrase in title) or (
            phrase in text and size <= _limit(kind)
        ):
            return kind, f'"{phrase.strip()}", {body_words} words of body'
    return PageKind.ARTICLE, ""


_TITLE = 160


def _limit(kind: PageKind) -> int:
    """Characters of visible text up to which a phrase in it is believed."""
    return {PageKind.CONSENT: 1500, PageKind.SHELL: 600, PageKind.ERROR: 600, PageKind.WALL: 1000}.get(kind, 600)


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, PageKind], ...]:
    """Phrases as whole words, or as they are in scripts that write words together."""
    return tuple((f" {_plain(p)} " if p[0] < "\u0e00" else p, PageKind(kind)) for p, kind in kind_phrases())


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", fold(text)))


def _stub(page: Page, metadata: Metadata, body_words: int) -> tuple[PageKind, str]:
    """Tell pages that hold a video, a gallery or a login form and next to no text."""
    assert page.tree is not None  # noqa: S101
    kind = metadata.declared.metas.get("og:type", [""])[0].lower()
    types = metadata.declared.data.types & _MEDIA_TYPES
    if kind.startswith(("video", "music")) or (types and not metadata.declared.data.is_article):
        return PageKind.MEDIA, f"{kind or min(types)}, {body_words} words of body"
    if page.tree.css_first("input[type=password]") is not None and not metadata.declared.data.is_article:
        return PageKind.WALL, f"a password field, {body_words} words of body"
    return PageKind.ARTICLE, ""


def _by_points(page: Page, metadata: Metadata, url: str | None) -> tuple[PageKind, str]:
    """Add up the points of the page's signs; the text is looked at only where it could still decide."""
    table, limit = points()
    head = head_signs(metadata, url)
    score = fsum(table.get(s, 0.0) for s in head)  # exact, so the same in whatever order a set comes
    if score + _most_of_text() <= limit:
        return PageKind.ARTICLE, f"{score:.1f} points in head and address, {limit:.1f} needed to refuse"
    signs = head | text_signs(page)
    score = fsum(table.get(s, 0.0) for s in signs)
    if score <= limit:
        return PageKind.ARTICLE, f"{score:.1f} points, {limit:.1f} needed to refuse"
    strongest = sorted(signs, key=lambda s: (-table.get(s, 0.0), s))[:4]
    return _kind_of(signs), f"{score:.1f} points, {limit:.1f} refuse: {'; '.join(strongest)}"


@lru_cache(maxsize=1)
def _most_of_text() -> float:
    """Return the most points that the signs of the text can add."""
    best: dict[str, float] = {}
    for sign, value in points()[0].items():
        name = sign.split(":")[0]
        if sign.startswith("body class"):
            name = sign
        elif ":" not in sign or name in _HEAD_NAMES:
            continue
        best[name] = max(best.get(name, 0.0), value)
    return sum(best.values())


_HEAD_NAMES = frozenset(("json-ld", "json-ld articles", "head", "address steps", "words in the slug", "address"))


def _kind_of(signs: frozenset[str]) -> PageKind:
    """Name the kind that the signs speak of, the most particular first."""
    for kind, marks in _MARKS:
        if not signs.isdisjoint(marks):
            return kind
    return PageKind.OTHER


_MARKS = (
    (PageKind.OTHER, {"address of manual"}),
    (PageKind.FORUM, {"address of forum", "json-ld: forum", "body class of forum"}),
    (PageKind.PRODUCT, {"og:type product", "address of product", "body class of product"}),
    (
        PageKind.LISTING,
        {"json-ld: list", "address of listing", "headings of links: 12 or more", "body class of listing"},
    ),
    (PageKind.PRODUCT, {"json-ld: product"}),
    (
        PageKind.LISTING,
        {"address steps: under 1", "headings of links: 6 to 11", "links of the main part: 50 or more %"},
    ),
)
