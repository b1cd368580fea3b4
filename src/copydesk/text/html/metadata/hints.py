"""What a page's head says about its text: titles, description and JSON-LD `articleBody`."""

from __future__ import annotations

import re
from typing import NamedTuple

from copydesk.text.html.dom.block_builder import fold
from copydesk.text.html.metadata.head import Declared
from copydesk.text.html.metadata.json_ld import text_of

__all__ = ["Hints", "hints_of"]

_TAGS = re.compile(r"<[^>]{1,500}>")
_MAX_BODY = 300_000


class Hints(NamedTuple):
    """Titles, descriptions and the body that JSON-LD gives ("" where none)."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    body: str


def hints_of(declared: Declared) -> Hints:
    """Pick the head's claims about the text."""
    metas, node = declared.metas, declared.data.article
    titles = [
        *metas.get("og:title", ()),
        *metas.get("twitter:title", ()),
        text_of(node.get("headline")),
        declared.title,
    ]
    descriptions = [*metas.get("og:description", ()), *metas.get("description", ()), text_of(node.get("description"))]
    body = text_of(node.get("articleBody"))[:_MAX_BODY]
    return Hints(
        tuple(dict.fromkeys(filter(None, map(fold, titles)))),
        tuple(dict.fromkeys(filter(None, map(fold, descriptions)))),
        fold(_TAGS.sub(" ", body)) if "<" in body else body,
    )
