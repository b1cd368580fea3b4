"""The model file is read exactly and answers what its trees say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from copydesk.errors import StoreError
from copydesk.text.html.blocks.model import LEAVES, load_forests
from copydesk.text.html.features.measure_blocks import FEATURES

FULL = (1 << LEAVES) - 1


def test_trees_answer_as_their_questions_say(tmp_path: Path) -> None:
    """Three leaves: a <= 1 gives 0.5; else b <= 2 gives -1, else 2."""
    tree = [[[0, 1.0, FULL & ~0b001], [1, 2.0, FULL & ~0b010]], [0.5, -1.0, 2.0]]
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"forests": {"f": {"features": ["a", "b"], "trees": [tree, [[], [0.25]]]}}}))
    forest = load_forests(path)["f"]
    rows = np.array([[1, 9], [1.5, 2], [1.5, 2.5]], np.float32)
    assert forest.log_odds(rows).tolist() == [0.75, -0.75, 2.25]


def test_rows_do_not_influence_each_other() -> None:
    """A block's odds are its own, however many rows are asked at once."""
    forest = load_forests()["blocks"]
    rows = np.random.default_rng(1).normal(size=(1300, len(FEATURES))).astype(np.float32)
    whole = forest.log_odds(rows)
    assert np.array_equal(whole[700:705], forest.log_odds(rows[700:705]))


def test_the_shipped_model_fits_the_features() -> None:
    """Column names in the file are those that are measured, in their order."""
    forests = load_forests()
    assert forests["blocks"].features == FEATURES
    assert set(forests) == {"blocks", "doubt"}


def test_a_file_that_is_no_model_says_so(tmp_path: Path) -> None:
    """The message names the file and what makes one."""
    (tmp_path / "m.json").write_text("{}")
    with pytest.raises(StoreError, match=r"m\.json.*html_train"):
        load_forests(tmp_path / "m.json")
