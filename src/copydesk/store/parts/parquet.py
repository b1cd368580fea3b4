"""Parts: what one stage hands to the next. A part is a folder with a Parquet file per table, renamed into place whole.

    runs/<run>/acquire/part-00000/   captures, rejections, fetch_log, source_state, address_state, sightings
    runs/<run>/extract/part-00000/   articles, paragraphs, authors, ..., sketches, cut_blocks, evidence, rejections
    runs/<run>/check/part-00000/     accepted, findings, quarantine

A part that is there is complete: it was written under a temporary name, flushed to disk and renamed. `tally.json` has
the size and checksum of each file, so that what a power cut or a failing disk leaves is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import polars as pl

from copydesk.errors import StoreError
from copydesk.records import Capture

__all__ = ["SCHEMAS", "frame", "read_frame", "read_frames", "scan_columns"]

_TIME = pl.Datetime("us", "UTC")

_TYPES = {str: pl.String, int: pl.Int64, datetime: _TIME}


def _columns_of(record: Any) -> dict[str, Any]:
    """Return the columns of a record in the order of its fields; a record in a record gives its fields in its place."""
    columns: dict[str, Any] = {}
    for name, hint in get_type_hints(record).items():
        kind = next((k for k in get_args(hint) if k is not NoneType), hint)
        columns |= _columns_of(kind) if is_dataclass(kind) else {name: _TYPES[kind]}
    return columns


SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    # One row per source, uri and content. Written by acquire.
    "captures": _columns_of(Capture),
    # One row per input that went no further at acquire or extract. `excerpt`: the first 300 characters.
    "rejections": {
        "capture_id": pl.String,
        "source": pl.String,
        "uri": pl.String,
        "stage": pl.String,
        "reason": pl.String,
        "detail": pl.String,
        "excerpt": pl.String,
    },
    # One row per capture that became an article; written by extract. Times of a page without a zone are read as UTC.
    "articles": {
        "capture_id": pl.String,
        "article_id": pl.String,
        "revision_id": pl.String,
        "source": pl.String,
        "uri": pl.String,
        "address": pl.String,  # canonical address, null for files without one
        "publisher": pl.String,  # settings, else registered domain, else site name, source or folder
        "publisher_name": pl.String,  # as the page gives it
        "title": pl.String,
        "language": pl.String,
        "published_at": _TIME,
        "published_precision": pl.String,
        "published_zoned": pl.Boolean,
        "modified_at": _TIME,
        "dateline_text": pl.String,
        "dateline_place": pl.String,
        "dateline_agency": pl.String,
        "agency": pl.String,
        "credit": pl.String,
        "image_url": pl.String,
        "comment_count": pl.Int32,
        "extractor": pl.String,
        "charset": pl.String,
        "confidence": pl.Float64,
        "span_probability": pl.Float64,  # both ends of a plain text's story; null for web pages
        "template": pl.String,  # sketch of the page's class names; null for plain text
        "truncated": pl.Boolean,
        "body_chars": pl.Int32,
        "body_words": pl.Int32,
        "paragraph_count": pl.Int32,
        "block_count": pl.Int32,  # visible blocks, blank lines not counted
        "cut_count": pl.Int32,
        "page_chars": pl.Int32,  # characters of all visible blocks
        "text_sha256": pl.String,  # of title and paragraphs
        "captured_at": _TIME,
        "code_version": pl.String,
        "rules_version": pl.String,
    },
    # One row per capture and kept paragraph, in order from 1. Two captures of a run may give the same revision with
    # other authors or links, so every table of a revision says which capture its rows are from.
    "paragraphs": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "kind": pl.String,
        "level": pl.Int32,
        "text": pl.String,
        "block": pl.Int32,
    },
    # One row per revision and author, in byline order from 1.
    "authors": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "name": pl.String,
        "kind": pl.String,
    },
    # One row per revision and step of the section path, outermost is 1.
    "sections": {"capture_id": pl.String, "revision_id": pl.String, "position": pl.Int32, "name": pl.String},
    "tags": {"capture_id": pl.String, "revision_id": pl.String, "position": pl.Int32, "name": pl.String},
    "captions": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "text": pl.String,
        "image_url": pl.String,
    },
    # One row per link inside the kept text; `paragraph` is the position of the paragraph it stands in.
    "links": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "url": pl.String,
        "text": pl.String,
        "paragraph": pl.Int32,
    },
    # One row per capture and quote, in the order of the text from 1; characters count within the paragraph.
    "quotes": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "paragraph": pl.Int32,
        "start_char": pl.Int32,
        "end_char": pl.Int32,
        "text": pl.String,
        "kind": pl.String,
        "cue": pl.String,
        "speaker": pl.String,
        "speaker_name": pl.String,
        "speaker_paragraph": pl.Int32,
        "speaker_start_char": pl.Int32,
        "speaker_end_char": pl.Int32,
        "rule": pl.String,
        "confidence": pl.Float64,
    },
    # One row per capture and place where its article names a person, organisation or place, in order from 1.
    "mentions": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "position": pl.Int32,
        "entity_id": pl.String,
        "kind": pl.String,
        "name": pl.String,
        "country": pl.String,
        "known": pl.Boolean,
        "field": pl.String,
        "paragraph": pl.Int32,
        "start_char": pl.Int32,
        "end_char": pl.Int32,
        "text": pl.String,
        "full_name": pl.Boolean,
        "role": pl.String,
        "rule": pl.String,
    },
    # One row per capture and media topic of its article.
    "topics": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "topic": pl.String,
        "origin": pl.String,
        "score": pl.Float64,
        "evidence": pl.String,
    },
    # One row per capture that became an article: what finds texts that are much the same (store/parts/minhash.py).
    "sketches": {
        "capture_id": pl.String,
        "revision_id": pl.String,
        "body_sha256": pl.String,  # of the paragraphs, joined by line feeds
        "shingle_count": pl.Int32,
        "hashes": pl.List(pl.UInt64),
    },
    # One row per capture and visible block that is not in the article.
    "cut_blocks": {
        "capture_id": pl.String,
        "number": pl.Int32,
        "label": pl.String,
        "rule": pl.String,
        "confidence": pl.Float64,
        "runner_up": pl.String,
        "place": pl.String,
        "text": pl.String,
        "line_key": pl.Int64,  # as the boilerplate counts lines
    },
    # One row per capture, field and candidate.
    "evidence": {
        "capture_id": pl.String,
        "field": pl.String,
        "position": pl.Int32,
        "value": pl.String,
        "source": pl.String,
        "chosen": pl.Boolean,
        "reason": pl.String,
    },
    # One row per capture and broken rule (extract and check both write it).
    "findings": {
        "capture_id": pl.String,
        "rule": pl.String,
        "severity": pl.String,
        "value": pl.Float64,
        "detail": pl.String,
    },
    # Written by check: the captures whose rows publish may load.
    "accepted": {"capture_id": pl.String, "article_id": pl.String, "revision_id": pl.String},
    # Written by check: one row per capture that does not go through; rules and values are parallel lists.
    "quarantine": {
        "capture_id": pl.String,
        "source": pl.String,
        "uri": pl.String,
        "stage": pl.String,
        "reason": pl.String,  # the first rule id, or the rejection's reason
        "rules": pl.List(pl.String),
        "measured": pl.List(pl.Float64),
        "detail": pl.String,
        "excerpt": pl.String,
    },
    # Written by check: one row per source and metric of the run, the history that later batches are judged against.
    "source_stats": {
        "run_id": pl.String,
        "source": pl.String,
        "metric": pl.String,
        "value": pl.Float64,
        "inputs": pl.Int64,
        "started_at": _TIME,
        "held": pl.Boolean,
    },
    # One row per address a source asked for in a run, and per robots.txt, feed or sitemap on the way.
    "fetch_log": {
        "source": pl.String,
        "uri": pl.String,  # canonical address; together with `purpose` the thing that was asked for
        "purpose": pl.String,  # page, feed, sitemap, robots, tdmrep, discovery
        "url": pl.String,  # the address that answered, after redirects
        "outcome": pl.String,  # captured, unchanged, skipped, refused, failed, deferred
        "reason": pl.String,  # class of the failure, "" when captured
        "detail": pl.String,
        "http_status": pl.Int32,
        "wire_bytes": pl.Int64,  # body bytes as they came, still compressed
        "body_bytes": pl.Int64,
        "elapsed_ms": pl.Int64,
        "redirects": pl.Int32,
        "attempts": pl.Int32,
        "started_at": _TIME,
        "retry_at": _TIME,
        "opt_outs": pl.String,  # comma-separated: noai, noindex, tdm ...; "" without any
    },
    # One row per web source: its new state after the run; replaces the row of the same source.
    "source_state": {
        "source": pl.String,
        "kind": pl.String,
        "checked_at": _TIME,
        "last_success_at": _TIME,
        "last_new_at": _TIME,  # when it last brought an address not known before
        "failures_in_row": pl.Int32,
        "last_outcome": pl.String,
        "last_reason": pl.String,
        "items_seen": pl.Int32,  # addresses it named in its last successful run
        "items_new": pl.Int32,
    },
    # One row per source and address whose state changed; replaces the row of the same source and uri.
    "address_state": {
        "source": pl.String,
        "uri": pl.String,
        "purpose": pl.String,  # page, feed, sitemap
        "url": pl.String,  # what is asked for; the uri is its identity
        "etag": pl.String,
        "last_modified": pl.String,
        "sha256": pl.String,
        "http_status": pl.Int32,
        "first_seen_at": _TIME,
        "checked_at": _TIME,
        "last_success_at": _TIME,
        "last_changed_at": _TIME,
        "failures_in_row": pl.Int32,
        "last_outcome": pl.String,
        "last_reason": pl.String,
        "next_allowed_at": _TIME,  # hard: Retry-After or back-off; nobody asks before
        "due_at": _TIME,  # soft: adaptive polling; a run by hand may ask before
        "interval_s": pl.Int64,  # the adaptive interval behind `due_at`
    },
    # One row per source, page and feed (or sitemap, or list) that named it; the first sighting stays.
    "sightings": {
        "source": pl.String,
        "uri": pl.String,
        "feed": pl.String,
        "seen_at": _TIME,
        "title_hint": pl.String,
        "published_hint": pl.String,
    },
}
"""Columns of every table a part can hold. Record fields, pandera schemas and warehouse columns follow these names."""


def frame(table: str, columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """Build one table of a part from columns; a column left out is all null."""
    schema = SCHEMAS[table]
    height = max((len(v) for v in columns.values()), default=0)
    return pl.DataFrame(
        {name: columns.get(name, [None] * height) for name in schema}, schema=dict(schema), strict=False
    )


def read_frame(part: Path, table: str) -> pl.DataFrame:
    """Return a table of a part; empty when the part has none of that name.

    Raises:
        StoreError: The file is damaged.
    """
    path = part / f"{table}.parquet"
    try:
        return pl.read_parquet(path) if path.exists() else frame(table, {})
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(
            f"cannot read {path}: {error}. Run again: what can be made again is made again, the rest is named."
        ) from error


def read_frames(parts: Sequence[Path], table: str) -> pl.DataFrame:
    """Return a table of some parts, one after the other, with the name of each row's part in a further column `part`.

    Raises:
        StoreError: A file is damaged, or differs from the others in its columns.
    """
    paths = [path for part in parts if (path := part / f"{table}.parquet").exists()]
    if not paths:
        return frame(table, {}).with_columns(pl.lit(None, pl.String).alias("part"))
    try:
        read = pl.read_parquet(paths, include_file_paths="part", glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        for part in parts:  # one by one, to name the one that is damaged
            read_frame(part, table)
        raise StoreError(f"{table} differs from part to part in {parts[0].parent}: {error}. Extract again.") from error
    return read.with_columns(pl.col("part").str.split("/").list.get(-2))


def scan_columns(files: list[Path], schema: Mapping[str, Any]) -> pl.LazyFrame:
    """Return some columns of the files of many parts, read when they are collected; without files, no rows.

    In one scan: one for each of 2,000 files starts 500 threads.
    """
    if not files:
        return pl.LazyFrame(schema=schema)
    return pl.scan_parquet(files, glob=False, schema=schema, extra_columns="ignore")
