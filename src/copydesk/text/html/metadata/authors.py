"""Who signs: the first source that names somebody, in the order that worked on bench/html (2026-11).

    JSON-LD -> meta -> what the page shows (signatures) -> the site itself, where nothing else is declared

Declared names are cleaned leniently (organisations stay: desks and agencies do sign). A page that declares only its own
site as author is asked for a person first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copydesk.records import Author, AuthorKind, Evidence
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.bylines import LINKED, SHOWN, Names, candidate
from copydesk.text.html.metadata.candidates import on_record
from copydesk.text.html.metadata.head import Declared
from copydesk.text.html.metadata.json_ld import names
from copydesk.text.people.name_words import name_words
from copydesk.text.people.split_names import split_names, strip_byword
from copydesk.text.word_key import word_key

__all__ = ["Signed", "read_authors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The authors, in byline order, and every candidate."""

    authors: tuple[Author, ...]
    evidence: tuple[Evidence, ...]


def read_authors(page: Page, declared: Declared, language: str, headline: int, sites: Iterable[str] = ()) -> Signed:
    """Choose the authors.

    Args:
        page: The parsed page.
        declared: Its head.
        language: ISO 639-1 code.
        headline: Index of the block that is the headline, -1 where none is known.
        sites: Names the site goes by; an author of that name is the site, not a person.
    """
    known = frozenset(word_key(s).replace(" ", "") for s in sites) - {""}
    stated = [*_from_json_ld(declared, language, known), *_from_meta(declared, language, known)]
    named = [c for c in stated if c.value and not _is_site(c.value, known)]
    shown: list[Names] = []
    declares_site = any(c.value for c in stated) and not named
    if not named:
        for source in LINKED if declares_site else (*LINKED, *SHOWN):
            shown += source(page, language, headline)
            if any(_is_better(c.value, declares_site) for c in shown):
                break
    found = [*named, *(c for c in shown if _is_better(c.value, declares_site)), *(c for c in stated if c.value)]
    chosen = _fuller(found[0], named) if found else None
    rows = on_record("author", [*stated, *shown], chosen, "the first source of the order that names somebody")
    return Signed(authors=chosen.value if chosen else (), evidence=rows)


def _is_better(authors: tuple[Author, ...], declares_site: bool) -> bool:
    """Where the site itself is declared, only a person is better."""
    return bool(authors) and (not declares_site or any(a.kind is AuthorKind.PERSON for a in authors))


def _fuller(first: Names, named: list[Names]) -> Names:
    """Return the candidate that holds all names of the first and more, if there is one."""
    have = {a.name.casefold() for a in first.value}
    fuller = (c for c in named if have < {a.name.casefold() for a in c.value})
    return next((c for c in fuller if all(a.kind is AuthorKind.PERSON for a in c.value)), first)


def _is_site(authors: tuple[Author, ...], sites: frozenset[str]) -> bool:
    return all(word_key(a.name).replace(" ", "") in sites for a in authors)


def _without_house(authors: list[Author], sites: frozenset[str]) -> list[Author]:
    """The site's own name is no person's, and beside a person it is no author."""
    known = [word_key(a.name).replace(" ", "") in sites for a in authors]
    if any(not k and a.kind is AuthorKind.PERSON for a, k in zip(authors, known, strict=True)):
        return [a for a, k in zip(authors, known, strict=True) if not k]
    return [Author(name=a.name, kind=AuthorKind.ORGANISATION) if k else a for a, k in zip(authors, known, strict=True)]


def _from_json_ld(declared: Declared, language: str, sites: frozenset[str]) -> Iterator[Names]:
    for key in ("author", "creator"):
        value = declared.data.article.get(key)
        if value:
            given = names(value, declared.data)
            authors = [a for text, kind in given for a in _declared_names(text, kind, language)]
            yield candidate(_without_house(authors, sites), "; ".join(text for text, _ in given), "json-ld", key)


def _declared_names(text: str, kind: str, language: str) -> tuple[Author, ...]:
    if "organization" in kind and text.casefold() not in name_words().nobody and "//" not in text:
        return (Author(name=text[:100], kind=AuthorKind.ORGANISATION),)
    return split_names(text, language)


def _from_meta(declared: Declared, language: str, sites: frozenset[str]) -> Iterator[Names]:
    given: dict[str, list[str]] = {}
    for name, content in declared.values("author"):
        if name == "twitter:data1" and not _is_author_label(declared.metas.get("twitter:label1", [""])[0]):
            continue
        given.setdefault(name, []).append(content)
    for name, contents in given.items():
        authors = _without_house([a for text in contents for a in split_names(text, language)], sites)
        if name.endswith("creator"):  # who made the file: "veena" is an account
            authors = [a for a in authors if " " in a.name or not a.name.islower()]
        yield candidate(authors, "; ".join(contents), "og" if name.startswith("og:") else "meta", name)


def _is_author_label(label: str) -> bool:
    return strip_byword(label) == "" and bool(label)
