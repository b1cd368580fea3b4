"""Sums, shares and distances over the lines of a page, for all pages of a batch at once.

A page's sum is the difference of two prefix sums over the batch. Values are rounded to 1/1024 first, so that sums are
exact and independent of other pages.
"""

from __future__ import annotations

import numpy as np

from copydesk.text.tokens.scan import Flags, Floats, Ints

__all__ = ["class_table", "distances", "log", "prefix_sums", "round_exact", "share", "shifted"]

FAR = 63.0
"""Distance if there is no such line: the last bin of the feature."""


def round_exact(x: Floats) -> Floats:
    """Round to multiples of 1/1024, whose sums are exact in any order."""
    rounded: Floats = np.rint(x * 1024.0) / 1024.0
    return rounded


def log(x: Floats | Ints) -> Floats:
    """Return log2(1 + x)."""
    found: Floats = np.log2(1.0 + x)
    return found


def share(part: Floats | Ints, whole: Floats | Ints) -> Floats:
    """Return part / whole, or -1 (the lowest bin: unknown) where whole is 0."""
    found: Floats = np.where(whole > 0, part / np.maximum(whole, 1e-9), -1.0)
    return found


def class_table(*classes: int) -> Flags:
    """Return a lookup table, character class -> whether it is one of these."""
    table = np.zeros(256, np.bool_)
    table[list(classes)] = True
    return table


def prefix_sums(x: Floats | Ints | Flags) -> Floats:
    """Return the prefix sums of `x`, one longer than `x`: the sum of lines a..b-1 is `sums[b] - sums[a]`.

    Works along the last axis.
    """
    total = np.zeros((*x.shape[:-1], x.shape[-1] + 1))
    x.cumsum(axis=-1, dtype=np.float64, out=total[..., 1:])
    return total


def shifted(x: Floats, step: int, nothing: float) -> Floats:
    """Return for each line the value `step` lines ahead (behind if negative), `nothing` beyond the batch's ends.

    Works along the last axis.
    """
    found = np.full(x.shape, nothing)
    if step > 0:
        found[..., :-step] = x[..., step:]
    else:
        found[..., -step:] = x[..., :step]
    return found


def distances(flag: Flags, low: Ints, high: Ints) -> tuple[Floats, Floats]:
    """Return the lines since the last and until the next flagged line of the page; 63 if there is none."""
    n = len(flag)
    if not n:
        return np.zeros(0), np.zeros(0)
    here = np.arange(n)
    last, following = np.full(n, -1), np.full(n, n + 99)
    last[1:] = np.maximum.accumulate(np.where(flag, here, -1))[:-1]
    following[:-1] = np.minimum.accumulate(np.where(flag, here, n + 99)[::-1])[::-1][1:]
    return np.where(last >= low, here - last, FAR), np.where(following < high, following - here, FAR)
