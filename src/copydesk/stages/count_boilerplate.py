"""The run's boilerplate: lines that recur on a publisher's pages, counted in the warehouse and in this run's texts.

acquire parts --count, a process per part--> line_counts/part-*.parquet --sum--> boilerplate.parquet --> every worker

Written once, before extract begins, so no label depends on file order or on interruptions. Counts stay on disk until
they are summed: a million pages have ten million different lines. A capture counts once, whichever runs bring it
(`store.warehouse.counted_captures`): beside each count stand the places of its captures in the part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.records import Document
from copydesk.store.parts.parquet import scan_columns
from copydesk.text.boilerplate import MIN_PAGES, Boilerplate, counted_keys

__all__ = ["COLUMNS", "boilerplate_of", "counted", "read_boilerplate", "read_restored", "read_unread", "summed"]

COLUMNS: Mapping[str, Any] = {"site": pl.String, "line_key": pl.Int64, "pages": pl.Int64, "verdict": pl.String}
"""One row per site and line; the row without a line key holds the number of the site's pages."""

_BATCH_ROWS = 1_000_000
"""Counts grouped at once; each takes about 150 bytes of memory."""


def counted(documents: Iterable[tuple[int, Document | None]]) -> pl.DataFrame:
    """Return the counts of one part's documents as rows: `COLUMNS`, and `captures`, the places of those that count.

    A capture that another run has counted, or another part of this run, is taken out again by its place. The first row
    has no site where documents could not be read: their places, and 0 pages.

    Args:
        documents: Place in the part, and the document; None where its bytes could not be read.
    """
    unread: list[int] = []
    lines: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for place, document in documents:
        if document is None:
            unread.append(place)
        elif (keys := counted_keys(document)) is not None:
            for key in (None, *sorted(keys)):
                lines[document.site, key].append(place)
    rows: list[tuple[str | None, int | None, int, None, list[int]]] = [(None, None, 0, None, unread)] if unread else []
    rows += [(site, key, len(places), None, places) for (site, key), places in lines.items()]
    return pl.DataFrame(rows, schema={**COLUMNS, "captures": pl.List(pl.UInt32)}, orient="row")


def read_unread(path: Path | None) -> frozenset[int]:
    """Return the places of the captures of a part that could not be read when its lines were counted."""
    if path is None or not path.exists():
        return frozenset()
    first = pl.read_parquet(path, n_rows=1)
    unread = "captures" in first.columns and first.height and first["site"][0] is None
    return frozenset(first["captures"][0]) if unread else frozenset()


def summed(folder: Path, known: pl.DataFrame, taken_out: Mapping[str, Sequence[int]] | None = None) -> pl.DataFrame:
    """Sum the counts of all parts and of the warehouse; keep lines that are frequent enough or pinned.

    Keys are processed in batches to bound memory: nearly all lines occur on one page only.

    Args:
        folder: Files of `counted`, one for each part.
        known: The warehouse's counts, with `COLUMNS`.
        taken_out: Part -> places of captures that are counted elsewhere.
    """
    places = {part: list(captures) for part, captures in (taken_out or {}).items() if captures}
    paths = sorted(folder.glob("*.parquet"))
    whole = [path for path in paths if path.stem not in places]
    less = [path for path in paths if path.stem in places]
    counts = scan_columns(whole, COLUMNS).filter(pl.col("site").is_not_null())
    stored = known.select(list(COLUMNS)).cast(pl.Schema(COLUMNS)).lazy()
    both = pl.concat([stored, counts, _pages_without(less, places)])
    shares = 1 + both.select(pl.len()).collect().item() // _BATCH_ROWS
    share = pl.col("line_key").fill_null(0) % shares
    sums = both.group_by("site", "line_key").agg(pl.col("pages").sum(), pl.col("verdict").drop_nulls().first())
    enough = pl.col("line_key").is_null() | (pl.col("pages") >= MIN_PAGES) | pl.col("verdict").is_not_null()
    kept = (sums.filter(share == n).filter(enough).collect(engine="streaming") for n in range(shares))
    return pl.concat(kept).sort("site", "line_key")


def _pages_without(paths: list[Path], taken_out: Mapping[str, Sequence[int]]) -> pl.LazyFrame:
    """Return the counts of some parts without the captures at some places."""
    if not paths:
        return pl.LazyFrame(schema=COLUMNS)
    places = pl.LazyFrame(
        {"path": [str(path) for path in paths], "out": [taken_out[path.stem] for path in paths]},
        schema={"path": pl.String, "out": pl.List(pl.UInt32)},
    )
    fewer = pl.col("captures").list.set_intersection(pl.col("out")).list.len().cast(pl.Int64)
    return (
        pl.scan_parquet(paths, glob=False, include_file_paths="path")
        .filter(pl.col("site").is_not_null())
        .join(places, on="path")
        .with_columns(pages=pl.col("pages") - fewer)
        .filter(pl.col("pages") > 0)
        .select(list(COLUMNS))
    )


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
