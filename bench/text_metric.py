"""The benchmark's metric as array code, for many choices of lines on the same pages.

word F1: bag of words against the gold text, mean over pages; lines that are the title alone do not count. line F1: over
the lines labelled keep or drop, all pages together. exact: pages without a wrong line.
"""

from __future__ import annotations

import gzip
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from text_pages import Row

__all__ = ["Metric", "Scores", "make_metric"]


@dataclass(frozen=True)
class Scores:
    """Word precision, recall and F1, and right, leaked and lost lines, per page."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    right: np.ndarray
    leaked: np.ndarray
    lost: np.ndarray

    def cell(self, pages: np.ndarray | slice = slice(None)) -> tuple[float, float, float]:
        """Return word F1, line F1 and the share of exact pages."""
        right, leaked, lost = self.right[pages].sum(), self.leaked[pages].sum(), self.lost[pages].sum()
        exact = (self.leaked[pages] + self.lost[pages]) == 0
        return float(self.f1[pages].mean()), float(2 * right / (2 * right + leaked + lost)), float(exact.mean())


@dataclass(frozen=True)
class Metric:
    """Token counts of lines and golds.

    Attributes:
        line, token, count: Entries: line, (page, token) and how often.
        gold: Gold count of each (page, token).
        page_of_token: Page of each (page, token).
        gold_total: Tokens of each page's gold.
        page: Page of each line.
        label: Label of each line.
    """

    line: np.ndarray
    token: np.ndarray
    count: np.ndarray
    gold: np.ndarray
    page_of_token: np.ndarray
    gold_total: np.ndarray
    page: np.ndarray
    label: np.ndarray

    def scores(self, keep: np.ndarray) -> Scores:
        """Return the scores of a choice of lines."""
        pages = len(self.gold_total)
        entry = keep[self.line]
        said = np.bincount(self.token[entry], weights=self.count[entry], minlength=len(self.gold))
        hit = np.bincount(self.page_of_token, weights=np.minimum(said, self.gold), minlength=pages)
        told = np.bincount(self.page_of_token, weights=said, minlength=pages)
        p = np.where(told > 0, hit / np.maximum(told, 1), 0.0)
        r = np.where(self.gold_total > 0, hit / np.maximum(self.gold_total, 1), 0.0)
        f1 = np.where(hit > 0, 2 * p * r / np.maximum(p + r, 1e-9), 0.0)
        f1[(told == 0) & (self.gold_total == 0)] = 1.0
        body, junk = self.label == "K", self.label == "D"
        count: Callable[[np.ndarray], np.ndarray] = lambda rows: np.bincount(self.page[rows], minlength=pages)  # noqa: E731
        return Scores(p, r, f1, count(body & keep), count(junk & keep), count(body & ~keep))


def make_metric(folder: Path, rows: Sequence[Row], page: np.ndarray, label: np.ndarray) -> Metric:
    """Tokenise all lines and golds as the benchmark does."""
    sys.path.insert(0, str(folder))
    alignment = importlib.import_module("alignment")
    line: list[int] = []
    token: list[int] = []
    count: list[int] = []
    gold: list[int] = []
    owner: list[int] = []
    totals = []
    at = 0
    golds: dict[str, Counter[str]] = {}
    for number, r in enumerate(rows):
        if r["gold"] not in golds:
            golds[r["gold"]] = Counter(alignment.toks(gzip.decompress((folder / r["gold"]).read_bytes()).decode()))
        wanted = golds[r["gold"]]
        known: dict[str, int] = {}
        base = len(gold)
        titles = {alignment.norm(t) for t in r["titles"] if t}
        for text, _ in r["units"]:
            found = alignment.toks(text)
            if found and " ".join(found) not in titles:
                for word, times in Counter(found).items():
                    key = known.get(word)
                    if key is None:
                        key = known[word] = base + len(known)
                        gold.append(wanted.get(word, 0))
                        owner.append(number)
                    line.append(at)
                    token.append(key)
                    count.append(times)
            at += 1
        totals.append(wanted.total())
    return Metric(
        line=np.array(line, np.int32),
        token=np.array(token, np.int32),
        count=np.array(count, np.float32),
        gold=np.array(gold, np.float32),
        page_of_token=np.array(owner, np.int32),
        gold_total=np.array(totals, np.float64),
        page=page,
        label=label,
    )
