"""Confidence of a page as the word F1 to expect of its text, by a map that is fitted on pages of other sites.

    certainty of the model's decisions --rules/confidence.toml, linear between knots--> expected word F1, 0 to 1

`bench/calibration.py` fits the maps and draws the reliability curve.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import Literal

from copydesk.resources import RULES
from copydesk.rules_file import read_rules

__all__ = ["calibrated", "interpolate"]


def calibrated(model: Literal["html", "text"], certainty: float) -> float:
    """Return the expected word F1 of a page.

    Args:
        model: The model that decided.
        certainty: Mean certainty of its decisions, 0 to 1; 0 where it kept nothing.
    """
    if not certainty:
        return 0.0
    return round(interpolate(_knots(model), certainty), 4)


def interpolate(knots: Sequence[tuple[float, float]], value: float) -> float:
    """Return the value of a piecewise linear function; flat outside of its knots, which are in ascending order."""
    right = bisect_right(knots, (value, 2.0))
    if right == 0:
        return knots[0][1]
    if right == len(knots):
        return knots[-1][1]
    (x0, y0), (x1, y1) = knots[right - 1], knots[right]
    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)


@cache
def _knots(model: str) -> tuple[tuple[float, float], ...]:
    knots = read_rules(RULES / "confidence.toml")[model]["knots"]
    return tuple((float(x), float(y)) for x, y in knots)
