"""Trafilatura's verdict on a page's blocks.

It is asked which blocks to keep; its own text is never published, since it drops joiners (ZWNJ, ZWJ) and text nested
deeper than 256 elements. It takes seconds on a million <br>, so only pages of ordinary size are put to it.
"""

from __future__ import annotations

import logging

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.text_alignment import share_kept
from copydesk.text.html.features.measure_blocks import Array
from copydesk.text.html.trafilatura_compat import bare_extraction

__all__ = ["ask_trafilatura"]

_MAX_CHARS = 3_000_000
_MAX_BLOCKS = 5_000
_MAX_DEPTH = 200
_MAX_TAGS = 60_000


def ask_trafilatura(page: Page) -> Array | None:
    """Per block the share of its words that trafilatura keeps; None where it cannot be asked or finds nothing."""
    if len(page.html) > _MAX_CHARS or len(page.blocks) > _MAX_BLOCKS or page.html.count("<") > _MAX_TAGS:
        return None
    if max(e.depth for e in page.elements) > _MAX_DEPTH:
        return None
    extract = bare_extraction()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = extract(page.html, with_metadata=False, include_comments=False)
    except Exception:  # noqa: BLE001 - a foreign parser on hostile input: whatever it raises, it has no opinion
        return None
    text = getattr(found, "text", None)
    return share_kept(page, text) if text else None
