"""A small convolutional network over a page's lines: how likely each is in the story, its first line, its last line.

    bins of a line, lowest or not, classes of first and last character --> 48 values      (input)
    5 blocks: z += relu(lines 1, 2, 4, 8, 16 before, the line itself, as many after)      (a line sees 31 each way)
    mean and maximum of the page's lines --> 48 values                                    (page)
    [z, page, input] --> 48 values --> keep, start, end                                   (joined, out)

All products are of whole numbers: weights of 8 bits, values of at most 10 bits. Their sums stay below 2**24, so float32
holds them exactly, and neither their order nor the rest of the batch changes a page's result.

    rules/text_model/network.json
    {"notes": {...}, "layers": {
      "input": {"scale": [48 numbers], "bias": [48 numbers], "rows": {
        "log_words x4": [48 weights],      the bin, times 4
        "log_words low": [48 weights],     whether it is the lowest
        "head 3": [...], "tail 7": [...], "words": [...]}},
      "block 1": {..., "rows": {"before 0": [...], ..., "line 0": [...], ..., "after 47": [...]}}, ...

A layer's result is `relu(scale * (weights @ values) + bias)`, rounded to a whole number of at most 1023.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.errors import SettingsError
from copydesk.text.plain.features.bins import LINE_BINS
from copydesk.text.tokens.scan import Codes, Flags, Floats, Ints

__all__ = ["BLOCKS", "CLASSES", "MAX_INPUT", "MAX_VALUE", "WIDTH", "Layer", "LineNetwork", "load_network"]

WIDTH, BLOCKS, CLASSES = 48, 5, 16
MAX_VALUE = 1023.0
"""Largest value of a layer's result."""

MAX_INPUT = 255.0
"""Largest value of an input: a bin times its factor."""

_EXACT = 2.0**24
"""Whole numbers below it are exact in float32."""

_FLAG = 16.0
"""Input of a flag that is set."""

_SIDES = ("before", "line", "after")
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Whole weights (values in, values out), and the scale and bias of each value out, float32."""

    weights: F32
    scale: F32
    bias: F32

    def apply(self, values: F32) -> F32:
        """Return the layer's result, not rounded, without its lower bound."""
        out: F32 = values @ self.weights
        out *= self.scale
        out += self.bias
        return out

    def relu(self, values: F32) -> F32:
        """Return the layer's result as whole numbers of 0 to `MAX_VALUE`."""
        return _whole(self.apply(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNetwork:
    """The layers, and the factor of each feature's bin."""

    factors: F32
    inputs: Layer
    blocks: tuple[Layer, ...]
    page: Layer
    joined: Layer
    out: Layer

    def points(self, bins: Codes, head: Codes, tail: Codes, known: Flags, page_start: Ints) -> Floats:
        """Return log-odds of keep, and points of start and end, per line (lines, 3).

        Args:
            bins: Bins of `LINE_BINS`; the columns of learned words are 0 for languages without a word table.
            head: Class of each line's first visible character.
            tail: Class of its last.
            known: Whether the line's language has a word table.
            page_start: First line of each page, and the number of lines at the end.
        """
        n = len(bins)
        if not n:
            return np.zeros((0, 3))
        sizes = np.diff(page_start)
        sizes = sizes[sizes > 0]
        starts = np.concatenate(([0], sizes.cumsum()[:-1]))
        first = self._inputs(bins, head, tail, known)
        values = np.zeros((n + 1, WIDTH), np.float32)  # the last row stays 0: the line beyond a page's end
        values[:n] = first
        low, past = starts.repeat(sizes), (starts + sizes).repeat(sizes)
        here = np.arange(n)
        for k, block in enumerate(self.blocks):
            step = 1 << k
            near = np.empty((n, 3), np.int64)
            near[:, 0] = np.where(here - step >= low, here - step, n)
            near[:, 1] = here
            near[:, 2] = np.where(here + step < past, here + step, n)
            values[:n] += block.relu(values.take(near, axis=0).reshape(n, 3 * WIDTH))
            np.minimum(values, MAX_VALUE, out=values)
        lines = values[:n]
        mean = np.rint(np.add.reduceat(lines, starts, dtype=np.float64) / sizes[:, None])
        whole = self.page.relu(np.concatenate([mean, np.maximum.reduceat(lines, starts)], axis=1).astype(np.float32))
        joined = self.joined.relu(np.concatenate([lines, whole.repeat(sizes, axis=0), first], axis=1))
        return self.out.apply(joined).astype(np.float64)

    def _inputs(self, bins: Codes, head: Codes, tail: Codes, known: Flags) -> F32:
        """Return the first layer's result; characters and flags are looked up, which is what a product with them is."""
        width = bins.shape[1]
        weights = self.inputs.weights
        rows = np.empty((len(bins), 2 * width), np.float32)
        np.minimum(np.multiply(bins, self.factors, out=rows[:, :width]), MAX_INPUT, out=rows[:, :width])
        np.multiply(bins == 0, _FLAG, out=rows[:, width:], casting="unsafe")
        total: F32 = rows @ weights[: 2 * width]
        signs = weights[2 * width :] * np.float32(_FLAG)
        total += signs[:CLASSES].take(head, axis=0)
        total += signs[CLASSES : 2 * CLASSES].take(tail, axis=0)
        total += np.where(known[:, None], signs[2 * CLASSES], np.float32(0))
        total *= self.inputs.scale
        total += self.inputs.bias
        return _whole(total)


def _whole(values: F32) -> F32:
    np.rint(values, out=values)
    np.maximum(values, 0.0, out=values)
    np.minimum(values, MAX_VALUE, out=values)
    return values


def input_rows(factors: Sequence[int]) -> list[str]:
    """Return the names of the first layer's rows."""
    names = [bins.name for bins in LINE_BINS]
    flags = [f"{side} {k}" for side in ("head", "tail") for k in range(CLASSES)]
    return [*(f"{n} x{k}" for n, k in zip(names, factors, strict=True)), *(f"{n} low" for n in names), *flags, "words"]


def block_rows() -> list[str]:
    """Return the names of a block's rows."""
    return [f"{side} {k}" for side in _SIDES for k in range(WIDTH)]


@cache
def load_network(path: Path) -> LineNetwork:
    """Return the network of a file, read once per process.

    Raises:
        SettingsError: The file is malformed, names features that are not measured, or has weights whose sums would not
            be exact; the message names the file.
    """
    try:
        layers = json.loads(path.read_text(encoding="utf-8"))["layers"]
        read = {name: _layer(name, entry) for name, entry in layers.items()}
        factors = [int(name.rpartition(" x")[2]) for name in list(layers["input"]["rows"])[: len(LINE_BINS)]]
        if list(layers["input"]["rows"]) != input_rows(factors):
            raise ValueError("its inputs are not the features that are measured")
        return LineNetwork(
            factors=np.array(factors, np.float32),
            inputs=read["input"],
            blocks=tuple(read[f"block {k + 1}"] for k in range(BLOCKS)),
            page=read["page"],
            joined=read["joined"],
            out=read["out"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is not a line network: {error}. Write it with bench/text_network.py.") from error


def _layer(name: str, entry: dict[str, Any]) -> Layer:
    weights = np.array(list(entry["rows"].values()), np.float32)
    largest = MAX_INPUT if name == "input" else MAX_VALUE
    if np.abs(weights).sum(axis=0).max() * largest >= _EXACT:
        raise ValueError(f"the sums of layer {name!r} may reach 2**24 and would not be exact")
    return Layer(weights=weights, scale=np.array(entry["scale"], np.float32), bias=np.array(entry["bias"], np.float32))
