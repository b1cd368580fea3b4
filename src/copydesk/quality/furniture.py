"""Which short texts are furniture: asked of the phrase rules that cut plain text, so that both mean the same."""

from __future__ import annotations

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
        Label.NAV,
        Label.ADVERT,
    }
)
"""Labels that have no place in a story; a byline or a credit that was left is a smaller matter."""

_BATCH = 4000  # texts per scan: a scan's arrays should stay in the cache


def furniture_by_phrases(texts: pl.Series) -> pl.Series:
    """Say of each text whether a phrase rule names it as furniture."""
    from copydesk.text.rules import match_texts

    flags = np.zeros(texts.len(), dtype=np.bool_)
    lines = texts.to_list()
    for start in range(0, len(lines), _BATCH):
        for row, matches in enumerate(match_texts(lines[start : start + _BATCH]), start):
            flags[row] = any(match.rule.label in FURNITURE_LABELS for match in matches)
    return pl.Series("furniture", flags)
