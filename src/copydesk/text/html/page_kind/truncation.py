"""Detect pages that show only the start of their article: they load, with a flag and a finding."""

from __future__ import annotations

from collections.abc import Sequence

from copydesk.text.dates.date_words import fold
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import text_of
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.page_kind.sign_rules import truncated_phrases

__all__ = ["is_paid", "truncation_signs"]

_MAX_PREVIEW_WORDS = 250
"""Body words under which an article declared as paid counts as a preview."""
_MAX_NOTICE_CHARS = 250
"""Maximum length of a paywall notice; a longer block is text."""
_PAID = frozenset(("locked", "metered", "premium", "paid", "paywall", "subscriber", "registered"))


def truncation_signs(
    page: Page, metadata: Metadata, *, body_words: int, tail: Sequence[str] | None = None
) -> tuple[bool, str]:
    """Return whether the article is cut off by a paywall, and the reason in words ("" without one).

    Args:
        page: The parsed page.
        metadata: Its metadata.
        body_words: Words of the selected body.
        tail: Texts of the last kept blocks and of those right after them, where a paywall's notice is; None: search all
            short blocks outside navigation and footer, and require a short body.
    """
    node = metadata.head.data.article
    word_count = text_of(node.get("wordCount"))
    if word_count.isdecimal() and int(word_count) > 200 and body_words < 0.5 * int(word_count):
        return True, f"JSON-LD declares {word_count} words, the page has {body_words}"
    paid, tier = _is_declared_paid(metadata.head), _tier(metadata.head)
    if body_words < _MAX_PREVIEW_WORDS and (paid or tier.lower() in _PAID):
        return True, f"declared as {'paid' if paid else tier}, body of {body_words} words"
    if tail is None and body_words >= _MAX_PREVIEW_WORDS and not paid:
        return False, ""
    phrase = _notice(_notices(page) if tail is None else [t for t in tail if len(t) <= _MAX_NOTICE_CHARS])
    return (True, f'"{phrase}" after {body_words} words') if phrase else (False, "")


def is_paid(head: Head) -> bool:
    """Return whether a page declares its article as one for subscribers."""
    return _is_declared_paid(head) or _tier(head).lower() in _PAID


def _is_declared_paid(head: Head) -> bool:
    return str(head.data.article.get("isAccessibleForFree", "")).strip().lower().rsplit("/", 1)[-1] in ("false", "no")


def _tier(head: Head) -> str:
    return next((c for n in ("article:content_tier", "content_tier") for c in head.metas.get(n, ())), "")


def _notices(page: Page) -> list[str]:
    unseen = Place.HIDDEN | Place.NAV | Place.FOOTER | Place.HEADER
    return [b.text for b in page.blocks if len(b.text) <= _MAX_NOTICE_CHARS and not b.place & unseen]


def _notice(texts: Sequence[str]) -> str:
    text = fold(" \n ".join(texts))
    return next((p for p in truncated_phrases() if p in text), "")
