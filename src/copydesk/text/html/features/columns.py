"""Named feature columns, one number per block, and running sums and windows over blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Columns", "Windows", "flags", "running_sums", "shift", "sums", "window"]

Array = NDArray[np.float32]


class Columns:
    """Named columns in the order in which they were added."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[NDArray[np.generic]] = []

    def add(self, name: str, values: NDArray[np.generic]) -> None:
        """Add one column."""
        self.names.append(name)
        self.values.append(values[None])

    def add_all(self, names: Sequence[str], values: NDArray[np.generic]) -> None:
        """Add several columns, the rows of a matrix: a call of numpy for all of them costs as much as for one."""
        self.names.extend(names)
        self.values.append(values)

    def rows(self) -> Array:
        """Return the matrix (blocks x columns), column-major, since the trees read whole columns."""
        found = np.empty((len(self.names), self.values[0].shape[1]), np.float32)
        np.concatenate(self.values, out=found, casting="unsafe")
        return found.T


def flags(values: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (bits, values) which values have which bits."""
    found: NDArray[np.bool_] = (values & bits[:, None]) > 0
    return found


def sums(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return running sums with a leading zero: the sum over blocks a to b (exclusive) is sums[b] - sums[a]."""
    found: NDArray[np.float64] = running_sums(values)[0]
    return found


def running_sums(*values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return `sums` of several columns as the rows of one matrix."""
    found = np.zeros((len(values), len(values[0]) + 1), np.float64)
    inside = found[:, 1:]
    for row, one in zip(inside, values, strict=True):
        row[:] = one
    inside.cumsum(axis=1, out=inside)
    return found


def shift(values: NDArray[np.generic], step: int, missing: float = 0.0) -> Array:
    """Return the value `step` blocks further on (negative: before); `missing` beyond the ends."""
    out = np.full(len(values), missing, np.float32)
    if abs(step) >= len(values):
        return out
    if step > 0:
        out[:-step] = values[step:]
    else:
        out[-step:] = values[:step]
    return out


class Windows(NamedTuple):
    """Around each block, the range of blocks up to some width before and after: first, last (exclusive), how many."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    many: NDArray[np.int64]

    @classmethod
    def of(cls, blocks: int, width: int) -> Windows:
        """Return the windows of a page with so many blocks."""
        index = np.arange(blocks)
        low, high = np.maximum(0, index - width), np.minimum(blocks, index + width + 1)
        return cls(low, high, high - low)

    def mean(self, total: NDArray[np.float64]) -> Array:
        """Return the mean over each window, given running sums."""
        return ((total[self.high] - total[self.low]) / self.many).astype(np.float32)

    def weighted(self, total: NDArray[np.float64], weight: NDArray[np.float64]) -> Array:
        """Return the mean over each window, given running sums of weighted values and of weights."""
        weights = np.maximum(1e-6, weight[self.high] - weight[self.low])
        return ((total[self.high] - total[self.low]) / weights).astype(np.float32)


def window(values: Array, width: int, weight: Array | None = None) -> Array:
    """Return the (weighted) mean over each block and up to `width` blocks before and after."""
    windows = Windows.of(len(values), width)
    return windows.mean(sums(values)) if weight is None else windows.weighted(sums(values * weight), sums(weight))
