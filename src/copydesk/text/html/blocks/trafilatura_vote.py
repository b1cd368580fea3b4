"""Run trafilatura on a page and return which blocks it keeps.

Only its choice is used, never its text: it drops joiners (ZWNJ, ZWJ) and text nested deeper than 256 elements. It takes
seconds on a million <br>, so pages beyond ordinary size are skipped.
"""

from __future__ import annotations

import logging

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.text_alignment import share_kept
from copydesk.text.html.features.measure_blocks import Array

__all__ = ["ask_trafilatura"]

_MAX_CHARS = 3_000_000
_MAX_BLOCKS = 5_000
_MAX_DEPTH = 200
_MAX_TAGS = 60_000


def ask_trafilatura(page: Page) -> Array | None:
    """Return per block the share of its words that trafilatura keeps; None for a page beyond the limits or no text."""
    if len(page.html) > _MAX_CHARS or len(page.blocks) > _MAX_BLOCKS or page.html.count("<") > _MAX_TAGS:
        return None
    if max(e.depth for e in page.elements) > _MAX_DEPTH:
        return None
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(page.html, with_metadata=False, include_comments=False)
    except Exception:  # noqa: BLE001 - third-party parser on hostile input: no vote, whatever it raises
        return None
    text = getattr(found, "text", None)
    return share_kept(page, text) if text else None
