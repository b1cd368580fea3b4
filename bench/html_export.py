"""Export a trained LightGBM model as the file that `copydesk.text.tree_ensemble` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from copydesk.text.tree_ensemble import Node, dump_ensembles


def tree_node(node: dict[str, Any]) -> Node:
    """Return a node of a dumped tree and its subtree in the format of the file."""
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.6g}")
    assert node["decision_type"] == "<="
    branches = [tree_node(node["left_child"]), tree_node(node["right_child"])]
    return [node["split_feature"], _down(node["threshold"]), float(f"{node['internal_value']:.6g}"), *branches]


def _down(threshold: float) -> float:
    """Return the threshold as a short decimal that splits float32 values exactly as the double does."""
    exact = np.float32(threshold)
    if float(exact) > threshold:
        exact = np.nextafter(exact, np.float32(-np.inf))
    for digits in range(4, 10):
        short = float(f"{float(exact):.{digits}g}")
        if np.float32(short) == exact:
            return short
    return float(exact)


def write_model(path: Path, forests: dict[str, tuple[list[str], Any]], notes: dict[str, Any]) -> None:
    """Write the ensembles of boosters, each with its feature names."""
    ensembles = {
        name: (features, [tree_node(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]])
        for name, (features, booster) in forests.items()
    }
    path.write_text(dump_ensembles(ensembles, notes), encoding="utf-8")
