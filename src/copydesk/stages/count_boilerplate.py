"""The run's boilerplate: lines that recur on a publisher's pages, counted in the warehouse and in this run's texts.

acquire parts --count, a process per part--> line_counts/part-*.parquet --sum--> boilerplate.parquet --> every worker

Written once, before extract begins, so no label depends on file order or on interruptions. Counts stay on disk until
they are summed: a million pages have ten million different lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.text.boilerplate import MIN_PAGES, Boilerplate

__all__ = ["COLUMNS", "boilerplate_of", "counted", "read_boilerplate", "read_restored", "summed"]

COLUMNS: Mapping[str, Any] = {"site": pl.String, "line_key": pl.Int64, "pages": pl.Int64, "verdict": pl.String}
"""One row per site and line; the row without a line key holds the number of the site's pages."""

_BATCH_ROWS = 1_000_000
"""Counts grouped at once; each takes about 150 bytes of memory."""


def counted(boilerplate: Boilerplate) -> pl.DataFrame:
    """Return one part's counts as rows."""
    rows: list[tuple[str, int | None, int, None]] = [
        (site, None, pages, None) for site, pages in boilerplate.pages.items()
    ]
    rows += [(site, key, pages, None) for site, lines in boilerplate.lines.items() for key, pages in lines.items()]
    return pl.DataFrame(list(zip(*rows, strict=True)), schema=COLUMNS, orient="col")


def summed(folder: Path, known: pl.DataFrame) -> pl.DataFrame:
    """Sum the counts of all parts and of the warehouse; keep lines that are frequent enough or pinned.

    Keys are processed in batches to bound memory: nearly all lines occur on one page only.
    """
    parts = [pl.scan_parquet(p) for p in sorted(folder.glob("*.parquet"))]
    both = pl.concat([known.select(list(COLUMNS)).cast(pl.Schema(COLUMNS)).lazy(), *parts])
    shares = 1 + both.select(pl.len()).collect().item() // _BATCH_ROWS
    share = pl.col("line_key").fill_null(0) % shares
    sums = both.group_by("site", "line_key").agg(pl.col("pages").sum(), pl.col("verdict").drop_nulls().first())
    enough = pl.col("line_key").is_null() | (pl.col("pages") >= MIN_PAGES) | pl.col("verdict").is_not_null()
    kept = (sums.filter(share == n).filter(enough).collect(engine="streaming") for n in range(shares))
    return pl.concat(kept).sort("site", "line_key")


@lru_cache(maxsize=2)
def read_boilerplate(path: Path | None) -> Boilerplate | None:
    """Read a run's boilerplate, once per process; None without a path."""
    return None if path is None else boilerplate_of(pl.read_parquet(path))


def boilerplate_of(table: pl.DataFrame) -> Boilerplate:
    """Return the boilerplate that a table with `COLUMNS` holds."""
    pages = dict(table.filter(pl.col("line_key").is_null()).select("site", "pages").iter_rows())
    lines: dict[str, dict[int, int]] = defaultdict(dict)
    pins: dict[str, dict[int, str]] = defaultdict(dict)
    for site, key, number, verdict in table.filter(pl.col("line_key").is_not_null()).select(list(COLUMNS)).iter_rows():
        if number:
            lines[site][key] = number
        if verdict in ("keep", "cut"):
            pins[site][key] = verdict
    return Boilerplate(pages=pages, lines=dict(lines), pins=dict(pins))


@lru_cache(maxsize=2)
def read_restored(path: Path | None) -> dict[tuple[str, str], frozenset[int]]:
    """Read the restored lines, once per process: (source, uri) -> line keys."""
    if path is None:
        return {}
    table = pl.read_parquet(path).group_by("source", "uri").agg("line_key")
    return {(source, uri): frozenset(keys) for source, uri, keys in table.iter_rows()}
