"""What is measured of every line: a table of named scales, and the arrays that fill it.

    line      its length, script, case, punctuation, stop words, cohesion with the rest of the page
    words     what words, word pairs and whole lines were worth on other pages (learned), and which phrase rules they meet
    run       the same over the lines that stand together between blank lines
    near      the neighbours, and windows over them
    place     where the line stands among the page's long lines and after its last heading of a box

Each value becomes one of at most 64 steps of its scale, so that a scorecard is a table of points per step that a person can read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.records import Label
from copydesk.text.characters import BULLET, CLOSER, COLON, COMMA, ELLIPSIS, LOWER, SENTENCE
from copydesk.text.scan import LONG_WORDS, Scan
from copydesk.text.plain.words import WordScores
from copydesk.text.rules import Hits, PhraseTable

__all__ = ["NEAR", "PHRASES", "PLACE", "RUN", "SCALES", "STEPS", "Features", "Scale", "WORDS", "exact", "measure"]

STEPS = 64
F = NDArray[np.float64]
I = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a measured value becomes a step: `clip(round((value - low) / width), 0, 63)`."""

    name: str
    low: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The values of a batch: a row per line, a column per scale, and what later stages use again."""

    values: F
    long: NDArray[np.bool_]
    run: I
    opens: NDArray[np.bool_]


_LOG, _SHARE, _ONE, _HALF = (0.0, 0.2), (-0.04, 0.04), (0.0, 1.0), (-8.0, 0.25)
LINE = {
    "log_words": _LOG, "log_chars": _LOG, "title_share": _SHARE, "capital_letters": _SHARE, "digit_share": _SHARE, "symbol_share": _SHARE,
    "tail": _ONE, "head": _ONE, "commas": _ONE, "sentence_marks": _ONE, "separators": _ONE, "stop_share": _SHARE, "indent": _ONE,
    "word_length": (0.0, 0.25), "repeats": _ONE, "cohesion": _SHARE, "content_words": _ONE, "numbers": _ONE, "number_share": _SHARE,
}  # fmt: skip
WORDS = {
    "word_sum": (-16.0, 0.5), "word_mean": (-4.0, 0.125), "word_low": (-5.0, 0.125), "word_high": (-3.0, 0.125), "pair": (-5.0, 0.25),
    "whole_line": (-5.0, 0.25), "known_share": _SHARE,
}  # fmt: skip
_GROUPS: tuple[tuple[str, tuple[Label, ...]], ...] = (
    ("comment", (Label.COMMENT, Label.COMMENT_FORM, Label.COMMENT_COUNT)),
    ("share", (Label.SHARE,)),
    ("related", (Label.RELATED,)),
    ("newsletter", (Label.NEWSLETTER,)),
    ("site_notice", (Label.SITE_NOTICE,)),
    ("nav", (Label.NAV, Label.SECTION, Label.BREADCRUMB)),
    ("advert", (Label.ADVERT,)),
    ("byline", (Label.BYLINE,)),
    ("date", (Label.DATE,)),
    ("credit", (Label.SOURCE_CREDIT,)),
    ("caption", (Label.CAPTION,)),
)
PHRASES = {f"phrase_{name}": _ONE for name, _ in _GROUPS} | {"phrases": _ONE}
RUN = {
    "run_lines": _LOG, "run_log_words": _LOG, "run_title_share": _SHARE, "run_long_share": _SHARE, "run_cohesion": _SHARE,
    "run_bullets": _SHARE, "run_word_mean": (-4.0, 0.125), "run_stop_share": _SHARE, "run_from_start": _ONE, "run_to_end": _ONE,
    "run_phrases": _SHARE, "run_sentence_tails": _SHARE, "run_most_words": _LOG, "gap_before": _ONE, "gap_after": _ONE,
}  # fmt: skip
_NEAR_LINE = ("log_words", "title_share", "tail", "head", "stop_share", "word_mean", "phrases", "cohesion")
NEAR = (
    {f"{side}_{name}": LINE.get(name) or WORDS.get(name) or _ONE for side in ("previous", "next") for name in _NEAR_LINE}
    | {f"{side}_log_words": _LOG for side in ("previous2", "next2", "previous3", "next3")}
    | {"words_near2": _LOG, "words_near4": _LOG, "words_near12": _LOG, "word_mean_near4": (-4.0, 0.125), "word_mean_near12": (-4.0, 0.125),
       "long_near2": _SHARE, "long_near4": _SHARE, "long_near12": _SHARE, "stop_near4": _SHARE, "cohesion_near4": _SHARE, "title_near4": _SHARE,
       "phrases_near4": _SHARE, "tails_near4": _SHARE, "run_previous_log_words": _LOG, "run_next_log_words": _LOG}
)  # fmt: skip
PLACE = {
    "long_before": _LOG, "long_after": _LOG, "long_before_share": _SHARE, "to_previous_long": _ONE, "to_next_long": _ONE,
    "from_first_long": (-32.0, 1.0), "to_last_long": (-32.0, 1.0), "lines_before": _LOG, "lines_after": _LOG, "words_before_share": _SHARE,
    "since_heading": _LOG, "long_since_heading": _LOG, "headings_before": _LOG, "page_lines": _LOG, "page_long": _LOG, "page_long_share": _SHARE,
    "page_words": (0.0, 0.25), "same_as_early": _ONE,
}  # fmt: skip

SCALES: tuple[Scale, ...] = tuple(
    Scale(name=name, low=low, width=width)
    for group in (LINE, WORDS, PHRASES, RUN, NEAR, PLACE)
    for name, (low, width) in group.items()
)


def measure(lines: Scan, stop: NDArray[np.bool_], hits: Hits, table: PhraseTable, words: WordScores) -> Features:
    """Return all values of all lines.

    Args:
        stop: Whether each token is a stop word in its page's language; all False where the language is not known.
        words: Learned weights of the lines' words.
    """
    out: dict[str, F] = {}
    _lines(out, lines, stop)
    long = (lines.words >= LONG_WORDS) | ((lines.words >= 10) & np.isin(lines.tail, (SENTENCE, CLOSER)))
    out["cohesion"] = _cohesion(lines, stop, long)
    _learned(out, lines, words)
    opens = _phrases(out, lines, hits, table)
    for name in ("log_words", "title_share", "stop_share", "cohesion", "word_mean"):
        out[name] = exact(out[name])
    run = _runs(out, lines, long)
    _near(out, lines, long, run)
    _place(out, lines, long, opens)
    return Features(values=np.stack([out[s.name] for s in SCALES], axis=1), long=long, run=run, opens=opens)


def _log(x: NDArray[np.float64] | I) -> F:
    return np.log2(1.0 + x)


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> F:
    """part / whole, and -1 (the scale's lowest step: not known) where there is no whole."""
    return np.where(whole > 0, part / np.maximum(whole, 1e-9), -1.0)


def exact(x: F) -> F:
    """Round to 1/1024: sums of such numbers are exact in any order, so no page's result depends on its neighbours in the batch."""
    return np.rint(x * 1024.0) / 1024.0


def _per_line(lines: Scan, weights: F | NDArray[np.bool_]) -> F:
    return np.bincount(lines.line_of, weights=weights, minlength=lines.lines)


def _lines(out: dict[str, F], lines: Scan, stop: NDArray[np.bool_]) -> None:
    count = np.maximum(lines.count, 1)
    out["log_words"], out["log_chars"] = _log(lines.words), _log(lines.chars) * 0.8
    cased = _per_line(lines, lines.cased_token)
    out["title_share"] = _share(_per_line(lines, lines.capital), cased)
    out["capital_letters"] = _share(lines.upper, lines.cased)
    out["digit_share"], out["symbol_share"] = lines.digits / lines.chars, lines.symbols / lines.chars
    out["tail"], out["head"] = lines.tail.astype(float), lines.head.astype(float)
    out["commas"], out["sentence_marks"], out["separators"] = (
        x.astype(float) for x in (lines.commas, lines.stops, lines.separators)
    )
    known = _page_any(lines, _per_line(lines, stop) > 0)
    out["stop_share"] = np.where(known, _per_line(lines, stop) / count, -1.0)
    out["indent"] = lines.indent.astype(float)
    out["word_length"] = lines.letters / np.maximum(lines.words, 0.6)
    whole = lines.stretch(lines.first, lines.count) ^ (lines.page.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, inverse, times = np.unique(whole, return_inverse=True, return_counts=True)
    out["repeats"] = np.where(lines.count > 0, times[inverse] - 1.0, 0.0)
    seen = np.full(len(times), lines.lines, np.int64)
    np.minimum.at(seen, inverse, np.arange(lines.lines))
    out["same_as_early"] = ((seen[inverse] < np.arange(lines.lines)) & (lines.count > 0)) * 1.0
    out["content_words"] = _per_line(lines, ~stop & (lines.size >= 4))
    out["numbers"] = _per_line(lines, lines.number)
    out["number_share"] = out["numbers"] / count


def _page_any(lines: Scan, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return (np.bincount(lines.page, weights=flag, minlength=len(lines.page_start) - 1) > 0)[lines.page]


def _cohesion(lines: Scan, stop: NDArray[np.bool_], long: NDArray[np.bool_]) -> F:
    """Share of a line's content words (pairs of characters for wide scripts) that stand in other long lines of the page."""
    wide_pair = (
        lines.wide[:-1] & lines.wide[1:] & (lines.line_of[:-1] == lines.line_of[1:])
        if len(lines.tokens) > 1
        else np.zeros(0, bool)
    )
    content = (lines.size >= 4) & ~stop & ~lines.number
    content[:-1] |= wide_pair
    at = np.flatnonzero(content)
    line = lines.line_of[at]
    token = lines.tokens[at]
    pair = lines.wide[at]
    token = np.where(pair, token * np.uint64(31) + lines.tokens[np.minimum(at + 1, len(lines.tokens) - 1)], token)
    key = token ^ (lines.page[line].astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    order = np.argsort(key, kind="stable")
    key, line = key[order], line[order]
    if not len(key):
        return np.full(lines.lines, -1.0)
    new_key = np.empty(len(key), np.bool_)
    new_key[0], new_key[1:] = True, key[1:] != key[:-1]
    new_pair = new_key.copy()
    new_pair[1:] |= line[1:] != line[:-1]
    group = np.cumsum(new_key) - 1
    in_long = np.bincount(group, weights=new_pair & long[line])
    elsewhere = in_long[group] - long[line] > 0
    return _share(np.bincount(line, weights=elsewhere, minlength=lines.lines), np.bincount(line, minlength=lines.lines))


def _learned(out: dict[str, F], lines: Scan, words: WordScores) -> None:
    known = np.maximum(words.known, 1.0)
    out["word_sum"], out["word_mean"] = words.total, words.total / known
    out["word_low"], out["word_high"] = words.low, words.high
    out["pair"], out["whole_line"] = words.pair, words.whole
    out["known_share"] = words.known / np.maximum(lines.count, 1)


def _phrases(out: dict[str, F], lines: Scan, hits: Hits, table: PhraseTable) -> NDArray[np.bool_]:
    """Strongest place per group of labels (0 none, 1 any, 2 end, 3 start, 4 line); returns which lines head a box."""
    where = table.where[hits.phrase]
    label = table.label[hits.phrase]
    strongest = np.zeros((len(Label), lines.lines), np.int64)
    np.maximum.at(strongest, (label, hits.line), where)
    number = {one: k for k, one in enumerate(Label)}
    every = np.zeros(lines.lines)
    for name, labels in _GROUPS:
        best = strongest[[number[one] for one in labels]].max(axis=0)
        out[f"phrase_{name}"] = best.astype(float)
        if name not in ("date", "caption", "byline"):
            every = np.maximum(every, best)
    out["phrases"] = every
    opens = np.zeros(lines.lines, np.bool_)
    opens[hits.line[table.opens[hits.phrase]]] = True
    return opens


def _runs(out: dict[str, F], lines: Scan, long: NDArray[np.bool_]) -> I:
    """Lines between blank lines; returns each line's run."""
    n = lines.lines
    first = np.zeros(n, np.bool_)
    first[lines.page_start[:-1][lines.page_start[:-1] < n]] = True
    first |= lines.gap > 0
    run = np.cumsum(first) - 1
    start = np.flatnonzero(first)
    size = np.diff(start, append=n)

    def mean(x: F | NDArray[np.bool_]) -> F:
        return (np.bincount(run, weights=x) / size)[run]

    out["run_lines"] = _log(size)[run]
    for name, source in (("run_log_words", "log_words"), ("run_title_share", "title_share"), ("run_cohesion", "cohesion"),
                         ("run_word_mean", "word_mean"), ("run_stop_share", "stop_share")):  # fmt: skip
        out[name] = mean(out[source])
    out["run_long_share"], out["run_bullets"] = mean(long), mean(lines.head == BULLET)
    out["run_phrases"] = mean(out["phrases"] >= 3)
    out["run_sentence_tails"] = mean(np.isin(lines.tail, (SENTENCE, CLOSER, ELLIPSIS)))
    out["run_most_words"] = np.maximum.reduceat(out["log_words"], start)[run] if n else np.zeros(0)
    at = np.arange(n) - start[run]
    out["run_from_start"], out["run_to_end"] = at.astype(float), (size[run] - 1 - at).astype(float)
    gap = np.where(np.isin(np.arange(n), lines.page_start), 0, lines.gap)
    out["gap_before"] = gap.astype(float)
    out["gap_after"] = np.append(gap[1:], 0).astype(float)
    page_of_run = lines.page[start]
    words = out["run_log_words"][start]
    same = page_of_run[1:] == page_of_run[:-1] if len(start) else np.zeros(0, bool)
    before, after = np.zeros(len(start)), np.zeros(len(start))
    before[1:], after[:-1] = np.where(same, words[:-1], 0), np.where(same, words[1:], 0)
    out["run_previous_log_words"], out["run_next_log_words"] = before[run], after[run]
    return run


def _near(out: dict[str, F], lines: Scan, long: NDArray[np.bool_], run: I) -> None:
    n = lines.lines
    here = np.arange(n)
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    for side, step, names in (("previous", -1, _NEAR_LINE), ("next", 1, _NEAR_LINE), ("previous2", -2, ("log_words",)), ("next2", 2, ("log_words",)),
                              ("previous3", -3, ("log_words",)), ("next3", 3, ("log_words",))):  # fmt: skip
        at = here + step
        inside = (at >= low) & (at < high)
        at = np.clip(at, 0, max(n - 1, 0))
        for name in names:
            out[f"{side}_{name}"] = np.where(inside, out[name][at], -1.0)
    tails = np.isin(lines.tail, (SENTENCE, CLOSER, ELLIPSIS))
    windows = (
        ("words_near2", out["log_words"], 2), ("words_near4", out["log_words"], 4), ("words_near12", out["log_words"], 12),
        ("word_mean_near4", out["word_mean"], 4), ("word_mean_near12", out["word_mean"], 12), ("long_near2", long, 2), ("long_near4", long, 4),
        ("long_near12", long, 12), ("stop_near4", out["stop_share"], 4), ("cohesion_near4", out["cohesion"], 4), ("title_near4", out["title_share"], 4),
        ("phrases_near4", out["phrases"] >= 3, 4), ("tails_near4", tails, 4),
    )  # fmt: skip
    bounds = {k: (np.maximum(here - k, low), np.minimum(here + k + 1, high)) for k in (2, 4, 12)}
    for name, source, k in windows:
        total = np.concatenate(([0.0], np.cumsum(source, dtype=float)))
        a, b = bounds[k]
        out[name] = (total[b] - total[a]) / (b - a)


def _place(out: dict[str, F], lines: Scan, long: NDArray[np.bool_], opens: NDArray[np.bool_]) -> None:
    n = lines.lines
    here = np.arange(n)
    low, high = lines.page_start[:-1][lines.page], lines.page_start[1:][lines.page]
    total = np.concatenate(([0], np.cumsum(long)))
    before, after = total[here] - total[low], total[high] - total[here + 1]
    every = total[high] - total[low]
    out["long_before"], out["long_after"] = _log(before), _log(after)
    out["long_before_share"] = _share(before, before + after)
    last = np.maximum.accumulate(np.where(long, here, -1)) if n else here
    last = np.append(-1, last)[:n]
    out["to_previous_long"] = np.where(last >= low, here - last, 63.0)
    following = np.minimum.accumulate(np.where(long, here, n + 99)[::-1])[::-1] if n else here
    following = np.append(following, n + 99)[1:]
    out["to_next_long"] = np.where(following < high, following - here, 63.0)
    pages = len(lines.page_start) - 1
    first_long, last_long = np.full(pages, n), np.full(pages, -1)
    np.minimum.at(first_long, lines.page[long], here[long])
    np.maximum.at(last_long, lines.page[long], here[long])
    out["from_first_long"] = np.where(every > 0, here - first_long[lines.page], -33.0)
    out["to_last_long"] = np.where(every > 0, last_long[lines.page] - here, -33.0)
    out["lines_before"], out["lines_after"] = _log(here - low), _log(high - 1 - here)
    words = np.concatenate(([0.0], np.cumsum(exact(lines.words))))
    out["words_before_share"] = _share(words[here] - words[low], words[high] - words[low])
    headings = np.concatenate(([0], np.cumsum(opens)))
    heading = np.maximum.accumulate(np.where(opens, here, -1)) if n else here
    has = heading >= low
    out["since_heading"] = np.where(has, _log(np.maximum(here - heading, 0)) + 0.2, 0.0)
    out["long_since_heading"] = np.where(has, _log(total[here] - total[np.maximum(heading, 0)]) + 0.2, 0.0)
    out["headings_before"] = _log(headings[here] - headings[low])
    out["page_lines"], out["page_long"] = _log(high - low), _log(every)
    out["page_long_share"] = every / (high - low)
    out["page_words"] = _log(words[high] - words[low])
