"""Measures of authors, captions, links and evidence. One row in is one row out, in order."""

from __future__ import annotations

from functools import cache
from re import escape

import polars as pl

from copydesk.quality.measures.word_lists import organisation_names, organisation_parts, role_names

__all__ = ["SCALAR_FIELDS", "contested_evidence", "measured_authors", "measured_captions", "measured_links"]

SCALAR_FIELDS = ("title", "published", "modified", "language", "publisher", "canonical", "image", "kind")
"""Fields of which an article has one value, so that at most one candidate is chosen."""

_ADDRESS = (
    r"(?i)https?://|\bwww\.|[\w.+-]@[\w-]+\.\w|(?:^|\s)@\w|\b[\w-]+\.(?:com|org|net|info|co\.uk|de|fr|es|it|ru|ir|tv)\b"
)
_MIN_ROLE_CHARS = 6  # "guest" and "user" alone are roles; after other words they may be names
_WEB_URL = r"^https?://[^\s/]"


def measured_authors(authors: pl.DataFrame) -> pl.DataFrame:
    """Add is_address, is_organisation (a person that is one), is_role, name_chars and name_digits."""
    name = pl.col("name").fill_null("")
    plain = name.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars(" .,:;|-–—")
    organised = plain.is_in(list(organisation_names())) | plain.str.contains_any(list(organisation_parts()))
    person = pl.col("kind") == "person"
    return authors.with_columns(
        name.str.contains(_ADDRESS).cast(pl.Int32).alias("is_address"),
        (organised & person).fill_null(False).cast(pl.Int32).alias("is_organisation"),
        (plain.is_in(list(role_names())) | plain.str.contains(_role_pattern())).cast(pl.Int32).alias("is_role"),
        name.str.len_chars().cast(pl.Int32).alias("name_chars"),
        name.str.count_matches(r"\d").cast(pl.Int32).alias("name_digits"),
    )


@cache
def _role_pattern() -> str:
    """Return the pattern of "Political Correspondent": one to three words and a role, without a comma between them."""
    nouns = "|".join(escape(name) for name in role_names() if " " not in name and len(name) >= _MIN_ROLE_CHARS)
    return rf"^(?:[^\s,]+ ){{1,3}}(?:{nouns})$"


def measured_captions(captions: pl.DataFrame) -> pl.DataFrame:
    """Add text_chars and address_bad (the image URL is not absolute http or https)."""
    return captions.with_columns(
        pl.col("text").str.len_chars().fill_null(0).cast(pl.Int32).alias("text_chars"),
        _bad_address("image_url"),
    )


def measured_links(links: pl.DataFrame) -> pl.DataFrame:
    """Add address_bad (the URL is not absolute http or https)."""
    return links.with_columns(_bad_address("url"))


def contested_evidence(evidence: pl.DataFrame) -> pl.DataFrame:
    """Return one row per capture and scalar field with more than one chosen candidate: their number as `winners`.

    Fields with one chosen candidate, nearly all, break no rule and are omitted.
    """
    won = evidence.filter(pl.col("chosen") & pl.col("field").is_in(SCALAR_FIELDS)).select("capture_id", "field")
    pair = won["capture_id"].hash(1) ^ won["field"].hash(2)
    again = won.filter(pair.is_duplicated())
    return again.group_by("capture_id", "field", maintain_order=True).agg(pl.len().cast(pl.Int32).alias("winners"))


def _bad_address(column: str) -> pl.Expr:
    return (~pl.col(column).str.contains(_WEB_URL)).fill_null(False).cast(pl.Int32).alias("address_bad")
