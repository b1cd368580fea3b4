"""Choose the authors: the first source that gives a name, in an order calibrated on bench/html (2026-11).

    JSON-LD -> meta -> bylines on the page -> the site itself, where it is all the head names

Names in the head are cleaned leniently (organisations stay, since desks and agencies sign articles). Where the head
names only the site itself, bylines are searched for a person first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copydesk.records import Author, AuthorKind, Evidence
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.bylines import LINKED, SHOWN, AuthorCandidate, candidate
from copydesk.text.html.metadata.candidates import to_evidence
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import names
from copydesk.text.people.name_words import name_words
from copydesk.text.people.split_names import split_names, strip_byword
from copydesk.text.tokens.word_key import word_key

__all__ = ["Byline", "read_authors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The authors in byline order, and every candidate."""

    authors: tuple[Author, ...]
    evidence: tuple[Evidence, ...]


def read_authors(page: Page, head: Head, language: str, headline: int, sites: Iterable[str] = ()) -> Byline:
    """Choose the authors.

    Args:
        page: The parsed page.
        head: Its head.
        language: ISO 639-1 code.
        headline: Index of the headline's block, -1 where none is known.
        sites: Names of the site; an author of such a name is an organisation.
    """
    site_keys = frozenset(word_key(s).replace(" ", "") for s in sites) - {""}
    stated = [*_from_json_ld(head, language, site_keys), *_from_meta(head, language, site_keys)]
    named = [c for c in stated if c.value and not _is_site(c.value, site_keys)]
    shown: list[AuthorCandidate] = []
    declares_site = any(c.value for c in stated) and not named
    if not named:
        for source in LINKED if declares_site else (*LINKED, *SHOWN):
            shown += source(page, language, headline)
            if any(_is_better(c.value, declares_site) for c in shown):
                break
    found = [*named, *(c for c in shown if _is_better(c.value, declares_site)), *(c for c in stated if c.value)]
    chosen = _fuller(found[0], named) if found else None
    rows = to_evidence("author", [*stated, *shown], chosen, "first source, in search order, with a name")
    return Byline(authors=chosen.value if chosen else (), evidence=rows)


def _is_better(authors: tuple[Author, ...], declares_site: bool) -> bool:
    """Return whether shown authors win: where the head names the site itself, only a person does."""
    return bool(authors) and (not declares_site or any(a.kind is AuthorKind.PERSON for a in authors))


def _fuller(first: AuthorCandidate, named: list[AuthorCandidate]) -> AuthorCandidate:
    """Return the candidate with all names of the first and more persons, if there is one."""
    have = {a.name.casefold() for a in first.value}
    fuller = (c for c in named if have < {a.name.casefold() for a in c.value})
    return next((c for c in fuller if all(a.kind is AuthorKind.PERSON for a in c.value)), first)


def _is_site(authors: tuple[Author, ...], sites: frozenset[str]) -> bool:
    return all(word_key(a.name).replace(" ", "") in sites for a in authors)


def _without_site(authors: list[Author], sites: frozenset[str]) -> list[Author]:
    """Make an author named like the site an organisation, and drop it beside a person."""
    known = [word_key(a.name).replace(" ", "") in sites for a in authors]
    if any(not k and a.kind is AuthorKind.PERSON for a, k in zip(authors, known, strict=True)):
        return [a for a, k in zip(authors, known, strict=True) if not k]
    return [Author(name=a.name, kind=AuthorKind.ORGANISATION) if k else a for a, k in zip(authors, known, strict=True)]


def _from_json_ld(head: Head, language: str, sites: frozenset[str]) -> Iterator[AuthorCandidate]:
    for key in ("author", "creator"):
        value = head.data.article.get(key)
        if value:
            given = names(value, head.data)
            authors = [a for text, kind in given for a in _declared_names(text, kind, language)]
            yield candidate(_without_site(authors, sites), "; ".join(text for text, _ in given), "json-ld", key)


def _declared_names(text: str, kind: str, language: str) -> tuple[Author, ...]:
    if "organization" in kind and text.casefold() not in name_words().nobody and "//" not in text:
        return (Author(name=text[:100], kind=AuthorKind.ORGANISATION),)
    return split_names(text, language)


def _from_meta(head: Head, language: str, sites: frozenset[str]) -> Iterator[AuthorCandidate]:
    given: dict[str, list[str]] = {}
    for name, content in head.values("author"):
        if name == "twitter:data1" and not _is_author_label(head.metas.get("twitter:label1", [""])[0]):
            continue
        given.setdefault(name, []).append(content)
    for name, contents in given.items():
        authors = _without_site([a for text in contents for a in split_names(text, language)], sites)
        if name.endswith("creator"):  # the account that made the file ("veena")
            authors = [a for a in authors if " " in a.name or not a.name.islower()]
        yield candidate(authors, "; ".join(contents), "og" if name.startswith("og:") else "meta", name)


def _is_author_label(label: str) -> bool:
    return strip_byword(label) == "" and bool(label)
