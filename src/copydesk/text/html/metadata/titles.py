"""Choose the headline: the title on which heading, head and JSON-LD agree, without the site's name.

    h1 that og:title or <title> repeats -> h2 that they repeat -> h1 similar to them -> JSON-LD headline
        -> og:title or <title> without the site's name -> first h1

A heading that the head repeats is nearly always right; an h1 alone is as often the site's name (bench/html, 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from copydesk.records import Evidence
from copydesk.text.html.dom.html_page import Element, Page, Place
from copydesk.text.html.metadata.candidates import Candidate, to_evidence
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import text_of
from copydesk.text.tokens.word_key import word_key

__all__ = ["Title", "read_title", "without_site"]

_SEPARATOR = re.compile(
    r"\s+[|–—\-·•»«›‹/~⋆:*]\s+|\s*[|｜‖]\s*|\s+::\s+|\s+[-–—|]{2,3}\s+|:\s+(?=[^\s]+$)|\s+//\s+|\s*[-_–—]\s*(?=[^\x00-\x7f]{2,12}$)"
)
_MAX_TITLE_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The chosen headline (None without one), and every candidate."""

    value: str | None
    evidence: tuple[Evidence, ...]


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
    chosen, why = _choose(h1, h2, json_ld, shortened, [t.value for t in heads])
    return Title(
        value=chosen.value if chosen else None,
        evidence=to_evidence("title", [*h1, *json_ld, *shortened, *h2[:3]], chosen, why),
    )


def without_site(title: str, sites: frozenset[str]) -> str:
    """Remove the site's name from the start or end of a title; a short part after a bar counts as one."""
    parts, marks = _SEPARATOR.split(title), [m.group().strip() for m in _SEPARATOR.finditer(title)]
    if len(parts) < 2:
        return "" if word_key(title) in sites else title
    first, last = 0, len(parts)
    while last - first > 1 and _is_site(parts[last - 1], sites):
        last -= 1
    while last - first > 1 and _is_site(parts[first], sites):
        first += 1
    if first == 0 and last == len(parts) and _is_tail(parts, marks[-1]):
        last -= 1
    if last - first == len(parts):
        return title
    start = title.index(parts[first])
    end = title.rindex(parts[last - 1]) + len(parts[last - 1])
    return title[start:end].strip()


def _is_tail(parts: list[str], mark: str) -> bool:
    """Return whether the last part looks like a site's name: short, after a bar or long dash and a whole headline."""
    tail, rest = len(parts[-1].split()), sum(len(p.split()) for p in parts[:-1])
    return (mark in ("|", "｜", "::", "•", "·") and tail <= 5 and rest >= 3) or (
        mark in ("-", "–", "—", "»", "›") and tail <= 3 and rest >= 4 and parts[-1][:1].isupper()
    )


def _is_site(part: str, sites: frozenset[str]) -> bool:
    words = word_key(part)
    if not words or words in sites:
        return True
    joined = words.replace(" ", "")
    return any(joined == s.replace(" ", "") for s in sites) or (
        len(words.split()) <= 5 and any(f" {s} " in f" {words} " for s in sites if len(s) > 3)
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
    h1: list[Candidate[str]],
    h2: list[Candidate[str]],
    json_ld: list[Candidate[str]],
    shortened: list[Candidate[str]],
    heads: list[str],
) -> tuple[Candidate[str] | None, str]:
    repeated = [*(f" {word_key(h)} " for h in heads), *(f" {word_key(c.value)} " for c in json_ld)]

    def inside(c: Candidate[str]) -> bool:
        words = f" {word_key(c.value)} "
        return _long_enough(words) and any(words in r for r in repeated)

    whole = [c for c in (*json_ld, *shortened) if any(_ends_with(h.value, c.value) for h in h1)]
    if whole and not any(word_key(c.value) == word_key(h.value) for h in h1 for c in (*json_ld, *shortened)):
        return whole[0], "the heading has a kicker before it"
    for group, why in ((h1, "repeated in the page's head"), (h2, "repeated in the page's head")):
        known = [c for c in group if inside(c)]
        if known:
            best = max(known, key=lambda c: len(c.value))
            agreed = _agreed(json_ld, shortened, best.value)
            return (agreed, "JSON-LD and og:title agree on more than the heading") if agreed else (best, why)
    near = [c for c in h1 if _overlap(word_key(c.value), repeated) >= 0.5]
    if near:
        return max(
            near, key=lambda c: _overlap(word_key(c.value), repeated)
        ), "at least half of its words are in the page's head"
    alone = _alone(h1, repeated)
    if alone:
        return alone, "the only h1, and it shares words with the declared titles"
    if json_ld:
        return json_ld[0], "no heading is repeated in the page's head"
    if shortened:
        return shortened[0], "no heading is similar to it"
    return (h1[0], "the only title found") if h1 else (None, "")


def _alone(h1: list[Candidate[str]], others: list[str]) -> Candidate[str] | None:
    """Return the page's only h1, if it has three words and shares one with the declared titles."""
    if len(h1) != 1 or len(h1[0].value.split()) < 3:
        return None
    mine = {w for w in word_key(h1[0].value).split() if len(w) > 3}
    return h1[0] if any(mine & set(o.split()) for o in others) else None


def _agreed(json_ld: list[Candidate[str]], shortened: list[Candidate[str]], heading: str) -> Candidate[str] | None:
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
