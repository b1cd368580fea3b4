"""Detect boilerplate in short texts, with the phrase rules that also cut plain text.

    texts --first two words begin no phrase--> no
          --else--> phrase rules: a phrase is the whole line, or begins it --> boilerplate

The first test, a vectorized prefilter, excludes two lines of prose in three.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from copydesk.records import Label

__all__ = ["BOILERPLATE_LABELS", "is_boilerplate"]

BOILERPLATE_LABELS = frozenset(
    {
        Label.RELATED,
        Label.COMMENT,
        Label.COMMENT_FORM,
        Label.COMMENT_COUNT,
        Label.SHARE,
        Label.NEWSLETTER,
        Label.SITE_NOTICE,
        Label.ADVERT,
    }
)
"""Labels that do not belong in an article. Menu words ("Services", "Language") are excluded, since articles have them
as headings and list items too; so are bylines and credits, a minor defect when left in the text."""

_WHOLE_LINE, _LINE_START = "line", "start"
_MIN_START_WORDS = 4
"""Words a phrase needs to match the start of a longer line. On 700 annotated pages shorter phrases were right for links
to other stories and newsletters ("read our", "sign up for"), wrong for notices ("do you have")."""

_LINKING_LABELS = frozenset({Label.RELATED, Label.NEWSLETTER})
_PREFIXED = re.compile(r"^\W*\w+\s*[:|]")  # "Related: ...", "WATCH | ..."

_BATCH = 4000  # texts per scan, so that its arrays fit into the CPU cache
_WORDS = r"^[^\p{L}\p{N}]*([\p{L}\p{N}]+)(?:[^\p{L}\p{N}]+([\p{L}\p{N}]+))?"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Arabic}\p{M}]"


def is_boilerplate(texts: pl.Series) -> pl.Series:
    """Return for each text whether a phrase rule marks it as boilerplate."""
    from copydesk.text.phrases.rules import match_texts

    flags = np.zeros(texts.len(), dtype=np.bool_)
    rows = _candidates(texts).arg_true().to_numpy()
    lines = texts.gather(rows).to_list()
    for start in range(0, len(lines), _BATCH):
        for row, matches in enumerate(match_texts(lines[start : start + _BATCH]), start):
            flags[rows[row]] = any(_is_decisive(m.rule.label, m.where, m.phrase, lines[row]) for m in matches)
    return pl.Series("boilerplate", flags)


def _is_decisive(label: Label, where: str, phrase: str, text: str) -> bool:
    """Return whether a match makes the line boilerplate: the phrase is the whole line, or begins it as a link.

    Phrases at the end of a line are ignored: "..., he says" ends like a comment, but belongs to a story.
    """
    if label not in BOILERPLATE_LABELS or where not in {_WHOLE_LINE, _LINE_START}:
        return False
    words = phrase.count(" ") + 1
    if where == _WHOLE_LINE or words >= _MIN_START_WORDS:
        return True
    return label in _LINKING_LABELS and (words > 1 or bool(_PREFIXED.match(text)))


def _candidates(texts: pl.Series) -> pl.Series:
    """Return for each text whether a phrase can begin with its first word or two; always true without word spaces."""
    known = list(_phrase_starts())
    text = pl.col("text")
    frame = texts.to_frame("text").with_columns(*_first_words(text), text.str.contains(_UNSPACED).alias("unspaced"))
    return frame.select(
        (pl.col("unspaced") | pl.col("pair").is_in(known) | pl.col("first").is_in(known)).alias("candidate")
    )["candidate"]


def _first_words(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the first word and the first two words, in lower case with # for numbers, as in the phrase rules."""
    lower = text.str.to_lowercase().str.replace_many(["\u0131", "i\u0307"], ["i", "i"])  # the two Turkish letters i
    words = lower.str.extract_groups(_WORDS)
    first, second = (words.struct.field(n).str.replace(r"^\p{N}+$", "#").fill_null("") for n in ("1", "2"))
    return first.alias("first"), pl.concat_str(first, second, separator=" ").str.strip_chars_end().alias("pair")


@cache
def _phrase_starts() -> frozenset[str]:
    """Return the first one or two words of every boilerplate phrase."""
    from copydesk.text.phrases.rules import load_rules

    phrases = [
        phrase.replace("#", "0")
        for rule in load_rules()
        if rule.label in BOILERPLATE_LABELS and rule.where in {_WHOLE_LINE, _LINE_START}
        for phrase in rule.phrases
    ]
    return frozenset(pl.DataFrame({"text": phrases}).select(_first_words(pl.col("text"))[1])["pair"])
