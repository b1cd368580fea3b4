"""The features of a line by group, and the bins of each feature.

    line     length, script, case, punctuation, stop words, cohesion with the rest of the page
    words    learned points of words, word pairs and whole lines
    phrases  where in the line a phrase of each group was found
    run      means over the run of lines between blank lines
    near     neighbouring lines, and windows around the line
    place    position on the page: among long lines, after the last heading of a box

Each value is assigned to one of 64 bins; trees and the network read bins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from copydesk.records import Label
from copydesk.text.tokens.scan import Codes, Floats

__all__ = [
    "BIN_COUNT",
    "FEATURE_GROUPS",
    "GROUPS",
    "LINE_BINS",
    "NEAR",
    "NEAR_LINE",
    "PHRASES",
    "PLACE",
    "RUN",
    "WORDS",
    "WORD_COLUMNS",
    "Bins",
    "bin_values",
    "columns",
]  # fmt: skip

BIN_COUNT = 64

_BATCH_ROWS = 1024
"""Rows binned at once: more exceed the cache, and a copy of 200,000 lines takes 200 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """The bins of a feature: `clip(round((value - low) / width), 0, 63)`."""

    name: str
    low: float
    width: float


_LOG, _SHARE, _ONE, _WORD = (0.0, 0.2), (-0.04, 0.04), (0.0, 1.0), (-4.0, 0.125)

LINE = {
    "log_words": _LOG, "log_chars": _LOG, "title_share": _SHARE, "capital_letters": _SHARE, "digit_share": _SHARE,
    "symbol_share": _SHARE, "tail": _ONE, "head": _ONE, "commas": _ONE, "sentence_marks": _ONE, "separators": _ONE,
    "stop_share": _SHARE, "indent": _ONE, "signs": _ONE, "quotes": _ONE, "prose": _ONE, "headline": _ONE,
    "word_length": (0.0, 0.25), "repeats": _ONE, "cohesion": _SHARE, "content_words": _ONE, "numbers": _ONE,
    "number_share": _SHARE,
}  # fmt: skip
WORDS = {
    "word_sum": (-16.0, 0.5), "word_mean": _WORD, "word_low": (-5.0, 0.125), "word_high": (-3.0, 0.125),
    "pair": (-5.0, 0.25), "whole_line": (-5.0, 0.25), "known_share": _SHARE,
}  # fmt: skip

GROUPS: tuple[tuple[str, tuple[Label, ...]], ...] = (
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
"""Feature name -> labels of the phrase rules that it covers."""

PHRASES = {f"phrase_{name}": _ONE for name, _ in GROUPS} | {"phrases": _ONE}
RUN = {
    "run_lines": _LOG, "run_log_words": _LOG, "run_title_share": _SHARE, "run_long_share": _SHARE,
    "run_cohesion": _SHARE, "run_bullets": _SHARE, "run_word_mean": _WORD, "run_stop_share": _SHARE,
    "run_from_start": _ONE, "run_to_end": _ONE, "run_phrases": _SHARE, "run_prose": _SHARE,
    "run_sentence_tails": _SHARE, "run_most_words": _LOG, "gap_before": _ONE, "gap_after": _ONE,
}  # fmt: skip

NEAR_LINE = ("log_words", "title_share", "tail", "head", "stop_share", "word_mean", "phrases", "cohesion", "prose")
"""Features of the previous and the next line that are features of the line, too."""

NEAR = (
    {f"{side}_{name}": LINE.get(name) or WORDS.get(name) or _ONE for side in ("previous", "next") for name in NEAR_LINE}
    | {f"{side}_log_words": _LOG for side in ("previous2", "next2", "previous3", "next3")}
    | dict.fromkeys(("words_near2", "words_near4", "words_near12"), _LOG)
    | dict.fromkeys(("word_mean_near4", "word_mean_near12"), _WORD)
    | dict.fromkeys(("long_near2", "long_near4", "long_near12", "stop_near4", "cohesion_near4", "title_near4"), _SHARE)
    | dict.fromkeys(("phrases_near4", "tails_near4", "prose_near2", "prose_near4", "prose_near12"), _SHARE)
    | {"headlines_near4": _SHARE, "unlike_near3": _LOG, "run_previous_log_words": _LOG, "run_next_log_words": _LOG}
)
PLACE = {
    "long_before": _LOG, "long_after": _LOG, "long_before_share": _SHARE, "to_previous_long": _ONE,
    "to_next_long": _ONE, "from_first_long": (-32.0, 1.0), "to_last_long": (-32.0, 1.0), "lines_before": _LOG,
    "lines_after": _LOG, "words_before_share": _SHARE, "since_heading": _LOG, "long_since_heading": _LOG,
    "headings_before": _LOG, "page_lines": _LOG, "page_long": _LOG, "page_long_share": _SHARE,
    "page_words": (0.0, 0.25), "same_as_early": _ONE, "prose_before_share": _SHARE, "to_previous_prose": _ONE,
    "to_next_prose": _ONE, "beside_prose": _ONE, "between_prose": _ONE, "indent_against_long": (-20.0, 1.0),
    "gap_against_long": (-8.0, 0.5), "page_prose": _LOG,
}  # fmt: skip


def _bins(*groups: dict[str, tuple[float, float]]) -> tuple[Bins, ...]:
    return tuple(Bins(name=name, low=low, width=width) for group in groups for name, (low, width) in group.items())


LINE_BINS = _bins(LINE, WORDS, PHRASES, RUN, NEAR, PLACE)
"""The features of the tree ensembles, in the order of the columns."""

WORD_COLUMNS = tuple(k for k, bins in enumerate(LINE_BINS) if bins.name in WORDS or "word_mean" in bins.name)
"""Columns of learned words, which languages without a word table lack."""

FEATURE_GROUPS = {
    name: [k for k, bins in enumerate(LINE_BINS) if bins.name in group]
    for name, group in (
        ("line", LINE), ("words", WORDS), ("phrases", PHRASES), ("run", RUN), ("near", NEAR), ("place", PLACE),
    )
}  # fmt: skip
"""The columns of each group."""


def columns(values: Mapping[str, Floats], features: Sequence[Bins]) -> Floats:
    """Return values given by name as an array (lines, features), each column contiguous."""
    return np.array([values[feature.name] for feature in features]).T


def bin_values(values: Floats, features: Sequence[Bins]) -> Codes:
    """Return the bin of each value, uint8 (lines, features)."""
    lows, widths = _bounds() if features is LINE_BINS else _bounds_of(features)
    found: Codes = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _BATCH_ROWS):
        some = values[start : start + _BATCH_ROWS] - lows
        some /= widths
        np.rint(some, out=some)
        np.maximum(some, 0.0, out=some)
        found[start : start + _BATCH_ROWS] = np.minimum(some, BIN_COUNT - 1.0, out=some)
    return found


def _bounds_of(features: Sequence[Bins]) -> tuple[Floats, Floats]:
    return np.array([s.low for s in features]), np.array([s.width for s in features])


@cache
def _bounds() -> tuple[Floats, Floats]:
    return _bounds_of(LINE_BINS)
