"""Trafilatura's verdict on a page's blocks.

It is asked which blocks to keep; its own text is never published, since it drops joiners (ZWNJ, ZWJ) and text nested
deeper than 256 elements. It takes seconds on a million <br>, so only pages of ordinary size are put to it.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left

import numpy as np

from copydesk.text.html.dom.page import Page
from copydesk.text.html.features.measure_blocks import Array
from copydesk.text.html.trafilatura_compat import bare_extraction

__all__ = ["ask_trafilatura", "share_kept"]

_MAX_CHARS = 3_000_000
_MAX_BLOCKS = 5_000
_MAX_DEPTH = 200
_MAX_TAGS = 60_000
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LONG = 8
_NEAR = 12


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


def share_kept(page: Page, text: str) -> Array:
    """Align another tool's text to the blocks: per block the share of its word trigrams that stand there."""
    kept = _WORD.findall(text.lower())
    places: dict[tuple[str, str, str], list[int]] = {}
    for n, gram in enumerate(zip(kept, kept[1:], kept[2:], strict=False)):
        places.setdefault(gram, []).append(n)
    share = np.zeros(len(page.blocks), np.float32)
    at = 0
    for n, block in enumerate(page.blocks):
        words = _WORD.findall(block.text.lower())
        if len(words) >= _LONG:
            hits = [places[g] for g in zip(words, words[1:], words[2:], strict=False) if g in places]
            share[n] = len(hits) / (len(words) - 2)
            if share[n] >= 0.5:
                last = hits[-1]
                at = last[min(bisect_left(last, at), len(last) - 1)] + 3
        elif words:
            found = _find(words, kept, max(0, at - 1), at + _NEAR)
            if found >= 0:
                share[n] = 1.0
                at = found + len(words)
    return share


def _find(words: list[str], text: list[str], low: int, high: int) -> int:
    for n in range(low, min(high, len(text) - len(words) + 1)):
        if text[n] == words[0] and text[n : n + len(words)] == words:
            return n
    return -1
