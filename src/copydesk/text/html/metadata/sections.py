"""Read the section path of an article (breadcrumb first) and its tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from copydesk.records import Evidence
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.candidates import Candidate, to_evidence
from copydesk.text.html.metadata.field_names import words
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import texts
from copydesk.text.tokens.word_key import word_key

__all__ = ["FieldValues", "read_section", "read_tags"]

_MAX_DEPTH = 6
_MAX_TAGS = 40
_MAX_NAME_CHARS = 60

ListCandidate = Candidate[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValues:
    """The values of a list field, and every candidate."""

    value: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def read_section(page: Page, head: Head, title: str | None, sites: Iterable[str]) -> FieldValues:
    """Choose the section path: JSON-LD breadcrumb, articleSection, meta, visible breadcrumb; without home and title."""
    drop = {word_key(t) for t in (title or "", *sites) if t} | {word_key(w) for w in words("home")}
    found = [_path(head.data.breadcrumb, drop, "json-ld", "BreadcrumbList")]
    found.append(_path(texts(head.data.article.get("articleSection"))[:1], drop, "json-ld", "articleSection"))
    for name, content in head.values("section"):
        found.append(_path([content], drop, "meta", name))
    if not any(c.value for c in found):
        found.append(_visible(page, drop))
    chosen = next((c for c in found if c.value), None)
    rows = to_evidence("section", found, chosen, "first in search order")
    return FieldValues(value=chosen.value if chosen else (), evidence=rows)


def _path(names: Iterable[str], drop: set[str], source: str, where: str) -> ListCandidate:
    kept = [n for n in names if n and len(n) <= _MAX_NAME_CHARS and word_key(n) and not _is_dropped(word_key(n), drop)]
    kept = list(dict.fromkeys(kept))[:_MAX_DEPTH]
    return Candidate(tuple(kept), " / ".join(kept), source, where)


def _is_dropped(name: str, drop: set[str]) -> bool:
    return name in drop or any(len(name) > 20 and (name in d or d in name) for d in drop if len(d) > 20)


def _visible(page: Page, drop: set[str]) -> ListCandidate:
    """Return the links of the first element with a breadcrumb class."""
    for element in page.elements:
        if "breadcrumb" in element.names and element.last > element.first:
            blocks = page.blocks[element.first : min(element.last, element.first + 10)]
            names = [link.text for b in blocks for link in b.links]
            if names:
                return _path(names, drop, "breadcrumb", element.names[:60])
    return Candidate((), "", "breadcrumb")


def read_tags(page: Page, head: Head) -> FieldValues:
    """Choose the tags: article tags before keywords for search engines."""
    assert page.tree is not None  # noqa: S101
    given = dict.fromkeys(name for name, _ in head.values("tags") if name != "keywords")
    found = [_tags(head.metas[name], "meta", name) for name in given]
    found.append(_tags(texts(head.data.article.get("keywords")), "json-ld", "keywords"))
    if not any(c.value for c in found):
        links = [" ".join(n.text(deep=True).split()) for n in page.tree.css("a[rel~=tag]")[:_MAX_TAGS]]
        found.append(_tags(links, "link", "rel=tag", whole=True))
    if not any(c.value for c in found):
        found.append(_tags(head.metas.get("keywords", ()), "meta", "keywords"))
    chosen = next((c for c in found if c.value), None)
    return FieldValues(
        value=chosen.value if chosen else (), evidence=to_evidence("tag", found, chosen, "first in search order")
    )


def _tags(values: Iterable[str], source: str, where: str, *, whole: bool = False) -> ListCandidate:
    parts = [
        p.strip(" #\"'") for v in values for p in ([v] if whole else v.replace(";", ",").replace("، ", ",").split(","))
    ]
    kept: dict[str, str] = {}
    for part in parts:
        if 1 < len(part) <= _MAX_NAME_CHARS and ":" not in part[:12]:  # "Type:Article" is a technical tag
            kept.setdefault(part.casefold(), part)
    tags = tuple(kept.values())[:_MAX_TAGS]
    return Candidate(tags, ", ".join(tags), source, where)
