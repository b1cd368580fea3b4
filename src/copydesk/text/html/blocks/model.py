"""Boosted trees read from a text file and evaluated with numpy: no training library at run time.

A tree of up to 16 leaves is a set of questions "feature <= threshold?". Each question that is answered "no" rules out
the leaves of its left branch, so a leaf is found without walking (QuickScorer, Lucchese et al., SIGIR 2015):

    each question once         (questions x blocks) 16-bit words: all ones for "yes", zero for "no"
    "no" -> mask of leaves     (trees x blocks) joined by AND, first question of all trees to 15th
    lowest bit left            the leaf; its value is added to the block's log-odds

Trees share questions (7,200 of the package's model are 2,540 different ones), and a word that is ones or zero is joined
with the mask of leaves by OR; so no step picks values one by one, and a page costs a quarter of what it did with
`np.where` over all questions.

The file `rules/html_model.json` holds one tree a line: `[[feature, threshold, mask]...], [value of each leaf...]`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.errors import StoreError
from copydesk.resources import RULES

__all__ = ["LEAVES", "Forest", "load_forests"]

LEAVES = 16
_CHUNK = 512
_FULL = np.uint16(0xFFFF)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """One model: what its trees ask, each question once, and who asks it.

    Attributes:
        features: Names of the columns it was trained on, in order.
        column: Column each question asks about.
        threshold: "value <= threshold" is yes.
        asks: (LEAVES - 1, trees) each tree's questions.
        mask: (LEAVES - 1, trees) leaves still possible after a "no".
        values: (trees, LEAVES) log-odds of the leaves.
    """

    features: tuple[str, ...]
    column: NDArray[np.int64]
    threshold: Array
    asks: NDArray[np.int64]
    mask: NDArray[np.uint16]
    values: Array

    def probability(self, rows: Array) -> Array:
        """Probability of each row, one number per row."""
        return (1 / (1 + np.exp(-self.log_odds(rows)))).astype(np.float32)

    def log_odds(self, rows: Array) -> Array:
        """Sum of the leaves' values, one number per row."""
        parts = [self._sum(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _sum(self, rows: Array) -> Array:
        first = np.arange(len(self.values), dtype=np.int32)[:, None] * LEAVES
        total: Array = self.values.ravel().take(self._leaves(rows) + first).sum(axis=0)
        return total

    def _leaves(self, rows: Array) -> NDArray[np.uint8]:
        no = np.ascontiguousarray(rows.T).take(self.column, axis=0) > self.threshold[:, None]
        yes = no.astype(np.uint16)
        yes -= 1  # "no" is 0 now, "yes" all ones
        left = np.full((len(self.values), len(rows)), _FULL)
        for asks, mask in zip(self.asks, self.mask, strict=True):
            possible = yes.take(asks, axis=0)
            possible |= mask[:, None]
            left &= possible
        found: NDArray[np.uint8] = _lowest().take(left)
        return found


@cache
def _lowest() -> NDArray[np.uint8]:
    """Position of the lowest bit of every 16-bit number."""
    numbers = np.arange(1 << LEAVES, dtype=np.int64)
    numbers[0] = 1
    lowest: NDArray[np.uint8] = np.log2(numbers & -numbers).astype(np.uint8)
    return lowest


@cache
def load_forests(path: Path = RULES / "html_model.json") -> dict[str, Forest]:
    """Read the forests of a model file by name.

    Raises:
        StoreError: The file is missing or is not a model.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {name: _forest(entry) for name, entry in raw["forests"].items()}
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise StoreError(f"{path} is not a block model: {error}. Train it with bench/html_train.py.") from error


def _forest(entry: dict[str, Any]) -> Forest:
    trees: list[tuple[list[list[float]], list[float]]] = entry["trees"]
    questions = np.zeros((len(trees), LEAVES - 1, 3), np.float64)
    questions[:, :, 1] = np.inf
    questions[:, :, 2] = float(_FULL)
    values = np.zeros((len(trees), LEAVES), np.float32)
    for n, (asked, leaves) in enumerate(trees):
        if asked:
            questions[n, : len(asked)] = asked
        values[n, : len(leaves)] = leaves
    different, asks = np.unique(questions[:, :, :2].reshape(-1, 2), axis=0, return_inverse=True)
    return Forest(
        features=tuple(map(str, entry["features"])),
        column=different[:, 0].astype(np.int64),
        threshold=different[:, 1].astype(np.float32),
        asks=np.ascontiguousarray(asks.reshape(len(trees), LEAVES - 1).T),
        mask=np.ascontiguousarray(questions[:, :, 2].astype(np.uint16).T),
        values=values,
    )
