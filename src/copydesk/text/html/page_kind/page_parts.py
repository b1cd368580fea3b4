"""Tell that a page is one of several pages of an article, and where the others are.

    "Page 1 of 3", "1 2 3", rel=next --> PartSigns(number, total, links)

A link counts as a page of the same article only when its address is that of the page with a number more (`?page=2`,
`/2`, `-2.html`) and it says so itself: its text is that number, or its rel is `next`. Pages of comments do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from copydesk.text.html.dom.html_page import Page, PageBlock, Place

__all__ = ["MAX_PARTS", "PartSigns", "page_number", "part_links", "part_signs"]

MAX_PARTS = 60
"""Number above which a count is one of pictures, results or comments, not of pages."""
_MAX_CHARS = 160
_DIGIT = re.compile(r"\d")
_MAX_ADDRESS_CHARS = 2_000
_WORD = (
    r"(?:page|seite|p[áa]gina|strona|страница|стр\.?|сторінка|sida|side|sivu|str[áa]nk[ay]|sayfa|pagine?|oldal|halaman|trang"
    r"|σελίδα|صفحه|الصفحة|صفحة|עמוד|पृष्ठ|หน้า)"
)
_OF = r"(?:of|/|von|sur|de|di|van|z|ze|из|з|iz|av|af|från|dari|trên|από|من|از|מתוך|में से|จาก|\|)"
_PAIR = rf"(\d{{1,2}})\s*{_OF}\s*(\d{{1,2}})(?!\d)"
_HAS_PAIR = re.compile(_PAIR, re.IGNORECASE)
"""What a count with a word before it holds: it begins with a digit, so most of a text is passed over."""
_WORD_AND_PAIR = re.compile(rf"{_WORD}\s*:?\s*{_PAIR}", re.IGNORECASE)
_COUNTS = (
    re.compile(r"第\s*(\d{1,2})\s*[页頁][^\d]{0,6}[共/]\s*(\d{1,2})\s*[页頁]?"),
    re.compile(r"(?<!\d)(\d{1,2})\s*/\s*(\d{1,2})\s*(?:ページ|페이지|页|頁|pages?\b|sayfa|oldal)", re.IGNORECASE),
    re.compile(r"(?<!\d)(\d{1,2})\.?\s*(?:sivu|oldal)\s*/\s*(\d{1,2})", re.IGNORECASE),
)
_TOTAL_FIRST = re.compile(r"共\s*(\d{1,2})\s*[页頁][^\d]{0,6}第\s*(\d{1,2})|(\d{1,2})\s*ページ中\s*(\d{1,2})")
_TWO_NUMBERS = re.compile(r"\d\D{1,24}\d")
"""What every count has; one cheap search spares a page's other lines the patterns."""
_APART = re.compile(r"\d\.?\s*(?:[^\W\d_]|[/|])\D*\d")
"""What stands between the two numbers: a word or a stroke, not the marks of dates, times and prices."""
_NEXT = tuple(re.compile(rf"{rel}\s*=\s*[\"']?[^\"'>]{{0,30}}\b[Nn]ext\b") for rel in ("rel", "REL"))
"""Two patterns that begin with letters: one that ignores case takes ten times as long."""
_NUMBERS = re.compile(r"^\D{0,24}(?<!\d)1\W{1,6}2(?!\d)")
_TIGHT_NUMBERS = re.compile(r"^\D{0,24}12(?:3|\D|$)")
_NO_PARTS = re.compile(r"comment|kommentar|disqus|review|repl(?:y|ies)|gallery|carousel|slider|forum", re.IGNORECASE)
_PARAMETERS = frozenset(
    (
        "page",
        "p",
        "pg",
        "pn",
        "part",
        "paged",
        "seite",
        "pagina",
        "strona",
        "str",
        "sayfa",
        "s",
        "pagenumber",
        "page_no",
    )
)
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cms)$", re.IGNORECASE)
_STEP = (
    r"(?:/page/|/pages?-?|/seite[-/]?|/pagina[-/]?|/strona[-/]?|/sayfa[-/]?|/part-?|/p|/|[-_,.]p?(?:age|art|g)?[-_]?)"
)
_LABEL = re.compile(r"^\D{0,16}(\d{1,2})\D{0,3}$")


class PartSigns(NamedTuple):
    """What a page says of the pages of its article.

    Attributes:
        number: The page's own number.
        total: How many there are, 0 where only a further one is known.
        reason: In words, "" for a page that is the whole article.
    """

    number: int
    total: int
    reason: str


_WHOLE = PartSigns(1, 1, "")


def part_signs(page: Page, url: str | None, numbered: Sequence[PageBlock] | None = None) -> PartSigns:
    """Return what a page says of further pages of its article.

    Args:
        page: The page.
        url: Its address or canonical URL; None: only a written count tells.
        numbered: The blocks that have a digit among their first 160 characters; None: search all.
    """
    for block in page.blocks if numbered is None else numbered:
        if len(block.text) <= _MAX_CHARS and not block.level and (count := _count(block.text)) is not None:
            number, total = count
            if number <= total and 1 < total <= MAX_PARTS and not _is_elsewhere(page, block):
                return PartSigns(number, total, f"page {number} of {total} of the article")
    if url is None or page.tree is None or not _may_have_links(page):
        return _WHOLE
    links = part_links(page.tree, url)
    own = page_number(url)
    if own + 1 not in links:
        return _WHOLE
    total = max(links)
    return PartSigns(own, total, f"page {own} of the article, {total} follows as {links[total]}"[:300])


def _count(text: str) -> tuple[int, int] | None:
    if _TWO_NUMBERS.search(text) is None or _APART.search(text) is None:
        return None
    if _HAS_PAIR.search(text) is not None and (found := _WORD_AND_PAIR.search(text)) is not None:
        return int(found[1]), int(found[2])
    for pattern in _COUNTS:
        if (found := pattern.search(text)) is not None:
            return int(found[1]), int(found[2])
    if (found := _TOTAL_FIRST.search(text)) is not None:
        total, number = (found[1], found[2]) if found[1] else (found[3], found[4])
        return int(number), int(total)
    return None


def _is_elsewhere(page: Page, block: PageBlock) -> bool:
    """Return whether a count is one of comments or pictures, or hidden."""
    if block.place & (Place.HIDDEN | Place.LAYER | Place.ASIDE):
        return True
    return any(_NO_PARTS.search(e.names) for e in page.ancestors(block) if e.names and e.tag not in ("html", "body"))


def _may_have_links(page: Page) -> bool:
    """Return whether the source has a rel=next, or a row of numbers stands on the page."""
    if any(pattern.search(page.html) for pattern in _NEXT):
        return True
    linked = [b for b in page.blocks if b.links and "2" in b.text and len(b.text) <= _MAX_CHARS]
    return any((b.text == "2" or _has_row(b)) and not _is_elsewhere(page, b) for b in linked)


def _has_row(block: PageBlock) -> bool:
    """Return whether a line is a row of numbers, also one without blanks in its source ("123Next")."""
    if _NUMBERS.match(block.text):
        return True
    return _TIGHT_NUMBERS.match(block.text) is not None and any(one.text.strip() == "2" for one in block.links)


def part_links(tree: LexborHTMLParser, url: str) -> dict[int, str]:
    """Return number -> address of the further pages of an article that its page links to."""
    found: dict[int, str] = {}
    try:
        base = urlsplit(url)
        ours = _query(base.query)
    except ValueError:
        return found
    for node in tree.css("a[href], link[rel~=next][href]"):
        href = node.attrs.get("href") or ""
        if len(href) > _MAX_ADDRESS_CHARS or not _DIGIT.search(href) or _NO_PARTS.search(href):
            continue
        number = _number_of(url, base, ours, href)
        if number is None or number in found:
            continue
        label = _LABEL.match(node.text(deep=True).strip()) if node.tag == "a" else None
        if "next" in (node.attributes.get("rel") or "").lower().split() or (
            label is not None and int(label[1]) == number
        ):
            found[number] = urljoin(url, href)
    return found


def page_number(url: str) -> int:
    """Return the number of a page by its address, 1 without one."""
    try:
        query = parse_qsl(urlsplit(url).query)
    except ValueError:
        return 1
    return next((int(v) for k, v in query if k.lower() in _PARAMETERS and v.isdecimal() and 0 < int(v) <= MAX_PARTS), 1)


def _number_of(url: str, base: SplitResult, ours: dict[str, str], href: str) -> int | None:
    """Return the number of a page of the same article, None for another address; `base`, `ours`: the page's own."""
    try:
        link = urlsplit(urljoin(url, href))
        theirs = _query(link.query)
    except ValueError:
        return None
    if _host(base.netloc) != _host(link.netloc) or link.scheme not in ("http", "https"):
        return None
    path, other = base.path.rstrip("/"), link.path.rstrip("/")
    number: str | None = None
    if path == other and (path or ours):
        more = {k: v for k, v in theirs.items() if ours.get(k) != v}
        if len(more) == 1 and set(ours) - set(theirs) <= _PARAMETERS:
            name, value = next(iter(more.items()))
            number = value if name in _PARAMETERS else None
    elif len(path) > 1 and ours == theirs:
        extension = _EXTENSION.search(path)
        stem, end = (path[: extension.start()], extension[0]) if extension else (path, "")
        match = re.fullmatch(re.escape(stem) + _STEP + r"(\d{1,2})" + re.escape(end), other)
        number = match[1] if match else None
    if number is None or not number.isdecimal() or not 2 <= int(number) <= MAX_PARTS:
        return None
    return int(number)


def _query(query: str) -> dict[str, str]:
    return {k.lower(): v for k, v in parse_qsl(query, keep_blank_values=True)}


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")
