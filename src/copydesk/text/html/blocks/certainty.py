"""How certain each decision is: the model's log-odds, and those of the rules and pins that decide beside it.

The points are those that the evidence shows, so that they add up to the certainty of what was decided, not of what the
model would have done. The article's confidence rests on the model's probabilities alone (`select_blocks.confidence`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.records import KEPT_LABELS
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.select_blocks import BlockSelection
from copydesk.text.html.features.measure_blocks import Array

__all__ = ["ASIDE_POINTS", "PIN_POINTS", "SITE_RULE_POINTS", "certainties", "certainty", "fact_points"]

_FACT_POINTS = 20.0
"""Log-odds shown for a rule that decides against the model: more than a model gives, less than a person's pin."""
SITE_RULE_POINTS = 50.0
PIN_POINTS = 99.0
ASIDE_POINTS = 200.0
"""Log-odds shown for what sets a block aside that would be kept: titles and captions are fields of their own, whatever
a person pins."""


def fact_points(decided: LabelDecision) -> float:
    """Return the points of a rule that decides against the model."""
    return _FACT_POINTS if decided.label in KEPT_LABELS else -_FACT_POINTS


def certainties(selection: BlockSelection) -> list[float]:
    """Return the certainty of each block's decision, .5 to 1."""
    points = _points(selection)
    sure = np.maximum(selection.probability, 1 - selection.probability).astype(np.float64)
    decided = np.flatnonzero(points)
    sure[decided] = certainty(selection.probability[decided], points[decided])
    found: list[float] = sure.tolist()
    return found


def certainty(p: Array, points: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the certainty of decisions on which rules spoke beside the model.

    Args:
        p: Probability of each block, 0 to 1.
        points: Log-odds of the rules, towards keeping (+) or cutting (-).
    """
    sure = np.clip(np.asarray(p, np.float64), 1e-6, 1 - 1e-6)
    odds = np.log(sure / (1 - sure)) + points
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.abs(odds)))
    return result


def _points(selection: BlockSelection) -> NDArray[np.float64]:
    """Return the log-odds of rules and pins per block."""
    points = np.zeros(len(selection.keep))
    for n, decided in selection.overrides.items():
        points[n] += fact_points(decided)
    site = selection.site
    if site is not None and site.keep is not None:
        points += np.where(site.keep & ~site.strip, SITE_RULE_POINTS, -SITE_RULE_POINTS)
    elif site is not None:
        points -= np.where(site.strip, SITE_RULE_POINTS, 0.0)
    if selection.priors is not None:
        points += PIN_POINTS * selection.priors.pins
    return points
