"""Classify a page. Precision comes first: a page without strong evidence for another kind is an article.

    phrases of walls and errors (short pages only) -> media stubs -> score above the limit, unless the body is one story
        -> article

The score is a table of points per sign (`rules/kind_points.toml`); the phrases are in `rules/kinds.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import fsum

from copydesk.records import PageKind
from copydesk.text.dates.date_words import fold
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.html.metadata.page_urls import page_url
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.page_kind.one_story import is_one_story
from copydesk.text.html.page_kind.sign_rules import kind_phrases, points
from copydesk.text.html.page_kind.signs import describe_sign, head_signs, text_signs

__all__ = ["classify_page"]

_MAX_REFUSAL_WORDS = 120
"""Body words under which a page may be a wall or an error; a longer article may quote any of their phrases."""
_MAX_STUB_WORDS = 60
_MAX_VISIBLE_CHARS = 1_500
"""Visible characters up to which the text is searched for phrases; of a longer page only the title is."""
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
    kept: Sequence[PageBlock] = (),
) -> tuple[PageKind, str]:
    """Return the kind of page and the reason in words.

    Args:
        page: The parsed page.
        metadata: Its metadata.
        body_chars: Characters of the selected body.
        body_words: Words of it.
        paragraph_share: Share of the body's characters in running paragraphs, 0 to 1.
        link_density: Share of the body's characters inside links, 0 to 1.
        url: URL of the page; None: use its canonical URL.
        kept: The blocks of the body, in the page's order.
    """
    if not page.blocks:
        scripts = len(page.tree.css("script")) if page.tree is not None else 0
        return (
            (PageKind.SHELL, f"no visible text, {scripts} scripts") if scripts else (PageKind.EMPTY, "no visible text")
        )
    if body_words < _MAX_REFUSAL_WORDS:
        kind, signal = _by_phrase(page, metadata, body_words)
        if kind is not PageKind.ARTICLE:
            return kind, signal
    if body_words < _MAX_STUB_WORDS:
        kind, signal = _stub(page, metadata, body_words)
        if kind is not PageKind.ARTICLE:
            return kind, signal
    if link_density > 0.6 and paragraph_share < 0.2 and not metadata.head.data.is_article:
        return PageKind.LISTING, f"links are {100 * link_density:.0f} % of the {body_chars} characters of the body"
    return _by_points(page, metadata, page_url(url or metadata.canonical_url), kept)


def _by_phrase(page: Page, metadata: Metadata, body_words: int) -> tuple[PageKind, str]:
    """Search the title and, on a page of little text, the visible text for phrases of walls and errors."""
    title = f" {_plain(metadata.title or '')} {_plain(metadata.head.title)} "
    shown = [b for b in page.blocks if not b.place & (Place.HIDDEN | Place.NAV | Place.FOOTER)]
    size = sum(len(b.text) for b in shown)
    text = f" {_plain(' '.join(b.text for b in shown))} " if size <= _MAX_VISIBLE_CHARS else ""
    for phrase, kind in _phrases():
        # The title of a wall may be that of the article behind it, so it is not searched for wall phrases.
        if (kind is not PageKind.WALL and len(title) < _MAX_TITLE_CHARS and phrase in title) or (
            phrase in text and size <= _limit(kind)
        ):
            return kind, f'the page has the phrase "{phrase.strip()}" and a body of {body_words} words'
    return PageKind.ARTICLE, ""


_MAX_TITLE_CHARS = 160


def _limit(kind: PageKind) -> int:
    """Return the visible characters up to which a phrase of this kind decides."""
    return {PageKind.CONSENT: 1500, PageKind.SHELL: 600, PageKind.ERROR: 600, PageKind.WALL: 1000}.get(kind, 600)


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, PageKind], ...]:
    """Return (phrase, kind); phrases of scripts with blanks are padded to match whole words only."""
    return tuple((f" {_plain(p)} " if p[0] < "\u0e00" else p, PageKind(kind)) for p, kind in kind_phrases())


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", fold(text)))


def _stub(page: Page, metadata: Metadata, body_words: int) -> tuple[PageKind, str]:
    """Recognise pages with a video, a gallery or a login form and hardly any text."""
    assert page.tree is not None  # noqa: S101
    kind = metadata.head.metas.get("og:type", [""])[0].lower()
    types = metadata.head.data.types & _MEDIA_TYPES
    if kind.startswith(("video", "music")) or (types and not metadata.head.data.is_article):
        return PageKind.MEDIA, f"declared as {kind or min(types)}, body of {body_words} words"
    if page.tree.css_first("input[type=password]") is not None and not metadata.head.data.is_article:
        return PageKind.WALL, f"a password field, body of {body_words} words"
    return PageKind.ARTICLE, ""


def _by_points(page: Page, metadata: Metadata, url: str | None, kept: Sequence[PageBlock]) -> tuple[PageKind, str]:
    """Sum the points of the page's signs; compute those of the text only where they could change the result."""
    table, limit = points()
    head = head_signs(metadata, url)
    score = fsum(table.get(s, 0.0) for s in head)  # exact, so independent of the order of the set
    if score + _max_text_points() <= limit:
        return PageKind.ARTICLE, f"article (score {score:.1f} from head and URL, limit {limit:.1f})"
    signs = head | text_signs(page)
    score = fsum(table.get(s, 0.0) for s in signs)
    if score <= limit:
        return PageKind.ARTICLE, f"article (score {score:.1f}, limit {limit:.1f})"
    dated = metadata.published is not None
    if _NO_STORY.isdisjoint(signs) and is_one_story(page, metadata.title, kept, dated=dated):
        return PageKind.ARTICLE, f"article (score {score:.1f}, limit {limit:.1f}): one run of text below the headline"
    strongest = sorted(signs, key=lambda s: (-table.get(s, 0.0), s))[:4]
    kind = _kind_of(signs)
    return kind, f"{kind.value} (score {score:.1f}, limit {limit:.1f}): {', '.join(map(describe_sign, strongest))}"


@lru_cache(maxsize=1)
def _max_text_points() -> float:
    """Return the maximum points that the signs of the text can add."""
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


_NO_STORY = frozenset(
    (
        *(f"address of {site}" for site in ("forum", "product", "listing", "manual", "firm")),
        *("json-ld: forum", "json-ld: product", "json-ld: list", "og:type product"),
    )
)
"""Signs of a page whose body may be one run of text and yet no story: an answer, a description, a section."""


def _kind_of(signs: frozenset[str]) -> PageKind:
    """Return the kind that the signs point to, the most specific first."""
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
