"""The block model: tree ensembles over the features of a page's blocks, from `rules/html_model.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from copydesk.resources import RULES
from copydesk.text.tree_ensemble import TreeEnsemble, load_ensembles

__all__ = ["load_block_model"]


@cache
def load_block_model(path: Path = RULES / "html_model.json") -> dict[str, TreeEnsemble]:
    """Read the ensembles of a model file: `blocks`, and `doubt` for pages that trafilatura is asked about, too.

    Raises:
        SettingsError: The file is missing or malformed.
    """
    return load_ensembles(path, trainer="bench/html_train.py")
