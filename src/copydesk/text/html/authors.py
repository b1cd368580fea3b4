"""Who signs: the first source that names somebody, in the order that worked on bench/html (2026-11).

    JSON-LD -> meta -> rel=author -> link to a writer's page -> class of an author -> "By ..." near the headline

Declared names are cleaned leniently (organisations stay: desks and agencies do sign); what is read off the page must
look like a name, for a false author is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copydesk.records import Author, AuthorKind, Evidence
from copydesk.text.html.candidates import Candidate, on_record
from copydesk.text.html.declared import Declared
from copydesk.text.html.linked_data import names
from copydesk.text.html.metadata_rules import words
from copydesk.text.html.page import Page, PageBlock, Place
from copydesk.text.name_words import name_words
from copydesk.text.people import looks_like_name, split_names, strip_byword

__all__ = ["Signed", "read_authors"]

_BEFORE, _AFTER = 8, 14
_LONGEST_BYLINE = 160
_NOT_HERE = Place.NAV | Place.FOOTER | Place.ASIDE | Place.FORM

Names = Candidate[tuple[Author, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The authors, in byline order, and every candidate."""

    authors: tuple[Author, ...]
    evidence: tuple[Evidence, ...]


def read_authors(page: Page, declared: Declared, language: str, headline: int) -> Signed:
    """Choose the authors.

    Args:
        page: The parsed page.
        declared: Its head.
        language: ISO 639-1 code.
        headline: Index of the block that is the headline, -1 where none is known.
    """
    found = [*_from_json_ld(declared, language), *_from_meta(declared, language)]
    if not any(c.value for c in found):
        for source in (_from_links, _from_classes, _from_bylines):
            found += source(page, language, headline)
            if any(c.value for c in found):
                break
    chosen = next((c for c in found if c.value), None)
    rows = on_record("author", found, chosen, "the first source of the order that names somebody")
    return Signed(authors=chosen.value if chosen else (), evidence=rows)


def _candidate(authors: Iterable[Author], text: str, source: str, where: str) -> Names:
    kept = tuple({a.name.casefold(): a for a in authors}.values())
    shown = "; ".join(a.name for a in kept) or text[:100]
    return Candidate(kept, shown, source, where if kept else f"{where}; names nobody")


def _from_json_ld(declared: Declared, language: str) -> Iterator[Names]:
    for key in ("author", "creator"):
        value = declared.data.article.get(key)
        if value:
            given = names(value, declared.data)
            authors = [a for text, kind in given for a in _declared_names(text, kind, language)]
            yield _candidate(authors, "; ".join(text for text, _ in given), "json-ld", key)


def _declared_names(text: str, kind: str, language: str) -> tuple[Author, ...]:
    if "organization" in kind and text.casefold() not in name_words().nobody and "//" not in text:
        return (Author(name=text[:100], kind=AuthorKind.ORGANISATION),)
    return split_names(text, language)


def _from_meta(declared: Declared, language: str) -> Iterator[Names]:
    given: dict[str, list[str]] = {}
    for name, content in declared.values("author"):
        if name == "twitter:data1" and not _is_author_label(declared.metas.get("twitter:label1", [""])[0]):
            continue
        given.setdefault(name, []).append(content)
    for name, contents in given.items():
        authors = [a for text in contents for a in split_names(text, language)]
        yield _candidate(authors, "; ".join(contents), "og" if name.startswith("og:") else "meta", name)


def _is_author_label(label: str) -> bool:
    return strip_byword(label) == "" and bool(label)


def _near(page: Page, headline: int) -> list[PageBlock]:
    """Blocks around the headline, those behind it first."""
    if headline < 0:
        return [b for b in page.blocks[:40] if not b.place & (_NOT_HERE | Place.HIDDEN)]
    behind = page.blocks[headline + 1 : headline + 1 + _AFTER]
    before = page.blocks[max(0, headline - _BEFORE) : headline]
    return [b for b in (*behind, *reversed(before)) if not b.place & (Place.NAV | Place.FOOTER)]


def _from_links(page: Page, language: str, headline: int) -> Iterator[Names]:
    """The first rel=author, then the first links to a writer's page."""
    assert page.tree is not None  # noqa: S101
    for node in page.tree.css("a[rel~=author]")[:3]:
        text = " ".join(node.text(deep=True).split())
        yield _candidate(_visible_names(text, language, lenient=True), text, "link", "rel=author")
    marks = words("author_links")
    for block in _near(page, headline):
        if len(block.text) > _LONGEST_BYLINE:
            continue
        texts = [link.text for link in block.links if any(m in link.href for m in marks)]
        found = [a for text in texts for a in _visible_names(text, language, lenient=False)]
        if found:
            yield _candidate(found, "; ".join(texts), "link", page.where(block))
            return


def _from_classes(page: Page, language: str, headline: int) -> Iterator[Names]:
    """Elements whose class, id or itemprop speaks of an author."""
    marks = words("author_classes")
    for block in _near(page, headline):
        if len(block.text) > _LONGEST_BYLINE:
            continue
        element = page.elements[block.element]
        known = f"{block.names} {element.names}"
        mark = next((m for m in marks if m in known), None)
        if mark is None or "comment" in known:
            continue
        found = _visible_names(block.text, language, lenient=True)
        if found:
            yield _candidate(found, block.text, "byline", f"class of {mark}, {page.where(block)}")
            return


def _from_bylines(page: Page, language: str, headline: int) -> Iterator[Names]:
    """A short line near the headline that opens with a by-word."""
    for block in _near(page, headline):
        if len(block.text) > _LONGEST_BYLINE or block.level:
            continue
        rest = strip_byword(block.text, language)
        if len(rest) == len(block.text):
            continue
        found = _visible_names(rest, language, lenient=False)
        if found:
            yield _candidate(found, block.text, "byline", page.where(block))
            return


def _visible_names(text: str, language: str, *, lenient: bool) -> tuple[Author, ...]:
    """Names read off the page: each must look like a person's name, or be an organisation where a class vouches for it."""
    if not text or len(text) > _LONGEST_BYLINE:
        return ()
    found = split_names(text, language)
    return tuple(
        a
        for a in found
        if (a.kind is AuthorKind.PERSON and looks_like_name(a.name, language))
        or (lenient and len(a.name.split()) <= 4 and not a.name.islower())
        or a.name.casefold() in name_words().agencies
    )
