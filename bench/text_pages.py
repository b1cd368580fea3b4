"""Pages of the plain-text benchmark for training: scanned in batches, with folds, targets and weights.

The pages are not part of this project (see `text_train.py`). A fold holds whole sites: hosts of one registered domain,
and of look-alike domains (`topnews.us`, `topnews.net.nz`), are one site.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.text.language import detect
from copydesk.text.phrases.rules import Hits, find_phrases, phrase_table
from copydesk.text.plain.features.stopwords import salt, stop_tokens
from copydesk.text.tokens.lines import split
from copydesk.text.tokens.scan import Scan, scan

__all__ = ["FOLDS", "RENDERERS", "Batch", "batches", "ends", "fold_of", "line_weights", "load", "targets", "thin"]

FOLDS = 5
RENDERERS = ("rsp_main", "reader", "rsp_all", "inscriptis")
BATCH = 50
TARGET = {"K": 1, "D": 0, "T": 0, "U": 0}
WEIGHT = {"K": 1.0, "D": 1.0, "T": 0.5, "U": 0.3}
MAX_GROUP_WEIGHT = 4.0
"""Highest weight of a small set or language against the largest: the square root of the ratio of their pages."""

RENDERER_WEIGHT = {"rsp_main": 2.0}
NEAR_LINES, FAR_WEIGHT = 5, 0.3
"""Lines further from the story count less: the network has put them outside, and the forests decide inside it."""

Row = dict[str, Any]
"""A line of index.jsonl, with its lines (`units`), labels (`y`), fold, detected language and weight."""


@dataclass
class Batch:
    """Pages of one fold and renderer, scanned."""

    rows: list[Row]
    fold: int
    scan: Scan
    stop: np.ndarray
    hits: Hits
    salts: np.ndarray
    languages: list[str]


@cache
def site_of(domain: str) -> str:
    """Return the name that the hosts of one site share: the registered domain without its suffix and last digits."""
    from tld import get_tld

    found = get_tld(domain, fix_protocol=True, as_object=True, fail_silently=True)
    name = found.domain if found is not None and found.domain else domain.partition(".")[0]  # type: ignore[union-attr]
    return name.rstrip("0123456789") or name


def fold_of(row: Row) -> int:
    """Return the fold of a page's site; a page without a domain is a site of its own."""
    return zlib.crc32((site_of(row["domain"]) if row["domain"] else row["doc"]).encode()) % FOLDS


def load(folder: Path, renderers: tuple[str, ...] = RENDERERS) -> list[Row]:
    """Return the pages of the benchmark's index with lines, labels, fold, language and weight."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").open(encoding="utf-8")]
    rows = [r for r in rows if r["renderer"] in renderers]
    for r in rows:
        text = gzip.decompress((folder / r["text"]).read_bytes()).decode("utf-8")
        lines = split(text)
        if len(lines.texts) != len(text.split("\n")) - text.endswith("\n"):
            # the labels count "\n" alone
            lines = split(text.translate(dict.fromkeys((11, 12, 13, 28, 29, 30, 133, 8232, 8233), " ")))
        r["units"] = [(lines.texts[k], g) for k, g in zip(lines.rows, lines.gaps, strict=True)]
        r["y"] = [r["labels"][k] if k < len(r["labels"]) else "." for k in lines.rows]
        r["fold"] = fold_of(r)
        longest = sorted(range(len(r["units"])), key=lambda k: -len(r["units"][k][0]))[:4]
        r["language"] = detect("\n".join(r["units"][k][0][:200] for k in sorted(longest)))
    sizes = Counter((r["source"], r["lang"]) for r in rows)
    for r in rows:
        r["weight"] = min(MAX_GROUP_WEIGHT, (max(sizes.values()) / sizes[r["source"], r["lang"]]) ** 0.5)
    return rows


def batches(rows: list[Row]) -> list[Batch]:
    """Return the pages scanned, in batches of one fold and renderer."""
    table = phrase_table()
    out = []
    groups: dict[tuple[int, str], list[Row]] = {}
    for r in rows:
        groups.setdefault((r["fold"], r["renderer"]), []).append(r)
    for (fold, _), group in sorted(groups.items(), key=lambda g: g[0]):
        for k in range(0, len(group), BATCH):
            some = group[k : k + BATCH]
            lines = scan([r["units"] for r in some])
            salts = np.array([salt(r["language"]) for r in some], np.uint64)
            stop, hits = stop_tokens(lines, salts), find_phrases(lines, table)
            out.append(Batch(some, fold, lines, stop, hits, salts, [r["language"] for r in some]))
    return out


def targets(b: Batch) -> np.ndarray:
    """Return 1 for kept lines, else 0."""
    return np.array([TARGET.get(c, 0) for r in b.rows for c in r["y"]], float)


def line_weights(b: Batch) -> np.ndarray:
    """Return the weight of each line: by label, distance from the story, page length, renderer, set and language."""
    w = np.array(
        [WEIGHT.get(c, 0.0) * RENDERER_WEIGHT.get(r["renderer"], 1.0) * r["weight"] for r in b.rows for c in r["y"]]
    )
    w *= np.where(_near_story(b), 1.0, FAR_WEIGHT)
    return w * np.minimum(1.0, 300 / np.diff(b.scan.page_start)[b.scan.page]) ** 0.5


def _near_story(b: Batch) -> np.ndarray:
    """Return whether each line is in its page's story, or at most `NEAR_LINES` away."""
    found = np.zeros(b.scan.lines, np.bool_)
    for r, (low, past) in zip(b.rows, pairwise(b.scan.page_start), strict=True):
        story = ends(r["y"])
        if story:
            found[low + max(0, story[0] - NEAR_LINES) : min(past, low + story[1] + NEAR_LINES + 1)] = True
    return found


def thin(b: Batch, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Keep one in five of the cut lines far from any kept line, with five times the weight.

    Menus teach little, and there are many.
    """
    here = np.arange(len(y))
    low, high = b.scan.page_start[:-1][b.scan.page], b.scan.page_start[1:][b.scan.page]
    kept = np.concatenate(([0], np.cumsum(y)))
    far = kept[np.minimum(here + 21, high)] == kept[np.maximum(here - 20, low)]
    lucky = np.random.default_rng(b.fold).random(len(y)) < 1 / 5
    return np.where(far, np.where(lucky, 5 * w, 0.0), w)


def ends(labels: list[str]) -> tuple[int, int] | None:
    """Return the first and the last kept line of a page, or None if nothing is kept."""
    kept = [k for k, c in enumerate(labels) if c == "K"]
    return (kept[0], kept[-1]) if kept else None
