"""Measures of quotes. One row in is one row out, in order."""

from __future__ import annotations

from functools import cache

import polars as pl

from copydesk.text.quotes.words import Word, cue_languages, language_words

__all__ = ["measured_quotes"]


def measured_quotes(quotes: pl.DataFrame, paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Add chars_outside (characters of the quote behind the end of its paragraph) and speaker_is_date.

    Args:
        quotes: The part's quotes.
        paragraphs: The part's paragraphs.
    """
    lengths = paragraphs.select(
        "capture_id", pl.col("position").alias("paragraph"), pl.col("text").str.len_chars().alias("paragraph_chars")
    )
    words = pl.col("speaker").str.to_lowercase().str.extract_all(r"[\p{L}\d]+")
    of_time = words.list.eval(pl.element().is_in(list(_time_words())) | pl.element().str.contains(r"^\d+$"))
    return (
        quotes.join(lengths, on=["capture_id", "paragraph"], how="left", maintain_order="left")
        .with_columns(
            (pl.col("end_char") - pl.col("paragraph_chars").fill_null(0))
            .clip(lower_bound=0)
            .cast(pl.Int32)
            .alias("chars_outside"),
            (of_time.list.all() & (of_time.list.len() > 0)).fill_null(False).cast(pl.Int32).alias("speaker_is_date"),
        )
        .drop("paragraph_chars")
    )


@cache
def _time_words() -> frozenset[str]:
    """Return the names of days and months of all languages with cues."""
    return frozenset(
        word for code in cue_languages() for word, bits in language_words(code).table.items() if bits & Word.TIME
    )
