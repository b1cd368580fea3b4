"""The trained tables of the line model.

    network: all lines of a page --> where the story starts and ends
    line, line_any (tree ensembles): each line --> kept or cut, inside the story and outside

`line_any` uses no learned words: it scores pages in languages without a word table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copydesk.resources import RULES
from copydesk.text.plain.features.bins import LINE_BINS
from copydesk.text.plain.model.network import LineNetwork, load_network
from copydesk.text.tree_ensemble import TreeEnsemble, load_ensembles

__all__ = ["MODEL", "Model", "bin_question", "load_model"]

MODEL = RULES / "text_model"
_NUMBER = {one.name: (number, one) for number, one in enumerate(LINE_BINS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Tree ensembles over the bins of lines, the network over pages, and the languages with word tables."""

    line: TreeEnsemble
    line_any: TreeEnsemble
    network: LineNetwork
    known_languages: frozenset[str]


@cache
def load_model(folder: Path = MODEL) -> Model:
    """Return the package's model, read once per process.

    Raises:
        SettingsError: A table names a feature that is not measured; the message names table and feature.
    """
    lines = load_ensembles(folder / "lines.json", trainer="bench/text_train.py", question=bin_question)
    return Model(
        line=lines["line"],
        line_any=lines["line_any"],
        network=load_network(folder / "network.json"),
        known_languages=frozenset(path.stem for path in (folder / "words").glob("*.tsv")),
    )


def bin_question(feature: str, threshold: float) -> tuple[int, float]:
    """Return the column of a feature and the last bin at or below a threshold, which lies between two bins.

    Raises:
        ValueError: The feature is not measured.
    """
    if feature not in _NUMBER:
        raise ValueError(f"it asks for {feature!r}, which is not measured")
    number, bins = _NUMBER[feature]
    return number, round((threshold - bins.low) / bins.width - 0.5)
