"""Measure the benchmark's pages once: the bins of all lines, with word points from tables without the page's own fold.

While a model is trained without a fold, the words of each training fold are scored by tables made without both, or the
model would trust words that it will not know elsewhere.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from text_pages import FOLDS, Batch, Row, batches, line_weights, load, targets, thin
from text_words import TABLED, Counts, features, write_words

from copydesk.text.plain.features.bins import LINE_BINS, WORDS, bin_values

__all__ = ["WORD_COLUMNS", "Prepared", "prepare", "wordless"]

WORD_COLUMNS = [k for k, scale in enumerate(LINE_BINS) if scale.name in WORDS or "word_mean" in scale.name]
"""Columns of learned words; 0 for languages without a table."""


@dataclass
class Prepared:
    """Lines of all pages, page after page.

    Attributes:
        rows: The pages.
        page_start: First line of each page, and the number of lines at the end.
        page, fold: Page and fold of each line.
        bins: Bins of `LINE_BINS`; word points from tables without the page's own fold.
        words: (FOLDS, lines, WORD_COLUMNS) the word columns from tables without the page's own fold and one more.
        known: Whether the line's language has a word table.
        head, tail: Class of the first and last visible character.
        tokens: Tokens of the line.
        label: K, D, T, U, M or `.`.
        y, weight: Target, and weight of the line for the forests; 0 for lines left out.
    """

    rows: list[Row]
    page_start: np.ndarray
    page: np.ndarray
    fold: np.ndarray
    bins: np.ndarray
    words: np.ndarray
    known: np.ndarray
    head: np.ndarray
    tail: np.ndarray
    tokens: np.ndarray
    label: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    def training(self, fold: int | None) -> np.ndarray:
        """Return the bins for training without a fold."""
        if fold is None:
            return self.bins
        out = self.bins.copy()
        out[:, WORD_COLUMNS] = self.words[fold]
        return out


def wordless(bins: np.ndarray) -> np.ndarray:
    """Return the bins with the columns of learned words at 0."""
    out = bins.copy()
    out[:, WORD_COLUMNS] = 0
    return out


def prepare(folder: Path, work: Path, log: Any = print) -> Prepared:
    """Return the measured pages; they are kept in the folder `work` with the word tables of all pages."""
    kept = work / "prepared.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())  # noqa: S301 - our own file
    work.mkdir(parents=True, exist_ok=True)
    data = batches(load(folder))
    log(f"{sum(len(b.rows) for b in data)} pages, {sum(b.scan.lines for b in data)} lines")
    counts = Counts(data)
    write_words(data, counts, work / "words")
    tables = {frozenset({f, g}): counts.table({f, g}) for f in range(FOLDS) for g in range(f + 1)}
    for f in range(FOLDS):
        (work / f"words{f}.pickle").write_bytes(pickle.dumps(tables[frozenset({f})]))
    log("word tables made")
    parts = [_measure(b, tables) for b in data]
    joined = {name: np.concatenate([p[name] for p in parts]) for name in parts[0] if name != "words"}
    rows = [r for b in data for r in b.rows]
    sizes = [len(r["units"]) for r in rows]
    found = Prepared(
        rows=rows,
        page_start=np.concatenate(([0], np.cumsum(sizes))),
        page=np.repeat(np.arange(len(rows)), sizes),
        words=np.concatenate([p["words"] for p in parts], axis=1),
        **joined,
    )
    kept.write_bytes(pickle.dumps(found, protocol=5))
    log("measured")
    return found


def _measure(b: Batch, tables: dict[frozenset[int], Any]) -> dict[str, np.ndarray]:
    known = np.array([language in TABLED for language in b.languages])[b.scan.page]
    bins = bin_values(features(b, tables[frozenset({b.fold})]).values, LINE_BINS)
    words = np.repeat(bins[None, :, WORD_COLUMNS], FOLDS, axis=0)
    if known.any():
        for fold in range(FOLDS):
            if fold != b.fold:
                with_words = features(b, tables[frozenset({fold, b.fold})])
                words[fold] = bin_values(with_words.values, LINE_BINS)[:, WORD_COLUMNS]
    y = targets(b)
    return {
        "bins": bins,
        "words": words,
        "fold": np.full(b.scan.lines, b.fold),
        "known": known,
        "head": b.scan.head,
        "tail": b.scan.tail,
        "tokens": b.scan.count,
        "label": np.array([c for r in b.rows for c in r["y"]]),
        "y": y,
        "weight": thin(b, y, line_weights(b)),
    }
