"""Features of the second model, for pages of low confidence: the first model's probabilities and trafilatura's choice.

Length-weighted means of both over the element, its containers and blocks of the same markup, values of the neighbours,
the position between the first and the last kept block, and how well the two agree on the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.features.columns import Array, shift, window
from copydesk.text.html.features.measure_blocks import FEATURES, BlockMeasures

__all__ = ["COLUMNS", "blend_rows"]

_BASE_NAMES = """size density level tag c1_score c2_score like_count words in_figure own_caption told starts_more
consent
c1_asks head_pitch copies ends_stop"""
_OWN_NAMES = """p_own p_element p_c1 p_c2 p_c3 p_like p_prev1 p_prev2 p_next1 p_next2 p_near2 p_near5 p_near3_blocks
p_from_first p_to_last p_kept_before p_kept p_confidence p_since_text p_until_text p_best p_share"""
_THEIR_NAMES = "t_share t_element t_c1 t_c2 t_like t_prev1 t_next1 t_near2 t_kept t_agree t_kept_share"
_BASE = _BASE_NAMES.split()
COLUMNS = (*_BASE, *_OWN_NAMES.split(), *_THEIR_NAMES.split())
_BASE_AT = [FEATURES.index(name) for name in _BASE]
_MIN_TEXT_CHARS = 80
_MAX_DISTANCE = 60
_MAX_OFFSET = 50


def blend_rows(measured: BlockMeasures, p: Array, t: Array) -> Array:
    """Return one row per block, columns as in `COLUMNS`.

    Args:
        measured: Features of the page.
        p: Probability of each block by the first model.
        t: Share of each block's words that trafilatura kept.
    """
    return np.column_stack([measured.rows[:, _BASE_AT], *_own(measured, p), *_theirs(measured, p, t)]).astype(
        np.float32
    )


def _own(measured: BlockMeasures, p: Array) -> list[NDArray[np.generic]]:
    size, n = measured.size, len(p)
    index = np.arange(n)
    keep = p >= 0.5
    text = np.flatnonzero(keep & (size >= _MIN_TEXT_CHARS))
    first, last = (int(text[0]), int(text[-1])) if len(text) else (n, -1)
    kept = np.where(keep, size, 0)
    total = max(1.0, float(kept.sum()))
    since, until = _distances(index, text)
    return [
        p,
        _group_mean(p, size, measured.element),
        *(_group_mean(p, size, measured.parents[:, k]) for k in range(3)),
        _group_mean(p, size, measured.signature),
        *(shift(p, step) for step in (-1, -2, 1, 2)),
        window(p, 2, size),
        window(p, 5, size),
        window(p, 3),
        np.clip(index - first, -_MAX_OFFSET, _MAX_OFFSET),
        np.clip(last - index, -_MAX_OFFSET, _MAX_OFFSET),
        (np.cumsum(kept) - kept) / total,
        np.full(n, total),
        np.full(n, 1 - float((np.minimum(p, 1 - p) * size).sum()) / total),
        since,
        until,
        np.full(n, p.max()),
        np.full(n, keep.mean()),
    ]


def _theirs(measured: BlockMeasures, p: Array, t: Array) -> list[NDArray[np.generic]]:
    size, n = measured.size, len(p)
    kept_p, kept_t = float(size[p >= 0.5].sum()), float(size[t >= 0.5].sum())
    both = float(size[(p >= 0.5) & (t >= 0.5)].sum())
    return [
        t,
        _group_mean(t, size, measured.element),
        *(_group_mean(t, size, measured.parents[:, k]) for k in range(2)),
        _group_mean(t, size, measured.signature),
        shift(t, -1),
        shift(t, 1),
        window(t, 2, size),
        np.full(n, kept_t),
        np.full(n, 2 * both / max(1.0, kept_p + kept_t)),
        np.full(n, kept_t / max(1.0, kept_p)),
    ]


def _group_mean(p: Array, size: Array, group: NDArray[np.int32]) -> Array:
    """Return the length-weighted mean of p over the blocks of the same group."""
    total = np.bincount(group, size * p)
    return (total / np.maximum(1e-6, np.bincount(group, size)))[group].astype(np.float32)


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
