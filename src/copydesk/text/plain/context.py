"""The second look: what the first scorecard said of the neighbours, of the run and of the page.

A line of three words between two paragraphs is a sub-heading; the same line among twenty others like it is a menu. The first scorecard
sees words and shapes; these values let the second one, and those for the story's first and last line, see its verdicts around a line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.plain.features import Features, Scale, exact
from copydesk.text.scan import Scan

__all__ = ["CONTEXT", "surroundings"]

F = NDArray[np.float64]

_LOGIT, _SHARE, _LOG = (-6.3, 0.2), (-0.04, 0.04), (0.0, 0.2)
_OFFSETS = (-4, -3, -2, -1, 1, 2, 3, 4)
_WINDOWS = (2, 5, 12, 30)
_NAMES: dict[str, tuple[float, float]] = (
    {"own": _LOGIT}
    | {f"verdict{k:+d}": _LOGIT for k in _OFFSETS}
    | {f"verdict_near{k}": _LOGIT for k in _WINDOWS}
    | {"run_verdict": _LOGIT, "run_best": _LOGIT, "run_worst": _LOGIT}
    | {"best_before": _LOGIT, "best_after": _LOGIT, "verdict_before3": _LOGIT, "verdict_after3": _LOGIT, "verdict_before8": _LOGIT,
       "verdict_after8": _LOGIT, "kept_before": _LOG, "kept_after": _LOG, "kept_before_share": _SHARE, "kept_words_before_share": _SHARE,
       "from_kept": (0.0, 1.0), "to_kept": (0.0, 1.0), "from_strong": (0.0, 1.0), "to_strong": (0.0, 1.0),
       "page_kept_share": _SHARE, "page_kept": _LOG, "gap_in_kept": _LOG, "own_against_page": (-6.3, 0.2)}
)  # fmt: skip

CONTEXT: tuple[Scale, ...] = tuple(Scale(name=name, low=low, width=width) for name, (low, width) in _NAMES.items())


def surroundings(verdict: F, lines: Scan, features: Features) -> F:
    """Return the values of `CONTEXT` for each line, given the log-odds of a first scorecard."""
    n = lines.lines
    here = np.arange(n)
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    value = exact(np.clip(verdict, -6.0, 6.0))
    chance = exact(1.0 / (1.0 + np.exp(-value)))
    out: dict[str, F] = {"own": value}
    for k in _OFFSETS:
        at = here + k
        out[f"verdict{k:+d}"] = np.where((at >= low) & (at < high), value[np.clip(at, 0, max(n - 1, 0))], -6.3)
    total = _sums(value)

    def window(first: NDArray[np.int64], past: NDArray[np.int64]) -> F:
        return np.where(past > first, (total[past] - total[first]) / np.maximum(past - first, 1), -6.3)

    for k in _WINDOWS:
        out[f"verdict_near{k}"] = window(np.maximum(here - k, low), np.minimum(here + k + 1, high))
    for k in (3, 8):
        out[f"verdict_before{k}"] = window(np.maximum(here - k, low), here)
        out[f"verdict_after{k}"] = window(here + 1, np.minimum(here + k + 1, high))
    start = np.flatnonzero(np.diff(features.run, prepend=-1))
    size = np.diff(start, append=n)
    out["run_verdict"] = (np.add.reduceat(value, start) / size)[features.run] if n else value
    out["run_best"] = np.maximum.reduceat(value, start)[features.run] if n else value
    out["run_worst"] = np.minimum.reduceat(value, start)[features.run] if n else value
    out["best_before"], out["best_after"] = _best(value, lines, low, high)
    sums, words = _sums(chance), _sums(exact(chance * lines.words))
    before, after = sums[here] - sums[low], sums[high] - sums[here + 1]
    out["kept_before"], out["kept_after"] = np.log2(1 + before), np.log2(1 + after)
    out["kept_before_share"] = before / np.maximum(before + after, 0.1)
    out["kept_words_before_share"] = (words[here] - words[low]) / np.maximum(words[high] - words[low], 1.0)
    for name, bar in (("kept", 0.0), ("strong", 2.0)):
        out[f"from_{name}"], out[f"to_{name}"] = _distances(value > bar, low, high)
    every = sums[high] - sums[low]
    out["page_kept_share"], out["page_kept"] = every / (high - low), np.log2(1 + every)
    out["gap_in_kept"] = np.log2(1 + np.minimum(out["from_kept"] + out["to_kept"], 62))
    out["own_against_page"] = value - (total[high] - total[low]) / (high - low)
    return np.stack([out[s.name] for s in CONTEXT], axis=1)


def _sums(x: F) -> F:
    return np.concatenate(([0.0], np.cumsum(x)))


def _best(value: F, lines: Scan, low: NDArray[np.int64], high: NDArray[np.int64]) -> tuple[F, F]:
    """Highest verdict before and after each line of its page; a step per page keeps one page's from reaching the next."""
    n = len(value)
    if not n:
        return value, value
    lift = lines.page * 100.0
    upto = np.maximum.accumulate(value + lift) - lift
    down = (np.maximum.accumulate((value - lift)[::-1])[::-1]) + lift
    here = np.arange(n)
    before = np.where(here > low, np.append(-6.3, upto[:-1]), -6.3)
    after = np.where(here + 1 < high, np.append(down[1:], -6.3), -6.3)
    return before, after


def _distances(flag: NDArray[np.bool_], low: NDArray[np.int64], high: NDArray[np.int64]) -> tuple[F, F]:
    """Lines since the last and until the next flagged line of the page; 63 where there is none."""
    n = len(flag)
    here = np.arange(n)
    if not n:
        return np.zeros(0), np.zeros(0)
    last = np.append(-1, np.maximum.accumulate(np.where(flag, here, -1)))[:n]
    following = np.append(np.minimum.accumulate(np.where(flag, here, n + 99)[::-1])[::-1], n + 99)[1:]
    return np.where(last >= low, here - last, 63.0), np.where(following < high, following - here, 63.0)
