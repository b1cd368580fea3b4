"""What a page's head says about its text: titles, description and JSON-LD `articleBody`."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from copydesk.text.html.blocks import fold
from copydesk.text.html.page import Page

__all__ = ["Hints", "read_hints"]

_BODY = re.compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.S)
_HEADLINE = re.compile(r'"headline"\s*:\s*("(?:[^"\\]|\\.)*")', re.S)
_TAGS = re.compile(r"<[^>]{1,500}>")


class Hints(NamedTuple):
    """Titles (longest useful first), descriptions and the body that JSON-LD gives ("" where none)."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    body: str


def read_hints(page: Page) -> Hints:
    """Read the head's claims from the parsed tree."""
    tree = page.tree
    if tree is None:
        return Hints((), (), "")
    titles, descriptions, body = [], [], ""
    for meta in tree.css("meta[content]"):
        a = meta.attributes
        key = (a.get("property") or a.get("name") or "").lower()
        if key in ("og:title", "twitter:title"):
            titles.append(fold(a.get("content") or ""))
        elif key in ("og:description", "description", "twitter:description"):
            descriptions.append(fold(a.get("content") or ""))
    for script in tree.css('script[type="application/ld+json"]'):
        source = script.text() or ""
        titles.extend(_strings(_HEADLINE, source)[:1])
        body = max([body, *_strings(_BODY, source)], key=len)
    node = tree.css_first("title")
    if node is not None:
        titles.append(fold(node.text()))
    return Hints(tuple(dict.fromkeys(filter(None, titles))), tuple(dict.fromkeys(filter(None, descriptions))), body)


def _strings(pattern: re.Pattern[str], source: str) -> list[str]:
    """JSON strings found by a pattern, so that a block of JSON that is broken elsewhere still speaks."""
    found = []
    for raw in pattern.findall(source):
        try:
            value: Any = json.loads(raw, strict=False)
        except ValueError:
            continue
        found.append(fold(_TAGS.sub(" ", value)) if isinstance(value, str) else "")
    return [f for f in found if f]
