"""The block model's file fits the features that are measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.features.blend_features import COLUMNS
from copydesk.text.html.features.context_features import CONTEXT_COLUMNS
from copydesk.text.html.features.measure_blocks import FEATURES


def test_the_shipped_model_fits_the_features() -> None:
    """Column names in the file are those that are measured, in their order."""
    model = load_block_model()
    assert model["blocks"].features == FEATURES
    assert model["context"].features == CONTEXT_COLUMNS
    assert model["doubt"].features == COLUMNS
    assert set(model) == {"blocks", "context", "doubt"}


def test_a_file_that_is_no_model_says_so(tmp_path: Path) -> None:
    """The message names the file and the program that writes it."""
    (tmp_path / "m.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"m\.json.*html_train"):
        load_block_model(tmp_path / "m.json")
