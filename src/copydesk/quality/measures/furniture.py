"""Which short texts are furniture: asked of the phrase rules that cut plain text, so that both mean the same.

    texts --first two words open no phrase--> no
          --else--> phrase rules: a phrase is the whole line, or starts a short one --> furniture

Two prose lines in three fall at the first question, which polars asks of a column at once.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from copydesk.records import Label

__all__ = ["FURNITURE_LABELS", "furniture_by_phrases"]

FURNITURE_LABELS = frozenset(
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
"""Labels that have no place in a story. Menu words ("Services", "Language") are headings and list items of stories too,
and a byline or a credit that was left is a smaller matter."""

_ALONE, _FIRST = "line", "start"
_WORDS_TO_OPEN = 4
"""Words of a phrase that may open a longer line. On the text of 700 annotated pages shorter openings were
right when they name other stories or a newsletter ("read our", "sign up for"), wrong for notices ("do you have")."""

_POINTING = frozenset({Label.RELATED, Label.NEWSLETTER})
_ANNOUNCED = re.compile(r"^\W*\w+\s*[:|]")  # "Related: ...", "WATCH | ..."

_BATCH = 4000  # texts per scan: a scan's arrays should stay in the cache
_WORDS = r"^[^\p{L}\p{N}]*([\p{L}\p{N}]+)(?:[^\p{L}\p{N}]+([\p{L}\p{N}]+))?"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Arabic}\p{M}]"


def furniture_by_phrases(texts: pl.Series) -> pl.Series:
    """Say of each text whether a phrase rule names it as furniture."""
    from copydesk.text.phrases.rules import match_texts

    flags = np.zeros(texts.len(), dtype=np.bool_)
    rows = _candidates(texts).arg_true().to_numpy()
    lines = texts.gather(rows).to_list()
    for start in range(0, len(lines), _BATCH):
        for row, matches in enumerate(match_texts(lines[start : start + _BATCH]), start):
            flags[rows[row]] = any(_is_firm(m.rule.label, m.where, m.phrase, lines[row]) for m in matches)
    return pl.Series("furniture", flags)


def _is_firm(label: Label, where: str, phrase: str, text: str) -> bool:
    """Say whether a match makes the line furniture: a phrase is all of it, or opens it and points elsewhere.

    "..., he says" ends in a phrase of comment threads, and is a story's: ends count for nothing here.
    """
    if label not in FURNITURE_LABELS or where not in {_ALONE, _FIRST}:
        return False
    words = phrase.count(" ") + 1
    if where == _ALONE or words >= _WORDS_TO_OPEN:
        return True
    return label in _POINTING and (words > 1 or bool(_ANNOUNCED.match(text)))


def _candidates(texts: pl.Series) -> pl.Series:
    """Say of each text whether a phrase can start with its first word or words; scripts without spaces always may."""
    known = list(_phrase_openings())
    text = pl.col("text")
    frame = texts.to_frame("text").with_columns(*_openings(text), text.str.contains(_UNSPACED).alias("unspaced"))
    return frame.select(
        (pl.col("unspaced") | pl.col("pair").is_in(known) | pl.col("first").is_in(known)).alias("candidate")
    )["candidate"]


def _openings(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the first word and the first two, in lower case with # for numbers, as phrases are written."""
    lower = text.str.to_lowercase().str.replace_many(["\u0131", "i\u0307"], ["i", "i"])  # the two Turkish letters i
    words = lower.str.extract_groups(_WORDS)
    first, second = (words.struct.field(n).str.replace(r"^\p{N}+$", "#").fill_null("") for n in ("1", "2"))
    return first.alias("first"), pl.concat_str(first, second, separator=" ").str.strip_chars_end().alias("pair")


@cache
def _phrase_openings() -> frozenset[str]:
    """Return what a line can open with that a firm furniture phrase matches: one word, or two."""
    from copydesk.text.phrases.rules import load_rules

    phrases = [
        phrase.replace("#", "0")
        for rule in load_rules()
        if rule.label in FURNITURE_LABELS and rule.where in {_ALONE, _FIRST}
        for phrase in rule.phrases
    ]
    return frozenset(pl.DataFrame({"text": phrases}).select(_openings(pl.col("text"))[1])["pair"])
