"""Measure the surroundings of each line: its run between blank lines, its neighbours, its position on the page."""

from __future__ import annotations

import numpy as np

from copydesk.text.plain.features.bins import NEAR_LINE
from copydesk.text.plain.features.windows import class_table, distances, log, prefix_sums, round_exact, share, shifted
from copydesk.text.tokens.characters import BULLET, CLOSER, ELLIPSIS, SENTENCE
from copydesk.text.tokens.scan import Flags, Floats, Ints, Scan
from copydesk.text.tokens.tokenise import lengths

__all__ = ["measure_neighbours", "measure_place", "measure_runs"]

_ENDS = class_table(SENTENCE, CLOSER, ELLIPSIS)


def measure_runs(out: dict[str, Floats], lines: Scan, long: Flags) -> Ints:
    """Measure the runs of lines between blank lines; return the number of each line's run."""
    n = lines.lines
    first = lines.gap > 0
    first[lines.page_start[:-1][lines.page_start[:-1] < n]] = True
    run = first.cumsum() - 1
    start = first.nonzero()[0]
    size = lengths(start, n)
    out["run_lines"] = log(size)[run]
    named = ("log_words", "title_share", "cohesion", "word_mean", "stop_share")
    names = (*named, "long_share", "bullets", "prose", "phrases", "sentence_tails")
    told = (long, lines.head == BULLET, out["prose"] >= 2, out["phrases"] >= 3, _ENDS[lines.tail])
    values = np.array(
        [*(out[name] for name in named), *told], np.float64
    )  # rounded by round_exact: sums are independent of order
    means = (np.add.reduceat(values, start, axis=1) / size if n else values).take(run, axis=1)
    out.update(zip((f"run_{name}" for name in names), means, strict=True))
    out["run_most_words"] = np.maximum.reduceat(out["log_words"], start)[run] if n else np.zeros(0)
    at = np.arange(n) - start[run]
    out["run_from_start"] = at.astype(np.float64)
    out["run_to_end"] = (size[run] - 1 - at).astype(np.float64)
    out["gap_before"] = lines.gap.astype(np.float64)
    out["gap_before"][lines.page_start[lines.page_start < n]] = 0.0
    out["gap_after"] = shifted(out["gap_before"], 1, 0.0)
    words = out["run_log_words"][start]
    same = lines.page[start][1:] == lines.page[start][:-1]
    before, after = np.zeros(len(start)), np.zeros(len(start))
    before[1:], after[:-1] = np.where(same, words[:-1], 0), np.where(same, words[1:], 0)
    out["run_previous_log_words"], out["run_next_log_words"] = before[run], after[run]
    return run


def measure_neighbours(out: dict[str, Floats], lines: Scan, long: Flags) -> None:
    """Measure the three lines before and after, and windows over 2, 3, 4 and 12 lines to each side."""
    n = lines.lines
    here = np.arange(n)
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    for step in (1, 2, 3):
        names = NEAR_LINE if step == 1 else ("log_words",)
        values = np.array([out[name] for name in names])
        for side, by, inside in (("previous", -step, here - step >= low), ("next", step, here + step < high)):
            prefix = f"{side}{step if step > 1 else ''}_"
            there = np.where(inside, shifted(values, by, -1.0), -1.0)
            out.update(zip((prefix + name for name in names), there, strict=True))
    prose = out["prose"] >= 2
    sources: dict[str, tuple[Floats | Flags, tuple[int, ...]]] = {
        "words": (out["log_words"], (2, 4, 12)),
        "long": (long, (2, 4, 12)),
        "prose": (prose, (2, 4, 12)),
        "word_mean": (out["word_mean"], (4, 12)),
        "stop": (out["stop_share"], (4,)),
        "cohesion": (out["cohesion"], (4,)),
        "title": (out["title_share"], (4,)),
        "phrases": (out["phrases"] >= 3, (4,)),
        "tails": (_ENDS[lines.tail], (4,)),
        "headlines": (out["headline"], (4,)),
    }
    total = prefix_sums(np.array([source for source, _ in sources.values()], np.float64))
    bounds = {k: (np.maximum(here - k, low), np.minimum(here + k + 1, high)) for k in (2, 3, 4, 12)}
    for k in (2, 4, 12):
        rows = [
            name for name, (_, sizes) in sources.items() if k in sizes
        ]  # sources with the widest windows come first
        a, b = bounds[k]
        means = (total[: len(rows)].take(b, axis=1) - total[: len(rows)].take(a, axis=1)) / (b - a)
        out.update(zip((f"{name}_near{k}" for name in rows), means, strict=True))
    a, b = bounds[3]
    one, two = prefix_sums(out["log_words"]), prefix_sums(out["log_words"] ** 2)
    mean = (one[b] - one[a]) / (b - a)
    out["unlike_near3"] = np.sqrt(np.maximum((two[b] - two[a]) / (b - a) - mean * mean, 0.0)) * 2


def measure_place(out: dict[str, Floats], lines: Scan, long: Flags, opens: Flags) -> None:
    """Measure the position of each line relative to the page's long lines, prose and headings of boxes."""
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    here = np.arange(lines.lines)
    total = prefix_sums(long)
    every = total[high] - total[low]
    before, after = total[here] - total[low], total[high] - total[here + 1]
    out["long_before"], out["long_after"] = log(before), log(after)
    out["long_before_share"] = share(before, before + after)
    out["to_previous_long"], out["to_next_long"] = distances(long, low, high)
    out["lines_before"], out["lines_after"] = log(here - low), log(high - 1 - here)
    out["page_lines"], out["page_long"], out["page_long_share"] = log(high - low), log(every), every / (high - low)
    words = prefix_sums(round_exact(lines.words))
    out["words_before_share"] = share(words[here] - words[low], words[high] - words[low])
    out["page_words"] = log(words[high] - words[low])
    _first_and_last(out, lines, long, every)
    _prose(out, low, high)
    for name, source in (("indent", lines.indent.astype(np.float64)), ("gap", out["gap_before"])):
        of_long = prefix_sums(np.where(long, source, 0))
        usual = (of_long[high] - of_long[low]) / np.maximum(every, 1)
        out[f"{name}_against_long"] = np.where(every > 0, source - usual, 0.0)
    _since_heading(out, opens, total, low)


def _first_and_last(out: dict[str, Floats], lines: Scan, long: Flags, every: Floats) -> None:
    n, pages = lines.lines, len(lines.page_start) - 1
    here = np.arange(n)
    first, last = np.full(pages, n), np.full(pages, -1)
    np.minimum.at(first, lines.page[long], here[long])
    np.maximum.at(last, lines.page[long], here[long])
    out["from_first_long"] = np.where(every > 0, here - first[lines.page], -33.0)
    out["to_last_long"] = np.where(every > 0, last[lines.page] - here, -33.0)


def _prose(out: dict[str, Floats], low: Ints, high: Ints) -> None:
    prose = out["prose"] >= 2
    back, ahead = distances(prose, low, high)
    out["to_previous_prose"], out["to_next_prose"] = back, ahead
    out["beside_prose"], out["between_prose"] = np.minimum(back, ahead), np.maximum(back, ahead)
    total = prefix_sums(prose)
    every = total[high] - total[low]
    out["prose_before_share"] = share(total[:-1] - total[low], every)
    out["page_prose"] = log(every)


def _since_heading(out: dict[str, Floats], opens: Flags, long: Floats, low: Ints) -> None:
    """Measure lines and long lines since the last heading of a box; `long` holds prefix sums."""
    n = len(opens)
    here = np.arange(n)
    headings = prefix_sums(opens)
    heading = np.maximum.accumulate(np.where(opens, here, -1)) if n else here
    has = heading >= low
    out["since_heading"] = np.where(has, log(np.maximum(here - heading, 0)) + 0.2, 0.0)
    out["long_since_heading"] = np.where(has, log(long[here] - long[np.maximum(heading, 0)]) + 0.2, 0.0)
    out["headings_before"] = log(headings[here] - headings[low])
