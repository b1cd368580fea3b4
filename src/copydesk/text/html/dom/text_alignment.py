"""Align the text that another tool extracted with the blocks of a page."""

from __future__ import annotations

import re
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.html_page import Page

__all__ = ["share_kept"]

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_MIN_TRIGRAM_WORDS = 8
"""Blocks of fewer words are searched as a whole, near the place where the block before was found."""
_MAX_SKIPPED = 12
"""Words by which such a short block may lie behind that place."""


def share_kept(page: Page, text: str) -> NDArray[np.float32]:
    """Return, per block, the share of its word trigrams (short blocks: 0 or 1) that occur in a text, in page order."""
    kept = _WORD.findall(text.lower())
    places: dict[tuple[str, str, str], list[int]] = {}
    for n, gram in enumerate(zip(kept, kept[1:], kept[2:], strict=False)):
        places.setdefault(gram, []).append(n)
    share = np.zeros(len(page.blocks), np.float32)
    at = 0
    for n, block in enumerate(page.blocks):
        words = _WORD.findall(block.text.lower())
        if len(words) >= _MIN_TRIGRAM_WORDS:
            hits = [places[g] for g in zip(words, words[1:], words[2:], strict=False) if g in places]
            share[n] = len(hits) / (len(words) - 2)
            if share[n] >= 0.5:
                last = hits[-1]
                at = last[min(bisect_left(last, at), len(last) - 1)] + 3
        elif words:
            found = _find(words, kept, max(0, at - 1), at + _MAX_SKIPPED)
            if found >= 0:
                share[n] = 1.0
                at = found + len(words)
    return share


def _find(words: list[str], text: list[str], low: int, high: int) -> int:
    for n in range(low, min(high, len(text) - len(words) + 1)):
        if text[n] == words[0] and text[n : n + len(words)] == words:
            return n
    return -1
