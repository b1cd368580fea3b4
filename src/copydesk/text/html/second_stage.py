"""The model's second look: each block again, knowing what the first look said of its neighbours and containers.

Length-weighted means of the first probabilities over the same element, its containers and blocks of the same names, the
neighbours' own, and where the block lies between the first and the last block that is surely text. A paragraph among
kept paragraphs is pulled in; a lone pitch among them is not, for its own probability counts as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.features import Array, Measured

__all__ = ["COLUMNS", "second_rows"]

COLUMNS = (
    "p_own p_element p_c1 p_c2 p_c3 p_like p_prev1 p_prev2 p_next1 p_next2 p_near2 p_near5 p_near3_blocks "
    "p_from_first p_to_last p_kept_before p_kept p_confidence p_since_text p_until_text p_best p_share"
).split()
_LONG = 80
_FAR = 60
_SIDE = 50


def second_rows(measured: Measured, p: Array) -> Array:
    """The first rows and, beside them, what the first probabilities say of each block's surroundings."""
    size, n = measured.size, len(p)
    index = np.arange(n)
    keep = p >= 0.5
    text = np.flatnonzero(keep & (size >= _LONG))
    first, last = (int(text[0]), int(text[-1])) if len(text) else (n, -1)
    kept = np.where(keep, size, 0)
    total = max(1.0, float(kept.sum()))
    sure = 1 - float((np.minimum(p, 1 - p) * size).sum()) / total
    since, until = _distances(index, text)
    columns = [
        p,
        _group_mean(p, size, measured.element),
        _group_mean(p, size, measured.parents[:, 0]),
        _group_mean(p, size, measured.parents[:, 1]),
        _group_mean(p, size, measured.parents[:, 2]),
        _group_mean(p, size, measured.signature),
        *(_shift(p, step) for step in (-1, -2, 1, 2)),
        _window(p, size, 2),
        _window(p, size, 5),
        _window(p, np.ones(n, np.float32), 3),
        np.clip(index - first, -_SIDE, _SIDE),
        np.clip(last - index, -_SIDE, _SIDE),
        (np.cumsum(kept) - kept) / total,
        np.full(n, total),
        np.full(n, sure),
        since,
        until,
        np.full(n, p.max() if n else 0.0),
        np.full(n, keep.mean() if n else 0.0),
    ]
    return np.column_stack([measured.rows, *columns]).astype(np.float32)


def _group_mean(p: Array, size: Array, group: NDArray[np.int32]) -> Array:
    """Length-weighted mean of p over the blocks of the same group."""
    total = np.bincount(group, size * p)
    return (total / np.maximum(1e-6, np.bincount(group, size)))[group].astype(np.float32)


def _shift(p: Array, step: int) -> Array:
    out = np.zeros(len(p), np.float32)
    if step > 0:
        out[:-step] = p[step:]
    else:
        out[-step:] = p[:step]
    return out


def _window(p: Array, weight: Array, width: int) -> Array:
    """Weighted mean over the blocks up to `width` before and after."""
    sums = np.concatenate([[0.0], np.cumsum(p * weight, dtype=np.float64)])
    weights = np.concatenate([[0.0], np.cumsum(weight, dtype=np.float64)])
    index = np.arange(len(p))
    low, high = np.maximum(0, index - width), np.minimum(len(p), index + width + 1)
    return ((sums[high] - sums[low]) / np.maximum(1e-6, weights[high] - weights[low])).astype(np.float32)


def _distances(index: NDArray[np.int64], text: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Blocks since the last and until the next block that is surely text."""
    if not len(text):
        far = np.full(len(index), _FAR)
        return far, far
    before = np.searchsorted(text, index, side="right") - 1
    since = np.where(before >= 0, index - text[np.maximum(before, 0)], _FAR)
    after = np.searchsorted(text, index, side="left")
    until = np.where(after < len(text), text[np.minimum(after, len(text) - 1)] - index, _FAR)
    return np.minimum(since, _FAR), np.minimum(until, _FAR)
