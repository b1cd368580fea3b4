"""Features of the second model, in context: the first model's probabilities around a block.

Length-weighted means of them over the element, its containers and blocks of the same markup, values of the neighbours,
the position between the first and the last kept block, and the segments of the page (`segments.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.columns import Array, Columns, Windows, running_sums, shift
from copydesk.text.html.features.measure_blocks import FEATURES, BlockMeasures, measure_blocks
from copydesk.text.html.features.segments import Segments, measure_segments
from copydesk.text.html.metadata.head import Hints

__all__ = ["CONTEXT_COLUMNS", "context_rows", "group_mean"]

_BASE_NAMES = """size density level tag c1_score c2_score like_count words in_figure own_caption told starts_more
consent c1_asks head_pitch copies ends_stop"""
_OWN_NAMES = """p_own p_element p_c1 p_c2 p_c3 p_like p_prev1 p_prev2 p_next1 p_next2 p_near2 p_near5 p_near3_blocks
p_from_first p_to_last p_kept_before p_kept p_confidence p_since_text p_until_text p_best p_share"""
_BASE = _BASE_NAMES.split()
_OWN = _OWN_NAMES.split()
_BASE_AT = [FEATURES.index(name) for name in _BASE]
_MIN_TEXT_CHARS = 80
_MAX_DISTANCE = 60
_MAX_OFFSET = 50


def context_rows(page: Page, measured: BlockMeasures, p: Array) -> tuple[Array, Segments]:
    """Return one row per block, columns as in `CONTEXT_COLUMNS`, and the segments of the page.

    Args:
        page: The page.
        measured: Its features.
        p: Probability of each block by the first model.
    """
    columns, segments = _columns(page, measured, p)
    return columns.rows(), segments


def _columns(page: Page, measured: BlockMeasures, p: Array) -> tuple[Columns, Segments]:
    columns = Columns()
    columns.add_all(_BASE, measured.rows.T[_BASE_AT])
    for name, values in zip(_OWN, _own(measured, p), strict=True):
        columns.add(name, values)
    return columns, measure_segments(page, measured, p, columns)


def _own(measured: BlockMeasures, p: Array) -> list[NDArray[np.generic]]:
    size, n = measured.size, len(p)
    index = np.arange(n)
    keep = p >= 0.5
    text = np.flatnonzero(keep & (size >= _MIN_TEXT_CHARS))
    first, last = (int(text[0]), int(text[-1])) if len(text) else (n, -1)
    kept = np.where(keep, size, 0)
    total = max(1.0, float(kept.sum()))
    since, until = _distances(index, text)
    mass = size * p
    of_p, of_mass, of_size = running_sums(p, mass, size)
    groups = (measured.element, *measured.parents.T, measured.signature)
    return [
        p,
        *(_mass_mean(mass, size, group) for group in groups),
        *(shift(p, step) for step in (-1, -2, 1, 2)),
        *(Windows.of(n, width).weighted(of_mass, of_size) for width in (2, 5)),
        Windows.of(n, 3).mean(of_p),
        (index - first).clip(-_MAX_OFFSET, _MAX_OFFSET),
        (last - index).clip(-_MAX_OFFSET, _MAX_OFFSET),
        (np.cumsum(kept) - kept) / total,
        np.full(n, total),
        np.full(n, 1 - float((np.minimum(p, 1 - p) * size).sum()) / total),
        since,
        until,
        np.full(n, p.max()),
        np.full(n, keep.mean()),
    ]


def group_mean(p: Array, size: Array, group: NDArray[np.int32]) -> Array:
    """Return the length-weighted mean of p over the blocks of the same group."""
    return _mass_mean(size * p, size, group)


def _mass_mean(mass: Array, size: Array, group: NDArray[np.int32]) -> Array:
    return (np.bincount(group, mass) / np.maximum(1e-6, np.bincount(group, size)))[group].astype(np.float32)


def _distances(index: NDArray[np.int64], text: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distance in blocks to the last and to the next long kept block."""
    if not len(text):
        far = np.full(len(index), _MAX_DISTANCE)
        return far, far
    before = np.searchsorted(text, index, side="right") - 1
    since = np.where(before >= 0, index - text[np.maximum(before, 0)], _MAX_DISTANCE)
    after = np.searchsorted(text, index, side="left")
    until = np.where(after < len(text), text[np.minimum(after, len(text) - 1)] - index, _MAX_DISTANCE)
    return np.minimum(since, _MAX_DISTANCE), np.minimum(until, _MAX_DISTANCE)


def _names() -> tuple[str, ...]:
    """Take the names from the columns of a one-word page, so that names and code cannot differ."""
    page = read_page(b"<p>Word</p>")
    return tuple(_columns(page, measure_blocks(page, Hints((), (), "")), np.ones(1, np.float32))[0].names)


CONTEXT_COLUMNS = _names()
