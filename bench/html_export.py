"""A trained LightGBM model as the reviewable file that `copydesk.text.html.blocks.model` reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

LEAVES = 16
FULL = (1 << LEAVES) - 1


def tree_row(tree: dict[str, Any]) -> list[Any]:
    """`[[feature, threshold, mask after "no"]...], [leaf values left to right...]`."""
    questions: list[list[float]] = []
    values: list[float] = []

    def visit(node: dict[str, Any]) -> tuple[int, int]:
        if "leaf_value" in node:
            values.append(float(f"{node['leaf_value']:.6g}"))
            return len(values) - 1, len(values)
        assert node["decision_type"] == "<="
        question: list[float] = [node["split_feature"], _down(node["threshold"]), 0]
        questions.append(question)
        first, middle = visit(node["left_child"])
        _, last = visit(node["right_child"])
        question[2] = FULL & ~(((1 << middle) - 1) ^ ((1 << first) - 1))
        return first, last

    visit(tree["tree_structure"])
    return [questions, values]


def _down(threshold: float) -> float:
    """The threshold as a short decimal whose float32 decides float32 values as the double does."""
    exact = np.float32(threshold)
    if float(exact) > threshold:
        exact = np.nextafter(exact, np.float32(-np.inf))
    for digits in range(4, 10):
        short = float(f"{float(exact):.{digits}g}")
        if np.float32(short) == exact:
            return short
    return float(exact)


def write_model(path: Path, forests: dict[str, tuple[list[str], Any]], notes: dict[str, Any]) -> None:
    """Write the forests, one tree a line."""
    lines = ["{", f'"notes": {json.dumps(notes)},', '"forests": {']
    for k, (name, (features, booster)) in enumerate(forests.items()):
        trees = [tree_row(t) for t in booster.dump_model()["tree_info"]]
        lines.append(f'"{name}": {{"features": {json.dumps(features)}, "trees": [')
        lines.append(",\n".join(json.dumps(t, separators=(",", ":")) for t in trees))
        lines.append("]}" + ("," if k + 1 < len(forests) else ""))
    lines.append("}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
