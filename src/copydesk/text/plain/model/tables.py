"""The trained tables of the labeller.

    line, line_any (forests) --(verdicts around each line)--> start, end (scorecards) --> span --> kept or cut

`line_any` does without learned words: it judges pages in languages that have no word table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copydesk.resources import RULES
from copydesk.text.plain.features.bins import CONTEXT, SCALES
from copydesk.text.plain.model.forest import Forest, load_forest
from copydesk.text.plain.model.scorecard import Scorecard, load_scorecard

__all__ = ["MODEL", "Model", "load_model"]

MODEL = RULES / "text_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Forests for lines, scorecards for the story's ends, and the languages that have word tables."""

    line: Forest
    line_any: Forest
    start: Scorecard
    end: Scorecard
    tabled: frozenset[str]


@cache
def load_model(folder: Path = MODEL) -> Model:
    """Return the package's model, read once per process.

    Raises:
        SettingsError: A table names a feature that is not measured; the message names table and feature.
    """
    wide = (*SCALES, *CONTEXT)
    return Model(
        line=load_forest(folder / "line.tsv", SCALES),
        line_any=load_forest(folder / "line_any.tsv", SCALES),
        start=load_scorecard(folder / "start.tsv", wide),
        end=load_scorecard(folder / "end.tsv", wide),
        tabled=frozenset(path.stem for path in (folder / "words").glob("*.tsv")),
    )
