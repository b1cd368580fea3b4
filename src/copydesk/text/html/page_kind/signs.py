"""Binary features ("signs") that tell an article from other pages.

    URL, head, JSON-LD, visible text --> {"json-ld: article", "address of forum", "prices: 10 or more", ...}

Numbers are put in bins, so the weights in `rules/kind_points.toml` are a table of points per sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from copydesk.text.dates.written import looks_like_date
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.page_kind.sign_rules import address_marks, class_marks

__all__ = ["describe_sign", "head_signs", "text_signs"]

_MIN_PARAGRAPH_CHARS = 80
"""Minimum length of a block with few links that counts as running text."""
_MAX_PRICE_CHARS, _MAX_DATE_CHARS = 200, 60
_FRAME = Place.NAV | Place.FOOTER | Place.HEADER
_DIGIT = re.compile(r"\d")
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d[\d.,]*\s?(?:€|zł|kr\b|usd\b|eur\b|gbp\b)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAYS_ARTICLE = frozenset(("json-ld: article", "og:type article", "head: article:published_time"))
_LD_GROUPS = {
    "product": frozenset(("product", "offer", "aggregateoffer", "productgroup", "individualproduct")),
    "forum": frozenset(("discussionforumposting", "qapage", "question", "answer", "comment")),
    "list": frozenset(("itemlist", "collectionpage", "searchresultspage", "offercatalog")),
    "firm": frozenset(("localbusiness", "service", "softwareapplication", "legalservice", "professionalservice")),
    "faq": frozenset(("faqpage",)),
    "event": frozenset(("event", "jobposting", "course")),
    "breadcrumb": frozenset(("breadcrumblist",)),
    "webpage": frozenset(("webpage", "aboutpage", "contactpage")),
    "recipe": frozenset(("recipe",)),
    "person": frozenset(("person",)),
}


def head_signs(metadata: Metadata, url: str | None) -> frozenset[str]:
    """Return the signs of the head and the URL, which are cheap."""
    head, address = _head_signs(metadata), _address_signs(url)
    if not _SAYS_ARTICLE.isdisjoint(head):
        return frozenset((*head, *address))
    silent = [f"{sign}, and the head says no article" for sign in address if sign.startswith("address of")]
    return frozenset((*head, *address, *silent, "the head says no article"))


def _head_signs(metadata: Metadata) -> list[str]:
    data, metas = metadata.head.data, metadata.head.metas
    signs = ["json-ld: article" if data.is_article else "json-ld: no article"]
    if data.is_article and "headline" in data.article and "datePublished" in data.article:
        signs.append("json-ld: article with headline and date")
    signs.append(f"json-ld articles: {_bin(data.article_count, (1, 2, 5))}")
    signs += [f"json-ld: {name}" for name, kinds in _LD_GROUPS.items() if kinds & data.types]
    kind = metas.get("og:type", ["none"])[0].lower()
    signs.append(f"og:type {kind if kind in ('article', 'website', 'product', 'none') else 'other'}")
    signs += [
        f"head: {name}" for name in ("article:published_time", "article:author", "article:section") if name in metas
    ]
    sources = {e.field: e.source for e in metadata.evidence if e.chosen}
    signs.append(f"date from {sources.get('published', 'nowhere')}")
    signs.append(f"author from {sources.get('author', 'nowhere')}")
    signs.append(f"title from {sources.get('title', 'nowhere')}")
    return signs


def _address_signs(url: str | None) -> list[str]:
    if not url:
        return ["address: none"]
    try:
        parts = urlsplit(url)
    except ValueError:
        return ["address: none"]
    path = parts.path.strip("/").lower()
    steps = [s for s in path.split("/") if s]
    signs = [f"address steps: {_bin(len(steps), (1, 2, 3, 4))}"]
    words = _WORD.findall(steps[-1].rsplit(".", 1)[0]) if steps else []
    signs.append(f"words in the slug: {_bin(len(words), (1, 2, 3, 4, 6, 8))}")
    where = f"{parts.hostname or ''}/{path}/"
    signs += [f"address of {kind}" for kind, marks in address_marks().items() if any(m in where for m in marks)]
    if re.search(r"/(?:19|20)\d\d/", f"/{path}/"):
        signs.append("address with a year")
    if parts.query:
        signs.append("address with a query")
    return signs


def text_signs(page: Page) -> frozenset[str]:
    """Return the signs of the visible text and its elements."""
    measures = _measures(page)
    tags = [e.tag for e in page.elements]
    linked = sum(1 for i in page.images if page.elements[i.element].place & Place.LINK)
    signs = [
        f"running text: {_bin(measures.running_share, (10, 20, 30, 45, 60, 75))} %",
        f"running text of the main part: {_bin(measures.main_share, (15, 30, 45, 60, 75, 88))} %",
        f"running paragraphs: {_bin(measures.paragraphs, (1, 3, 6, 10, 20, 40))}",
        f"running characters: {_bin(measures.running_chars, (300, 800, 1500, 3000, 6000, 15000))}",
        f"links of the main part: {_bin(measures.link_share, (5, 10, 20, 35, 50))} %",
        f"best container: {_bin(measures.best_container, (20, 40, 60, 80))} %",
        f"prices: {_bin(measures.prices, (1, 3, 10))}",
        f"date lines: {_bin(measures.dates, (1, 2, 4, 8))}",
        f"headings of links: {_bin(measures.linked_headings, (1, 3, 6, 12))}",
        f"code: {_bin(measures.code, (1, 4))}",
        f"h1: {_bin(tags.count('h1'), (1, 2, 4))}",
        f"articles in the page: {_bin(tags.count('article'), (1, 2, 5, 10))}",
        f"forms: {_bin(tags.count('form'), (1, 3, 6))}",
        f"pictures of links: {_bin(linked, (1, 5, 15, 30))}",
    ]
    names = " ".join([e.names for e in page.elements[:40]])
    signs += [f"body class of {kind}" for kind, marks in class_marks().items() if any(m in names for m in marks)]
    return frozenset(signs)


@dataclass(slots=True)
class _Measures:
    """Counts over the visible blocks; shares in percent."""

    chars: int = 0
    main_chars: int = 0
    link_chars: int = 0
    running_chars: int = 0
    running_main: int = 0
    paragraphs: int = 0
    prices: int = 0
    dates: int = 0
    linked_headings: int = 0
    code: int = 0
    best_container: int = 0

    @property
    def running_share(self) -> int:
        return 100 * self.running_chars // (self.chars or 1)

    @property
    def main_share(self) -> int:
        return 100 * self.running_main // (self.main_chars or 1)

    @property
    def link_share(self) -> int:
        return 100 * self.link_chars // (self.main_chars or 1)


def _measures(page: Page) -> _Measures:
    m = _Measures()
    containers: dict[int, int] = {}
    for block in page.blocks:
        if block.place & Place.HIDDEN:
            continue
        size = len(block.text)
        m.chars += size
        main = not block.place & _FRAME
        if size >= _MIN_PARAGRAPH_CHARS and block.link_chars * 3 < size and not block.level:
            m.paragraphs += 1
            m.running_chars += size
            m.running_main += size if main else 0
            at = page.elements[block.element].parent
            containers[at] = containers.get(at, 0) + size
        if main:
            m.main_chars += size
            m.link_chars += block.link_chars
            _count(m, block, size)
    m.best_container = 100 * max(containers.values(), default=0) // (m.running_chars or 1)
    return m


def _count(m: _Measures, block: PageBlock, size: int) -> None:
    if block.level and block.link_chars * 2 > size:
        m.linked_headings += 1
    if block.place & Place.PRE:
        m.code += 1
    if size < _MAX_PRICE_CHARS and _DIGIT.search(block.text):
        if size < _MAX_DATE_CHARS and looks_like_date(block.text):
            m.dates += 1
        elif _PRICE.search(block.text):
            m.prices += 1


def _bin(value: int, edges: tuple[int, ...]) -> str:
    """Return the name of the bin of a number: "under 1", "1 to 2", "10 or more"."""
    below = [e for e in edges if value >= e]
    if not below:
        return f"under {edges[0]}"
    at = len(below)
    if at == len(edges):
        return f"{edges[-1]} or more"
    return f"{edges[at - 1]} to {edges[at] - 1}" if edges[at] - 1 > edges[at - 1] else f"{edges[at - 1]}"


_DESCRIPTIONS = {
    "address steps": "{} path segments in the URL",
    "words in the slug": "{} words in the last part of the URL",
    "json-ld articles": "{} article nodes in JSON-LD",
    "running text": "running text is {} of the page",
    "running text of the main part": "running text is {} of the main part",
    "running paragraphs": "{} paragraphs of running text",
    "running characters": "{} characters of running text",
    "links of the main part": "links are {} of the main part",
    "best container": "the largest container has {} of the running text",
    "prices": "{} prices",
    "date lines": "{} short lines with a date",
    "headings of links": "{} linked headings",
    "code": "{} code blocks",
    "h1": "{} h1 headings",
    "articles in the page": "{} <article> elements",
    "forms": "{} forms",
    "pictures of links": "{} linked pictures",
    "head": "meta {} present",
    "json-ld": "JSON-LD of type {}",
}
_FIXED = {
    "the head says no article": "no article declared in the head",
    "json-ld: no article": "no article in JSON-LD",
    "json-ld: article": "an article in JSON-LD",
    "json-ld: article with headline and date": "an article with headline and date in JSON-LD",
    "og:type none": "no og:type",
    "address: none": "no URL",
    "address with a year": "a year in the URL",
    "address with a query": "a query in the URL",
}


def describe_sign(sign: str) -> str:
    """Return a sign, a key of `rules/kind_points.toml`, in words for the reason of a page kind."""
    if sign in _FIXED:
        return _FIXED[sign]
    if sign.startswith("address of "):
        site, silent, _ = sign.removeprefix("address of ").partition(", and the head says no article")
        return f"URL like that of a {site} site" + (" and no article declared in the head" if silent else "")
    if sign.startswith("body class of "):
        return f"class names like those of a {sign.removeprefix('body class of ')} page"
    if sign.startswith("og:type "):
        return f"og:type is {sign.removeprefix('og:type ')}"
    field, found, source = sign.partition(" from ")
    if found:
        return f"no {field} found" if source == "nowhere" else f"{field} from {source}"
    name, _, value = sign.partition(": ")
    count = "no" if value == "under 1" else value
    return _DESCRIPTIONS[name].format(count) if name in _DESCRIPTIONS else sign
