"""Select the story's span, from its first to its last line, of every page.

argmax over s <= e of  log P(start at s) + log P(end at e) + 0.3 * sum over s..e of (clip(log-odds, -4, 4) + 0.2)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.plain.features.windows import prefix_sums, round_exact
from copydesk.text.tokens.scan import Scan
from copydesk.text.tokens.tokenise import lengths

__all__ = ["INSIDE", "OUTSIDE", "Spans", "select_spans"]

INSIDE = 0.2
"""Minimum probability of a kept line inside the span; lower loses less text and leaks more."""

OUTSIDE = 0.8
"""Minimum probability of a kept line outside the span."""

F = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """First and last line of each page's story (rows of the scan), and whether each line is inside."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    inside: NDArray[np.bool_]


def select_spans(lines: Scan, odds: F, start: F, end: F, weight: float = 0.3, lift: float = 0.2) -> Spans:
    """Return the best span of every page, vectorised over pages."""
    n, pages = lines.lines, len(lines.page_start) - 1
    gain = prefix_sums(round_exact(weight * (np.minimum(np.maximum(odds, -4.0), 4.0) + lift)))
    opening = _log_chance(start) - gain[:-1]
    closing = _log_chance(end) + gain[1:]
    # An offset per page, far above any score, lets one running maximum serve all pages.
    step = lines.page * 1e5
    best = np.maximum.accumulate(opening + step) if n else opening
    which = np.maximum.accumulate(np.where(opening + step >= best, np.arange(n), 0)) if n else np.zeros(0, np.int64)
    total = closing + best - step
    first, last = np.zeros(pages, np.int64), np.full(pages, -1, np.int64)
    sizes = lengths(lines.page_start[:-1], n)
    filled = sizes.nonzero()[0]
    if filled.size:
        starts = lines.page_start[:-1][filled]
        top = np.maximum.reduceat(total, starts)
        at_top = (total >= top.repeat(sizes.take(filled))).nonzero()[0]
        last[lines.page[at_top]] = at_top
        first[filled] = which[last[filled]]
    here = np.arange(n)
    return Spans(first=first, last=last, inside=(here >= first[lines.page]) & (here <= last[lines.page]))


def _log_chance(odds: F) -> F:
    return round_exact(-np.logaddexp(0.0, -odds))
