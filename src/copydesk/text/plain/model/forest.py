"""Small decision trees over the steps of the scales, and what each scale contributed to their verdict.

    rules/text_model/line.tsv    tree  path  feature     from  points
                                 7     .     log_words   2.4   -0.03     what the tree expects before it looks
                                 7     .-    cohesion    0.2   -0.21     log_words < 2.4: what it expects then
                                 7     .-+                     -0.08     ... and cohesion >= 0.2: its answer
                                 7     .+                      +0.11

A line walks down every tree; each step from one row to the next changes the expected points, and that change is the
contribution of the scale that was asked. So the contributions and the base add up to the verdict exactly (the
decomposition of Palczewska et al., "Interpreting random forest models using a feature contribution method", 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from copydesk.errors import SettingsError
from copydesk.text.plain.features.bins import Scale
from copydesk.text.scan import Floats, Steps

__all__ = ["Forest", "load_forest"]

_CACHED = 512
"""Rows walked at once: their answers to every question stay in the processor's cache."""

_GRID = 4096.0
"""Points are multiples of 1/4096, so that their sum is the same in any order and a line's score in any batch."""

_HEADER = "tree\tpath\tfeature\tfrom\tpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Complete binary trees of one depth, as arrays.

    Node `i` of a tree has its children at `2i + 1` (below the step) and `2i + 2` (from the step on). Where a tree
    ends early, the rest of it repeats its answer.

    Attributes:
        scale: Number of the scale each inner node asks (trees, inner nodes).
        step: First step that goes to the right; 0 where there is nothing to ask.
        points: What each node expects, in log-odds (trees, all nodes).
        scales: How many scales there are.
    """

    scale: NDArray[np.int64]
    step: NDArray[np.uint8]
    points: Floats
    scales: int

    @property
    def base(self) -> float:
        """What every line starts with."""
        return float(self.points[:, 0].sum())

    def score(self, codes: Steps) -> Floats:
        """Return the log-odds of each row of steps."""
        trees, inner = self.scale.shape
        asked, least = self.scale.T.ravel(), self.step.T.reshape(-1, 1)
        answers, first = self.points[:, inner:].ravel(), (np.arange(trees, dtype=np.int32) * (inner + 1))[:, None]
        total = np.empty(len(codes))
        for start in range(0, len(codes), _CACHED):
            by_scale = np.ascontiguousarray(codes[start : start + _CACHED].T)
            rows = by_scale.shape[1]
            right = (by_scale[asked] >= least).view(np.uint8).reshape(inner, trees, rows)
            turns = list[NDArray[np.uint8]]()
            leaf = first.repeat(rows, axis=1)
            for level in range(_depth(inner)):
                nodes = right[2**level - 1 : 2 ** (level + 1) - 1]
                for turn in turns:  # each turn taken leaves half of the level's nodes
                    half = len(nodes) // 2
                    nodes = nodes[:half] ^ (turn & (nodes[:half] ^ nodes[half:]))
                turns.append(nodes[0])
                leaf += nodes[0].astype(np.int32) << (_depth(inner) - 1 - level)
            total[start : start + rows] = answers.take(leaf).sum(axis=0)
        return total

    def parts(self, codes: Steps) -> Floats:
        """Return what each scale contributed for one row of steps; with the base they add up to its score."""
        out = np.zeros(self.scales)
        trees = np.arange(len(self.scale))
        at = np.zeros(len(trees), np.int64)
        for _ in range(_depth(self.scale.shape[1])):
            asked = self.scale[trees, at]
            child = 2 * at + 1 + (codes[asked] >= self.step[trees, at])
            np.add.at(out, asked, self.points[trees, child] - self.points[trees, at])
            at = child
        return out

    def dump(self, scales: Sequence[Scale]) -> str:
        """Return the forest as the text of its table; loading that gives the same points to four places."""
        rows = [_HEADER]
        for tree in range(len(self.scale)):
            self._dump(rows, scales, tree, 0, ".")
        return "\n".join(rows) + "\n"

    def _dump(self, rows: list[str], scales: Sequence[Scale], tree: int, node: int, path: str) -> None:
        asks = node < self.scale.shape[1] and self.step[tree, node] > 0
        scale = scales[self.scale[tree, node]] if asks else None
        question = f"{scale.name}\t{scale.low + scale.width * int(self.step[tree, node]):.6g}" if scale else "\t"
        rows.append(f"{tree}\t{path}\t{question}\t{self.points[tree, node]:.4f}")
        if asks:
            self._dump(rows, scales, tree, 2 * node + 1, path + "-")
            self._dump(rows, scales, tree, 2 * node + 2, path + "+")


def load_forest(path: Path, scales: Sequence[Scale]) -> Forest:
    """Read a forest's table.

    Raises:
        SettingsError: The table asks for a scale that is not measured; the message names both.
    """
    number = {scale.name: k for k, scale in enumerate(scales)}
    rows = [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    trees, inner = 1 + max(int(row[0]) for row in rows), 2 ** (max(len(row[1]) for row in rows) - 1) - 1
    scale, step = np.zeros((trees, inner), np.int64), np.zeros((trees, inner), np.uint8)
    points = np.zeros((trees, 2 * inner + 1))
    for tree, way, name, least, value in rows:  # a node stands before its children
        node = 0
        for turn in way[1:]:
            node = 2 * node + (1 if turn == "-" else 2)
        points[int(tree), _below(node, inner)] = float(value)
        if not name:
            continue
        if name not in number:
            raise SettingsError(f"{path} asks for {name!r}, which is not measured. Run bench/text_train.py again.")
        k = number[name]
        scale[int(tree), node], step[int(tree), node] = k, round((float(least) - scales[k].low) / scales[k].width)
    return Forest(scale=scale, step=step, points=np.rint(points * _GRID) / _GRID, scales=len(scales))


def _depth(inner: int) -> int:
    return (inner + 1).bit_length() - 1


def _below(node: int, inner: int) -> list[int]:
    """Return a node and all nodes below it."""
    found = [node]
    for one in found:
        if one < inner:
            found += [2 * one + 1, 2 * one + 2]
    return found
