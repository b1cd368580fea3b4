"""Choose the authors: the best signed candidate, in an order calibrated on bench/html (2026-11).

    persons: JSON-LD -> meta -> links and bylines near the headline
    -> the same with one-word names -> desks, agencies and companies -> the site itself

A name in the head is often not the author's: the publisher's, a desk's, or that of an account that imported the story.
Where the head names no person, the page is searched for one; a byline that names more persons than the head wins, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from copydesk.records import Author, AuthorKind, Evidence
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.bylines import (
    LINKED,
    SHOWN,
    AuthorCandidate,
    Source,
    candidate,
    is_shown,
    joined,
)
from copydesk.text.html.metadata.candidates import to_evidence
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import names
from copydesk.text.people.name_words import name_words
from copydesk.text.people.names import CJK, is_account, is_organisation, read_person
from copydesk.text.people.split_names import looks_like_name, split_names, strip_byword
from copydesk.text.tokens.word_key import word_key

__all__ = ["Byline", "read_authors"]


class Trust(IntEnum):
    """How surely the names of a candidate are those of authors."""

    NOTHING = 0
    SITE = 1
    HOUSE = 2
    ACCOUNT = 3
    SINGLE = 4
    PERSON = 5


_LOST = {
    Trust.NOTHING: "",
    Trust.SITE: "the publisher's own name",
    Trust.HOUSE: "an organisation",
    Trust.ACCOUNT: "an account's name",
    Trust.SINGLE: "one word",
    Trust.PERSON: "later in search order",
}


_TEMPLATE = re.compile(r"[{}<>$%]|^\w+(?:\.\w+)+\.(?:author|name|title|user)$", re.IGNORECASE)
"""A variable that a template did not fill."""
_TITLE_MARKS = ("|", "-", "–", "—", "·", "•", "»", ":")
"""What parts the headline from the site's name in <title>."""


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
    tail = _title_tail(page, head, headline)
    stated = [*_from_json_ld(head, language, site_keys), *_from_meta(head, language, site_keys)]
    best = max((_trust(c, site_keys) for c in stated), default=Trust.NOTHING)
    declared = next((c for c in stated if best and _trust(c, site_keys) is best), None)
    if declared is None:
        shown, chosen = _first(page, language, headline, (*LINKED, *SHOWN), site_keys | tail)
        why = "first source, in search order, with a name"
    elif best is Trust.PERSON:
        lines = joined(page, language, headline, (a for c in stated for a in c.value))
        shown = [_signed_by(c, site_keys | tail) for c in lines]
        chosen = _fuller(declared, [*stated, *shown])
        why = "it names all authors of the first source, and more persons"
        if chosen is None and shown and not _shares(declared, shown[0]):
            chosen, why = shown[0], "the page shows nobody whom the head names"
    else:
        shown, chosen = _signed(page, language, headline, declared, site_keys)
        why = f"it names a person, and the head {_LOST[best]}"
    if declared is not None and chosen is None:
        chosen, why = (
            declared,
            "first source, in search order, with a person" if best is Trust.PERSON else "no person is named",
        )
    rows = to_evidence(
        "author", [*stated, *shown], chosen, why, lost=lambda c: _LOST[_trust(c, site_keys)] if c.value else ""
    )
    return Byline(authors=chosen.value if chosen else (), evidence=rows)


def _shares(one: AuthorCandidate, other: AuthorCandidate) -> bool:
    return not {a.name.casefold() for a in one.value}.isdisjoint(a.name.casefold() for a in other.value)


def _first(
    page: Page, language: str, headline: int, sources: Iterable[Source], sites: frozenset[str]
) -> tuple[list[AuthorCandidate], AuthorCandidate | None]:
    """Return all candidates up to the first source with a name, and that one's."""
    shown: list[AuthorCandidate] = []
    for source in sources:
        shown += [_signed_by(c, sites) for c in source(page, language, headline)]
        chosen = next((c for c in shown if c.value), None)
        if chosen:
            return shown, chosen
    return shown, None


def _signed(
    page: Page, language: str, headline: int, declared: AuthorCandidate, sites: frozenset[str]
) -> tuple[list[AuthorCandidate], AuthorCandidate | None]:
    """Search the page for a person, where the head names none; stop where the page shows the name of the head, too."""
    shown: list[AuthorCandidate] = []
    same = {a.name.casefold() for a in declared.value}
    trust = _trust(declared, sites)
    signs = trust in (Trust.HOUSE, Trust.SITE) and is_shown(page, language, headline, declared.value)
    for source in LINKED if signs else (*LINKED, *SHOWN):
        for c in (_signed_by(c, sites) for c in source(page, language, headline)):
            shown.append(c)
            if not same.isdisjoint(a.name.casefold() for a in c.value):
                return shown, c if all(a.kind is AuthorKind.PERSON for a in c.value) else None
            least = Trust.ACCOUNT if c.source == "link" and trust < Trust.ACCOUNT else Trust.PERSON
            allowed = not signs or trust is Trust.SITE
            if allowed and _trust(c, sites) >= least and _overrules(c, declared, trust, page):
                return shown, c
    return shown, None


def _overrules(c: AuthorCandidate, declared: AuthorCandidate, trust: Trust, page: Page) -> bool:
    """Return whether the person of a byline is the author rather than the name that the head declares."""
    name = c.value[0].name
    if trust in (Trust.SITE, Trust.HOUSE) and len(c.value) > 1 and all(" " in a.name for a in c.value):
        return True  # a list of persons
    if trust is Trust.SINGLE:  # "Todd" and "Todd Bates"; or an editor, where the author has a class of that name
        classed = "class author" in c.reason and " " in name and name[0].isupper()
        return classed or declared.value[0].name.casefold() in name.casefold().split()
    if trust is Trust.HOUSE and declared.value[0].name.casefold() in name_words().agencies:
        return False
    return "a name near" not in c.reason or any(b.text.startswith(f"{name} ") and len(b.text) > 60 for b in page.blocks)


def _trust(c: AuthorCandidate, sites: frozenset[str]) -> Trust:
    """Return the trust in the best of a candidate's names."""
    return max((_trust_in(a, sites) for a in c.value), default=Trust.NOTHING)


def _trust_in(author: Author, sites: frozenset[str]) -> Trust:
    name = author.name
    if word_key(name).replace(" ", "") in sites:
        return Trust.SITE
    if author.kind is AuthorKind.ORGANISATION:
        return Trust.HOUSE
    if CJK.search(name) or (" " in name and (looks_like_name(name) or read_person(name) is not None)):
        return Trust.PERSON
    if " " in name:
        return Trust.ACCOUNT if name.isascii() else Trust.PERSON
    return (
        Trust.SINGLE
        if name.isalpha() and not name.islower() and name[1:] in (name[1:].lower(), name[1:].upper())
        else Trust.ACCOUNT
    )


def _fuller(first: AuthorCandidate, others: Iterable[AuthorCandidate]) -> AuthorCandidate | None:
    """Return the candidate with all names of the first and more persons, if there is one."""
    have = {a.name.casefold() for a in first.value}
    fuller = (c for c in others if have < {a.name.casefold() for a in c.value})
    return next((c for c in fuller if all(a.kind is AuthorKind.PERSON for a in c.value)), None)


def _without_site(authors: list[Author], sites: frozenset[str]) -> list[Author]:
    """Make an author named like the site an organisation, and drop it beside a person; drop accounts."""
    authors = [a for a in authors if not is_account(a.name) and not _is_house_account(a, sites)]
    known = [word_key(a.name).replace(" ", "") in sites for a in authors]
    # "example.org, Berlin, Germany" names the site and its place.
    if any(not k and _is_full_name(a) for a, k in zip(authors, known, strict=True)):
        return [a for a, k in zip(authors, known, strict=True) if not k]
    kept = [
        (a, k)
        for a, k in zip(authors, known, strict=True)
        if k or a.kind is AuthorKind.ORGANISATION or True not in known
    ]
    return [Author(name=a.name, kind=AuthorKind.ORGANISATION) if k else a for a, k in kept]


def _title_tail(page: Page, head: Head, headline: int) -> frozenset[str]:
    """Return the key of what <title> has behind the headline: the site's name, on most pages."""
    text = page.blocks[headline].text if headline >= 0 else ""
    rest = head.title[len(text) :].strip() if text and head.title.startswith(text) else ""
    return frozenset({word_key(rest).replace(" ", "")}) - {""} if rest[:1] in _TITLE_MARKS else frozenset()


def _is_house_account(author: Author, sites: frozenset[str]) -> bool:
    """Return whether a declared name is an account of the site or a desk ("kestrelpost_web", "news_desk").

    The site itself stays, as an organisation, and so do accounts ("jdoe") that are the only signature of many pages.
    """
    name = author.name
    if author.kind is AuthorKind.ORGANISATION or " " in name or not name.isascii() or not name.islower():
        return False
    first, mark, _ = name.partition("_")
    return bool(mark) and (first in sites or is_organisation(name.replace("_", " "), name_words()))


def _signed_by(c: AuthorCandidate, sites: frozenset[str]) -> AuthorCandidate:
    """Return a byline without the site that stands beside a person ("By Jane Doe, Kestrel Post")."""
    known = [n > 0 and word_key(a.name).replace(" ", "") in sites for n, a in enumerate(c.value)]
    if not any(not k and _is_full_name(a) for a, k in zip(c.value, known, strict=True)):
        return c
    kept = tuple(a for a, k in zip(c.value, known, strict=True) if not k)
    return replace(c, value=kept, text="; ".join(a.name for a in kept))


def _is_full_name(author: Author) -> bool:
    return author.kind is AuthorKind.PERSON and (" " in author.name or bool(CJK.search(author.name)))


def _from_json_ld(head: Head, language: str, sites: frozenset[str]) -> Iterator[AuthorCandidate]:
    for key in ("author", "creator"):
        value = head.data.article.get(key)
        if value:
            given = names(value, head.data)
            authors = [a for text, kind in given for a in _declared_names(text, kind, language, sites)]
            yield candidate(_without_site(authors, sites), "; ".join(text for text, _ in given), "json-ld", key)


def _declared_names(text: str, kind: str, language: str, sites: frozenset[str]) -> tuple[Author, ...]:
    if _TEMPLATE.search(text):
        return ()
    if "organization" in kind and text.casefold() not in name_words().nobody and "//" not in text:
        return (Author(name=text[:100], kind=AuthorKind.ORGANISATION),)
    found = split_names(text, language)
    if word_key(text).replace(" ", "") in {s.removeprefix("the") for s in sites} | sites:
        own = kind != "organization" and not text.casefold().startswith("the ")
        return found or ((Author(name=text[:100], kind=AuthorKind.ORGANISATION),) if own else ())
    if kind == "person" and len(found) <= 1 and not any(a.kind is AuthorKind.PERSON for a in found):
        person = read_person(text)
        return (person,) if person else found
    return found


def _from_meta(head: Head, language: str, sites: frozenset[str]) -> Iterator[AuthorCandidate]:
    given: dict[str, list[str]] = {}
    for name, content in head.values("author"):
        if name == "twitter:data1" and not _is_author_label(head.metas.get("twitter:label1", [""])[0]):
            continue
        given.setdefault(name, []).append(content)
    for name, contents in given.items():
        authors = _without_site([a for text in contents for a in _declared_names(text, "", language, sites)], sites)
        if name.endswith("creator"):  # the account that made the file ("veena")
            authors = [a for a in authors if " " in a.name or not a.name.islower()]
        yield candidate(authors, "; ".join(contents), "og" if name.startswith("og:") else "meta", name)


def _is_author_label(label: str) -> bool:
    return strip_byword(label) == "" and bool(label)
