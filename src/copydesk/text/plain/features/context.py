"""Scores around a line: log-odds of its neighbours, its run and its page.

The story's first line has boilerplate before it and story after it; with these features the scorecards for the story's
first and last line recognise that.
"""

from __future__ import annotations

import numpy as np

from copydesk.text.plain.features.bins import CONTEXT_BINS, columns
from copydesk.text.plain.features.measure_lines import Features
from copydesk.text.plain.features.windows import distances, prefix_sums, round_exact, shifted
from copydesk.text.tokens.scan import Floats, Ints, Scan
from copydesk.text.tokens.tokenise import lengths

__all__ = ["context_values"]

_NONE = -6.3
"""Value for a missing line, below all log-odds."""


_STEPS = np.array([[k] for k in (-4, -3, -2, -1, 1, 2, 3, 4)])


def context_values(verdict: Floats, lines: Scan, features: Features) -> Floats:
    """Return the values of `bins.CONTEXT_BINS` (lines, features), given each line's log-odds."""
    n = lines.lines
    here = np.arange(n)
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    value = round_exact(np.minimum(np.maximum(verdict, -6.0), 6.0))
    out: dict[str, Floats] = {"own": value}
    padded = np.full(n + 8, _NONE)
    padded[4 : n + 4] = value
    at = here + _STEPS
    verdicts = np.where((at >= low) & (at < high), padded.take(at + 4), _NONE)
    out.update(zip((f"verdict{k:+d}" for k in _STEPS.ravel().tolist()), verdicts, strict=True))
    total = prefix_sums(value)

    names = [f"verdict_near{k}" for k in (2, 5, 12, 30)]
    first, past = [here - k for k in (2, 5, 12, 30)], [here + k + 1 for k in (2, 5, 12, 30)]
    for k in (3, 8):
        names += [f"verdict_before{k}", f"verdict_after{k}"]
        first += [here - k, here + 1]
        past += [here, here + k + 1]
    a, b = np.maximum(np.array(first), low), np.minimum(np.array(past), high)
    means = np.where(b > a, (total.take(b) - total.take(a)) / np.maximum(b - a, 1), _NONE)
    out.update(zip(names, means, strict=True))
    _of_run(out, value, features.run)
    out["best_before"], out["best_after"] = _best(value, lines, low, high)
    _kept(out, value, lines, low, high)
    out["own_against_page"] = value - (total[high] - total[low]) / (high - low)
    return columns(out, CONTEXT_BINS)


def _of_run(out: dict[str, Floats], value: Floats, run: Ints) -> None:
    first = np.ones(len(run), np.bool_)
    np.not_equal(run[1:], run[:-1], out=first[1:])
    start = first.nonzero()[0]
    size = lengths(start, len(run))
    for name, add in (("run_verdict", np.add), ("run_best", np.maximum), ("run_worst", np.minimum)):
        found = add.reduceat(value, start) if len(run) else value
        out[name] = (found / size if name == "run_verdict" else found)[run]


def _kept(out: dict[str, Floats], value: Floats, lines: Scan, low: Ints, high: Ints) -> None:
    """Measure how much of the story is before and after each line, and the distance to its nearest lines."""
    here = np.arange(len(value))
    chance = round_exact(1.0 / (1.0 + np.exp(-value)))
    total, words = prefix_sums(chance), prefix_sums(round_exact(chance * lines.words))
    before, after = total[here] - total[low], total[high] - total[here + 1]
    out["kept_before"], out["kept_after"] = np.log2(1 + before), np.log2(1 + after)
    out["kept_before_share"] = before / np.maximum(before + after, 0.1)
    out["kept_words_before_share"] = (words[here] - words[low]) / np.maximum(words[high] - words[low], 1.0)
    for name, bar in (("kept", 0.0), ("strong", 2.0)):
        out[f"from_{name}"], out[f"to_{name}"] = distances(value > bar, low, high)
    every = total[high] - total[low]
    out["page_kept_share"], out["page_kept"] = every / (high - low), np.log2(1 + every)
    out["gap_in_kept"] = np.log2(1 + np.minimum(out["from_kept"] + out["to_kept"], 62))


def _best(value: Floats, lines: Scan, low: Ints, high: Ints) -> tuple[Floats, Floats]:
    """Return the highest log-odds before and after each line of its page; an offset per page separates pages."""
    n = len(value)
    if not n:
        return value, value
    lift = lines.page * 100.0
    upto = np.maximum.accumulate(value + lift) - lift
    down = np.maximum.accumulate((value - lift)[::-1])[::-1] + lift
    here = np.arange(n)
    before = np.where(here > low, shifted(upto, -1, _NONE), _NONE)
    after = np.where(here + 1 < high, shifted(down, 1, _NONE), _NONE)
    return before, after
