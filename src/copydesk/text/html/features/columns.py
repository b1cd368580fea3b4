"""Named feature columns, one number per block, and running sums and windows over blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Columns", "shift", "sums", "window"]

Array = NDArray[np.float32]


class Columns:
    """Named columns in the order in which they were added."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[NDArray[np.generic]] = []

    def add(self, name: str, values: NDArray[np.generic]) -> None:
        """Add one column."""
        self.names.append(name)
        self.values.append(values)

    def rows(self) -> Array:
        """Return the matrix (blocks x columns), column-major, since the trees read whole columns."""
        found = np.empty((len(self.values), len(self.values[0])), np.float32)
        for column, values in zip(found, self.values, strict=True):
            column[:] = values
        return found.T


def sums(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return running sums with a leading zero: the sum over blocks a to b (exclusive) is sums[b] - sums[a]."""
    found = np.empty(len(values) + 1, np.float64)
    found[0] = 0
    values.cumsum(dtype=np.float64, out=found[1:])
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


def window(values: Array, width: int, weight: Array | None = None) -> Array:
    """Return the (weighted) mean over each block and up to `width` blocks before and after."""
    index = np.arange(len(values))
    low, high = np.maximum(0, index - width), np.minimum(len(values), index + width + 1)
    if weight is None:
        total, size = sums(values), sums(np.ones(len(values)))
    else:
        total, size = sums(values * weight), sums(weight)
    return ((total[high] - total[low]) / np.maximum(1e-6, size[high] - size[low])).astype(np.float32)
