"""The network over a page's lines: exact sums, chances that add up, and files that are refused."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.text.plain.features.bins import BIN_COUNT, LINE_BINS
from copydesk.text.plain.model.network import CLASSES, MAX_INPUT, MAX_VALUE, LineNetwork, load_network
from copydesk.text.plain.model.tables import MODEL, load_model

PAGES = st.lists(st.integers(0, 70), min_size=1, max_size=6)


def _points(network: LineNetwork, rows: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Return the network's answers for pages of given sizes; a row holds bins, first and last character, and a flag."""
    bins, head, tail, known = rows[:, : len(LINE_BINS)], rows[:, -3] % CLASSES, rows[:, -2] % CLASSES, rows[:, -1] > 31
    return network.points(bins, head, tail, known, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))


@settings(max_examples=40, deadline=None)
@given(PAGES, st.integers(0, 2**32 - 1))
def test_a_page_alone_is_the_same_page_in_any_batch(sizes: list[int], seed: int) -> None:
    """Every line's three numbers are the same to the last bit alone, in company, and in another order of pages."""
    network = load_model().network
    rows = np.random.default_rng(seed).integers(0, BIN_COUNT, (sum(sizes), len(LINE_BINS) + 3)).astype(np.uint8)
    together = _points(network, rows, sizes)
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    pages = [slice(a, b) for a, b in pairwise(bounds)]
    alone = [_points(network, rows[page], [page.stop - page.start]) for page in pages]
    assert (np.concatenate(alone) == together).all()
    turned = np.concatenate([rows[page] for page in pages[::-1]])
    backwards = _points(network, turned, sizes[::-1])
    ends = np.concatenate(([0], np.cumsum(sizes[::-1])))
    for page, low, past in zip(pages[::-1], ends, ends[1:], strict=False):
        assert (backwards[low:past] == together[page]).all()


def test_the_sums_of_the_package_s_network_are_exact() -> None:
    """In whole numbers of 64 bits the first layer's sums are those of float32, at the largest inputs there can be."""
    layer = load_model().network.inputs
    most = np.where(layer.weights > 0, MAX_INPUT, 0.0)
    for k in range(layer.weights.shape[1]):
        column = layer.weights[:, k]
        assert np.float32(most[:, k].astype(np.float32) @ column) == int(most[:, k].astype(int) @ column.astype(int))
    assert np.abs(load_model().network.joined.weights).sum(axis=0).max() * MAX_VALUE < 2**24


def _changed(tmp_path: Path, change: Any) -> Path:
    whole = json.loads((MODEL / "network.json").read_text(encoding="utf-8"))
    change(whole["layers"])
    path = tmp_path / "network.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def test_weights_whose_sums_could_be_inexact_are_refused(tmp_path: Path) -> None:
    """A file whose sums may reach 2**24 is refused by name, since a page's answer would depend on its batch."""

    def enlarge(layers: Any) -> None:
        layers["block 2"]["rows"] = {name: [127] * 48 for name in layers["block 2"]["rows"]}

    with pytest.raises(SettingsError, match=r"network\.json .*'block 2' may reach 2\*\*24"):
        load_network(_changed(tmp_path, enlarge))


def test_a_network_of_other_features_is_refused(tmp_path: Path) -> None:
    """A file that was trained on features in another order, or that lacks a layer, is refused with what to run."""

    def swap(layers: Any) -> None:
        layers["input"]["rows"] = dict(reversed(layers["input"]["rows"].items()))

    with pytest.raises(SettingsError, match="text_network"):
        load_network(_changed(tmp_path, swap))
    (tmp_path / "other").mkdir()
    with pytest.raises(SettingsError, match=r"is not a line network.*bench/text_network\.py"):
        load_network(_changed(tmp_path / "other", lambda layers: layers.pop("page")))
