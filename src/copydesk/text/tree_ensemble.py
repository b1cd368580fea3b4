"""Boosted decision trees: one engine and one file format for the line model and the block model.

A file holds ensembles by name; a tree is one line of JSON. A leaf is a number, an inner node a list:

    [feature, threshold, expected, node if value <= threshold, node otherwise]

    {"notes": {...},
     "ensembles": {
      "line": {"features": ["log_words", "cohesion", ...], "trees": [
       [0, 2.3, -0.03, [1, 0.18, -0.21, -0.4, -0.08], 0.11],
       ...]}}}

`feature` is an index into `features`; `expected` is the mean log-odds of the training rows at the node, or null.

Scoring needs no walk (QuickScorer, Lucchese et al., SIGIR 2015). Each comparison that fails rules out the leaves of the
node's first branch:

    all different questions    (questions x rows) 16-bit words: all ones for "<=", zero for ">"
    ">" -> mask of leaves      (trees x rows) joined by AND, first question of every tree to the 15th
    lowest bit left            the number of the leaf, counted left to right; its value is added to the row's log-odds

Trees share questions (7,200 of the block model are 2,540 different ones), and a word of ones or zeros is joined with
the mask by OR, so no step selects values one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.errors import SettingsError

__all__ = ["MAX_LEAVES", "Node", "Question", "TreeEnsemble", "build_ensemble", "dump_ensembles", "load_ensembles"]

MAX_LEAVES = 16
_ALL_LEAVES = (1 << MAX_LEAVES) - 1
_BATCH_ROWS = 512
"""Rows scored at once, so that the answers to all questions stay in the processor's cache.

The size is part of the result: numpy sums a single row pairwise, several rows tree by tree.
"""

Node = Any
"""A leaf (float) or an inner node (a list of five), as in the file."""

Question = Callable[[str, float], tuple[int, float]]
"""(feature name, threshold) of a file -> (column, threshold) of the rows to be scored."""

Values = NDArray[np.float32]
Rows = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEnsemble:
    """Trees, compiled for scoring rows of one dtype.

    Attributes:
        features: Names of the features, as in the file.
        trees: The root node of each tree, with columns and thresholds of the rows.
        column: Column of each different question.
        threshold: Threshold of each different question: float32, or uint8 for rows of bins.
        asks: (MAX_LEAVES - 1, trees) each tree's questions.
        mask: (MAX_LEAVES - 1, trees) leaves still possible after the answer ">".
        values: (trees, MAX_LEAVES) log-odds of the leaves, left to right.
    """

    features: tuple[str, ...]
    trees: tuple[Node, ...]
    column: NDArray[np.int64]
    threshold: Rows
    asks: NDArray[np.int64]
    mask: NDArray[np.uint16]
    values: Values

    def probability(self, rows: Rows) -> Values:
        """Return the probability of each row, float32."""
        return (1 / (1 + np.exp(-self.log_odds(rows)))).astype(np.float32)

    def log_odds(self, rows: Rows) -> Values:
        """Return the sum of the leaves' values of each row (rows, columns), float32."""
        parts = [self._sum(rows[at : at + _BATCH_ROWS]) for at in range(0, len(rows), _BATCH_ROWS)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _sum(self, rows: Rows) -> Values:
        leaves = self._leaves(rows) + np.arange(0, self.values.size, MAX_LEAVES)[:, None]
        total: Values = self.values.ravel().take(leaves, mode="clip").sum(axis=0)  # "raise" takes twice as long
        return total

    def _leaves(self, rows: Rows) -> NDArray[np.uint8]:
        above = np.ascontiguousarray(rows.T).take(self.column, axis=0) > self.threshold[:, None]
        below = above.astype(np.uint16)
        below -= 1  # ">" is 0 now, "<=" all ones
        left = np.full((len(self.values), len(rows)), np.uint16(_ALL_LEAVES))
        possible = np.empty_like(left)
        for asks, mask in zip(self.asks, self.mask, strict=True):
            below.take(asks, axis=0, out=possible, mode="clip")  # "raise" would copy once more
            possible |= mask[:, None]
            left &= possible
        found: NDArray[np.uint8] = np.bitwise_count((left - np.uint16(1)) & ~left)  # the bits below the lowest
        return found

    @property
    def base(self) -> float:
        """Return the log-odds expected before any question, the sum over the trees' roots."""
        return float(sum(_expected(root) for root in self.trees))

    def path_contributions(self, row: Rows) -> NDArray[np.float64]:
        """Return what each column of one row contributed to its log-odds; with `base` they add up to it exactly.

        Each step from a node to its child changes the expected log-odds; the change is credited to the feature that
        was asked (Palczewska et al., "Interpreting random forest models using a feature contribution method", 2013).
        Needs a file with `expected` at every node.
        """
        out = np.zeros(len(row))
        values = row.tolist()
        for root in self.trees:
            node = root
            while isinstance(node, list):
                column, threshold, expected, first, second = node
                node = first if values[column] <= threshold else second
                out[column] += _expected(node) - expected
        return out

    def median_contributions(self, rows: Rows) -> dict[int, Values]:
        """Return column -> what it adds to each row's log-odds over the median of all rows.

        The log-odds as they are, less the log-odds with the median in the column. Columns that no tree asks about, or
        with one value only, are left out.
        """
        whole = self.log_odds(rows)
        found = {}
        for column in np.unique(self.column).tolist():
            values = rows[:, column]
            if values.min() == values.max():
                continue
            changed = rows.copy()
            changed[:, column] = np.median(values)
            found[column] = whole - self.log_odds(changed)
        return found


def load_ensembles(path: Path, *, trainer: str, question: Question | None = None) -> dict[str, TreeEnsemble]:
    """Read the ensembles of a file by name.

    Args:
        path: The file.
        trainer: The program that writes it, for the error message.
        question: Translates features and thresholds into those of the rows; then the rows are uint8 bins. None: columns
            and float32 thresholds as they stand in the file.

    Raises:
        SettingsError: The file is missing or malformed; the message names the file and the program that writes it.
    """
    try:
        ensembles = json.loads(path.read_text(encoding="utf-8"))["ensembles"]
        return {
            name: build_ensemble(list(map(str, entry["features"])), entry["trees"], question)
            for name, entry in ensembles.items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise SettingsError(f"{path} is not a file of tree ensembles: {error}. Write it with {trainer}.") from error


def build_ensemble(features: Sequence[str], trees: Sequence[Node], question: Question | None = None) -> TreeEnsemble:
    """Compile trees, given as in the file, for scoring.

    Raises:
        ValueError: A tree has more than `MAX_LEAVES` leaves.
    """
    if question is not None:
        trees = [_translated(tree, features, question) for tree in trees]
    questions = np.zeros((len(trees), MAX_LEAVES - 1, 3), np.float64)
    questions[:, :, 1] = np.inf if question is None else 255
    questions[:, :, 2] = float(_ALL_LEAVES)
    values = np.zeros((len(trees), MAX_LEAVES), np.float32)
    for n, tree in enumerate(trees):
        asked: list[tuple[int, float, int]] = []
        leaves: list[float] = []
        _flatten(tree, asked, leaves)
        if len(leaves) > MAX_LEAVES:
            raise ValueError(f"tree {n} has {len(leaves)} leaves, {MAX_LEAVES} allowed")
        if asked:
            questions[n, : len(asked)] = asked
        values[n, : len(leaves)] = leaves
    different, asks = np.unique(questions[:, :, :2].reshape(-1, 2), axis=0, return_inverse=True)
    return TreeEnsemble(
        features=tuple(features),
        trees=tuple(trees),
        column=different[:, 0].astype(np.int64),
        threshold=different[:, 1].astype(np.float32 if question is None else np.uint8),
        asks=np.ascontiguousarray(asks.reshape(len(trees), MAX_LEAVES - 1).T),
        mask=np.ascontiguousarray(questions[:, :, 2].astype(np.uint16).T),
        values=values,
    )


def dump_ensembles(ensembles: Mapping[str, tuple[Sequence[str], Sequence[Node]]], notes: Mapping[str, Any]) -> str:
    """Return the text of a file: name -> (features, trees), one tree a line."""
    parts = []
    for name, (features, trees) in ensembles.items():
        rows = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
        parts.append(f'{json.dumps(name)}: {{"features": {json.dumps(list(features))}, "trees": [\n{rows}\n]}}')
    return f'{{\n"notes": {json.dumps(notes)},\n"ensembles": {{\n' + ",\n".join(parts) + "\n}}\n"


def _expected(node: Node) -> float:
    return float(node[2] if isinstance(node, list) else node)


def _translated(node: Node, features: Sequence[str], question: Question) -> Node:
    if not isinstance(node, list):
        return node
    number, threshold, expected, first, second = node
    column, limit = question(features[number], threshold)
    return [column, limit, expected, _translated(first, features, question), _translated(second, features, question)]


def _flatten(node: Node, asked: list[tuple[int, float, int]], leaves: list[float]) -> None:
    """Append the questions below a node, each with its mask, and the values of its leaves, left to right."""
    if not isinstance(node, list):
        leaves.append(node)
        return
    column, threshold, _, first, second = node
    start = len(leaves)
    _flatten(first, asked, leaves)
    ruled_out = (1 << len(leaves)) - (1 << start)
    asked.append((column, threshold, _ALL_LEAVES & ~ruled_out))
    _flatten(second, asked, leaves)
