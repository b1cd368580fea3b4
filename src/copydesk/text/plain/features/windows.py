"""Sums, shares and distances over the lines of a page, for all pages of a batch at once.

Sums run over the whole batch, and a page takes the difference of two of them. So that the lines of other pages leave
no trace, not even
a rounded one, everything summed is first rounded to 1/1024: sums of such numbers are exact.
"""

from __future__ import annotations

import numpy as np

from copydesk.text.scan import Flags, Floats, Ints

__all__ = ["class_table", "distances", "log", "prefix_sums", "round_exact", "share", "shifted"]

FAR = 63.0
"""What `distances` says where there is no such line: the last step of its scale."""


def round_exact(x: Floats) -> Floats:
    """Round to 1/1024, so that sums are exact in any order."""
    rounded: Floats = np.rint(x * 1024.0) / 1024.0
    return rounded


def log(x: Floats | Ints) -> Floats:
    """Return log2(1 + x)."""
    found: Floats = np.log2(1.0 + x)
    return found


def share(part: Floats | Ints, whole: Floats | Ints) -> Floats:
    """Part / whole, and -1 (the scale's lowest step: not known) where there is no whole."""
    found: Floats = np.where(whole > 0, part / np.maximum(whole, 1e-9), -1.0)
    return found


def class_table(*classes: int) -> Flags:
    """Return a table that says of each class of characters whether it is one of these."""
    table = np.zeros(256, np.bool_)
    table[list(classes)] = True
    return table


def prefix_sums(x: Floats | Ints | Flags) -> Floats:
    """Return the prefix sums of `x`, one longer than `x`: the sum of lines a..b-1 is `sums[b] - sums[a]`.

    Of several rows of values at once where `x` has rows.
    """
    total = np.zeros((*x.shape[:-1], x.shape[-1] + 1))
    x.cumsum(axis=-1, dtype=np.float64, out=total[..., 1:])
    return total


def shifted(x: Floats, step: int, nothing: float) -> Floats:
    """Return for each line the value `step` lines on (back where negative), `nothing` beyond the batch's ends.

    Of several rows of values at once where `x` has rows.
    """
    found = np.full(x.shape, nothing)
    if step > 0:
        found[..., :-step] = x[..., step:]
    else:
        found[..., -step:] = x[..., :step]
    return found


def distances(flag: Flags, low: Ints, high: Ints) -> tuple[Floats, Floats]:
    """Lines since the last and until the next flagged line of the page; 63 where there is none."""
    n = len(flag)
    if not n:
        return np.zeros(0), np.zeros(0)
    here = np.arange(n)
    last, following = np.full(n, -1), np.full(n, n + 99)
    last[1:] = np.maximum.accumulate(np.where(flag, here, -1))[:-1]
    following[:-1] = np.minimum.accumulate(np.where(flag, here, n + 99)[::-1])[::-1][1:]
    return np.where(last >= low, here - last, FAR), np.where(following < high, following - here, FAR)
