"""Find hashes in a sorted table in about one step, where a binary search takes fourteen.

keys    17..  20..  9f..  a1..  a2..  ff..      sorted hashes
bucket   1           9     a           f        their highest bits
start    0 0 2 2 2 2 2 2 2 2 3 5 5 5 5 5        index of each bucket's first key, or its insertion point

A bucket with several keys is scanned, one step per key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lookup"]

_MIN_BUCKETS_PER_KEY = 8
"""Minimum number of buckets per key; seven in eight keys have a bucket of their own."""


class Lookup:
    """A sorted array of distinct hashes, indexed by their highest bits."""

    __slots__ = ("_keys", "_most", "_shift", "_start", "size")

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self.size = len(keys)
        bits = max(4, (_MIN_BUCKETS_PER_KEY * max(self.size, 1) - 1).bit_length())
        self._shift = np.uint64(64 - bits)
        bucket = (keys >> self._shift).astype(np.int64)
        self._start = np.searchsorted(bucket, np.arange(1 << bits))
        self._most = int(np.bincount(bucket).max()) if self.size else 0
        # Zeros behind the keys: a hash above all keys is compared with them, hash 0 with the first key.
        self._keys = np.append(keys, np.zeros(self._most + 1, np.uint64))

    def find(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the indices (ascending) of the wanted hashes that are in the table, and their positions in it."""
        if not self.size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        at = self._start.take((wanted >> self._shift).view(np.int64))
        found = self._keys.take(at) == wanted
        for step in range(1, self._most):
            beyond = self._keys.take(at + step) == wanted
            at += beyond * step
            found |= beyond
        some = found.nonzero()[0]
        return some, at.take(some)
