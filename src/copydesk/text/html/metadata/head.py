"""Read the head of a page once: meta names, links, title, language, JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from copydesk.text.html.dom.block_builder import fold
from copydesk.text.html.metadata.field_names import meta_names
from copydesk.text.html.metadata.json_ld import JsonLd, read_json_ld, text_of

__all__ = ["Head", "Hints", "hints_of", "read_head"]

_MAX_VALUE_CHARS = 2_000  # a description may be longer, no field is
_MAX_BODY_CHARS = 300_000
_TAG = re.compile(r"<[^>]{1,500}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a page, read once.

    Attributes:
        metas: Name (name, property, itemprop or http-equiv, lower case) -> contents in page order.
        canonical: Addresses of `<link rel=canonical>`, as written.
        image_links: Addresses of `<link rel=image_src>`.
        title: The `<title>`, white space collapsed.
        language: `<html lang>` as written, "" without one.
        data: The JSON-LD.
    """

    metas: dict[str, list[str]]
    canonical: tuple[str, ...]
    image_links: tuple[str, ...]
    title: str
    language: str
    data: JsonLd

    def values(self, field: str) -> Iterator[tuple[str, str]]:
        """Yield (meta name, content) for a field of `rules/metadata.toml`, the most trusted name first."""
        for name in meta_names(field):
            for content in self.metas.get(name, ()):
                yield name, content


class Hints(NamedTuple):
    """Titles, descriptions and JSON-LD's `articleBody` ("" without one): features compare blocks with them."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    body: str


def read_head(tree: LexborHTMLParser, url: str | None = None) -> Head:
    """Read the head of a parsed page."""
    metas = _metas(tree)
    title = _title(tree)
    root = tree.root
    attributes = root.attributes if root is not None else {}
    links = [
        (" ".join((a.get("rel") or "").lower().split()), a.get("href") or "")
        for a in _attributes(tree, "link[rel=canonical], link[rel=image_src]")
    ]
    titles = [title, *metas.get("og:title", ())]
    scripts = (node.text(deep=True) for node in tree.css("script[type*='ld+json']"))
    return Head(
        metas=metas,
        canonical=tuple(href for rel, href in links if rel == "canonical" and href),
        image_links=tuple(href for rel, href in links if rel == "image_src" and href),
        title=title,
        language=(attributes.get("lang") or attributes.get("xml:lang") or "").strip(),
        data=read_json_ld(scripts, url=url, titles=titles),
    )


def hints_of(head: Head) -> Hints:
    """Return the texts of the head that blocks are compared with."""
    metas, node = head.metas, head.data.article
    titles = [
        *metas.get("og:title", ()),
        *metas.get("twitter:title", ()),
        text_of(node.get("headline")),
        head.title,
    ]
    descriptions = [*metas.get("og:description", ()), *metas.get("description", ()), text_of(node.get("description"))]
    body = text_of(node.get("articleBody"))[:_MAX_BODY_CHARS]
    return Hints(
        tuple(dict.fromkeys(filter(None, map(fold, titles)))),
        tuple(dict.fromkeys(filter(None, map(fold, descriptions)))),
        fold(_TAG.sub(" ", body)) if "<" in body else body,
    )


def _attributes(tree: LexborHTMLParser, selector: str) -> Iterator[dict[str, str | None]]:
    for node in tree.css(selector):
        yield node.attributes


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for attributes in _attributes(tree, "meta"):
        content = attributes.get("content")
        if not content or not (content := " ".join(content[:_MAX_VALUE_CHARS].split())):
            continue
        for key in _keys(attributes.get(k) for k in ("property", "name", "itemprop", "http-equiv")):
            found.setdefault(key, []).append(content)
    return found


def _keys(names: Iterable[str | None]) -> set[str]:
    return {name.strip().lower() for name in names if name and name.strip()}


def _title(tree: LexborHTMLParser) -> str:
    for node in tree.css("title"):
        above = node.parent
        if above is not None and above.tag == "svg":  # the title of a drawing, not of the page
            continue
        if text := " ".join(node.text(deep=True).split()):
            return text
    return ""
