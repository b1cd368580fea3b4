"""The run's site memory: what the warehouse has learnt of each publisher, and one pass over this run's texts.

    acquire parts --count, a process per part--> memory/part-*.parquet --sum--> memory.parquet --> every extract worker

It is written once, before extract begins, so no label depends on the order of files or on how often a run was killed.
Counts stay on disk until they are summed: a million pages have ten million different lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.errors import StoreError
from copydesk.filesystem import replacing
from copydesk.text.boilerplate import MIN_PAGES, Boilerplate

__all__ = ["COLUMNS", "counted", "memory_at", "restored_at", "summed", "write_memory"]

COLUMNS: Mapping[str, Any] = {"site": pl.String, "line_key": pl.Int64, "pages": pl.Int64, "verdict": pl.String}
"""One row per site and line; the row without a line key holds the number of the site's pages."""

_ROWS_AT_ONCE = 1_000_000
"""Counts that are grouped at a time, at some 150 bytes each."""


def counted(memory: Boilerplate) -> pl.DataFrame:
    """Return one part's counts as rows."""
    rows: list[tuple[str, int | None, int, None]] = [(site, None, pages, None) for site, pages in memory.pages.items()]
    rows += [(site, key, pages, None) for site, lines in memory.lines.items() for key, pages in lines.items()]
    return pl.DataFrame(list(zip(*rows, strict=True)), schema=COLUMNS, orient="col")


def summed(folder: Path, known: pl.DataFrame) -> pl.DataFrame:
    """Add up all parts' counts and what is known; keep the lines that stand on enough pages or that are pinned.

    Keys are taken a share of them at a time, so that memory stays flat: nearly all lines stand on one page only.
    """
    parts = [pl.scan_parquet(p) for p in sorted(folder.glob("*.parquet"))]
    both = pl.concat([known.select(list(COLUMNS)).cast(pl.Schema(COLUMNS)).lazy(), *parts])
    shares = 1 + both.select(pl.len()).collect().item() // _ROWS_AT_ONCE
    share = pl.col("line_key").fill_null(0) % shares
    sums = both.group_by("site", "line_key").agg(pl.col("pages").sum(), pl.col("verdict").drop_nulls().first())
    enough = pl.col("line_key").is_null() | (pl.col("pages") >= MIN_PAGES) | pl.col("verdict").is_not_null()
    kept = (sums.filter(share == n).filter(enough).collect(engine="streaming") for n in range(shares))
    return pl.concat(kept).sort("site", "line_key")


def write_memory(path: Path, memory: pl.DataFrame) -> None:
    """Write the memory whole or not at all.

    Raises:
        StoreError: The disk refused.
    """
    try:
        with replacing(path) as temporary:
            memory.write_parquet(temporary)
    except (OSError, pl.exceptions.PolarsError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"cannot write {path}: {why}. Free some space and run again.") from error


@lru_cache(maxsize=2)
def memory_at(path: Path | None) -> Boilerplate | None:
    """Read a memory, once per process."""
    if path is None:
        return None
    table = pl.read_parquet(path)
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
def restored_at(path: Path | None) -> dict[tuple[str, str], frozenset[int]]:
    """Read what people put back: (source, uri) -> keys of the lines; once per process."""
    if path is None:
        return {}
    table = pl.read_parquet(path).group_by("source", "uri").agg("line_key")
    return {(source, uri): frozenset(keys) for source, uri, keys in table.iter_rows()}
