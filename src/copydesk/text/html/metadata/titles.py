"""Choose the headline: the title on which heading, head and JSON-LD agree, without the site's name.

    h1 that og:title or <title> repeats -> h2 that they repeat -> h1 similar to them -> JSON-LD headline
        -> any line that is a part of them -> heading whose words return in the story
        -> og:title or <title> without the site's name -> first h1

A heading that the head repeats is nearly always right; an h1 alone is as often the site's name (bench/html, 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from copydesk.records import Evidence
from copydesk.text.html.dom.html_page import Element, Page, PageBlock, Place
from copydesk.text.html.metadata.candidates import Candidate, to_evidence
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import text_of
from copydesk.text.html.metadata.title_parts import (
    runs_of,
    split_title,
    title_width,
    without_known_end,
    without_site,
)
from copydesk.text.tokens.word_key import word_key

__all__ = ["Title", "read_title"]

_MAX_TITLE_CHARS = 400
_MIN_PARAGRAPH, _MAX_PARAGRAPHS = 120, 30
"""Characters of a line that is a paragraph, and paragraphs read for the story's words."""
_MAX_ABOVE = 25
_LOW_COHESION, _HIGH_COHESION = 0.34, 0.6
_MAX_NAME_CHARS = 80
_TITLE_NAME = re.compile(
    r"(?:^|[\s_-])(?:\w*headline|\w*title|ttl|titulo|titular|titre|titel|ueberschrift|zagolovok|baslik|cim)(?=$|[\s_-])",
    re.IGNORECASE,
)
_NO_TITLE = Place.NAV | Place.FOOTER | Place.FORM | Place.BUTTON


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The chosen headline (None without one), and every candidate."""

    value: str | None
    evidence: tuple[Evidence, ...]


def _why_not(chosen: Candidate[str] | None) -> Callable[[Candidate[str]], str]:
    """Return what says why a candidate lost: the same words, part of the chosen title, or another title."""
    key = word_key(chosen.value) if chosen else ""

    def why(c: Candidate[str]) -> str:
        mine = word_key(c.value)
        if mine == key:
            return "the same title"
        if f" {mine} " in f" {key} ":
            return "a part of the chosen title"
        return "more than the chosen title" if key and f" {key} " in f" {mine} " else "another title"

    return why


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """The declared titles as written, without the site's name, and the names of the site."""

    raw: tuple[Candidate[str], ...]
    whole: tuple[str, ...]
    shortened: tuple[Candidate[str], ...]
    sites: frozenset[str]


def read_title(page: Page, head: Head, sites: Iterable[str], hint: str | None = None) -> Title:
    """Choose the headline.

    Args:
        page: The parsed page.
        head: Its head.
        sites: Names of the site (og:site_name, its domain, ...), removed from titles.
        hint: Title of the feed entry, or None.
    """
    site_bare = frozenset(b for b in map(word_key, sites) if b)
    heads = _declared_titles(head, hint)
    headline = text_of(head.data.article.get("headline") or "") if head.data.is_article else ""
    cuts = [without_site(t.value, site_bare) for t in heads]
    h1, h2 = _headings(page, site_bare)
    json_ld = [Candidate(headline, headline, "json-ld", "headline")] if headline else []
    shortened = [
        Candidate(cut, cut, t.source, f"{t.reason}, without the site's name" if cut != t.value else t.reason)
        for t, cut in zip(heads, cuts, strict=True)
        if cut
    ]
    declared = _Declared(
        raw=tuple(heads), whole=tuple(t.value for t in heads), shortened=tuple(shortened), sites=site_bare
    )
    chosen, why = _choose(page, h1, h2, json_ld, declared)
    found = [chosen] if chosen is not None and chosen.source in ("text", "heading") else []
    return Title(
        value=chosen.value if chosen else None,
        evidence=to_evidence("title", [*found, *h1, *json_ld, *shortened, *h2[:3]], chosen, why, _why_not(chosen)),
    )


def _declared_titles(head: Head, hint: str | None) -> list[Candidate[str]]:
    found = [
        Candidate(
            content[:_MAX_TITLE_CHARS], content[:_MAX_TITLE_CHARS], "og" if name.startswith("og:") else "meta", name
        )
        for name, content in head.values("title")
    ]
    if head.title:
        found.append(Candidate(head.title[:_MAX_TITLE_CHARS], head.title[:_MAX_TITLE_CHARS], "title", "<title>"))
    if hint:
        found.append(Candidate(hint, hint, "feed", "title"))
    return found


def _headings(page: Page, sites: frozenset[str]) -> tuple[list[Candidate[str]], list[Candidate[str]]]:
    """Return the h1 and h2 candidates, at most twenty each."""
    ranks: dict[str, list[Candidate[str]]] = {"h1": [], "h2": []}
    for element in page.elements:
        found = ranks.get(element.tag)
        if found is not None and len(found) < 20 and not element.place & Place.FOOTER:
            text = " ".join(b.text.replace("\n", " ") for b in page.blocks[element.first : element.last])
            if (
                text
                and len(text) <= _MAX_TITLE_CHARS
                and not _names_site(text, sites)
                and not _leads_home(page, element)
            ):
                text = without_known_end(text, sites)
                found.append(Candidate(text, text, element.tag, f"<{element.tag}>"))
    return ranks["h1"], ranks["h2"]


def _names_site(text: str, sites: frozenset[str]) -> bool:
    words = word_key(text)
    return words in sites or words.replace(" ", "") in sites


def _leads_home(page: Page, element: Element) -> bool:
    """Return whether a heading is one link to the home page, and so the site's name."""
    block = page.blocks[element.first]
    if element.last - element.first > 1 or len(block.links) != 1 or len(block.links[0].text) < len(block.text):
        return False
    try:
        target = urlsplit(block.links[0].href.strip())
    except ValueError:  # not a URL, such as "//[x"
        return False
    return target.path in ("", "/") and not target.query and not target.fragment and bool(target.netloc or target.path)


def _choose(
    page: Page, h1: list[Candidate[str]], h2: list[Candidate[str]], json_ld: list[Candidate[str]], heads: _Declared
) -> tuple[Candidate[str] | None, str]:
    shortened = heads.shortened
    repeated = [*(f" {word_key(h)} " for h in heads.whole), *(f" {word_key(c.value)} " for c in json_ld)]

    def inside(c: Candidate[str]) -> bool:
        words = f" {word_key(c.value)} "
        return _long_enough(words) and any(words in r for r in repeated)

    whole = [c for c in (*json_ld, *shortened) if any(_ends_with(h.value, c.value) for h in h1)]
    agree = json_ld and shortened and word_key(json_ld[0].value) == word_key(shortened[0].value)
    others = shortened[:1] if agree else shortened
    if whole and not any(word_key(c.value) == word_key(h.value) for h in h1 for c in (*json_ld, *others)):
        return whole[0], "the heading has a kicker before it"
    for group in (h1, h2):
        known = [c for c in group if inside(c) and not _is_end(c.value, heads.whole)]
        if known:
            return _best_repeated(max(known, key=lambda c: len(c.value)), (*h1, *h2), json_ld, heads)
    near = [c for c in h1 if _overlap(word_key(c.value), repeated) >= 0.5 and not _is_end(c.value, heads.whole)]
    if near:
        return max(
            near, key=lambda c: _overlap(word_key(c.value), repeated)
        ), "at least half of its words are in the page's head"
    alone = _alone(h1, repeated)
    if alone:
        return alone, "the only h1, and it shares words with the declared titles"
    if json_ld:
        return json_ld[0], "no heading is repeated in the page's head"
    return _without_heading(page, h1, heads)


def _best_repeated(
    best: Candidate[str], headings: Iterable[Candidate[str]], json_ld: list[Candidate[str]], heads: _Declared
) -> tuple[Candidate[str], str]:
    """Return the title where a heading is repeated in the head: mostly that heading."""
    whole = _whole(best, headings, heads.shortened)
    if whole:
        return whole, "a heading is the declared title, of which another is a part"
    first = next((c for c in heads.raw if _is_first_part(c.value, best.value)), None)
    if first:
        return first, "a declared title is the first part of the heading"
    agreed = _agreed(json_ld, heads.shortened, best.value)
    if agreed:
        return agreed, "JSON-LD and og:title agree on more than the heading"
    return best, "repeated in the page's head"


def _without_heading(page: Page, h1: list[Candidate[str]], heads: _Declared) -> tuple[Candidate[str] | None, str]:
    """Return the title where no heading is like a declared title."""
    shown = _shown(page, heads)
    if shown:
        return shown, "a line of the page is this part of the declared title"
    spoken = _of_story(page, heads.shortened)
    if spoken:
        return spoken, "its words return in the story, those of the declared title do not"
    if heads.shortened:
        return heads.shortened[0], "no heading is similar to it"
    return (h1[0], "the only title found") if h1 else (None, "")


def _of_story(page: Page, declared: Iterable[Candidate[str]]) -> Candidate[str] | None:
    """Return the heading above the story whose words return in it, where the declared title is not about it."""
    long = [i for i, b in enumerate(page.blocks) if len(b.text) > _MIN_PARAGRAPH and 2 * b.link_chars < len(b.text)]
    if not long:
        return None
    story = {w for i in long[:_MAX_PARAGRAPHS] for w in word_key(page.blocks[i].text).split()}
    told = max((_cohesion(c.value, story) for c in declared), default=0.0)
    if told >= _LOW_COHESION:
        return None
    near = page.blocks[max(0, long[0] - _MAX_ABOVE) : long[0]]
    named = [b for b in near if not told and _is_named_title(page, b)]
    if len(named) == 1 and _cohesion(named[0].text, story) > 0:
        text = named[0].text.replace("\n", " ")
        return Candidate(text, text, "heading", page.where(named[0]))
    headings = [
        b
        for b in reversed(near)
        if b.level and 2 * b.link_chars < len(b.text) and not b.place & _NO_TITLE and 2 < title_width(b.text) <= 25
    ]
    best = max(headings, key=lambda b: _cohesion(b.text, story), default=None)
    if best is None or _cohesion(best.text, story) < _HIGH_COHESION:
        return None
    text = best.text.replace("\n", " ")
    return Candidate(text, text, "heading", page.where(best))


def _is_named_title(page: Page, block: PageBlock) -> bool:
    """Return whether a line of three words or more is alone in an element whose class or id says that it is a title."""
    if block.place & (_NO_TITLE | Place.ASIDE) or 2 * block.link_chars >= len(block.text):
        return False
    names = page.elements[block.element].node.attributes
    said = _TITLE_NAME.search(" ".join((names.get(n) or "")[:_MAX_NAME_CHARS] for n in ("class", "id", "itemprop")))
    return said is not None and 2 < title_width(block.text) <= 25


def _cohesion(title: str, story: set[str]) -> float:
    """Return the share of a title's words of four letters or more that the story uses, 0 with fewer than two."""
    words = [w for w in word_key(title).split() if len(w) > 3]
    return sum(w in story for w in words) / len(words) if len(words) > 1 else 0.0


def _whole(
    best: Candidate[str], headings: Iterable[Candidate[str]], declared: Iterable[Candidate[str]]
) -> Candidate[str] | None:
    """Return the heading that equals a declared title of which the best heading is the smaller part."""
    key, keys = word_key(best.value), {word_key(c.value) for c in declared}
    if key in keys:
        return None
    found = (c for c in headings if (k := word_key(c.value)) in keys and key in k and len(k) > 2 * len(key))
    return next(found, None)


def _is_first_part(title: str, heading: str) -> bool:
    """Return whether a heading is the title, a separator and more ("... | Opinion")."""
    if not heading.startswith(title) or heading == title:
        return False
    parts = split_title(heading)
    return len(parts) > 1 and parts[0].text.strip() == title and parts[1].mark in ("|", "｜")


def _is_end(heading: str, titles: Iterable[str]) -> bool:
    """Return whether a heading is the last part of a title after a longer one, and so the name of the site."""
    key = word_key(heading)
    for title in titles:
        parts = split_title(title) if key in word_key(title) else []
        rest = title_width(title[: parts[-1].start]) if len(parts) > 1 else 0
        if rest >= 4 and word_key(parts[-1].text) == key and rest > title_width(parts[-1].text):
            return True
    return False


def _shown(page: Page, heads: _Declared) -> Candidate[str] | None:
    """Return the longest run of parts of a declared title that is a line of the page; not its smaller part."""
    lines = {word_key(b.text): b for b in page.blocks if len(b.text) <= _MAX_TITLE_CHARS and not b.place & _NO_TITLE}
    for title in heads.whole:
        least = max(2.0, 0.34 * title_width(title))
        for run in runs_of(title):
            block = lines.get(word_key(run))
            bare = without_site(run, heads.sites)
            tail = title.endswith(run) and title_width(run) <= 3 and title_width(title) > 2 * title_width(run)
            if block is not None and bare and not tail and title_width(run) >= least:
                text = block.text.replace("\n", " ") if bare == run else bare
                return Candidate(text, text, "text", page.where(block))
    return None


def _alone(h1: list[Candidate[str]], others: list[str]) -> Candidate[str] | None:
    """Return the page's only h1, if it has three words and shares one with the declared titles."""
    if len(h1) != 1 or len(h1[0].value.split()) < 3:
        return None
    mine = {w for w in word_key(h1[0].value).split() if len(w) > 3}
    return h1[0] if any(mine & set(o.split()) for o in others) else None


def _agreed(json_ld: list[Candidate[str]], shortened: Iterable[Candidate[str]], heading: str) -> Candidate[str] | None:
    """Return the title of JSON-LD and og:title, if it differs from the heading and <title> is not the heading."""
    og = next((c for c in shortened if c.reason.startswith("og:title")), None)
    title = next((c for c in shortened if c.source == "title"), None)
    if not json_ld or og is None:
        return None
    shared, short = word_key(og.value), word_key(heading)
    if word_key(json_ld[0].value) != shared or shared == short:
        return None
    return None if title is not None and word_key(title.value) == short else json_ld[0]


def _ends_with(heading: str, title: str) -> bool:
    """Return whether a heading is a kicker or date followed by the title, with or without a blank."""
    short = word_key(title)
    return len(short.split()) > 3 and len(heading) > len(title) and word_key(heading).endswith(short)


def _long_enough(words: str) -> bool:
    """Return whether a padded key has two words, or six letters of a script without blanks."""
    return len(words.split()) > 1 or (len(words) > 7 and not words.isascii())


def _overlap(words: str, others: list[str]) -> float:
    mine = set(words.split())
    if len(mine) < 2:
        return 0.0
    return max(
        (2 * len(mine & set(o.split())) / (len(mine) + len(set(o.split()))) for o in others if o.strip()), default=0.0
    )
