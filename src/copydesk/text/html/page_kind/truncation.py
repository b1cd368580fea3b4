"""Signs that a page shows only the start of its article: it loads, with a flag and a finding."""

from __future__ import annotations

from collections.abc import Sequence

from copydesk.text.dates.date_words import fold
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.metadata.json_ld import text_of
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.page_kind.sign_rules import truncated_phrases

__all__ = ["truncation_signs"]

_SHORT = 250
"""Words under which the body of an article declared as paid is believed to be its start only."""
_PHRASE = 250
"""Characters of a block that is a notice, not a story that quotes one."""
_PAID = frozenset(("locked", "metered", "premium", "paid", "paywall", "subscriber", "registered"))


def truncation_signs(
    page: Page, metadata: Metadata, *, body_words: int, tail: Sequence[str] | None = None
) -> tuple[bool, str]:
    """Return whether the article is cut off by a paywall, and the sign that said so ("" without one).

    Args:
        page: The parsed page.
        metadata: What was read from it.
        body_words: Words of the chosen body.
        tail: Texts of the last kept blocks and of those right behind them, where a paywall's notice stands; None: all
            short blocks outside navigation and footer, and then the body has to be short as well.
    """
    node = metadata.declared.data.article
    declared = text_of(node.get("wordCount"))
    if declared.isdecimal() and int(declared) > 200 and body_words < 0.5 * int(declared):
        return True, f"json-ld counts {declared} words, the page shows {body_words}"
    paid = str(node.get("isAccessibleForFree", "")).strip().lower().rsplit("/", 1)[-1] in ("false", "no")
    tier = next((c for n in ("article:content_tier", "content_tier") for c in metadata.declared.metas.get(n, ())), "")
    if body_words < _SHORT and (paid or tier.lower() in _PAID):
        return True, f"declared as {'paid' if paid else tier}, {body_words} words"
    if tail is None and body_words >= _SHORT and not paid:
        return False, ""
    phrase = _notice(_notices(page) if tail is None else [t for t in tail if len(t) <= _PHRASE])
    return (True, f'"{phrase}" behind {body_words} words') if phrase else (False, "")


def _notices(page: Page) -> list[str]:
    unseen = Place.HIDDEN | Place.NAV | Place.FOOTER | Place.HEADER
    return [b.text for b in page.blocks if len(b.text) <= _PHRASE and not b.place & unseen]


def _notice(texts: Sequence[str]) -> str:
    text = fold(" \n ".join(texts))
    return next((p for p in truncated_phrases() if p in text), "")
