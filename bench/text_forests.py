"""Grow the tree ensembles of the line model, and score every line by trees that were grown without its fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from text_pages import FOLDS
from text_prepare import Prepared, wordless

from copydesk.text.plain.features.bins import BIN_COUNT, LINE_BINS
from copydesk.text.plain.model.tables import bin_question
from copydesk.text.tree_ensemble import Node, build_ensemble

__all__ = ["NAMES", "Forest", "Grown", "grow", "out_of_fold"]

NAMES = [bins.name for bins in LINE_BINS]
GRID = 4096
"""Points are multiples of 1/4096: float32 sums of them are exact, so a line's score is the same in any batch."""

ROUNDS, RATE = 160, 0.12
SHAPE = {
    "objective": "binary",
    "learning_rate": RATE,
    "max_bin": BIN_COUNT + 1,
    "min_data_in_bin": 1,
    "num_leaves": 16,
    "max_depth": 4,
    "min_data_in_leaf": 100,
    "bagging_fraction": 0.5,
    "bagging_freq": 3,
    "feature_fraction": 0.4,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}


class Forest:
    """Trees in the file's form, and their ensemble over bins."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.ensemble = build_ensemble(NAMES, nodes, bin_question)

    def score(self, bins: np.ndarray) -> np.ndarray:
        """Return the log-odds of each row of bins."""
        return self.ensemble.log_odds(bins).astype(np.float64)


@dataclass(frozen=True)
class Grown:
    """A forest for lines with learned words, and one for all others."""

    line: Forest
    line_any: Forest

    def score(self, bins: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return the log-odds of each line by the forest for its language."""
        out = np.empty(len(bins))
        out[known], out[~known] = self.line.score(bins[known]), self.line_any.score(bins[~known])
        return out


def boost(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Forest:
    """Boost small trees."""
    ok = w > 0
    bins = {"max_bin": BIN_COUNT + 1, "min_data_in_bin": 1, "feature_pre_filter": False}
    found = lgb.train(SHAPE, lgb.Dataset(x[ok], y[ok], weight=w[ok], params=bins), ROUNDS)
    return Forest([_laid(tree["tree_structure"]) for tree in found.dump_model()["tree_info"]])


def _laid(node: dict[str, Any]) -> Node:
    """Return a node of LightGBM's in the file's form."""
    if "split_feature" not in node:
        return _points(node["leaf_value"])
    bins = LINE_BINS[node["split_feature"]]
    first_bin = int(np.floor(node["threshold"] + 1e-9)) + 1  # the first that goes to the second branch
    edge = float(f"{bins.low + bins.width * (first_bin - 0.5):.6g}")
    branches = [_laid(node["left_child"]), _laid(node["right_child"])]
    return [node["split_feature"], edge, _points(node["internal_value"]), *branches]


def _points(value: float) -> float:
    return round(round(value, 4) * GRID) / GRID


def grow(data: Prepared, fold: int | None) -> Grown:
    """Return the forests of all pages but a fold's; the one without words learns from all languages."""
    bins, use = data.training(fold), data.fold != (-1 if fold is None else fold)
    known = use & data.known
    return Grown(
        line=boost(bins[known], data.y[known], data.weight[known]),
        line_any=boost(wordless(bins[use]), data.y[use], data.weight[use]),
    )


def out_of_fold(data: Prepared, log: Callable[[str], None] = print) -> np.ndarray:
    """Return every line's log-odds by forests grown without its fold."""
    out = np.zeros(len(data.y))
    for fold in range(FOLDS):
        here = data.fold == fold
        out[here] = grow(data, fold).score(data.bins[here], data.known[here])
        log(f"forests without fold {fold}")
    return out
