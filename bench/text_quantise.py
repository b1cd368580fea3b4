"""Write a trained network as whole numbers: weights of 8 bits, a scale and a bias per value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from copydesk.text.plain.features.bins import LINE_BINS
from copydesk.text.plain.model.network import BLOCKS, MAX_INPUT, MAX_VALUE, WIDTH, block_rows, input_rows

__all__ = ["bin_factors", "dump_network", "quantise"]

FLAG = 16.0
MAX_WEIGHT = 127


def bin_factors(std: np.ndarray) -> np.ndarray:
    """Return the whole number that each bin is multiplied by, so that all inputs vary alike."""
    return np.clip(np.rint(FLAG / std), 1, MAX_INPUT).astype(int)


def quantise(state: Mapping[str, np.ndarray], most: Mapping[str, float]) -> dict[str, Any]:
    """Return the layers of the file.

    Args:
        state: Weights and biases by name, as torch keeps them, with `mean` and `std` of the bins.
        most: Largest value of `z`, `page` and `joined`; what is above is cut.
    """
    mean, std = state["mean"].astype(float), state["std"].astype(float)
    factors = bin_factors(std)
    unit = {name: value / MAX_VALUE for name, value in most.items()}
    bins = len(LINE_BINS)
    w = state["inputs.weight"].astype(float)
    weights = np.concatenate(
        [w[:, :bins] / (std * factors), w[:, bins : 2 * bins] / FLAG, state["head.weight"].T / FLAG,
         state["tail.weight"].T / FLAG, w[:, 2 * bins :] / FLAG], axis=1)  # fmt: skip
    bias = state["inputs.bias"] - (w[:, :bins] * mean / std).sum(1)
    layers = {"input": _layer(input_rows(factors.tolist()), weights, bias, unit["z"])}
    for k in range(BLOCKS):
        w, b = state[f"blocks.{k}.weight"], state[f"blocks.{k}.bias"]
        layers[f"block {k + 1}"] = _layer(block_rows(), w * unit["z"], b, unit["z"])
    sides = ("mean", "most", "line", "page", "input", "joined")
    names = {side: [f"{side} {k}" for k in range(WIDTH)] for side in sides}
    w, b = state["page.weight"], state["page.bias"]
    layers["page"] = _layer(names["mean"] + names["most"], w * unit["z"], b, unit["page"])
    w = state["joined.weight"] * np.repeat([unit["z"], unit["page"], unit["z"]], WIDTH)
    layers["joined"] = _layer(names["line"] + names["page"] + names["input"], w, state["joined.bias"], unit["joined"])
    layers["out"] = _layer(names["joined"], state["out.weight"] * unit["joined"], state["out.bias"], 1.0)
    return layers


def _layer(rows: Sequence[str], weights: np.ndarray, bias: np.ndarray, unit: float) -> dict[str, Any]:
    """Return a layer of the file, given weights (out, in) on whole values; its result is in units."""
    step = np.abs(weights).max(axis=1) / MAX_WEIGHT
    whole = np.rint(weights / step[:, None]).astype(int).T
    return {
        "scale": [float(f"{x:.6g}") for x in step / unit],
        "bias": [float(f"{x:.6g}") for x in bias / unit],
        "rows": dict(zip(rows, whole.tolist(), strict=True)),
    }


def dump_network(layers: Mapping[str, Any], notes: Mapping[str, Any]) -> str:
    """Return the text of the file: a row of weights a line."""
    parts = []
    for name, layer in layers.items():
        rows = ",\n".join(f"{json.dumps(row)}: {_tight(weights)}" for row, weights in layer["rows"].items())
        head = ",\n".join(f'"{key}": {_tight(layer[key])}' for key in ("scale", "bias"))
        parts.append(f'"{name}": {{\n{head},\n"rows": {{\n{rows}\n}}}}')
    return f'{{\n"notes": {json.dumps(notes)},\n"layers": {{\n' + ",\n".join(parts) + "\n}}\n"


def _tight(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
