"""The span that a page's story was looked for in, its chances, and what they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from copydesk.records import SpanReason, StorySpan
from copydesk.text.plain.features.bins import FEATURE_GROUPS
from copydesk.text.plain.model.select_lines import LineDecisions
from copydesk.text.plain.model.span import log_share
from copydesk.text.plain.model.tables import load_model
from copydesk.text.tokens.scan import Floats

__all__ = ["story_spans"]


def story_spans(
    selection: LineDecisions, numbers: Sequence[Sequence[int]], *, explain: bool = False
) -> list[StorySpan | None]:
    """Return the span of every page of a batch; None for a page without lines.

    Args:
        selection: The batch's decisions.
        numbers: Line number, from 1, of each non-blank line of each page.
        explain: Also return the chances without each group of features.
    """
    spans = selection.spans
    starts = selection.lines.page_start.tolist()
    firsts, lasts = spans.first.tolist(), spans.last.tolist()
    next_first, next_last = _runners_up(spans.start, firsts, starts), _runners_up(spans.end, lasts, starts)
    start, end = np.exp(spans.start), np.exp(spans.end)
    out: list[StorySpan | None] = []
    for page, (low, past) in enumerate(pairwise(starts)):
        if low == past:
            out.append(None)
            continue
        first, last, other, further = firsts[page], lasts[page], next_first[page], next_last[page]
        number = numbers[page]
        out.append(
            StorySpan(
                first=number[first - low],
                last=number[last - low],
                start=_chance(start[first]),
                end=_chance(end[last]),
                next_first=None if other < 0 else number[other - low],
                next_last=None if further < 0 else number[further - low],
                next_start=0.0 if other < 0 else _chance(start[other]),
                next_end=0.0 if further < 0 else _chance(end[further]),
                reasons=_reasons(selection, slice(low, past), first - low, last - low) if explain else (),
            )
        )
    return out


def _runners_up(chances: Floats, chosen: Sequence[int], starts: Sequence[int]) -> list[int]:
    """Return each page's likeliest line but the chosen one, the earliest of equals; -1 if there is no other."""
    rest = chances.copy()
    rest[[k for k, low, past in zip(chosen, starts, starts[1:], strict=False) if low < past]] = -np.inf
    return [low + int(np.argmax(rest[low:past])) if past - low > 1 else -1 for low, past in pairwise(starts)]


def _chance(value: float) -> float:
    return round(min(float(value), 1.0), 4)


def _reasons(selection: LineDecisions, rows: slice, first: int, last: int) -> tuple[SpanReason, ...]:
    """Ask the network again, once per group of features, with the group's columns at the page's median."""
    lines, bins = selection.lines, selection.bins[rows]
    network = load_model().network
    page_start = np.array([0, len(bins)])
    out = []
    for group, columns in FEATURE_GROUPS.items():
        blank = bins.copy()
        blank[:, columns] = np.median(bins[:, columns], axis=0).astype(np.uint8)
        points = network.points(blank, lines.head[rows], lines.tail[rows], selection.known[rows], page_start)
        points += selection.boilerplate_points[rows, None]
        start, end = (np.exp(log_share(points[:, k], page_start)) for k in (1, 2))
        out.append(SpanReason(group=group, start=_chance(start[first]), end=_chance(end[last])))
    return tuple(out)
