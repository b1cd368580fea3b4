"""Measures of whole articles: totals over their paragraphs, and the consistency of their fields.

Shares are of characters, 0 to 1. A measure that does not apply is null; null breaks no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from re import escape
from typing import Any

import polars as pl

from copydesk.quality.measures.defects import defect_counts
from copydesk.quality.measures.paragraphs import paragraph_totals
from copydesk.quality.measures.word_lists import truncation_endings
from copydesk.settings import Source

__all__ = ["FIRST_NEWSPAPER", "measured_articles"]

FIRST_NEWSPAPER = date(1605, 1, 1)  # Relation, Strasbourg: no newspaper is older

_REQUIRED = (
    *("capture_id", "article_id", "revision_id", "source", "uri", "publisher", "language", "extractor", "charset"),
    *("confidence", "truncated", "body_chars", "body_words", "paragraph_count", "block_count", "cut_count"),
    *("page_chars", "text_sha256", "captured_at", "code_version", "rules_version"),
)
_KEYS = ("capture_id", "article_id", "revision_id")
_COUNTED_CHARS = 400  # a longer body is above every threshold: its letters need not be counted
_LANGUAGE_LETTERS = 200
_LAST_CHARS = 100
_TITLE_TOLERANCE = 12  # characters of white space, quotes and full stops that normalization may remove from a title
_LETTER = r"\p{L}"
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
_ELLIPSIS = r"(?:…|\.{3}|\[\.{3}\]|\[…\]|\(…\)|\(\.{3}\))[\"'”’»]?\s*$"


def measured_articles(
    tables: Mapping[str, pl.DataFrame],
    paragraphs: pl.DataFrame,
    *,
    sources: Mapping[str, Source],
    history: pl.DataFrame,
    now: datetime,
) -> pl.DataFrame:
    """Return the articles with every measure used by the rules of table `articles`.

    Args:
        tables: The part's tables.
        paragraphs: Result of `measured_paragraphs`.
        sources: The declared sources by name: language, founded.
        history: The last revision of each article loaded before: article_id, revision_id, body_chars, text_sha256.
        now: The time of the check, UTC.
    """
    articles = tables["articles"]
    measured = articles.join(paragraph_totals(paragraphs), on="capture_id", how="left", maintain_order="left")
    measured = measured.with_columns(pl.col("text_sum", "text_count", "order_gap").fill_null(0))
    measured = measured.with_columns(*_consistency(), *_text(), *_language(sources), *_dates(sources, now))
    measured = _add_title_measures(measured)
    measured = _add_body_weight(measured, paragraphs)
    measured = _add_link_share(measured, tables["links"])
    measured = _add_unproven(measured, tables["evidence"])
    return _add_revision_and_duplicates(measured, history)


def _consistency() -> list[pl.Expr]:
    joints = 2 * (pl.col("text_count") - 1).clip(lower_bound=0)
    over = pl.col("body_chars") - pl.col("text_sum")
    return [
        pl.sum_horizontal(pl.col(name).is_null().cast(pl.Int32) for name in _REQUIRED).alias("missing_fields"),
        pl.sum_horizontal((pl.col(name).str.len_bytes() != 36).cast(pl.Int32) for name in _KEYS).alias("bad_keys"),
        (pl.col("paragraph_count") - pl.col("text_count")).abs().alias("count_gap"),
        pl.when(over < 0).then(-over).when(over > joints).then(over - joints).otherwise(0).alias("chars_gap"),
    ]


def _text() -> list[pl.Expr]:
    text_sum = pl.col("text_sum").clip(lower_bound=1)
    return [
        pl.col("last_text").str.slice(-_LAST_CHARS).alias("last_words"),
        (pl.col("boilerplate_chars") / text_sum).alias("boilerplate_share"),
        (pl.col("code_chars") / text_sum).alias("code_share"),
        (pl.col("garbled") / text_sum).alias("garbled_share"),
        (pl.col("repeated_chars") / text_sum).alias("repeated_share"),
        pl.sum_horizontal(
            pl.col("truncated").fill_null(False).cast(pl.Int32),
            pl.col("last_text").str.slice(-12).str.contains(_ELLIPSIS).fill_null(False).cast(pl.Int32),
            pl.col("last_text").str.slice(-60).str.contains(_truncation_pattern()).fill_null(False).cast(pl.Int32),
        ).alias("truncation_signs"),
    ]


@cache
def _truncation_pattern() -> str:
    """Return the pattern of a text that ends in words such as "continue reading", with arrows or dots after them."""
    return "(?i)(?:" + "|".join(escape(words) for words in truncation_endings()) + r")[\s.…>»›→)\]]*$"


def _language(sources: Mapping[str, Source]) -> list[pl.Expr]:
    declared = {name: facts.language for name, facts in sources.items() if facts.language}
    expected = _by_source(declared, None, pl.String)
    known = pl.col("language") != "und"
    return [
        pl.when(known & expected.is_not_null())
        .then((pl.col("language") != expected).cast(pl.Int32))
        .alias("language_differs"),
        (~known & (pl.col("body_chars") >= _LANGUAGE_LETTERS)).cast(pl.Int32).alias("language_unknown"),
    ]


def _dates(sources: Mapping[str, Source], now: datetime) -> list[pl.Expr]:
    published, captured = pl.col("published_at"), pl.col("captured_at")
    founded = _by_source({n: f.founded for n, f in sources.items() if f.founded}, FIRST_NEWSPAPER, pl.Date)
    to_the_second = pl.col("published_precision") == "second"
    return [
        published.is_null().cast(pl.Int32).alias("date_missing"),
        _hours(published - pl.lit(now)).alias("hours_after_now"),
        _hours(published - captured).alias("hours_after_capture"),
        ((founded - published.dt.date()).dt.total_days() / 365.25).alias("years_before_founding"),
        pl.when(to_the_second)
        .then((published - captured).abs().dt.total_milliseconds() / 1000)
        .alias("seconds_from_capture"),
        _hours(published - pl.col("modified_at")).alias("hours_modified_before"),
    ]


def _hours(span: pl.Expr) -> pl.Expr:
    return span.dt.total_seconds() / 3600


def _by_source(values: Mapping[str, object], default: Any, dtype: type[pl.DataType]) -> pl.Expr:
    if not values:
        return pl.lit(default, dtype=dtype)
    return pl.col("source").replace_strict(dict(values), default=default, return_dtype=dtype)


def _plain(name: str) -> pl.Expr:
    """Normalize case, white space and punctuation at both ends, to compare titles with lines."""
    return pl.col(name).str.to_lowercase().str.replace_all(r"[\s\u00a0]+", " ").str.strip_chars(" .:!?…\"'“”«»„")


def _add_title_measures(measured: pl.DataFrame) -> pl.DataFrame:
    defects = defect_counts(measured["title"])
    measured = measured.with_columns(
        pl.col("title").str.len_chars().fill_null(0).cast(pl.Int32).alias("title_chars"),
        (defects["markup"] + defects["script"]).alias("title_markup"),
        (defects["mojibake"] + defects["replacements"]).alias("title_mojibake"),
        _plain("title").alias("_title"),
    )
    alike = (pl.col("first_text").str.len_chars() - pl.col("title_chars")).abs() <= _TITLE_TOLERANCE
    measured = measured.with_columns(pl.when(alike).then(pl.col("first_text")).alias("_first"))
    measured = measured.with_columns(_plain("_first").alias("_first"))
    repeated = ((pl.col("_title") == pl.col("_first")) & (pl.col("_title") != "")).fill_null(False)
    named = pl.col("_title").is_in([""]).not_() & (
        (pl.col("_title") == _plain("publisher_name")) | (pl.col("_title") == _plain("publisher"))
    )
    return measured.with_columns(
        repeated.cast(pl.Int32).alias("title_in_body"),
        (repeated & (pl.col("text_count") == 1)).cast(pl.Int32).alias("title_is_body"),
        named.fill_null(False).cast(pl.Int32).alias("title_is_site_name"),
    ).drop("_title", "_first")


def _add_body_weight(measured: pl.DataFrame, paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Add `body_weight`: letters of a short body (Han, kana and Hangul count three), characters of a long one."""
    short = measured.filter(pl.col("text_sum") < _COUNTED_CHARS).select("capture_id")
    text = pl.col("text")
    weights = (
        paragraphs.join(short, on="capture_id", how="semi")
        .group_by("capture_id")
        .agg(
            (text.str.count_matches(_LETTER) + 2 * text.str.count_matches(_DENSE)).sum().cast(pl.Int64).alias("_weight")
        )
    )
    return (
        measured.join(weights, on="capture_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("text_sum") < _COUNTED_CHARS)
            .then(pl.col("_weight").fill_null(0))
            .otherwise(pl.col("text_sum").cast(pl.Int64))
            .alias("body_weight")
        )
        .drop("_weight")
    )


def _add_link_share(measured: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    linked = links.group_by("capture_id").agg(pl.col("text").str.len_chars().sum().alias("_linked"))
    return (
        measured.join(linked, on="capture_id", how="left", maintain_order="left")
        .with_columns((pl.col("_linked").fill_null(0) / pl.col("text_sum").clip(lower_bound=1)).alias("link_share"))
        .drop("_linked")
    )


def _add_unproven(measured: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    chosen = evidence.filter(pl.col("chosen"))
    proven = {name: chosen.filter(pl.col("field") == name)["capture_id"].unique() for name in ("title", "published")}
    return measured.with_columns(
        (pl.col("title").is_not_null() & ~pl.col("capture_id").is_in(proven["title"].implode()))
        .cast(pl.Int32)
        .alias("title_unproven"),
        (pl.col("published_at").is_not_null() & ~pl.col("capture_id").is_in(proven["published"].implode()))
        .cast(pl.Int32)
        .alias("date_unproven"),
    )


def _add_revision_and_duplicates(measured: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Add measures against other articles and earlier revisions: same_text, same_text_as, same_address, shrunk_to."""
    before = history.select(
        "article_id", pl.col("revision_id").alias("_revision"), pl.col("body_chars").alias("_chars")
    ).unique("article_id")
    measured = measured.join(before, on="article_id", how="left", maintain_order="left").with_columns(
        pl.when(pl.col("_revision") != pl.col("revision_id"))
        .then(pl.col("body_chars") / pl.col("_chars").clip(lower_bound=1))
        .alias("shrunk_to"),
        (pl.len().over("article_id") - 1).cast(pl.Int32).alias("same_address"),
    )
    return _add_duplicate_texts(measured, history).drop("_revision", "_chars")


def _add_duplicate_texts(measured: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Find the same text under another URL: in this part by its paragraphs, among loaded articles by `text_sha256`."""
    empty = pl.DataFrame(schema={"capture_id": pl.String, "_other": pl.String, "_name": pl.String})
    texts = measured.filter(pl.col("text_count") > 0).select(
        "capture_id", "article_id", "body_hash", "uri", "text_sha256"
    )
    shared = texts.filter(pl.col("body_hash").is_duplicated())
    others = shared.select("body_hash", pl.col("article_id").alias("_other"), pl.col("uri").alias("_name"))
    here = shared.join(others, on="body_hash").filter(pl.col("article_id") != pl.col("_other"))
    loaded = history.select("text_sha256", pl.col("article_id").alias("_other"), pl.col("article_id").alias("_name"))
    there = texts.join(loaded, on="text_sha256").filter(pl.col("article_id") != pl.col("_other"))
    pairs = pl.concat([empty, *(found.select(empty.columns) for found in (here, there))])
    twins = pairs.group_by("capture_id").agg(
        pl.col("_other").n_unique().cast(pl.Int32).alias("same_text"), pl.col("_name").min().alias("same_text_as")
    )
    return measured.join(twins, on="capture_id", how="left", maintain_order="left").with_columns(
        pl.col("same_text").fill_null(0)
    )
