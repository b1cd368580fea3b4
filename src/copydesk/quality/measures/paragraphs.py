"""Measures of paragraphs, as further columns of the table, and their totals per article.

    paragraphs --+--> per paragraph: length, defects, boilerplate      (rules of table `paragraphs`)
                 +--> per article: shares, repetitions, first and last (joined by `articles.measured_articles`)

One row in is one row out, in the same order, so that a failing row is found by its index.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from copydesk.quality.measures.defects import defect_counts
from copydesk.records import ParagraphKind

__all__ = ["BoilerplateTest", "measured_paragraphs", "paragraph_totals"]

BoilerplateTest = Callable[[pl.Series], pl.Series]
"""Given distinct short texts, tells of each whether it is boilerplate."""

_MIN_REPEAT_CHARS = 60  # shorter lines recur in verse, lists, interviews and scores
_MAX_BOILERPLATE_CHARS = 120  # boilerplate phrases match short lines
_KINDS = [kind.value for kind in ParagraphKind]


def measured_paragraphs(paragraphs: pl.DataFrame, boilerplate: BoilerplateTest) -> pl.DataFrame:
    """Add to each paragraph: text_chars, text_hash, kind_unknown, is_boilerplate, and `defects.DEFECTS`.

    Code paragraphs have no markup and no script by definition.
    """
    prose = pl.col("kind") != ParagraphKind.CODE.value
    measured = paragraphs.with_columns(
        pl.col("text").str.len_chars().cast(pl.Int32).fill_null(0).alias("text_chars"),
        (~pl.col("kind").is_in(_KINDS)).fill_null(True).cast(pl.Int32).alias("kind_unknown"),
        pl.col("text").hash().alias("text_hash"),
    )
    counts = defect_counts(paragraphs["text"])
    measured = measured.hstack(counts).with_columns(
        (pl.col("markup") * prose).alias("markup"), (pl.col("script") * prose).alias("script")
    )
    return measured.with_columns(_flag_boilerplate(measured, boilerplate))


def _flag_boilerplate(paragraphs: pl.DataFrame, boilerplate: BoilerplateTest) -> pl.Series:
    """Test each distinct short text once, since boilerplate recurs."""
    short = paragraphs.with_row_index("row").filter(pl.col("text_chars").is_between(1, _MAX_BOILERPLATE_CHARS))
    distinct = short["text"].unique(maintain_order=True)
    flagged = distinct.filter(boilerplate(distinct))
    rows = short.filter(pl.col("text").is_in(flagged.implode()))["row"]
    return pl.zeros(paragraphs.height, dtype=pl.Int32, eager=True).scatter(rows, 1).alias("is_boilerplate")


def paragraph_totals(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Return one row per capture with the totals of its measured paragraphs.

    Columns: text_sum, text_count, order_gap, boilerplate_chars, code_chars, garbled, body_hash, first_text, last_text,
    repeated_paragraphs, repeated_chars, repeated_text.
    """
    chars = pl.col("text_chars")
    joined = chars * (pl.col("kind") != ParagraphKind.CODE.value)
    totals = paragraphs.group_by("capture_id").agg(
        chars.sum().alias("text_sum"),
        pl.len().cast(pl.Int32).alias("text_count"),
        (pl.col("position").max() - pl.len().cast(pl.Int32)).abs().alias("order_gap"),
        (chars * pl.col("is_boilerplate")).sum().alias("boilerplate_chars"),
        (joined * ((pl.col("markup") + pl.col("script")) > 0)).sum().alias("code_chars"),
        (2 * pl.col("mojibake") + pl.col("replacements") + pl.col("controls")).sum().alias("garbled"),
        (pl.col("text_hash") * pl.col("position").cast(pl.UInt64)).sum().alias("body_hash"),
        pl.col("text").first().alias("first_text"),
        pl.col("text").last().alias("last_text"),
    )
    return totals.join(_repeated_paragraphs(paragraphs), on="capture_id", how="left").with_columns(
        pl.col("repeated_paragraphs", "repeated_chars").fill_null(0)
    )


def _repeated_paragraphs(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Return per capture with repeated long paragraphs: their number, their characters, and the first such text."""
    rows = paragraphs.select(
        (pl.col("capture_id").hash(1) ^ pl.col("text_hash")).alias("pair"),
        (pl.col("text_chars") >= _MIN_REPEAT_CHARS).alias("long"),
    ).with_row_index("row")
    long = rows.filter("long")
    again = long.filter(pl.col("pair").is_duplicated() & ~pl.col("pair").is_first_distinct())["row"]
    return (
        paragraphs[again]
        .group_by("capture_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int32).alias("repeated_paragraphs"),
            pl.col("text_chars").sum().alias("repeated_chars"),
            pl.col("text").first().alias("repeated_text"),
        )
    )
