"""Boosted trees read from a text file and evaluated with numpy: no training library at run time.

A tree of up to 16 leaves is a set of questions "feature <= threshold?". Each question that is answered "no" rules out
the leaves of its left branch, so a leaf is found without walking (QuickScorer, Lucchese et al., SIGIR 2015):

    all questions at once      (questions x blocks) booleans
    "no" -> mask of leaves     (trees x 15 x blocks) 16-bit masks, joined by AND
    lowest bit left            the leaf; its value is added to the block's log-odds

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
from copydesk.project import RULES

__all__ = ["LEAVES", "Forest", "load_forests"]

LEAVES = 16
_CHUNK = 512
_FULL = np.uint16(0xFFFF)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """One model: questions of all trees side by side, `LEAVES - 1` for each tree.

    Attributes:
        features: Names of the columns it was trained on, in order.
        column: Column each question asks about.
        threshold: "value <= threshold" is yes.
        mask: Leaves still possible after a "no".
        values: (trees, LEAVES) log-odds of the leaves.
    """

    features: tuple[str, ...]
    column: NDArray[np.int64]
    threshold: Array
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
        leaves = self._leaves(rows)
        trees = np.arange(len(self.values))[:, None]
        total: Array = self.values[trees, leaves].sum(axis=0)
        return total

    def _leaves(self, rows: Array) -> NDArray[np.uint8]:
        asked = np.ascontiguousarray(rows.T)[self.column]
        masks = np.where(asked > self.threshold[:, None], self.mask[:, None], _FULL)
        left = np.bitwise_and.reduce(masks.reshape(len(self.values), LEAVES - 1, len(rows)), axis=1)
        found: NDArray[np.uint8] = _lowest()[left]
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
    flat = questions.reshape(-1, 3)
    return Forest(
        features=tuple(map(str, entry["features"])),
        column=flat[:, 0].astype(np.int64),
        threshold=flat[:, 1].astype(np.float32),
        mask=flat[:, 2].astype(np.uint16),
        values=values,
    )
