"""Select the story's span, from its first to its last line, of every page.

argmax over s <= e of  log P(start at s) + log P(end at e) + 0.02 * sum over s..e of (clip(log-odds, -4, 4) + 0.2)

The chances of all lines of a page to be its story's first line add up to 1; so do those to be its last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.plain.features.windows import prefix_sums, round_exact
from copydesk.text.tokens.scan import Ints
from copydesk.text.tokens.tokenise import lengths

__all__ = ["INSIDE", "OUTSIDE", "Spans", "log_share", "select_spans"]

INSIDE = 0.3
"""Minimum probability of a kept line inside the span; lower loses less text and leaks more."""

OUTSIDE = 0.97
"""Minimum probability of a kept line outside the span."""

F = NDArray[np.float64]

_UNITS = 2.0**30
"""Shares are added as multiples of 2**-30: exact, in any order, for pages of up to 8 million lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The story's span of each page.

    Attributes:
        first, last: Its first and last line (rows of the batch), per page; last is -1 for a page without lines.
        inside: Whether each line is inside.
        start, end: Log of each line's chance to be its page's first and last line of the story.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    inside: NDArray[np.bool_]
    start: F
    end: F


def log_share(points: F, page_start: Ints) -> F:
    """Return the log-softmax of the points over the lines of each page."""
    n = len(points)
    if not n:
        return points
    starts = page_start[:-1][lengths(page_start[:-1], n) > 0]
    sizes = lengths(starts, n)
    above = points - np.maximum.reduceat(points, starts).repeat(sizes)
    total = np.add.reduceat(np.rint(np.exp(above) * _UNITS), starts)
    return round_exact(above - np.log(total / _UNITS).repeat(sizes))


def select_spans(
    page: Ints, page_start: Ints, odds: F, start: F, end: F, weight: float = 0.02, lift: float = 0.2
) -> Spans:
    """Return the best span of every page, vectorised over pages.

    Args:
        page: Page of each line, ascending.
        page_start: First line of each page, and the number of lines at the end.
        odds: Each line's log-odds of belonging to the story.
        start: Points of each line for being the story's first.
        end: Points for being its last.
        weight: Of the sum over the span's lines.
        lift: Added to each line's log-odds in it.
    """
    n, pages = len(page), len(page_start) - 1
    start, end = log_share(start, page_start), log_share(end, page_start)
    gain = prefix_sums(round_exact(weight * (np.minimum(np.maximum(odds, -4.0), 4.0) + lift)))
    opening, closing = start - gain[:-1], end + gain[1:]
    # An offset per page, far above any score, lets one running maximum serve all pages.
    step = page * 1e5
    best = np.maximum.accumulate(opening + step) if n else opening
    which = np.maximum.accumulate(np.where(opening + step >= best, np.arange(n), 0)) if n else np.zeros(0, np.int64)
    total = closing + best - step
    first, last = np.zeros(pages, np.int64), np.full(pages, -1, np.int64)
    sizes = lengths(page_start[:-1], n)
    filled = sizes.nonzero()[0]
    if filled.size:
        starts = page_start[:-1][filled]
        top = np.maximum.reduceat(total, starts)
        at_top = (total >= top.repeat(sizes.take(filled))).nonzero()[0]
        last[page[at_top]] = at_top
        first[filled] = which[last[filled]]
    here = np.arange(n)
    return Spans(first=first, last=last, inside=(here >= first[page]) & (here <= last[page]), start=start, end=end)
