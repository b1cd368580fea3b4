"""Find authors in the visible page: links to author pages, elements with an author class, "By ..." lines, bare names.

A text must look like a name, since a false author is worse than none: lines near the headline come first, and a bare
name needs a second piece of evidence, such as a date beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from copydesk.records import Author, AuthorKind
from copydesk.text.dates.date_words import date_words, fold
from copydesk.text.dates.written import date_span
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.html.metadata.candidates import Candidate
from copydesk.text.html.metadata.field_names import words
from copydesk.text.people.name_words import name_words
from copydesk.text.people.split_names import looks_like_name, split_names, strip_byword
from copydesk.text.tokens.word_key import word_key

__all__ = ["LINKED", "SHOWN", "AuthorCandidate", "Source", "candidate", "is_shown", "joined"]

AuthorCandidate = Candidate[tuple[Author, ...]]
Source = Callable[[Page, str, int], Iterator[AuthorCandidate]]

_BLOCKS_BEFORE, _BLOCKS_AFTER = 8, 14
_MAX_DISTANCE = 5
_MAX_DATE_LINE_CHARS = 60
_MAX_LINE_CHARS = 160
_NO_NAMES_PLACES = Place.NAV | Place.FOOTER | Place.FORM
_NOT_HERE = Place.NAV | Place.FOOTER | Place.ASIDE | Place.FORM
_NO_BYLINE = Place.NAV | Place.FOOTER | Place.BUTTON | Place.FIGURE | Place.FIGCAPTION | Place.LIST | Place.TABLE
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_]{3})|(?<=[^\W\d_]{2})(?=\d{1,2}[./])")
_GLUED_ROLE = re.compile(r"(?<=[a-zà-ÿ]{4})(?=[A-Z][a-z])")
"""Missing blank between two elements ("Jane DoeFounder"); names with an inner capital have it earlier (MacDonald)."""
_MARKS = " ,|•·●■-–—/:"
_BY_LINE = re.compile(
    r"(?:^|\d{4},? |[·•|]\s)(?:(?:written|posted|published|story|words) )?by:? "
    r"(?P<name>[^\d\W][^·•|\d(]{1,34}|\d\w? \w{2,20})(?=$|\s?[·•|(]|\s\d)",
    re.IGNORECASE,
)
"""A by-word at the start of a line, behind a year or behind a mark, and the name up to the next mark or number."""
_MIN_LAST_CHARS, _MAX_SIGNATURE_CHARS = 100, 40
_MAX_BY_DISTANCE, _MAX_BY_CHARS, _MAX_BY_WORDS = 3, 80, 3
_SIGNING = frozenset(
    ("team", "redaktion", "staff", "desk", "editors", "newsroom", "redaction", "rédaction", "redazione")
)


def candidate(authors: Iterable[Author], text: str, source: str, where: str) -> AuthorCandidate:
    """Return the names as a candidate, without duplicates; without names, its reason says so."""
    kept = tuple({a.name.casefold(): a for a in authors}.values())
    shown = "; ".join(a.name for a in kept) or text[:100]
    return Candidate(kept, shown, source, where if kept else f"{where}; no name in it")


def _near(page: Page, headline: int) -> list[PageBlock]:
    """Return short blocks around the headline, those after it first."""
    if headline < 0:
        return [
            b for b in page.blocks[:40] if not b.place & (_NOT_HERE | Place.HIDDEN) and len(b.text) <= _MAX_LINE_CHARS
        ]
    behind = page.blocks[headline + 1 : headline + 1 + _BLOCKS_AFTER]
    before = page.blocks[max(0, headline - _BLOCKS_BEFORE) : headline]
    near = (*behind, *reversed(before))
    return [b for b in near if not b.place & _NO_NAMES_PLACES and len(b.text) <= _MAX_LINE_CHARS]


def is_shown(page: Page, language: str, headline: int, authors: Iterable[Author]) -> bool:
    """Return whether a line near the headline consists of one of the names, apart from by-word and date."""
    keys = {word_key(a.name) for a in authors}
    return any(
        word_key(strip_byword(_without_date(b.text, language), language)) in keys
        for b in _near(page, headline)
        if len(b.text) <= _MAX_DATE_LINE_CHARS
    )


def _relations(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield links with rel=author."""
    del headline
    assert page.tree is not None  # noqa: S101
    for node in page.tree.css("a[rel~=author]")[:3]:
        text = " ".join(node.text(deep=True).split())
        if not _is_more_link(text):
            yield candidate(_marked_names(text, language), text, "link", "rel=author")


def _links(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first block near the headline with links to author pages."""
    for block in _near(page, headline):
        texts = [link.text for link in block.links if _is_author_url(link.href) and not _is_more_link(link.text)]
        found = [a for text in texts for a in _names(text, language)]
        if found:
            yield candidate(found, "; ".join(texts), "link", page.where(block))
            return


def _signatures(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the name that stands alone behind the last paragraph of a story, in the same element.

    Not in English, where wishes in capitals end posts ("Happy Planting") and names stand above.
    """
    if language == "en":
        return
    for n in range(max(0, headline) + 1, len(page.blocks) - 1):
        block, line = page.blocks[n], page.blocks[n + 1]
        if len(block.text) < _MIN_LAST_CHARS or not 4 < len(line.text) <= _MAX_SIGNATURE_CHARS:
            continue
        if block.tag != "p" or line.tag != "p" or line.level or line.place & (_NO_BYLINE | Place.HIDDEN):
            continue
        above = page.elements[block.element].parent
        if page.elements[line.element].parent != above:
            continue
        further = page.blocks[n + 2 : n + 5]
        if any(page.elements[b.element].parent == above and len(b.text) >= _MIN_LAST_CHARS for b in further):
            continue
        found = _names(line.text, language)
        alone = sum(len(a.name) for a in found) >= len(line.text) - 4
        if found and alone and not any(_is_vocabulary(page, a.name, "") for a in found):
            yield candidate(found, line.text, "byline", f"alone behind the story, {page.where(line)}")
            return


def _classes(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first element near the headline with an author class, id or itemprop."""
    for block in _near(page, headline):
        mark = _author_class(page, block)
        found = _marked_names(_without_date(block.text, language), language) if mark and block.level != 1 else ()
        if found:
            yield candidate(found, block.text, "byline", f"class {mark}, {page.where(block)}")
            return


def _bylines(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first short line near the headline that starts with a by-word, or has one after a date."""
    for block, _, found in islice(_byline_blocks(page, language, headline), 1):
        yield candidate(found, block.text, "byline", page.where(block))


def joined(page: Page, language: str, headline: int, declared: Iterable[Author]) -> Iterator[AuthorCandidate]:
    """Yield that line if it is worth more than the declared names.

    Either a word ("and") joins the names of the line (after a comma may stand a place or a desk), or the declared names
    stand nowhere on the page: they are the accounts that published the story.
    """
    words = name_words()
    have = {a.name.casefold() for a in declared}
    for block, rest, found in islice(_byline_blocks(page, language, headline), 1):
        after = rest.casefold().partition(found[0].name.casefold())[2].split()[:1]
        more = bool(after) and (after[0] in words.joiners_sure or after[0] in words.joiners_unsure)
        shared = not have.isdisjoint(a.name.casefold() for a in found)
        if (shared and more) or not (shared or _is_visible(page, have)):
            yield candidate(found, block.text, "byline", page.where(block))


def _is_visible(page: Page, names: set[str]) -> bool:
    return any(name in text for text in (b.text.casefold() for b in page.blocks) for name in names)


def _byline_blocks(page: Page, language: str, headline: int) -> Iterator[tuple[PageBlock, str, tuple[Author, ...]]]:
    """Yield the short lines near the headline with a by-word, the text after it and its names."""
    for block in _near(page, headline):
        if block.level == 1:
            continue
        text = _without_date(block.text, language)
        rest = strip_byword(text, language)
        if text and not rest:  # "Written by:" and the name are two elements
            after = page.blocks[block.number : block.number + 1]
            near = after and len(after[0].text) <= _MAX_DATE_LINE_CHARS and after[0].place == block.place
            rest = after[0].text if near else ""
            found = _names(rest, language)
        else:
            found = _names(rest, language) if len(rest) < len(text) else ()
        if found:
            yield block, rest, found


def _bare_names(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first line beside the headline that is a name and has a second piece of evidence."""
    if headline < 0:
        return
    numbers = [*range(headline + 1, headline + 1 + _MAX_DISTANCE), *range(headline - 1, headline - 4, -1)]
    for number in numbers:
        if not 0 <= number < len(page.blocks):
            continue
        block = page.blocks[number]
        if (
            block.level == 1
            or len(block.text) > _MAX_LINE_CHARS
            or block.place & _NO_BYLINE
            or block.tag in ("li", "tr")
        ):
            continue
        text = _without_date(block.text, language)
        found = _names(text, language)
        if not found or not _is_supported(page, number, found[0], len(text) < len(block.text), language):
            continue
        subject = page.blocks[headline].text.casefold()
        if all(a.kind is AuthorKind.ORGANISATION or not _is_vocabulary(page, a.name, subject) for a in found):
            yield candidate(found, block.text, "byline", f"a name near the headline, {page.where(block)}")
            return


def _by_lines(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield what a line right below the headline names behind "By": a desk, a channel, an account ("By 3i Global").

    Only English by-words, whole names in capitals or one word, since little else says that it is one.
    """
    if headline < 0:
        return
    for block in page.blocks[headline + 1 : headline + 1 + _MAX_BY_DISTANCE]:
        if len(block.text) > _MAX_BY_CHARS or block.level or block.place & (Place.NAV | Place.FOOTER | Place.HIDDEN):
            continue
        line = _BY_LINE.search(block.text)
        name = line["name"].strip(" .,:-–—") if line else ""
        parts = [w for w in name.split() if w not in ("the", "of", "and", "&", "for", "in", "on")]
        nobody = name.casefold() in name_words().nobody or fold(name) in date_words().months
        if not 0 < len(parts) <= _MAX_BY_WORDS or nobody:
            continue
        if " " not in name or all(w[:1].isupper() or w[:1].isdecimal() for w in parts):
            found = _names(name, language) or (Author(name=name, kind=_kind(name)),)
            yield candidate(found, block.text, "byline", f"right below the headline, {page.where(block)}")
            return


def _kind(name: str) -> AuthorKind:
    return AuthorKind.ORGANISATION if " " in name else AuthorKind.PERSON


def _single_names(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the one-word name of a dated line near the headline with a by-word ("By Daniel | 3 May 2024")."""
    for block in _near(page, headline):
        text = _without_date(block.text, language)
        rest = strip_byword(text, language)
        if len(text) == len(block.text) or len(rest) == len(text):
            continue
        found = split_names(rest, language)
        if len(found) == 1 and found[0].kind is AuthorKind.PERSON and " " not in found[0].name:
            yield candidate(found, block.text, "byline", page.where(block))
            return


def _sole_link(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the person of all links to author pages after the headline, where they name only one."""
    found: dict[str, tuple[Author, PageBlock]] = {}
    for block in page.blocks[max(0, headline) :]:
        if not block.links or block.place & (_NOT_HERE | Place.HIDDEN):
            continue
        texts = [link.text for link in block.links if _is_author_url(link.href) and not _is_more_link(link.text)]
        for author in (a for text in texts for a in _names(text, language)):
            found.setdefault(author.name.casefold(), (author, block))
    if len(found) == 1:
        author, block = next(iter(found.values()))
        yield candidate([author], author.name, "link", page.where(block))


def _far_classes(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first line with an author class, anywhere after the headline, that is a person's name and no more."""
    for block in page.blocks[max(0, headline) :]:
        if len(block.text) > 60 or block.place & (Place.NAV | Place.FOOTER | Place.HIDDEN):
            continue
        mark = _author_class(page, block)
        if not mark:
            continue
        text = strip_byword(block.text, language)
        if looks_like_name(text, language) and (found := _names(text, language)):
            yield candidate(found, block.text, "byline", f"class {mark}, {page.where(block)}")
            return


def _far_bylines(page: Page, language: str, headline: int) -> Iterator[AuthorCandidate]:
    """Yield the first line such as "Written by Jane Doe" after the headline; its by-word has two words or a colon."""
    for block in page.blocks[max(0, headline) :]:
        if len(block.text) > 100 or block.place & (Place.NAV | Place.FOOTER | Place.HIDDEN) or block.level == 1:
            continue
        rest = strip_byword(block.text, language)
        cut = block.text[: len(block.text) - len(rest)].strip(" :")
        if " " not in cut and not (cut and block.text[len(cut) : len(cut) + 1] == ":"):
            continue
        found = _names(rest, language)
        if found:
            yield candidate(found, block.text, "byline", page.where(block))
            return


LINKED = (_relations, _links)
"""Sources backed by a link to the author's page, in search order."""
SHOWN = (
    *(_classes, _bylines, _bare_names, _far_classes, _far_bylines, _sole_link, _single_names, _by_lines),
    _signatures,
)
"""Weaker sources, used where the head names no person, in search order."""


def _names(text: str, language: str) -> tuple[Author, ...]:
    """Return names in free text: persons whose name looks like one, agencies, and "... Team"."""
    if not text or len(text) > _MAX_LINE_CHARS:
        return ()
    return tuple(
        a
        for a in split_names(_GLUED_ROLE.sub(" | ", text), language)
        if (a.kind is AuthorKind.PERSON and looks_like_name(a.name, language))
        or a.name.casefold() in name_words().agencies
        or (
            a.kind is AuthorKind.ORGANISATION
            and a.name.casefold().replace("-", " ").split()[-1] in _SIGNING
            and len(a.name.split()) <= 4
        )
    )


def _marked_names(text: str, language: str) -> tuple[Author, ...]:
    """Return names in an element that the markup calls an author: also the one-word name of an account."""
    if not text or len(text) > _MAX_LINE_CHARS:
        return ()
    found = split_names(text, language)
    return _names(text, language) or tuple(a for a in found if len(found) == 1 and len(a.name.split()) == 1)


@lru_cache(maxsize=1024)
def _without_date(text: str, language: str) -> str:
    """Return the text after the date of a short line, else the text before it ("3 May 2024 by J." gives "by J.")."""
    text = _GLUED.sub(" ", text)
    span = date_span(text, language)
    if span is None:
        return text
    before = text[: span[0]].strip(_MARKS)
    if len(rest := strip_byword(before, language)) < len(before) and rest:
        return before
    behind = text[span[1] :].strip(_MARKS)
    if date_span(behind, language) and looks_like_name(before, language):
        return before  # "Jane Doe | 3 May 2024 - Changed: 4 May 2024"
    behind = re.sub(r"^\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?)?\s*(?:uhr)?[\s,|•·-]*", "", behind, flags=re.IGNORECASE)
    return behind if sum(c.isalpha() for c in behind) > 3 else before


def _author_class(page: Page, block: PageBlock) -> str:
    """Return the author class of a block's element or of a small parent; "" without one."""
    element = page.elements[block.element]
    names = [block.names, element.names]
    if element.parent >= 0:
        above = page.elements[element.parent]
        if above.last - above.first <= 4:
            names.append(above.names)
    marks = [_class_in(n) for n in names if n]
    return "" if _COMMENTED in marks else next(filter(None, marks), "")


_COMMENTED = "comment"


@lru_cache(maxsize=8192)
def _class_in(names: str) -> str:
    if _COMMENTED in names or "related" in names:
        return _COMMENTED
    return next((m for m in words("author_classes") if m in names), "")


def _is_supported(page: Page, number: int, author: Author, dated: bool, language: str) -> bool:
    """Return whether a line has a date or a link with the name, or a date beside it, or a sentence begins with it."""
    block = page.blocks[number]
    slug = "-".join(author.name.casefold().split())
    if dated or any(slug in link.href.casefold() for link in block.links):
        return True
    if block.level:
        return False
    beside = page.blocks[max(0, number - 2) : number] + page.blocks[number + 1 : number + 3]
    if any(len(b.text) < _MAX_DATE_LINE_CHARS and date_span(b.text, language) for b in beside):
        return True
    bio = re.compile(rf"{re.escape(author.name)},? [^\W\dA-Z_]")  # "Jane Doe is a ..."
    return any(bio.match(b.text) for b in page.blocks[number + 1 :])


def _is_vocabulary(page: Page, name: str, subject: str) -> bool:
    """Return whether a name is a term ("Task Management"): the page uses its words in lower case, unlike a person's."""
    known = {w.strip(".,;:!?()\"'“”’") for b in page.blocks for w in b.text.split() if w[:1].islower()}
    parts = [w.casefold() for w in name.split() if len(w) > 2 and w.casefold() not in name_words().particles]
    if any(w in subject.split() for w in parts):
        return True
    small = [w in known for w in parts]
    return bool(small) and (small[0] or sum(small) > 1)


@lru_cache(maxsize=2048)
def _is_author_url(href: str) -> bool:
    return any(mark in href for mark in words("author_links"))


def _is_more_link(text: str) -> bool:
    folded = text.casefold()
    return any(folded.startswith(w) for w in words("more_links"))
